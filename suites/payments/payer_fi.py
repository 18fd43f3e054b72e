"""The payer's institution as the harness plays it: what it is told, wherever the product may tell it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from dpi_conformance.execution.scene import Scene
from dpi_conformance.model.evidence import Callback
from dpi_conformance.wire.listener import CallbackAddress
from dpi_conformance.wire.reactions import Reaction

from .participants import content

__all__ = ["THANKS", "PayerFi", "first", "is_answer", "is_outcome"]

THANKS = Reaction(status=200, body=b'{"responseCode":"00","respCode":"00","code":"00","reason":"Received"}')
"""What the payer's institution answers to each call of the product (billInquiryResponse.yml, payerRtpRequest.yml)."""

Told = Callable[[Mapping[str, Any]], bool]


class PayerFi:
    """One payer's institution, with an address of its own that its requests name.

    The published requests have no field for it (payments-e049), so a product may as well use the address that it was
    configured with for this counterparty: both are listened at.
    """

    def __init__(self, scene: Scene, step: str = "payer-fi") -> None:
        """Take the case's stage; ``step`` names the address in the evidence."""
        self._scene = scene
        self.address = scene.address(step)
        self._places: list[tuple[CallbackAddress, int]] = [(self.address, 0)]
        if "payer-fi" in scene.counterparties:
            institution = scene.counterparty("payer-fi")
            self._places.append((institution, institution.arrived))
        for place, _ in self._places:
            place.answer = THANKS
        self._heard: set[str] = set()

    async def hears(
        self, told: Told, bill: str, seconds: float, *, unlike: Callback | None = None
    ) -> Callback | None:
        """Give the first call that is so ``told`` and was not given before; at the shared address, one of this bill.

        ``unlike``: one that says something else; the same delivered again counts once (at least once is what callbacks
        can promise).
        """
        known = content(unlike) if unlike else None

        def wanted(call: Callback) -> bool:
            body = content(call)
            fresh = call.id not in self._heard and body != known
            return fresh and isinstance(body, Mapping) and told(body)

        return await self._next(wanted, seconds, here="", shared=bill)

    async def hears_of(self, request: str, seconds: float) -> Callback | None:
        """Give the first call about a request of this identifier that was not given before."""
        return await self._next(
            lambda call: call.id not in self._heard, seconds, here=request, shared=request
        )

    def require_played(self) -> None:
        """Raise Prerequisite where the product may have told an institution that the harness does not play."""
        self._scene.counterparty("payer-fi")

    def was_told_of(self, request: str) -> Callback | None:
        """Give a call about a request of this identifier that came to the institution's own address."""
        return next((call for call in self.address.callbacks if request.encode() in call.request.body), None)

    async def _next(
        self, wanted: Callable[[Callback], bool], seconds: float, *, here: str, shared: str
    ) -> Callback | None:
        call = await first(
            place.wait_for(wanted, seconds, mentions=here if place is self.address else shared, since=since)
            for place, since in self._places
        )
        if call is not None:
            self._heard.add(call.id)
            self._scene.met(call)
        return call


async def first(waits: Iterable[Coroutine[Any, Any, Callback | None]]) -> Callback | None:
    """Give what comes first of what is waited for in several places; None if nothing comes anywhere."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        for done in asyncio.as_completed(tasks):
            if (call := await done) is not None:
                return call
        return None
    finally:
        for task in tasks:
            task.cancel()


def is_answer(body: Mapping[str, Any]) -> bool:
    """Tell the answer to an inquiry from the outcome of a payment, which has a status; what says nothing is neither."""
    return bool(body) and "status" not in body


def is_outcome(body: Mapping[str, Any]) -> bool:
    """Tell the outcome of a payment."""
    return "status" in body
