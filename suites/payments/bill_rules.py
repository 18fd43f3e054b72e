"""What must hold of inquiries for bills: that the biller is asked, and what the payer's institution is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .bill_steps import require_found
from .biller import Biller
from .bills import Inquiry, inquire
from .participants import fields, header, missed, spelt
from .payer_fi import PayerFi, is_answer

__all__ = [
    "answered",
    "correlated",
    "details_kept",
    "details_told",
    "finding_kept",
    "found",
    "nothing",
    "put_to_biller",
    "says_found",
    "says_not_found",
    "seconds_declared",
]

_FOUND = {"00", "0"}
_MOMENT_SECONDS = 1.0
_EARLY = 0.8
"""The product counts from when it sent its question, the harness from when that came."""
_LONGEST_SECONDS = 30.0
"""A declared time beyond this keeps a case from its end; a test system is set up with shorter ones."""


def seconds_declared(scene: Scene, name: str) -> float:
    """Give a declared number of seconds; raises Prerequisite without one, or with one that no case can wait for."""
    text = scene.declares(name)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 < seconds <= _LONGEST_SECONDS:
        return seconds
    raise Prerequisite(
        Message(
            text=N_(
                "declares: {name} in product.yaml is “{given}”. Write a number of seconds of at most {most}, and set the "
                "product up to keep it while it is tested."
            ),
            values={"name": name, "given": text, "most": f"{_LONGEST_SECONDS:g}"},
        )
    )


def nothing(seconds: float, answer: Answer | None = None) -> str:
    """Say that nothing came, and what the request before was answered where that explains it."""
    silence = f"nothing within {seconds:g} s"
    return silence if answer is None or answer.served else f"{silence}; before it {answer}"


async def found(scene: Scene, biller: Biller, payer: PayerFi, bill: str | None = None) -> Inquiry:
    """Arrange a bill that was asked for and that the biller has; raises Prerequisite where that is not possible."""
    inquiry = await inquire(scene, payer, bill)
    asked = await biller.asked(inquiry.bill)
    if asked is None:
        raise missed(scene, "inquire-bill", "biller")
    await biller.answers(asked, inquiry)
    told = await payer.hears(is_answer, inquiry.bill, scene.callback_seconds)
    if told is None:
        raise missed(scene, "bill-inquiry-result", "payer-fi")
    require_found(told)
    return inquiry


async def put_to_biller(scene: Scene, biller: Biller, inquiry: Inquiry) -> Callback | None:
    """Expect that the product asks the biller for a bill."""
    asked = await biller.asked(inquiry.bill) if inquiry.answer.served else None
    scene.expect(
        asked is not None,
        code="bill.biller-asked",
        message=Message(
            text=N_(
                "A payer asked for the bill {bill}, and the product did not ask the biller for it: only the biller knows "
                "what is due."
            ),
            values={"bill": inquiry.bill},
        ),
        expected=f"GET /bills/{inquiry.bill} to the biller",
        actual=nothing(scene.callback_seconds, inquiry.answer),
        seen=asked or inquiry.answer,
        advice=Message(
            text=N_(
                "Send inquire-bill to the biller that the bill's prefix belongs to, at the address that "
                "counterparties in product.yaml names."
            )
        ),
    )
    return asked


async def questions_of(
    scene: Scene, biller: Biller, inquiries: Sequence[Inquiry], asks: Sequence[Callback]
) -> list[Callback]:
    """Give the question to the biller that belongs to each inquiry; one that is asked again is the same question.

    Empty, with a finding, where an inquiry has none. Raises Prerequisite where the product asks under identifiers of its
    own, so that nothing tells them apart.
    """
    by_correlation = {header(asked, "X-CorrelationID"): asked for asked in reversed(asks)}
    wanted = [inquiry.correlation for inquiry in inquiries]
    while set(by_correlation) < set(wanted):
        missing = next(inquiry for inquiry in inquiries if inquiry.correlation not in by_correlation)
        asked = await put_to_biller(scene, biller, missing)
        if asked is None:
            return []
        by_correlation.setdefault(header(asked, "X-CorrelationID"), asked)
    if not set(by_correlation) >= set(wanted):
        text = N_(
            "The product asks the biller under correlation identifiers of its own (see {case}), so that a biller cannot "
            "tell which of two inquiries for one bill it answers."
        )
        raise Prerequisite(Message(text=text, values={"case": "B8/inquiry"}))
    return [by_correlation[correlation] for correlation in wanted]


async def answered(scene: Scene, inquiry: Inquiry, after: Answer | None = None) -> Callback | None:
    """Expect that the payer's institution gets its answer, under its own identifiers; ``after``: the biller's call."""
    call = await inquiry.payer.hears(is_answer, inquiry.bill, scene.callback_seconds)
    if call is None:
        inquiry.payer.require_played()
    scene.expect(
        call is not None,
        code="bill.inquiry-answered",
        message=Message(
            text=N_(
                "The biller answered for the bill {bill}, and the payer's institution that asked was not told."
            ),
            values={"bill": inquiry.bill},
        ),
        expected="bill-inquiry-result to the payer's institution",
        actual=nothing(scene.callback_seconds, after),
        seen=call or after,
        advice=Message(
            text=N_(
                "Pass the biller's answer on to the X-Callback-URL of the inquiry or, without one, to the payer's "
                "institution that the product is configured with."
            )
        ),
    )
    if call is not None:
        given = (spelt(scene, call, "requestId"), fields(call).get("billId"))
        scene.expect(
            given == (inquiry.request, inquiry.bill),
            code="bill.inquiry-identified",
            message=Message(
                text=N_(
                    "The answer to an inquiry names another request or another bill than the inquiry did: the payer's "
                    "institution cannot tell which of its customers asked."
                )
            ),
            expected=f"requestId {inquiry.request}, billId {inquiry.bill}",
            actual=f"requestId {given[0]}, billId {given[1]}",
            seen=call,
            advice=Message(text=N_("Give requestId and billId back as the inquiry had them.")),
        )
    return call


def not_given_up(scene: Scene, asked: Callback, said: Answer, call: Callback) -> None:
    """Raise Prerequisite where the product gave the biller up, and said so, before it had taken the biller's answer.

    It may after as long as it declares, and without a declaration after a moment: no document says how long it waits.
    """
    try:
        least = float(scene.declared.get("biller.timeout-seconds", _MOMENT_SECONDS))
    except ValueError:
        least = _MOMENT_SECONDS
    if says_not_found(call) and call.at < said.at and call.at - asked.at >= least * _EARLY:
        text = N_(
            "The product told the payer's institution after {waited} s that there is no such bill, and took the answer of "
            "the biller, which the harness plays, only after {taken} s, so that it could not be passed on."
        )
        values = {"waited": f"{call.at - asked.at:.1f}", "taken": f"{said.at - asked.at:.1f}"}
        raise Prerequisite(Message(text=text, values=values))


def finding_kept(scene: Scene, call: Callback, *, found: bool) -> None:
    """Expect that the payer's institution is told whether the biller found the bill."""
    said = says_found(call)
    scene.expect(
        said is found,
        code="bill.finding-kept",
        message=Message(
            text=N_(
                "The biller said code {said}, and the payer's institution was told code {told}: a bill that does not exist "
                "can be paid, or one that does cannot."
            ),
            values={"said": "00" if found else "01", "told": str(fields(call).get("code"))},
        ),
        expected=f"code {'00' if found else '01'}",
        actual=f"code {fields(call).get('code')}",
        seen=call,
        place="body.code",
        advice=Message(text=N_("Hand the biller's code on unchanged.")),
    )


def details_kept(scene: Scene, call: Callback, said: Mapping[str, Any]) -> None:
    """Expect the biller's details; the due date is another case's, as it changes its type."""
    told = details_told(call)
    names = [name for name in said if name != "dueDate"]
    changed = [name for name in names if told.get(name) != said[name]]
    scene.expect(
        not changed,
        code="bill.details-unchanged",
        message=Message(
            text=N_(
                "Of what the biller says of the bill, the payer's institution was told something else in {fields}: the "
                "citizen pays what the biller did not ask for."
            ),
            values={"fields": ", ".join(changed)},
        ),
        expected={name: said[name] for name in changed or names},
        actual={name: told.get(name) for name in changed or names},
        seen=call,
        place="body.billDetails",
        advice=Message(text=N_("Hand the biller's billDetails on field by field, without a change.")),
    )


def correlated(scene: Scene, call: Callback | None, correlation: str, hop: str) -> None:
    """Expect that a call of the product carries the correlation identifier of the request that it goes back to."""
    if call is None:
        return
    given = header(call, "X-CorrelationID")
    scene.expect(
        given == correlation,
        code="bill.correlation-kept",
        message=Message(
            text=N_(
                "The call {hop} does not carry the X-CorrelationID of the request that it goes back to: nobody can follow "
                "the payment from one party to the next."
            ),
            values={"hop": hop},
        ),
        expected=f"X-CorrelationID {correlation}",
        actual=f"X-CorrelationID {given or '-'}",
        seen=call,
        place="header.X-CorrelationID",
        advice=Message(text=N_("Carry the caller's X-CorrelationID on with each call that follows from it.")),
    )


def details_told(call: Callback) -> Mapping[str, Any]:
    """Give what an answer says of a bill; empty if it says nothing."""
    details = fields(call).get("billDetails")
    return details if isinstance(details, Mapping) else {}


def says_found(call: Callback) -> bool:
    """Tell whether an answer says that there is such a bill."""
    return str(fields(call).get("code")) in _FOUND


def says_not_found(call: Callback) -> bool:
    """Tell whether an answer says that there is no such bill; one without a code says nothing."""
    return fields(call).get("code") not in (None, "") and not says_found(call)


def answer_told(call: Callback) -> str:
    """Give what an answer to an inquiry says, or that a call is about something else."""
    said = fields(call)
    shown = {
        name: said[name] for name in ("requestId", "billId", "code", "reason", "billDetails") if name in said
    }
    return str(shown) if "code" in shown else f"a call about something else: {', '.join(said) or 'nothing'}"
