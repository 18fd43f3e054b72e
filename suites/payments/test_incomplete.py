"""What is incomplete is refused, says what is missing, and does nothing (property G14)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback, Request

from .account_reads import shown_as
from .account_rules import expect_absent, expect_shown, require_shown
from .accounts import account, look_up, looking_up, registered, registration, updating, without
from .batch_rules import payable
from .batches import Draft, drafted, payments
from .participants import together
from .payer_bank import NAME

_HEADERS_OF_A_BATCH = ("X-CorrelationID", "Platform-TenantId", "X-Callback-URL")
_FIELDS_OF_A_PAYMENT = ("requestId", "creditParty", "debitParty", "paymentMode", "amount", "currency")
_DONE_ANYWAY = N_(
    "A request without {name} was refused and carried out all the same: the caller mends it and sends it again, and what "
    "it asked for is done twice."
)
_CHECK_FIRST = Message(text=N_("Check the whole request before the first of its effects."))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """One request that lacks one thing."""

    name: str
    request: Request


@case("G14/incomplete-batch", clause="GovStack Payments 8.1.4, 5.3.1, 5.3.4", functions=["g2p"])
async def test_an_incomplete_batch_is_refused_and_not_paid(scene: Scene) -> None:
    """A batch without a required header or field is refused, names it, and neither the bank nor the caller hears of it."""
    await payable(scene)
    since = scene.listener.counterparty(NAME).arrived if NAME in scene.counterparties else 0
    drafts = [drafted(scene, payments(scene, 2)) for _ in (*_HEADERS_OF_A_BATCH, *_FIELDS_OF_A_PAYMENT)]
    gaps = [
        *(_without_header(draft, name) for draft, name in zip(drafts, _HEADERS_OF_A_BATCH, strict=False)),
        *(
            _without_field(draft, name)
            for draft, name in zip(drafts[len(_HEADERS_OF_A_BATCH) :], _FIELDS_OF_A_PAYMENT, strict=True)
        ),
    ]
    answers = await together(*(scene.send("batch-submit", gap.request) for gap in gaps))
    traces = await together(*(_trace(scene, draft, since) for draft in drafts))
    for gap, answer, trace in zip(gaps, answers, traces, strict=True):
        if not _refused(scene, gap, answer):
            continue
        scene.expect(
            trace is None,
            code="request.incomplete-does-nothing",
            message=Message(text=_DONE_ANYWAY, values={"name": gap.name}),
            expected="no request to the bank, no status update",
            actual="-" if trace is None else f"{trace.request.method} {trace.request.url}",
            seen=trace or answer,
            place=gap.name,
            advice=_CHECK_FIRST,
        )


def _without_header(draft: Draft, name: str) -> _Gap:
    return _Gap(name=name, request=without(draft.request, name))


def _without_field(draft: Draft, name: str) -> _Gap:
    """Take a field out of the second payment of a batch."""
    entries = orjson.loads(draft.request.body)
    del entries[1][name]
    return _Gap(name=name, request=replace(draft.request, body=orjson.dumps(entries)))


async def _trace(scene: Scene, draft: Draft, since: int) -> Callback | None:
    """Wait for a sign that a batch was begun after all: the bank is asked about it, or its caller is told of it."""
    waits = [asyncio.ensure_future(draft.address.wait_for(_any_call, scene.quiet_seconds))]
    if NAME in scene.counterparties:
        bank = scene.counterparty(NAME)
        waits += [
            asyncio.ensure_future(
                bank.wait_for(_any_call, scene.quiet_seconds, mentions=mention, since=since)
            )
            for mention in (draft.payments[0].id, draft.payer)
            if mention != scene.fixtures.get("payer.account")
        ]
    try:
        for wait in asyncio.as_completed(waits):
            if (call := await wait) is not None:
                return call
    finally:
        for wait in waits:
            wait.cancel()
    return None


def _any_call(_callback: Callback) -> bool:
    return True


@case("G14/incomplete-registration", clause="GovStack Payments 8.1.2", functions=["g2p"])
async def test_an_incomplete_registration_is_refused_and_enters_nobody(scene: Scene) -> None:
    """A registration without a required header is refused, names it, and enters nobody, where a whole one is served."""
    (known,) = await registered(scene, [account(scene)])
    require_shown(known, await shown_as(scene, known))
    back = scene.address("register-beneficiary-result")
    for name in ("X-Callback-URL", "X-Registering-Institution-ID"):
        person = account(scene)
        request = registration(scene, [person], address=back.url, request=scene.fresh.identifier(12))
        gap = _Gap(name=name, request=without(request, name))
        if not _refused(scene, gap, await scene.send("register-beneficiary", gap.request)):
            continue
        expect_absent(
            scene,
            person.identity,
            await look_up(scene, person.identity),
            Message(text=_DONE_ANYWAY, values={"name": name}),
            code="request.incomplete-does-nothing",
            advice=_CHECK_FIRST,
        )


@case("G14/incomplete-update", clause="GovStack Payments 8.1.3", functions=["g2p"])
async def test_an_incomplete_update_is_refused_and_changes_nobody(scene: Scene) -> None:
    """An update without a required field is refused, names it, and changes nobody, where a whole one is served."""
    (person,) = await registered(scene, [account(scene)])
    back = scene.address("update-beneficiary-result")
    changed = person.moved()
    request = updating(scene, [changed], address=back.url, request=scene.fresh.identifier(12))
    for name in ("requestID", "sourceBBID", "beneficiaries"):
        body: dict[str, Any] = orjson.loads(request.body)
        del body[name]
        gap = _Gap(name=name, request=replace(request, body=orjson.dumps(body)))
        if not _refused(scene, gap, await scene.send("update-beneficiary", gap.request)):
            continue
        expect_shown(
            scene,
            person,
            await shown_as(scene, person),
            Message(text=_DONE_ANYWAY, values={"name": name}),
            code="request.incomplete-does-nothing",
            advice=_CHECK_FIRST,
        )
    _require_served(await scene.send("update-beneficiary", request))


@case("G14/incomplete-lookup", clause="GovStack Payments 8.1 (AccountLookup)", functions=["g2p"])
async def test_an_incomplete_lookup_is_refused(scene: Scene) -> None:
    """A lookup without a required parameter or header is refused and names it, where a whole one is served."""
    (person,) = await registered(scene, [account(scene)])
    whole = looking_up(scene, person.identity)
    _require_served(await scene.send("account-lookup", whole))
    gaps = [
        *(_Gap(name=name, request=without(whole, name)) for name in ("registeringInstitutionId",)),
        *(
            _Gap(name=name, request=looking_up(scene, person.identity, leaving_out=name))
            for name in ("payeeIdentity", "requestId")
        ),
    ]
    answers: Sequence[Answer] = [await scene.send("account-lookup", gap.request) for gap in gaps]
    for gap, answer in zip(gaps, answers, strict=True):
        _refused(scene, gap, answer)


def _require_served(whole: Answer) -> None:
    """Raise Prerequisite where the whole request was not served: then the refusal of an incomplete one proves nothing."""
    if not whole.served:
        text = N_(
            "A complete request was not served, so that the refusal of incomplete ones proves nothing: {answer}."
        )
        raise Prerequisite(Message(text=text, values={"answer": str(whole)}))


def _refused(scene: Scene, gap: _Gap, answer: Answer) -> bool:
    """Expect a refusal, and as an advice that it names what is missing; tell whether it was one."""
    values: Mapping[str, str] = {"name": gap.name}
    if not scene.expect(
        answer.refused,
        code="request.incomplete-refused",
        message=Message(
            text=N_(
                "A request without {name}, which the specification requires, was taken: the product makes something up in "
                "its place."
            ),
            values=values,
        ),
        expected="400",
        actual=answer,
        seen=answer,
        place=gap.name,
        advice=Message(text=N_("Refuse with 400 what lacks a required header, parameter or field.")),
    ):
        return False
    response = answer.exchange.response
    text = (response.body if response else b"").decode("utf-8", "replace").lower()
    scene.expect(
        gap.name.lower() in text,
        code="request.incomplete-named",
        message=Message(
            text=N_("The refusal of a request without {name} does not name it: its sender has to guess."),
            values=values,
        ),
        expected=gap.name,
        actual=answer,
        seen=answer,
        place=gap.name,
        advice=Message(text=N_("Say in the refusal which header, parameter or field is missing.")),
        advisory=True,
    )
    return True
