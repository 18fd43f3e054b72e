"""Cases of callbacks against products that never call back, flood, send garbage or lie: a finding each, and an end."""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import Limits, Target
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.execution.behaviour import SuiteCase, case, suite_cases
from dpi_conformance.execution.observer import Silent
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Stage
from dpi_conformance.execution.suite_tier import SuiteTier
from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import CaseResult
from dpi_conformance.model.evidence import Callback, Exchange, Finding
from dpi_conformance.model.vectors import Profile
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.journal import Journal
from dpi_conformance.wire.listener import CallbackListener

PACK = Pack.builtin()
SPEC = load_spec(PACK.spec("payments", "openapi.yaml"))
DEADLINE = 0.6
VOUCHERS = "vouchers-created"
LATE = Message(text="It came late.")

Later = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""What a product does after its acknowledgement: the address that it was given, and the request's body."""


@dataclass
class Memory:
    """Keeps what was journaled."""

    results: dict[str, CaseResult] = field(default_factory=dict)
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    evidence: int = 0

    def exchange(self, _exchange: Exchange, *, case: str, findings: Sequence[Finding], **_: Any) -> None:
        self._keep(case, findings)

    def callback(self, _callback: Callback, *, case: str, findings: Sequence[Finding], **_: Any) -> None:
        self._keep(case, findings)

    def outcome(self, result: CaseResult) -> None:
        self.results[result.case] = result

    def _keep(self, case: str, findings: Sequence[Finding]) -> None:
        self.evidence += 1
        self.findings.setdefault(case, []).extend(findings)

    def codes(self, case: str) -> set[str]:
        return {finding.code for finding in self.findings.get(f"payments/suite/{case}", ())}

    def verdict(self, case: str) -> Verdict:
        return self.results[f"payments/suite/{case}"].verdict


@contextlib.asynccontextmanager
async def product(later: Later, *, early: bool) -> AsyncIterator[str]:
    """Serve a product that takes orders in, refuses one without a list, and then (``early``: first) does as it likes."""
    at_work = set[asyncio.Task[None]]()

    async def take(request: web.Request) -> web.Response:
        body = await request.json()
        if not isinstance(body.get("voucherInstructions"), list):
            return web.json_response({"ResponseCode": "01"}, status=400)
        work = asyncio.ensure_future(_quietly(later(request.headers["X-Callback-URL"], body)))
        at_work.add(work)
        if early:
            await work
        return web.json_response({"ResponseCode": "00", "RequestID": body["requestID"]})

    app = web.Application()
    app.router.add_post("/vouchers", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        await runner.cleanup()


async def _quietly(work: Awaitable[None]) -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError):
        await work


def cases(*names: str) -> list[SuiteCase]:
    files = sorted((PACK.root / "suites" / "payments").glob("test_*.py"))
    modules = [PACK.load(f"suites.payments.{path.stem}") for path in files]
    known = {one.case.id: one for one in suite_cases("payments", modules, Profile.STANDARD)}
    return [known[f"payments/suite/{name}/{VOUCHERS}"] for name in names]


def tried(
    later: Later, *names: str, seconds: float = 20, deadline: float = DEADLINE, early: bool = False
) -> Memory:
    """Carry the cases out against a product, within ``seconds`` in all."""

    async def run() -> Memory:
        memory = Memory()
        async with (
            product(later, early=early) as url,
            Wire(Target(base_url=url, limits=Limits(answer_seconds=5))) as wire,
            CallbackListener() as listener,
            asyncio.timeout(seconds),
        ):
            stage = Stage(
                wire=wire,
                listener=listener,
                answers=Answers(spec=SPEC, rules=RefusalRules()),
                fresh=Fresh(),
                callback_seconds=deadline,
                declared={"callback-retry-seconds": "1"},
            )
            await SuiteTier(journal=cast("Journal", memory), stage=stage, observer=Silent()).run(
                cases(*names)
            )
        return memory

    return asyncio.run(run())


def result(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the result as it is declared."""
    made = [
        {**one, "serialNumber": "1000000001", "voucherNumber": "ABC234"}
        for one in body["voucherInstructions"]
    ]
    kept = ({name: one[name] for name in one if name in _SHOWN} for one in made)
    return {"requestID": body["requestID"], "batchID": body["batchID"], "voucherInstructions": list(kept)}


_SHOWN = {"instructionID", "serialNumber", "voucherNumber", "currency", "amount", "narration"}


async def send(url: str, body: object, **headers: str) -> int:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    given = {"Content-Type": "application/json", **headers}
    async with aiohttp.ClientSession() as session, session.post(url, data=content, headers=given) as answer:
        return answer.status


async def good(url: str, body: Mapping[str, Any]) -> None:
    """Send the result until it is taken."""
    for _ in range(4):
        with contextlib.suppress(aiohttp.ClientError):
            if await send(url, result(body)) < 500:
                return
        await asyncio.sleep(0.1)


ALL = (
    "C1/own-address",
    "C2/after-acknowledgement",
    "C3/retried-after-503",
    "C3/retried-after-drop",
    "C3/settled-by-200",
    "C4/valid",
    "C5/none-for-refused",
    "C6/in-time",
)


def test_a_product_that_does_it_well_is_accused_of_nothing() -> None:
    memory = tried(good, *ALL)
    assert {case: memory.verdict(case) for case in ids(ALL)} == dict.fromkeys(ids(ALL), Verdict.PASS)


def ids(names: Sequence[str]) -> list[str]:
    return [f"{name}/{VOUCHERS}" for name in names]


def test_a_product_that_never_calls_back_fails_once_and_leaves_the_rest_undecided() -> None:
    async def never(_url: str, _body: Mapping[str, Any]) -> None:
        pass

    memory = tried(never, *ALL)
    assert memory.codes(f"C6/in-time/{VOUCHERS}") == {"callback.arrives"}
    others = {case for case in ids(ALL) if memory.verdict(case) is Verdict.INCONCLUSIVE}
    assert len(others) == len(ALL) - 1, "that a refused request has no result proves nothing where none has"


def test_a_late_result_is_told_from_none() -> None:
    async def late(url: str, body: Mapping[str, Any]) -> None:
        await asyncio.sleep(DEADLINE + 0.25)
        await good(url, body)

    assert tried(late, "C6/in-time").codes(f"C6/in-time/{VOUCHERS}") == {"callback.in-time"}


def test_a_result_at_a_path_of_the_products_own_is_found() -> None:
    async def lost(url: str, body: Mapping[str, Any]) -> None:
        parts = urlsplit(url)
        await send(f"{parts.scheme}://{parts.netloc}/voucher-details-return", result(body))

    memory = tried(lost, "C6/in-time", "C1/own-address")
    for name in ("C6/in-time", "C1/own-address"):
        assert memory.codes(f"{name}/{VOUCHERS}") == {"callback.own-address"}
    (finding,) = memory.findings[f"payments/suite/C6/in-time/{VOUCHERS}"]
    assert finding.actual.endswith("/voucher-details-return")


def test_two_requests_results_that_change_places_are_told() -> None:
    asked = list[tuple[str, Mapping[str, Any]]]()

    async def crossed(url: str, body: Mapping[str, Any]) -> None:
        asked.append((url, body))
        if len(asked) == 2:
            (first, one), (second, other) = asked
            await send(first, result(other))
            await send(second, result(one))

    assert tried(crossed, "C1/own-address").codes(f"C1/own-address/{VOUCHERS}") & {
        "callback.correlation",
        "callback.own-address",
    }


def test_a_flood_is_a_finding_and_not_the_end_of_the_others() -> None:
    async def flood(url: str, body: Mapping[str, Any]) -> None:
        content = orjson.dumps(result(body))
        async with aiohttp.ClientSession() as session:
            for _ in range(100):
                await asyncio.gather(*(_read(session, url, content) for _ in range(50)))

    started = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = tried(flood, "C3/settled-by-200", "C4/valid", "C6/in-time", seconds=60)
    assert memory.codes(f"C3/settled-by-200/{VOUCHERS}") == {"callback.settled-by-2xx", "callback.flood"}
    assert memory.verdict(f"C4/valid/{VOUCHERS}") is Verdict.PASS
    assert memory.verdict(f"C6/in-time/{VOUCHERS}") is Verdict.PASS
    assert memory.evidence < 10_000
    assert time.perf_counter() - started < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 128 << 10


async def _read(session: aiohttp.ClientSession, url: str, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with session.post(url, data=content, headers=headers) as answer:
        await answer.read()


def test_a_hundred_megabytes_are_a_finding() -> None:
    async def huge(url: str, _body: Mapping[str, Any]) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield b'{"requestID":"'
            for _ in range(1600):
                yield b"a" * 65536
            yield b'"}'

        headers = {"Content-Type": "application/json"}
        async with aiohttp.ClientSession() as session, session.post(url, data=pieces(), headers=headers):
            pass

    memory = tried(huge, "C4/valid", seconds=30, deadline=8)
    assert "outbound.json" in memory.codes(f"C4/valid/{VOUCHERS}")


def test_garbage_is_a_finding() -> None:
    async def garbage(url: str, _body: Mapping[str, Any]) -> None:
        await send(url, b"<html>\xff", **{"Content-Type": "text/html"})

    memory = tried(garbage, "C4/valid")
    assert memory.codes(f"C4/valid/{VOUCHERS}") == {"outbound.content-type", "outbound.json"}


def test_what_is_no_http_is_no_result() -> None:
    async def noise(url: str, _body: Mapping[str, Any]) -> None:
        parts = urlsplit(url)
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(b"\x00\x01\x02" * 1000)
        await writer.drain()
        writer.close()

    assert tried(noise, "C6/in-time").codes(f"C6/in-time/{VOUCHERS}") == {"callback.arrives"}


def test_an_early_result_is_told() -> None:
    memory = tried(good, "C2/after-acknowledgement", early=True)
    assert memory.codes(f"C2/after-acknowledgement/{VOUCHERS}") == {"callback.after-acknowledgement"}


def test_cases_that_only_wait_make_room_for_others() -> None:
    """With a product that never calls back, all that are under way wait: the others do not wait for them to end."""

    async def waits(scene: Scene) -> None:
        """The result comes."""
        scene.expect(bool(await scene.address("x").wait(1, 4)), code="x", message=LATE, expected=1, actual=0)

    marked = case("X/x", clause="1")(waits)
    module = cast("Any", SimpleNamespace(waits=marked, __name__=waits.__module__))
    (one,) = suite_cases("payments", [module], Profile.QUICK)
    many = [replace(one, case=replace(one.case, id=f"payments/suite/X/{n}")) for n in range(120)]
    memory, started = Memory(), time.perf_counter()

    async def run() -> None:
        async with CallbackListener() as listener:
            stage = Stage(
                wire=cast("Wire", SimpleNamespace(begun=0, under_way=0, requests_per_second=None)),
                listener=listener,
                answers=cast("Answers", None),
                fresh=Fresh(),
                callback_seconds=10,
            )
            await SuiteTier(journal=cast("Journal", memory), stage=stage, observer=Silent()).run(many)

    asyncio.run(run())
    assert len(memory.results) == 120
    assert {result.verdict for result in memory.results.values()} == {Verdict.FAIL}
    assert 4 < time.perf_counter() - started < 10, "three waves of 4 s would be 12 s"


def test_cases_do_not_make_room_while_anything_is_to_be_answered() -> None:
    wire = SimpleNamespace(begun=1, under_way=1)

    async def run() -> bool:
        stage = cast("Stage", SimpleNamespace(wire=wire))
        tier = SuiteTier(journal=cast("Journal", None), stage=stage, observer=Silent())
        places = asyncio.Semaphore(0)
        opening = asyncio.create_task(tier._open_more(places, 48))
        await asyncio.sleep(2.5)
        opening.cancel()
        return places.locked()

    assert asyncio.run(run())
