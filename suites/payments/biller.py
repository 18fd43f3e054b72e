"""The biller as the harness plays it: answers, answers late, twice or never, refuses, and is out of order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.model.evidence import Callback
from dpi_conformance.wire.reactions import Reaction

from .bills import Inquiry, bill_details, biller_answer_request, biller_word_request
from .participants import content, fields, header, spelt

__all__ = ["Biller", "mark_id"]

_FOREVER = 3600.0


class Biller:
    """One case's view of the biller: only the bills that it names; raises Prerequisite where the harness plays none."""

    def __init__(self, scene: Scene) -> None:
        """Take the case's stage; what the biller was asked before is not this case's."""
        self._scene = scene
        self._party = scene.counterparty("biller")
        self._since = self._party.arrived
        self._met: set[str] = set()

    async def asked(self, bill: str, seconds: float | None = None) -> Callback | None:
        """Wait for the next question for a bill."""
        path = f"/bills/{quote(bill, safe='')}"
        return await self._next(lambda call: urlsplit(call.request.url).path.endswith(path), path, seconds)

    async def told_to_mark(
        self, bill: str, seconds: float | None = None, after: float = 0.0
    ) -> Callback | None:
        """Wait for the next request to mark a bill as paid; ``after``: only one that comes later than that moment."""
        return await self._next(lambda call: call.at > after and _marks(call, bill), bill, seconds)

    async def answers(self, asked: Callback, inquiry: Inquiry, **changes: object) -> Answer:
        """Answer a question for a bill: found, with these ``changes`` of its details."""
        body = self._answer(inquiry, "00", "Found")
        return await self._says(asked, {**body, "billDetails": bill_details(self._scene, **changes)})

    async def denies(self, asked: Callback, inquiry: Inquiry) -> Answer:
        """Answer that there is no such bill."""
        return await self._says(asked, self._answer(inquiry, "01", "No such bill"))

    async def confirms(self, mark: Callback) -> Answer:
        """Say that a bill is marked as paid."""
        return await self._word(mark, {"status": "ACK"})

    async def rejects(self, mark: Callback, reason: str) -> Answer:
        """Say that a bill is not marked as paid, and why."""
        return await self._word(mark, {"status": "RJC", "rejectReason": reason})

    def is_in_trouble(self, bill: str, *reactions: Reaction) -> None:
        """Answer the next requests to mark a bill so, one each."""
        self._party.react(*reactions, to=lambda call: _marks(call, bill), mentions=bill)

    @contextlib.asynccontextmanager
    async def marks_once(self, bill: str) -> AsyncIterator[list[str]]:
        """Be an honest biller meanwhile: the first request to mark a bill is confirmed, others are duplicates.

        Gives the identifiers of the requests, each once, as they come.
        """
        known: list[str] = []
        work = asyncio.ensure_future(self._honest(bill, known))
        try:
            yield known
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _honest(self, bill: str, known: list[str]) -> None:
        while (mark := await self.told_to_mark(bill, _FOREVER)) is not None:
            name = mark_id(self._scene, mark)
            if name not in known:
                known.append(name)
            with contextlib.suppress(Prerequisite):
                await (self.confirms(mark) if name == known[0] else self.rejects(mark, "Dup"))

    async def _next(
        self, wanted: Callable[[Callback], bool], mentions: str, seconds: float | None
    ) -> Callback | None:
        call = await self._party.wait_for(
            lambda call: call.id not in self._met and wanted(call),
            self._scene.callback_seconds if seconds is None else seconds,
            mentions=mentions,
            since=self._since,
        )
        if call is not None:
            self._met.add(call.id)
            self._scene.met(call)
        return call

    def _answer(self, inquiry: Inquiry, code: str, reason: str) -> dict[str, Any]:
        return {"code": code, "reason": reason, "requestID": inquiry.request, "billId": inquiry.bill}

    async def _says(self, asked: Callback, body: Mapping[str, Any]) -> Answer:
        request = biller_answer_request(self._scene, header(asked, "X-CorrelationID"), body)
        return await self._scene.send("bill-inquiry-answer", request)

    async def _word(self, mark: Callback, word: Mapping[str, str]) -> Answer:
        body = {"requestId": mark_id(self._scene, mark), "billId": fields(mark).get("billId"), **word}
        request = biller_word_request(self._scene, header(mark, "X-CorrelationID"), body)
        return await self._scene.send("bill-marked-paid", request)


def mark_id(scene: Scene, mark: Callback) -> str:
    """Give the product's own identifier of its request to mark a bill; empty if it has none."""
    return str(spelt(scene, mark, "requestID") or "")


def _marks(call: Callback, bill: str) -> bool:
    body = content(call)
    return call.request.method == "POST" and isinstance(body, Mapping) and body.get("billId") == bill
