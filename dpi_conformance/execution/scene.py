"""What one case of a suite is given: steps to arrange, a way to act, and a way to say what must hold."""

import asyncio
import dataclasses
import time
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.checks.callbacks import Calls
from dpi_conformance.execution.answer import Answer, plainly
from dpi_conformance.execution.patience import Patience
from dpi_conformance.execution.steps import AS_EVERYBODY, THROTTLED, Prerequisite, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.landing import Landing, Session, Wish
from dpi_conformance.model.bodies import json_in_unicode
from dpi_conformance.model.cases import Case
from dpi_conformance.model.evidence import Callback, Exchange, Finding, Request
from dpi_conformance.wire.doors import Door, can_close
from dpi_conformance.wire.listener import CallbackAddress, CallbackListener
from dpi_conformance.wire.redaction import PROTECTED_HEADERS
from dpi_conformance.wire.waits import note

__all__ = ["Answer", "Evidence", "Scene"]

Evidence = Exchange | Callback
_QUIET_SECONDS = 2.0
_TOKEN_CHARACTERS = 8
"""A shorter proof is not looked for in what the product sends: it would be found in half of all texts."""


@dataclass(kw_only=True)
class Scene(Stage):
    """A stage of one case: all that is sent and received on it is the case's evidence."""

    case: Case
    seen: list[Evidence] = field(default_factory=list)
    """In order; a callback stands where the case met it."""
    findings: list[Finding] = field(default_factory=list)
    undeclared: bool = False
    """The case ended for want of a declaration."""
    stages: Mapping[str, "Scene"] = field(default_factory=dict)
    """In a scenario: the scene of each block that takes part; what is seen and found there is this case's own."""
    side: str = ""
    """In a scenario: the block that this scene is of, to which what is found here belongs."""
    remark: Message | None = None
    """What a pass rests on, where that differs from product to product."""
    expected: int = 0
    """How often something was said to have to hold."""
    patience: Patience = field(default_factory=Patience)
    _addresses: list[tuple[CallbackListener, CallbackAddress]] = field(default_factory=list)
    """With the listener that each is of."""
    _beside: list[asyncio.Task[None]] = field(default_factory=list)
    _found_at: list[float] = field(default_factory=list)
    """For each finding, when it was made: ``time.perf_counter()``."""

    @classmethod
    def of(cls, stage: Stage, case: Case) -> "Scene":
        """Give the stage of one case."""
        scene = cls(**_inherited(stage), case=case)
        scene._begin()
        scene.stages = {name: scene._part(name, part) for name, part in stage.parts.items()}
        return scene

    def _begin(self) -> None:
        self._missed = {}  # one case's patience is not another's
        self.record = lambda exchange, _step: self.seen.append(exchange)

    def _part(self, name: str, stage: Stage) -> "Scene":
        """Give the scene of one block of a scenario: its own wire and addresses, and this case's evidence."""
        part = Scene(
            **_inherited(stage),
            case=self.case,
            side=name,
            seen=self.seen,
            findings=self.findings,
            patience=self.patience,
            _addresses=self._addresses,
            _beside=self._beside,
            _found_at=self._found_at,
        )
        part._begin()
        return part

    @property
    def _everywhere(self) -> "tuple[Scene, ...]":
        return (self, *self.stages.values())

    @property
    def judged(self) -> int:
        """Give how often something was said to have to hold, here and in the blocks of a scenario."""
        return sum(one.expected for one in self._everywhere)

    @property
    def wants_declaration(self) -> bool:
        """Tell whether the case ended for want of a declaration, here or in a block of a scenario."""
        return any(one.undeclared for one in self._everywhere)

    async def land(
        self,
        url: str,
        redirect_uri: str,
        wish: Wish = AS_EVERYBODY,
        session: Session | None = None,
        *,
        stray: bool = False,
    ) -> Landing:
        """Take a person through a login as ``Stage.land`` does; the case's time stands still meanwhile."""
        with self.patience.paused():
            return await super().land(url, redirect_uri, wish, session, stray=stray)

    @property
    def quiet_seconds(self) -> float:
        """Give how long to wait for what must not come."""
        return min(_QUIET_SECONDS, self.callback_seconds)

    def declares(self, name: str) -> str:
        """Give what the vendor declares where the documents are silent; raises Prerequisite naming the key to write."""
        if name in self.declared:
            return self.declared[name]
        text = N_(
            "The published documents do not say how this is done. Write declares: {name} in product.yaml, so that it "
            "can be judged."
        )
        self.undeclared = True
        raise Prerequisite(Message(text=text, values={"name": name}))

    def address(self, step: str) -> CallbackAddress:
        """Give a callback address of this case's own; whatever comes there is its evidence."""
        address = self.listener.address(f"{self.case.id}/{step}", lasting=True)
        self._addresses.append((self.listener, address))
        return address

    def closed_address(self, step: str) -> Door:
        """Give an address of this case's own at which nobody listens until it is opened; raises Prerequisite."""
        if not can_close(self.listener):
            text = N_(
                "Only a product on the harness's own machine can be sure to reach another of its ports, so a connection "
                "that is refused was not tried."
            )
            raise Prerequisite(Message(text=text))
        door = Door(self.listener, f"{self.case.id}/{step}")
        self._addresses.append((self.listener, door.address))
        return door

    async def send(self, variant: str, request: Request, *, credentials: str = "own") -> Answer:
        """Send a request whose answer the case is about; nothing that comes of it raises but an unreachable product.

        Raises Prerequisite where the product throttles or cannot be reached: that says nothing about the property.
        """
        began = time.perf_counter()
        exchange = await self.wire.send(
            request,
            credentials=credentials,
            scheme=self.answers.scheme(variant),
            exchange_id=self._next_id(),
        )
        at = time.perf_counter()
        self.seen.append(exchange)
        if exchange.trouble is not None and exchange.trouble.kind == "timeout":
            self.timed(began)
        answer = self._answer(variant, exchange, at)
        if exchange.closed and credentials in self.closing:
            return dataclasses.replace(answer, refused=True)
        if answer.status in {0, 429} and (exchange.trouble is None or exchange.trouble.kind in _UNSEEN):
            text = N_("The request ({variant}) could not be judged: {answer}.")
            values = {"variant": variant, "answer": str(answer)}
            raise Prerequisite(Message(text=THROTTLED if answer.status == 429 else text, values=values))
        return answer

    def _answer(self, variant: str, exchange: Exchange, at: float) -> Answer:
        served = self.answers.served(variant, exchange)
        status = exchange.response.status if exchange.response else 0
        return Answer(
            exchange=exchange,
            served=served,
            refused=not served and 200 <= status < 500,
            body=self.answers.spellings.tolerant(_json(exchange)),
            at=at,
        )

    def expect(  # noqa: PLR0913 -- a finding, by keyword
        self,
        met: bool,
        *,
        code: str,
        message: Message,
        expected: object,
        actual: object,
        seen: Evidence | Answer | None = None,
        place: str = "",
        advice: Message | None = None,
        advisory: bool = False,
        interface: str = "",
    ) -> bool:
        """Say what must hold here; where it does not, the case has a finding, and goes on. Gives ``met`` back.

        ``seen`` is the evidence that shows it, by default the latest; ``advisory``: worth knowing, no failure;
        ``interface``: in a scenario, between whom.
        """
        self.expected += 1
        if not met:
            evidence = seen.exchange if isinstance(seen, Answer) else seen or self._latest()
            self._remember(evidence)
            self._found(
                Finding(
                    code=code,
                    message=message,
                    expected=plainly(expected),
                    actual=plainly(actual),
                    clause=self.case.clause,
                    exchange=evidence.id if evidence else None,
                    place=place,
                    advice=advice,
                    advisory=advisory,
                    interface=interface,
                    side=self.side,
                )
            )
        return met

    def expect_served(
        self, answer: Answer, *, code: str, message: Message, advice: Message | None = None
    ) -> bool:
        """Expect that a request was served."""
        return self.expect(
            answer.served,
            code=code,
            message=message,
            expected="2xx",
            actual=answer,
            seen=answer,
            advice=advice,
        )

    def expect_refused(
        self, answer: Answer, *, code: str, message: Message, advice: Message | None = None
    ) -> bool:
        """Expect that a request was refused in the block's own way; a 5xx is no refusal."""
        return self.expect(
            answer.refused,
            code=code,
            message=message,
            expected="refused",
            actual=answer,
            seen=answer,
            advice=advice,
        )

    def expect_declared(self, call: str, callback: Callback, address: str) -> bool:
        """Expect that a call of the product is as the specification declares it; ``address`` is what it was given.

        Gives whether it is. The harness's credentials may not be in it.
        """
        self.expected += 1
        calls = Calls(spec=self.answers.spec, spellings=self.answers.spellings)
        seen = calls.check(call, callback, address, self._credentials())
        findings = [dataclasses.replace(one, side=self.side) for one in seen]
        self.met(callback)
        self._found(*findings)
        return not findings

    def timed(self, began: float) -> None:
        """Say that what follows rests on the time from ``began`` (``time.perf_counter()``) until now.

        A wait whose time ran out need not be said. If the harness did not get to run meanwhile, the case is undecided.
        """
        note(began)

    def doubt(self, since: float) -> None:
        """Let findings that were made after a moment accuse nobody any more; they are shown."""
        self.findings = [
            dataclasses.replace(one, advisory=True) if at >= since else one
            for one, at in zip(self.findings, self._found_at, strict=True)
        ]

    def _found(self, *findings: Finding) -> None:
        self.findings.extend(findings)
        self._found_at.extend([time.perf_counter()] * len(findings))

    def _credentials(self) -> frozenset[str]:
        """Give what the harness has proven itself with in this case."""
        sent = (one.request.headers for one in self.seen if isinstance(one, Exchange))
        proofs = (value for headers in sent for name, value in headers if name.lower() in PROTECTED_HEADERS)
        tokens = {value.rpartition(" ")[2] for value in proofs} | self.wire.secrets
        return frozenset(token for token in tokens if len(token) >= _TOKEN_CHARACTERS)

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the case until it ends; what goes wrong with it is nobody's fault."""
        self._beside.append(asyncio.create_task(work))

    async def end(self) -> None:
        """Stop what is done beside the case."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    def met(self, callback: Callback) -> Callback:
        """Take a callback, or a counterparty's call, into the case's evidence."""
        self._remember(callback)
        return callback

    def let_go(self) -> None:
        """Keep what came no longer: the case is written down. A late call is taken still, and is another's to notice."""
        for listener, address in self._addresses:
            listener.forget(address)

    def begin_again(self) -> None:
        """Forget all that was seen, and listen no longer where it was: the next example has addresses of its own."""
        for listener, address in self._addresses:
            listener.release(address)
        self._addresses.clear()
        self.seen.clear()

    def evidence(self) -> Iterator[Evidence]:
        """Give all that the case saw, callbacks to its own addresses among them, each once."""
        yield from self.seen
        known = {one.id for one in self.seen}
        for _, address in self._addresses:
            yield from (callback for callback in address.callbacks if callback.id not in known)

    def _remember(self, evidence: Evidence | None) -> None:
        if evidence is not None and all(one.id != evidence.id for one in self.seen):
            self.seen.append(evidence)

    def _latest(self) -> Evidence | None:
        return self.seen[-1] if self.seen else None


_UNSEEN = {"refused", "unreachable", "tls"}


def _inherited(stage: Stage) -> dict[str, Any]:
    """Give all that a case has of its stage."""
    return {one.name: getattr(stage, one.name) for one in dataclasses.fields(Stage)}


def _json(exchange: Exchange) -> Any:
    try:
        return json_in_unicode(exchange.response.body) if exchange.response is not None else {}
    except ValueError:
        return {}
