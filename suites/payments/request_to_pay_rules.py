"""What must hold of requests to pay in more than one case: who is asked, what the biller is told, and the status."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .bill_rules import nothing
from .participants import content, fields, spelt
from .requests_to_pay import ACCEPTED, RequestToPay, forwarded, result, status_of

__all__ = [
    "OVER",
    "answer_told",
    "put_before_nobody",
    "put_before_payer",
    "shown_unchanged",
    "status_agrees",
    "status_told",
]

OVER: Final = frozenset({"RJC", "CAN", "EXP"})
"""How a request to pay can stand that the payer refused; which reason leads to which is published nowhere."""


async def put_before_payer(scene: Scene, made: RequestToPay) -> Callback | None:
    """Expect that a request to pay is put before the payer's institution."""
    asked = await forwarded(scene, made) if made.answer.served else None
    scene.expect(
        asked is not None,
        code="rtp.put-before-payer",
        message=Message(
            text=N_(
                "A biller's request to pay was not put before the payer's institution: the citizen never sees it."
            )
        ),
        expected=f"forward-request-to-pay with rTPID {made.number}",
        actual=nothing(scene.callback_seconds, made.answer),
        seen=asked or made.answer,
        advice=Message(
            text=N_("Send forward-request-to-pay to the institution that payerFIBIC or the alias stands for.")
        ),
    )
    return asked


def shown_unchanged(scene: Scene, made: RequestToPay, asked: Callback) -> None:
    """Expect that the payer's institution is shown what the biller asked for."""
    shown = fields(asked).get("billDetails")
    said = {"Bill ID": made.bill, "Biller Name": made.details["billerName"], "Amount": made.details["amount"]}
    scene.expect(
        shown == said,
        code="rtp.forwarded-unchanged",
        message=Message(
            text=N_(
                "The payer's institution was shown another bill, biller or amount than the biller's request to pay names: "
                "the citizen agrees to what nobody asked for."
            )
        ),
        expected=said,
        actual=shown,
        seen=asked,
        place="body.billDetails",
        advice=Message(text=N_("Hand bill, biller's name and amount on unchanged.")),
    )


async def answer_told(scene: Scene, made: RequestToPay, said: str, after: Answer) -> Callback | None:
    """Expect that the biller is told the payer's answer, ``00`` or e.g. ``01 R``, under its own identifiers."""
    call = await result(scene, made)
    scene.expect(
        call is not None,
        code="rtp.answer-told",
        message=Message(
            text=N_("The payer answered a request to pay, and the biller was not told at its X-Callback-URL.")
        ),
        expected=f"request-to-pay-result with rtpStatus {said}",
        actual=nothing(scene.callback_seconds, after),
        seen=call or after,
        advice=Message(
            text=N_("Send request-to-pay-result to the X-Callback-URL that the biller's request named.")
        ),
    )
    if call is None:
        return None
    body = content(call)
    given = (spelt(scene, call, "requestId"), body.get("rtpId"), body.get("billId"))
    scene.expect(
        given == (made.request, made.number, made.bill),
        code="rtp.answer-identified",
        message=Message(
            text=N_(
                "The answer to a request to pay names another request, rtpId or bill than the biller's own: the biller "
                "cannot tell which it is about."
            )
        ),
        expected=f"requestId {made.request}, rtpId {made.number}, billId {made.bill}",
        actual="requestId {}, rtpId {}, billId {}".format(*given),
        seen=call,
        advice=Message(text=N_("Give requestId, rtpId and billId back as the biller's request had them.")),
    )
    told = " ".join(str(body[name]) for name in ("rtpStatus", "rejectReason") if body.get(name))
    scene.expect(
        told == said,
        code="rtp.answer-kept",
        message=Message(
            text=N_("The payer answered a request to pay with {said}, and the biller was told {told}."),
            values={"said": said, "told": told or "-"},
        ),
        expected=said,
        actual=told or "-",
        seen=call,
        advice=Message(text=N_("Hand the payer's rtpStatus and rejectReason on unchanged.")),
    )
    return call


async def put_before_nobody(scene: Scene, made: RequestToPay, wrong: str, advice: str) -> None:
    """Expect that a request to pay is put before nobody, and that the biller is told so."""
    asked = await forwarded(scene, made, scene.quiet_seconds)
    scene.expect(
        asked is None,
        code="rtp.put-before-nobody-else",
        message=Message(text=wrong),
        expected="no forward-request-to-pay",
        actual="one" if asked else "none",
        seen=asked or made.answer,
        advice=Message(text=advice),
    )
    if asked is None:
        told = None if made.answer.refused else await result(scene, made)
        said = fields(told).get("rtpStatus") if told else None
        scene.expect(
            made.answer.refused or said not in (None, "", scene.declared.get(ACCEPTED)),
            code="rtp.refusal-told",
            message=Message(
                text=N_(
                    "A request to pay could be put before nobody, and the biller was not told: it waits in vain."
                )
            ),
            expected="a refusal, or request-to-pay-result with a rtpStatus that is no consent",
            actual=content(told) if told else nothing(scene.callback_seconds),
            seen=told or made.answer,
            advice=Message(
                text=N_("Refuse the request, or send request-to-pay-result with the rtpStatus of a refusal.")
            ),
        )


async def status_agrees(scene: Scene, made: RequestToPay, states: Collection[str], when: str) -> str:
    """Expect one of these states; gives the one that was told, empty if none was."""
    call = await status_of(scene, made)
    scene.expect(
        call is not None,
        code="rtp.status-told",
        message=Message(text=N_("A biller asked what became of its request to pay, and was told nothing.")),
        expected="request-to-pay-status-result",
        actual=nothing(scene.callback_seconds),
        seen=call,
        advice=Message(
            text=N_(
                "Send the status to the X-Callback-URL of the inquiry or, without one, to the configured biller."
            )
        ),
    )
    if call is None:
        return ""
    status = status_told(call)
    scene.expect(
        status in states,
        code="rtp.status-agrees",
        message=Message(
            text=N_(
                "The status of a request to pay {when} is {status}, which does not agree with what happened."
            ),
            values={"when": when, "status": status},
        ),
        expected=" or ".join(sorted(states)),
        actual=status,
        seen=call,
        place="body.requestStatus",
        advice=Message(text=N_("Derive the status from the payer's answer to this very request.")),
    )
    return status


def status_told(call: Callback | None) -> str:
    """Give the state that a reply names; ``-`` without one."""
    body: Any = content(call) if call is not None else {}
    return str(body.get("requestStatus", "-")) if isinstance(body, Mapping) else "-"
