"""Requests to pay: put before the right payer, answered to the right biller, and paid (properties B5, B6, B8)."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .beneficiary_steps import registered
from .bill_rules import found, marked, nothing, outcome
from .biller import Biller
from .bills import pay
from .participants import content, header, spelt
from .payer_fi import PayerFi
from .requests_to_pay import (
    RequestToPay,
    ask_to_pay,
    by_institution,
    forwarded,
    payer_says,
    result,
    status_of,
)

_ALIASES = "request-to-pay.aliases"
_MAPPER = "account-mapper"
_REFUSED = {"RJC", "CAN", "EXP"}
_STATES = "GovStack Payments 8.3.6, 8.3.7; rtpStatusUpdateResponse.yml"


@case("B5/by-institution", clause="GovStack Payments 8.3.5, 9.3; billerRtpReq.yml", functions=["p2g"])
async def test_a_request_goes_to_the_payers_institution_and_its_answer_back(scene: Scene) -> None:
    """A request to pay (requestType 00) is put before the payer's institution; its answer reaches the biller, once."""
    made = await ask_to_pay(scene, by_institution(scene), name="مياه عدن")
    asked = await _put_before_payer(scene, made)
    if asked is None:
        return
    _expect_unchanged(scene, made, asked)
    told = await _told(scene, made, "00", await payer_says(scene, made, asked))
    await payer_says(scene, made, asked)
    again = await result(scene, made, scene.quiet_seconds, after=told) if told else None
    scene.expect(
        again is None,
        code="rtp.answer-once",
        message=Message(
            text=N_(
                "The payer's institution repeated its answer to a request to pay, and the biller was told twice."
            )
        ),
        expected="one request-to-pay-result",
        actual="another one" if again else "one",
        seen=again,
        advice=Message(text=N_("Take the first answer to a request to pay, and ignore what is repeated.")),
    )


@case("B5/refused-by-payer", clause="GovStack Payments 8.3.5; billerRtpResponse.yml", functions=["p2g"])
async def test_a_refusal_of_the_payer_reaches_the_biller(scene: Scene) -> None:
    """A payer's refusal, for each published reason, reaches the biller as it is, and the request does not stay open."""
    await asyncio.gather(*(_refused(scene, reason) for reason in ("R", "E", "W")))


async def _refused(scene: Scene, reason: str) -> None:
    made = await ask_to_pay(scene, by_institution(scene), step=f"biller-{reason}")
    asked = await _put_before_payer(scene, made)
    if asked is not None:
        await _told(scene, made, f"01 {reason}", await payer_says(scene, made, asked, "01", reason))


@case("B5/by-alias", clause="GovStack Payments 9.3; billerRtpReq.yml", functions=["p2g"])
async def test_an_alias_is_resolved(scene: Scene) -> None:
    """A request to pay (requestType 01) whose alias is known is put before the institution of whoever bears it."""
    made = await ask_to_pay(scene, _by_alias(await _alias(scene)))
    asked = await forwarded(scene, made) if made.answer.served else None
    scene.expect(
        asked is not None,
        code="rtp.alias-resolved",
        message=Message(
            text=N_(
                "A request to pay named the payer by an alias that the product knows, and reached no institution: the "
                "citizen never sees the bill."
            )
        ),
        expected="forward-request-to-pay to the payer's institution",
        actual=nothing(scene.callback_seconds, made.answer),
        seen=asked or made.answer,
        advice=Message(
            text=N_(
                "Look the alias up where declares: request-to-pay.aliases in product.yaml says that aliases are kept."
            )
        ),
    )


@case("B5/unknown-alias", clause="GovStack Payments 9.3; billerRtpReq.yml", functions=["p2g"])
async def test_an_unknown_alias_is_nobody(scene: Scene) -> None:
    """A request to pay whose alias nobody bears is refused, and put before nobody."""
    scene.declares(_ALIASES)
    made = await ask_to_pay(scene, _by_alias(scene.fresh.identifier(20)))
    await _expect_nobody(
        scene,
        made,
        N_(
            "A request to pay named the payer by an alias that nobody bears, and was put before an institution: somebody "
            "else is asked to pay."
        ),
        N_("Look the alias up before anything else, and tell the biller rtpStatus 01 where it is unknown."),
    )


@case("B5/other-institution", clause="GovStack Payments 9.3; billerRtpReq.yml", functions=["p2g"])
async def test_a_request_goes_to_no_other_institution(scene: Scene) -> None:
    """A request to pay for a payer of an institution that is not reached is refused, and put before no other one."""
    made = await ask_to_pay(scene, by_institution(scene, scene.declares("request-to-pay.unreached-bic")))
    await _expect_nobody(
        scene,
        made,
        N_(
            "A request to pay named an institution that the product does not reach, and was put before another one: a "
            "stranger's bank learns what a citizen owes."
        ),
        N_("Choose the institution by payerFIBIC, and tell the biller rtpStatus 01 where it is not reached."),
    )


@case("B5/each-to-its-address", clause="GovStack Payments 8.3.5; billerRtpReq.yml", functions=["p2g"])
async def test_each_answer_goes_to_the_address_of_its_request(scene: Scene) -> None:
    """Of two requests to pay that are open at once, each is answered at the X-Callback-URL that it named."""
    requests = [await ask_to_pay(scene, by_institution(scene), step=f"biller-{n}") for n in (1, 2)]
    asked = [await _put_before_payer(scene, made) for made in requests]
    for made, call in zip(requests, asked, strict=True):
        if call is None:
            return
        await payer_says(scene, made, call)
    told = await asyncio.gather(*(result(scene, made) for made in requests))
    for made, call in zip(requests, told, strict=True):
        numbers = {content(one).get("rtpId") for one in made.address.callbacks}
        scene.expect(
            numbers == {made.number},
            code="rtp.answer-to-its-address",
            message=Message(
                text=N_(
                    "The payer's answer to a request to pay did not come to the X-Callback-URL of this request, or another "
                    "one's came there: the biller books it for the wrong citizen."
                )
            ),
            expected=f"rtpId {made.number} only",
            actual=f"rtpId {', '.join(map(str, numbers))}" if numbers else nothing(scene.callback_seconds),
            seen=call or made.answer,
            advice=Message(text=N_("Keep X-Callback-URL with each request to pay, not with its biller.")),
        )


@case("B5/status", clause=_STATES, functions=["p2g"])
async def test_the_status_agrees_with_what_happened(scene: Scene) -> None:
    """A request to pay is pending until the payer answers; refused it is over; agreed to it is not refused."""
    agreed, refused = [await ask_to_pay(scene, by_institution(scene), step=f"biller-{n}") for n in (1, 2)]
    for made in (agreed, refused):
        asked = await _put_before_payer(scene, made)
        if asked is None:
            return
        await _expect_status(scene, made, {"PND"}, "before the payer answered")
        yes = made is agreed
        await payer_says(scene, made, asked, "00" if yes else "01", None if yes else "R")
        await result(scene, made)
    await _expect_status(scene, agreed, {"PND", "COM"}, "after the payer agreed")
    await _expect_status(scene, refused, _REFUSED, "after the payer refused")


@case("B5/terminal-stays", clause=_STATES, functions=["p2g"])
async def test_a_request_that_is_over_stays_over(scene: Scene) -> None:
    """A request to pay that ended keeps its state, also when the payer's institution says something else later."""
    made = await ask_to_pay(scene, by_institution(scene))
    asked = await _put_before_payer(scene, made)
    if asked is None:
        return
    await payer_says(scene, made, asked, "01", "R")
    await result(scene, made)
    before = await _expect_status(scene, made, _REFUSED, "after the payer refused")
    if before not in _REFUSED:
        return
    await payer_says(scene, made, asked, "00")
    call = await status_of(scene, made)
    after = _status(call)
    scene.expect(
        after == before,
        code="rtp.terminal-stays",
        message=Message(
            text=N_(
                "A request to pay that had ended as {before} became {after}: the biller has closed it and does not look "
                "at it again."
            ),
            values={"before": before, "after": after},
        ),
        expected=before,
        actual=after,
        seen=call,
        advice=Message(text=N_("Let COM, EXP, CAN and RJC be final, whatever comes in later.")),
    )


@case("B6/request-to-payment", clause="GovStack Payments 8.3.3 to 8.3.7, 9.3", functions=["p2g"])
async def test_a_request_to_pay_is_paid_and_marked(scene: Scene) -> None:
    """A request to pay is agreed to, its bill is inquired and paid, the biller marks it, and all parties know."""
    made = await ask_to_pay(scene, by_institution(scene))
    asked = await _put_before_payer(scene, made)
    if asked is None:
        return
    await payer_says(scene, made, asked)
    await result(scene, made)
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer, made.bill))
    mark = await marked(scene, biller, payment)
    if mark is None or await outcome(scene, payment, after=await biller.confirms(mark)) is None:
        return
    call = await status_of(scene, made)
    scene.expect(
        _status(call) == "COM",
        code="rtp.completed-by-payment",
        message=Message(
            text=N_(
                "A request to pay was agreed to and paid, and the biller marked the bill; its status is {status}: the "
                "biller goes on to remind a citizen who has paid."
            ),
            values={"status": _status(call)},
        ),
        expected="COM",
        actual=_status(call),
        seen=call,
        advice=Message(
            text=N_("Complete a request to pay at the latest when the biller has marked its bill as paid.")
        ),
    )


@case(
    "B8/request-to-pay",
    clause="GovStack cross-functional requirements, govstack-cfr-architecture#req-13",
    functions=["p2g"],
)
async def test_a_request_to_pay_keeps_its_correlation(scene: Scene) -> None:
    """The X-CorrelationID of a request to pay goes to the payer's institution and back to the biller."""
    made = await ask_to_pay(scene, by_institution(scene))
    asked = await _put_before_payer(scene, made)
    if asked is None:
        return
    _expect_correlated(scene, made, asked, "forward-request-to-pay")
    told = await _told(scene, made, "00", await payer_says(scene, made, asked))
    if told is not None:
        _expect_correlated(scene, made, told, "request-to-pay-result")


def _expect_correlated(scene: Scene, made: RequestToPay, call: Callback, hop: str) -> None:
    given = header(call, "X-CorrelationID")
    scene.expect(
        given == made.correlation,
        code="rtp.correlation-kept",
        message=Message(
            text=N_(
                "The call {hop} does not carry the X-CorrelationID of the biller's request to pay: nobody can follow it "
                "from one party to the next."
            ),
            values={"hop": hop},
        ),
        expected=f"X-CorrelationID {made.correlation}",
        actual=f"X-CorrelationID {given or '-'}",
        seen=call,
        place="header.X-CorrelationID",
        advice=Message(
            text=N_("Carry the biller's X-CorrelationID on with each call that follows from its request.")
        ),
    )


def _by_alias(alias: str) -> Mapping[str, Any]:
    return {"requestType": "01", "alias": {"aliasType": "00", "aliasId": alias}}


async def _alias(scene: Scene) -> str:
    """Give an alias that the product knows: prepared by the vendor, or registered in the account mapper."""
    if prepared := scene.fixtures.get("request-to-pay.alias"):
        return prepared
    if scene.declares(_ALIASES) == _MAPPER:
        (person,) = await registered(scene, 1)
        return person["beneficiary.identity"]
    raise Prerequisite(
        Message(
            text=N_(
                "The harness can register no alias where this product keeps them. Write fixtures: {fixture} in "
                "product.yaml with an alias of a payer at {institution}."
            ),
            values={"fixture": "request-to-pay.alias", "institution": "payer-fi"},
        )
    )


async def _put_before_payer(scene: Scene, made: RequestToPay) -> Callback | None:
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


def _expect_unchanged(scene: Scene, made: RequestToPay, asked: Callback) -> None:
    shown = content(asked).get("billDetails")
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


async def _told(scene: Scene, made: RequestToPay, said: str, after: Answer) -> Callback | None:
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


async def _expect_nobody(scene: Scene, made: RequestToPay, wrong: str, advice: str) -> None:
    """Expect that a request to pay is put before nobody, and that the biller is told so."""
    asked, told = await asyncio.gather(
        forwarded(scene, made, scene.quiet_seconds),
        result(scene, made, 0 if made.answer.refused else scene.callback_seconds),
    )
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
        scene.expect(
            made.answer.refused or (told is not None and content(told).get("rtpStatus") == "01"),
            code="rtp.refusal-told",
            message=Message(
                text=N_(
                    "A request to pay could be put before nobody, and the biller was not told: it waits in vain."
                )
            ),
            expected="a refusal, or request-to-pay-result with rtpStatus 01",
            actual=content(told) if told else nothing(scene.callback_seconds),
            seen=told or made.answer,
            advice=Message(text=N_("Refuse the request, or send request-to-pay-result with rtpStatus 01.")),
        )


async def _expect_status(scene: Scene, made: RequestToPay, states: Collection[str], when: str) -> str:
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
    status = _status(call)
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


def _status(call: Callback | None) -> str:
    body: Any = content(call) if call is not None else {}
    return str(body.get("requestStatus", "-")) if isinstance(body, Mapping) else "-"
