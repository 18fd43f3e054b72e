"""The payer's bank, as the harness plays it: it looks at accounts, releases funds or not, or stays silent."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite, Stage, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback, Request

from .batch_figures import Report, exact, number
from .batches import Batch, Draft, reports
from .participants import header, spelt

__all__ = [
    "NAME",
    "Asked",
    "Bank",
    "Programme",
    "accounts_asked_about",
    "asked_for",
    "decision",
    "findings_on_accounts",
    "latest",
    "validated",
]

NAME: Final = "payer-bank"
VALIDATION: Final = "batch.account-validation"
"""What the vendor declares: who verifies the accounts of a batch, the payer's bank or somebody elsewhere."""
ELSEWHERE: Final = "elsewhere"
_FOREVER = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """How the bank behaves towards one case."""

    word: str = "Y"
    """Its word on an authorization: ``Y``, ``N``, or nothing at all."""
    invalid: frozenset[str] = frozenset()
    """Instructions whose accounts do not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One account that the product asks the bank about."""

    id: str
    """The instruction's."""
    account: str
    amount: Decimal | None
    currency: str
    bank: str
    """The bank that it is asked about at."""


def accounts_asked_about(scene: Scene) -> None:
    """Raise Prerequisite unless the vendor declares that the bank is asked about the accounts of each batch.

    Destination accounts have to be verified (6.1, 6.9), and the product has to be able to ask others about them (5.1.6);
    that it is the payer's bank, for each batch, no document says: 8.1 publishes how it is asked if it is.
    """
    declared = scene.declares(VALIDATION)
    if declared == ELSEWHERE:
        text = N_(
            "The product verifies accounts elsewhere than at the payer's bank (declares: {name} in product.yaml), so how it "
            "asks the bank was not seen."
        )
        raise Prerequisite(Message(text=text, values={"name": VALIDATION}))
    if declared != NAME:
        text = N_("declares: {name} in product.yaml is “{value}”; write payer-bank or elsewhere.")
        raise Prerequisite(Message(text=text, values={"name": VALIDATION, "value": declared}))


def asked_for(call: Callback) -> str:
    """Name what the product asks the bank: ``validate`` or ``authorize``."""
    path = urlsplit(call.request.url).path.rstrip("/")
    return "validate" if path.endswith("/beneficiaries") else "authorize"


def findings_on_accounts(stage: Stage, asked: Callback, invalid: Collection[str] = ()) -> Request:
    """Make the bank's answer to a validation: these instructions' accounts do not exist, all others do."""
    body = {
        "clientCorrelationId": header(asked, "X-Client-Correlation-ID"),
        "batchId": spelt(stage, asked, "batchId"),
        "numberOfFailedCases": len(invalid),
        "failedAccountLookups": [
            {"instructionID": one, "failureReason": "account closed"} for one in invalid
        ],
    }
    headers = {"X-Callback-URL": stage.listener.counterparty(NAME).url}
    return json_request("POST", "/callbacks/account-validation", body, headers)


def decision(asked: Callback, word: str) -> Request:
    """Make the bank's answer to an authorization."""
    reason = {} if word == "Y" else {"reason": "no funds"}
    body = {"clientCorrelationId": header(asked, "X-Client-Correlation-ID"), "status": word, **reason}
    return json_request("POST", "/callbacks/authorization", body)


class Bank:
    """Answers what the product asks about one case's batches, for as long as it is used as an async context.

    Where the product was not configured to ask the harness it does nothing: then somebody else says yes.
    """

    def __init__(self, scene: Scene, programme: Programme | None = None) -> None:
        """Take the case and how to behave; enter it before the first batch is handed over."""
        self._scene = scene
        self._programme = programme or Programme()
        self._playing = NAME in scene.counterparties
        self._since = scene.listener.counterparty(NAME).arrived if self._playing else 0
        self._marks: set[str] = set()
        self._answered: set[tuple[str, str]] = set()
        self._answering: list[asyncio.Task[None]] = []
        self._speaking = 0
        self._spoke = 0.0
        """When its last word was taken, on the event loop's clock."""

    async def __aenter__(self) -> Self:
        """Open the bank; it answers as soon as it knows what about."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the bank; raises what kept it from answering, unless something else went wrong."""
        for call in self.calls():
            self._scene.met(call)
        for task in self._answering:
            task.cancel()
        troubles = await asyncio.gather(*self._answering, return_exceptions=True)
        for trouble in troubles:
            if isinstance(trouble, Prerequisite) and (error is None or isinstance(error, Prerequisite)):
                raise trouble

    def attend(self, *batches: Batch) -> None:
        """Answer from now on what is asked about these batches, or was."""
        for batch in batches:
            self._marks |= _marks(self._scene, batch.draft) | ({batch.id} - {""})
        if self._playing:
            self._answering.append(asyncio.create_task(self._answer_all()))

    def calls(self, command: str = "") -> list[Callback]:
        """Give what the product has asked about this case's batches, each once: a repeated question is one."""
        if not self._playing:
            return []
        party = self._scene.listener.counterparty(NAME)
        late = party.callbacks[-max(party.arrived - self._since, 0) :] if party.arrived > self._since else ()
        once = {_question(call): call for call in reversed(late) if self._about(call)}
        return [call for call in reversed(once.values()) if command in {"", asked_for(call)}]

    async def asked(self, command: str, seconds: float | None = None, count: int = 1) -> list[Callback]:
        """Wait until the product has asked ``count`` such questions; gives those that came in time."""
        party = self._scene.counterparty(NAME)
        limit = self._scene.callback_seconds if seconds is None else seconds
        await party.wait_for(
            lambda call: self._about(call) and len(self.calls(command)) >= count, limit, since=self._since
        )
        return self.calls(command)

    def authorised(self) -> dict[str, Decimal]:
        """Give the sums by currency that the product asked to have released."""
        sums: dict[str, Decimal] = {}
        for call in self.calls("authorize"):
            said = _said(call)
            currency = str(said.get("currency", ""))
            sums[currency] = sums.get(currency, Decimal(0)) + (number(said.get("amount")) or Decimal(0))
        return sums

    async def settled(self, draft: Draft, seconds: float | None = None) -> list[Report]:
        """Wait until the status updates say that nothing of a batch is under way; gives the last by currency.

        Gives what there is when time is up, which counts from the bank's last word: with a rate limit that waits for its
        turn. Raises Prerequisite if the bank could not answer.
        """
        limit = self._scene.callback_seconds if seconds is None else seconds
        waiting = asyncio.ensure_future(self._ended(draft, limit))
        try:
            await asyncio.wait([waiting, *self._answering], return_when=asyncio.FIRST_COMPLETED)
            for task in self._answering:
                if task.done():
                    task.result()
            return await waiting
        finally:
            waiting.cancel()

    async def _ended(self, draft: Draft, seconds: float) -> list[Report]:
        """Wait for the final status updates of a batch: one for all, or one for each currency."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not _complete(draft, last := latest(draft)):
            left = seconds if self._speaking else max(began, self._spoke) + seconds - loop.time()
            if left <= 0:
                break
            await draft.address.wait(draft.address.arrived + 1, left)
        return list(last.values())

    async def _answer_all(self) -> None:
        party = self._scene.listener.counterparty(NAME)
        while True:
            call = await party.wait_for(self._unanswered, _FOREVER, since=self._since)
            if call is not None and _question(call) not in self._answered:
                self._answered.add(_question(call))
                self._speaking += 1
                try:
                    await self._answer(call)
                finally:
                    self._speaking -= 1
                    self._spoke = asyncio.get_running_loop().time()

    def _unanswered(self, call: Callback) -> bool:
        silent = asked_for(call) == "authorize" and not self._programme.word
        return not silent and self._about(call) and _question(call) not in self._answered

    async def _answer(self, call: Callback) -> None:
        scene, programme = self._scene, self._programme
        if asked_for(call) == "authorize":
            await scene.call("authorization-result", decision(call, programme.word))
            return
        self._marks.add(str(spelt(scene, call, "batchId") or call.id))
        invalid = [one.id for one in validated(call) if one.id in programme.invalid]
        await scene.call("account-validation-result", findings_on_accounts(scene, call, invalid))

    def _about(self, call: Callback) -> bool:
        text = f"{call.request.url} {call.request.body.decode('utf-8', 'replace')}"
        return any(mark in text for mark in self._marks)


def _marks(scene: Scene, draft: Draft) -> set[str]:
    """Give what tells that a call is about a batch: its instructions, and its payer where nobody else has it."""
    own = set() if scene.fixtures.get("payer.account") else {draft.payer}
    return {one.id for one in draft.payments} | own


def _question(call: Callback) -> tuple[str, str]:
    return asked_for(call), header(call, "X-Client-Correlation-ID") or call.id


def _said(call: Callback) -> Mapping[str, Any]:
    said = exact(call.request.body)
    return said if isinstance(said, Mapping) else {}


def validated(call: Callback) -> list[Asked]:
    """Give the accounts that the product asks about in one validation."""
    said = _said(call)
    listed = said.get("creditInstructions")
    entries = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return [
        Asked(
            id=str(one.get("instructionID", "")),
            account=str(one.get("financialAddress", "")),
            amount=number(one.get("amount")),
            currency=str(one.get("currency", "")),
            bank=str(said.get("destinationDFSPID", "")),
        )
        for one in entries
    ]


def latest(draft: Draft) -> dict[str, Report]:
    """Give the status update of each currency that says most, and of those the last one."""
    last: dict[str, Report] = {}
    for report in reports(draft):
        known = last.get(report.currency)
        if known is None or report.final or not known.final:
            last[report.currency] = report
    return last


def _complete(draft: Draft, last: Mapping[str, Report]) -> bool:
    if not last or not all(report.final for report in last.values()):
        return False
    counted: Sequence[Decimal] = [report.counts["total"] or Decimal(0) for report in last.values()]
    return sum(counted) >= len(draft.payments) or "" in last or set(last) >= set(draft.currencies)
