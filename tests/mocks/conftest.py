"""The payments mock in this process, with a listener that plays everybody whom it calls."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.mockkit.settings import MockSettings
from dpi_conformance.model.evidence import Callback
from dpi_conformance.model.spec import Outbound, Spec
from dpi_conformance.wire.addresses import CallbackAddress, Counterparty
from dpi_conformance.wire.listener import CallbackListener

MINISTRY = "MINSOC"
SECONDS = 5.0
"""How long a callback may take here."""


@dataclass(kw_only=True)
class Scene:
    """A product in this process, its caller, and whom it calls."""

    client: httpx.AsyncClient
    listener: CallbackListener
    spec: Spec
    state: Any

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send a request with a JSON body, or with these bytes."""
        raw = content if content is not None else b"" if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        return await self.client.request(method, path, content=raw, headers=given)

    def address(self, name: str = "test") -> CallbackAddress:
        """Give a fresh callback address."""
        return self.listener.address(name)

    def party(self, name: str) -> Counterparty:
        """Give the counterparty that the product calls."""
        return self.listener.counterparty(name)

    async def outcome(self, address: CallbackAddress, outbound: str) -> Any:
        """Wait for the one callback to an address, hold it to its schema, and give its body."""
        callbacks = await address.wait(1, SECONDS)
        assert len(callbacks) == 1, "the callback that was asked for"
        return self.valid(callbacks[0], outbound)

    async def asked(self, party: str, outbound: str, path: str) -> tuple[Callback, Any]:
        """Wait for the product's call to a counterparty, hold it to its schema, and give it with its body."""
        callback = await self.party(party).wait_for(lambda one: path in one.request.url, SECONDS)
        assert callback is not None, f"a call of {party}"
        return callback, self.valid(callback, outbound)

    async def register(self, *people: Mapping[str, str], by: str = MINISTRY) -> Any:
        """Register beneficiaries and give the outcome that the callback brings."""
        address = self.address()
        answer = await self.send(
            "POST",
            "/identityAccountMapper/beneficiary",
            {"RequestID": "REG1", "Beneficiaries": list(people)},
            headers={"X-Callback-URL": address.url, "X-Registering-Institution-ID": by},
        )
        assert (answer.status_code, answer.json()["requestID"]) == (200, "REG1")
        return await self.outcome(address, "register-beneficiary-result")

    async def create(self, *amounts: float) -> list[Any]:
        """Create vouchers in euro and give them as the callback brings them."""
        address = self.address()
        instructions = [
            {"instructionID": f"V{n}", "currency": "EUR", "amount": amount, "narration": "Seeds"}
            for n, amount in enumerate(amounts)
        ]
        answer = await self.send(
            "POST",
            "/vouchers",
            {"requestID": "VCR1", "batchID": "VB1", "voucherInstructions": instructions},
            headers={"X-Callback-URL": address.url},
        )
        assert answer.status_code == 200, answer.text
        body = await self.outcome(address, "vouchers-created")
        assert (body["requestID"], body["batchID"]) == ("VCR1", "VB1")
        created: list[Any] = body["voucherInstructions"]
        return created

    async def order(self, command: str, *serials: str) -> Any:
        """Activate or cancel vouchers and give the outcome that the callback brings."""
        address = self.address()
        activates = command == "activate"
        names = ("VoucherInstructions", "RequestID") if activates else ("voucherInstructions", "requestID")
        body = {names[0]: [{"serialNumber": serial} for serial in serials], names[1]: "ORD1"}
        answer = await self.send(
            "PUT" if activates else "POST",
            f"/vouchers?command={command}",
            body,
            headers={"X-Callback-URL": address.url},
        )
        assert answer.status_code == 200
        return await self.outcome(address, "vouchers-activated" if activates else "vouchers-cancelled")

    async def status(self, serial: str) -> Any:
        """Give a voucher's status."""
        answer = await self.send(
            "GET", f"/vouchers/{serial}?fields=status", headers={"X-Registering-Institution-Id": MINISTRY}
        )
        return answer.json()["status"]

    def valid(self, callback: Callback, outbound: str) -> Any:
        """Hold a call of the product to what its specification declares, and give its body."""
        declared = self._outbound(outbound)
        assert callback.request.method == declared.method.upper()
        if declared.body is None:
            return None
        body = orjson.loads(callback.request.body)
        jsonschema_rs.validate(dict(declared.body.schema), body, validate_formats=True)
        headers = {name.lower() for name, _ in callback.request.headers}
        assert {
            p.name.lower() for p in declared.parameters if p.location == "header" and p.required
        } <= headers
        return body

    def _outbound(self, name: str) -> Outbound:
        return next(outbound for outbound in self.spec.outbounds if outbound.id == name)


Staging = Callable[..., AbstractAsyncContextManager[Scene]]


@contextlib.asynccontextmanager
async def _staged(
    *, faults: frozenset[str] = frozenset(), token: str = "", parties: tuple[str, ...] = (), clock: Any = None
) -> AsyncIterator[Scene]:
    pack = Pack.builtin()
    state = pack.load("mocks.payments.state").State(*([clock] if clock else []))
    async with CallbackListener() as listener:
        counterparties = {name: listener.counterparty(name).url for name in parties}
        settings = MockSettings(
            token=token, faults=faults, counterparties=counterparties, public_url="http://sut"
        )
        app = pack.load("mocks.payments.app").create_app(settings, state)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://sut") as client,
        ):
            spec = load_spec(pack.spec("payments", "openapi.yaml"))
            yield Scene(client=client, listener=listener, spec=spec, state=state)


@pytest.fixture
def staged() -> Staging:
    return _staged


@pytest.fixture
def play() -> Callable[..., Any]:
    """Run the steps of a test on a staged product: ``play(steps, token=…, parties=…)``."""

    def run(steps: Callable[[Scene], Awaitable[Any]], **settings: Any) -> Any:
        async def staged_steps() -> Any:
            async with _staged(**settings) as scene:
                return await steps(scene)

        return asyncio.run(staged_steps())

    return run
