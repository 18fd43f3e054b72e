"""Products that differ from the built-in mock in what no document forbids, and a few that are hard to judge.

Each is the mock with one change, in a process of its own. Run as a program with a product's name, this is such a mock.
"""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.mockkit import child, servers
from dpi_conformance.mockkit.outbox import Outbox
from dpi_conformance.mockkit.sending import Sending

__all__ = ["PRODUCTS", "spawning"]

App = Callable[[Any, Any, Any], Awaitable[None]]
Body = dict[str, Any]
_PACK = Pack.builtin()


def spawning(name: str) -> Callable[[Mapping[str, Any]], "subprocess.Popen[bytes]"]:
    """Give what starts a lawful product in place of the mock."""

    def spawn(order: Mapping[str, Any]) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
        return process

    return spawn


def _of(module: str) -> Any:
    return _PACK.load(f"mocks.payments.{module}")


def _around(owner: Any, name: str, change: Callable[..., Any]) -> None:
    """Let ``change`` be called in a method's place; it is given the method as it was, after ``self``."""
    before = getattr(owner, name)
    setattr(owner, name, lambda self, *given: change(self, before, *given))


def _results(change: Callable[[Body], object]) -> None:
    """Change the body of each result that the product sends."""
    before = Sending.sent

    def sent(self: Sending, message: Any) -> Iterator[Any]:
        for one in before(self, message):
            if one.result and isinstance(one.body, dict):
                yield replace(one, body=change(dict(one.body)))
            else:
                yield one

    Sending.sent = sent  # type: ignore[method-assign]


class _Behind:
    """Gives what something was a while ago, as a replica does that reads are taken from."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: list[tuple[float, Any]] = []

    def keep(self, value: Any) -> None:
        self._kept.append((time.monotonic(), value))

    def now(self, first: Any) -> Any:
        old = [value for at, value in self._kept if at <= time.monotonic() - self._seconds]
        return old[-1] if old else first


def lookups_behind() -> None:
    """A lookup reads what was there a second ago."""
    mapper, behind = _of("mapper").AccountMapper, _Behind(1.0)

    def written(self: Any, before: Any, *given: Any) -> Any:
        done = before(self, *given)
        behind.keep(dict(self._accounts))
        return done

    def listed(self: Any, before: Any, *given: Any) -> Any:
        current, self._mapper._accounts = self._mapper._accounts, behind.now({})
        try:
            return before(self, *given)
        finally:
            self._mapper._accounts = current

    _around(mapper, "register", written)
    _around(mapper, "update", written)
    _around(_of("beneficiaries").Beneficiaries, "_listed", listed)


def statuses_behind() -> None:
    """The status of a voucher is what it was a second ago."""
    voucher = _of("vouchers").Voucher
    slot, kept = voucher.__dict__["status"], dict[int, tuple[Any, _Behind]]()

    def write(self: Any, value: Any) -> None:
        kept.setdefault(id(self), (self, _Behind(1.0)))[1].keep(value)
        slot.__set__(self, value)

    def status(self: Any, before: Any, call: Any) -> Any:
        found = self._vouchers.find(call.path["serialNumber"])
        answer = before(self, call)
        if found is not None:
            behind = kept[id(found)][1]
            answer.body["status"] = int(behind.now(behind._kept[0][1]))
        return answer

    voucher.status = property(slot.__get__, write)
    _around(_of("voucher_operations").VoucherOperations, "status", status)


def status_without_value() -> None:
    """The answer on a voucher's status has nothing but the status: VoucherStatus requires nothing."""

    def status(self: Any, before: Any, call: Any) -> Any:
        answer = before(self, call)
        return replace(answer, body={key: answer.body[key] for key in ("status",) if key in answer.body})

    _around(_of("voucher_operations").VoucherOperations, "status", status)


def two_workers() -> None:
    """Two processes remember vouchers by themselves: one has not heard of a redemption. Not lawful, and hard to tell."""
    turns = itertools.count()

    def status(self: Any, before: Any, call: Any) -> Any:
        answer = before(self, call)
        behind = answer.body.get("status") == 4 and next(turns) % 2
        return replace(answer, body={**answer.body, "status": 2}) if behind else answer

    _around(_of("voucher_operations").VoucherOperations, "status", status)


def outcomes_without_count() -> None:
    """The outcome of an order for vouchers lists the failed ones and does not count them."""
    _results(
        lambda body: (
            {key: value for key, value in body.items() if key != "numberFailedCases"}
            if any("serialNumber" in one for one in body.get("failedCases", ()))
            else body
        )
    )


def short_pages() -> None:
    """Details are given ten at a time, and a larger page is refused: no document gives a largest one."""
    module = _of("batch_details")

    def page(self: Any, before: Any, chosen: Any, number: int, size: int) -> Any:
        if size > 10:
            raise module.Refused("query.pageSize is beyond 10.")
        return before(self, chosen, number, size)

    _around(module.BatchDetails, "_page", page)


def details_out_of_order() -> None:
    """The details of a batch are always answered with 503."""
    details = _of("batch_details").BatchDetails
    _around(details, "details", lambda self, before, call: replace(before(self, call), status=503))


def reports_without_currency() -> None:
    """A batch's status update has no currency: the published file has no such field."""
    _results(lambda body: {key: value for key, value in body.items() if key != "currency"})


def unknown_sinks_lookup() -> None:
    """A lookup of several of whom one is not registered is answered with 404."""
    module = _of("beneficiaries")

    def listed(self: Any, before: Any, call: Any, identities: Any, request: Any) -> Any:
        institution = call.headers["registeringinstitutionid"]
        if not all(self._mapper.find(institution, one) for one in identities):
            raise module.Refused("payeeIdentity is not known", status=404)
        return before(self, call, identities, request)

    _around(module.Beneficiaries, "_listed", listed)


def accounts_verified_elsewhere() -> None:
    """The payer's bank is not asked about the accounts of a batch."""
    bank = _of("payer_bank").PayerBank

    def begin(self: Any, _before: Any, batch: Any) -> Any:
        yield from self._authorize(batch) if batch.open else self._reports.of(batch)

    _around(bank, "begin", begin)


def unknown_sinks_batch() -> None:
    """A batch with a payee who is not registered is refused as a whole."""
    module = _of("batch_operations")

    def instruction(self: Any, before: Any, institution: Any, given: Any) -> Any:
        made = before(self, institution, given)
        if made.status.value == "FAILED":
            raise module.Refused(f"{given['requestId']}: {made.reason}")
        return made

    _around(module.BatchOperations, "_instruction", instruction)


def results_null() -> None:
    """Each result is ``null``: no lawful one, and one that breaks no case."""
    _results(lambda _body: b"null")


def results_listed() -> None:
    """Each result stands in a list: no lawful one, and one that breaks no case."""
    _results(lambda body: [body])


def results_empty() -> None:
    """Each result is an empty object, which says nothing."""
    _results(lambda _body: {})


def results_unreadable() -> None:
    """Each result is no JSON."""
    _results(lambda _body: b"\xff\xfe\x00garbage{{{")


def calls_late() -> None:
    """What the product sends leaves it two seconds later."""
    kept: MutableMapping[int, Any] = {}

    def queued(self: Any, before: Any, message: Any, attempt: int) -> None:
        if id(message) in kept:
            before(self, message, attempt)
            return
        kept[id(message)] = message
        self._queued_after(2.0, message, attempt)

    _around(Outbox, "_queued", queued)


def hears_biller_late() -> Callable[[App], App]:
    """What a biller answers is taken in seven seconds later, when the product has given it up, as it declares."""

    def wrapped(app: App) -> App:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"].startswith("/callbacks/bill-inquiry"):
                await asyncio.sleep(7)
            await app(scope, receive, send)

        return answer

    return wrapped


def asks_twice() -> None:
    """The biller is asked twice for each bill, under the same identifiers."""

    def ask(self: Any, before: Any, *given: Any, **named: Any) -> Any:
        calls = list(before(self, *given, **named))
        yield from calls
        yield from calls

    biller = _of("biller").Biller
    before = biller.ask
    biller.ask = lambda self, *given, **named: ask(self, before, *given, **named)


def throttled() -> Callable[[App], App]:
    """A product that takes forty requests a second, and answers more of them with 429."""

    def wrapped(app: App) -> App:
        left, at = 40.0, 0.0

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            nonlocal left, at
            if scope["type"] == "http":
                now = time.monotonic()
                left, at = min(40.0, left + (now - at) * 40), now
                if left < 1:
                    head = [(b"retry-after", b"1"), (b"content-length", b"0")]
                    await send({"type": "http.response.start", "status": 429, "headers": head})
                    await send({"type": "http.response.body", "body": b""})
                    return
                left -= 1
            await app(scope, receive, send)

        return answer

    return wrapped


PRODUCTS: Mapping[str, Callable[[], Callable[[App], App] | None]] = {
    made.__name__: made
    for made in (
        lookups_behind,
        statuses_behind,
        status_without_value,
        two_workers,
        outcomes_without_count,
        short_pages,
        details_out_of_order,
        reports_without_currency,
        unknown_sinks_lookup,
        accounts_verified_elsewhere,
        unknown_sinks_batch,
        results_null,
        results_listed,
        results_empty,
        results_unreadable,
        calls_late,
        hears_biller_late,
        asks_twice,
        throttled,
    )
}


def main(name: str) -> None:
    """Serve one of them until standard input ends."""
    wrap = PRODUCTS[name]()

    def make_server(pack: Pack, block: str, settings: Any, listening: Any, ready: Any) -> servers.MockServer:
        here = replace(settings, public_url=settings.public_url or servers.url_of(listening))
        app = pack.load(f"mocks.{block}.app").create_app(here)
        return servers.MockServer(app if wrap is None else wrap(app), ready)

    child.make_server = make_server  # type: ignore[attr-defined]
    child.main()


if __name__ == "__main__":
    main(sys.argv[1])
