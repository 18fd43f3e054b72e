"""Requests to pay: put before the right payer, answered to the right biller, and paid (properties B5 and B6)."""

import asyncio
from collections.abc import Mapping
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .beneficiary_steps import registered
from .bill_rules import found, nothing
from .biller import Biller
from .bills import pay
from .participants import content, missed
from .payer_fi import PayerFi
from .payment_rules import marked, outcome
from .request_to_pay_rules import (
    OVER,
    answer_told,
    put_before_nobody,
    put_before_payer,
    shown_unchanged,
    status_agrees,
    status_told,
)
from .requests_to_pay import (
    accepting,
    ask_to_pay,
    by_institution,
    forwarded,
    forwarded_again,
    number_told,
    payer_says,
    result,
    status_of,
)

_ALIASES = "request-to-pay.aliases"
_MAPPER = "account-mapper"
_STATES = "GovStack Payments 8.3.6, 8.3.7; rtpStatusUpdateResponse.yml"


@case("B5/by-institution", clause="GovStack Payments 8.3.5, 9.3; billerRtpReq.yml", functions=["p2g"])
async def test_a_request_goes_to_the_payers_institution_and_its_answer_back(scene: Scene) -> None:
    """A request to pay (requestType 00) is put before the payer's institution; its answer reaches the biller."""
    made = await ask_to_pay(scene, by_institution(scene), name="مياه عدن")
    asked = await put_before_payer(scene, made)
    if asked is None:
        return
    shown_unchanged(scene, made, asked)
    await answer_told(scene, made, "00", await payer_says(scene, made, asked))


@case("B5/asked-once", clause="GovStack Payments 8.3.5, 9.3; billerRtpReq.yml", functions=["p2g"])
async def test_a_request_to_pay_is_one_demand(scene: Scene) -> None:
    """One request of a biller is put before the payer as one demand, with one TxnID, while the payer takes time to answer.

    Whether the same message may come again no document says: it is a fault where ``callback-delivery`` is ``once``.
    """
    made = await ask_to_pay(scene, by_institution(scene))
    if await put_before_payer(scene, made) is None:
        return
    calls = await forwarded_again(scene, made, scene.quiet_seconds)
    demands = {str(content(one).get("TxnID")) for one in calls}
    twice = len(demands) > 1
    scene.expect(
        len(calls) == 1,
        code="rtp.one-demand",
        message=Message(text=_TWO_DEMANDS if twice else _TOLD_AGAIN, values={"count": len(calls)}),
        expected=f"1 request with rTPID {made.number}",
        actual=f"{len(calls)}, with TxnID {', '.join(sorted(demands))}",
        seen=calls[-1] if calls else made.answer,
        advice=Message(text=N_("Send a request to pay on once; send it again only where nobody answered.")),
        advisory=not twice and scene.declared.get("callback-delivery") != "once",
    )


_TWO_DEMANDS = N_(
    "One request to pay was put before the payer {count} times, under different TxnIDs: the citizen is asked twice for "
    "one bill, and may pay twice."
)
_TOLD_AGAIN = N_(
    "One request to pay came to the payer's institution {count} times although it was answered with 2xx: an institution "
    "that does not compare TxnIDs asks its customer twice."
)


@case("B5/refused-by-payer", clause="GovStack Payments 8.3.5; billerRtpResponse.yml", functions=["p2g"])
async def test_a_refusal_of_the_payer_reaches_the_biller(scene: Scene) -> None:
    """A payer's refusal, for each published reason, reaches the biller as it is, and no other one after it."""
    await asyncio.gather(*(_refused(scene, *pair) for pair in (("R", "E"), ("E", "W"), ("W", "R"))))


async def _refused(scene: Scene, reason: str, other: str) -> None:
    made = await ask_to_pay(scene, by_institution(scene), step=f"biller-{reason}")
    asked = await put_before_payer(scene, made)
    if asked is None:
        return
    told = await answer_told(scene, made, f"01 {reason}", await payer_says(scene, made, asked, "01", reason))
    if told is None:
        return
    await payer_says(scene, made, asked, "01", other)
    again = await result(scene, made, scene.quiet_seconds, after=told)
    scene.expect(
        again is None,
        code="rtp.answer-once",
        message=Message(
            text=N_(
                "The biller was told two different answers to one request to pay: the payer's institution had refused it, "
                "and named another reason later."
            )
        ),
        expected="one request-to-pay-result, or the same again",
        actual=content(again) if again else "no other",
        seen=again,
        advice=Message(
            text=N_("Take the first answer to a request to pay, and ignore what comes in after it.")
        ),
    )


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
    await _require_forwarded(scene, _by_alias(await _alias(scene)))
    made = await ask_to_pay(scene, _by_alias(scene.fresh.identifier(20)))
    await put_before_nobody(
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
    elsewhere = scene.declares("request-to-pay.unreached-bic")
    await _require_forwarded(scene, by_institution(scene))
    made = await ask_to_pay(scene, by_institution(scene, elsewhere))
    await put_before_nobody(
        scene,
        made,
        N_(
            "A request to pay named an institution that the product does not reach, and was put before another one: a "
            "stranger's bank learns what a citizen owes."
        ),
        N_("Choose the institution by payerFIBIC, and tell the biller rtpStatus 01 where it is not reached."),
    )


async def _require_forwarded(scene: Scene, payer: Mapping[str, Any]) -> None:
    """See a request that can be put before its payer put there; raises Prerequisite where it is not."""
    made = await ask_to_pay(scene, payer, step="biller-control")
    asked = await forwarded(scene, made) if made.answer.served else None
    if asked is None:
        raise missed(scene, "forward-request-to-pay", "payer-fi")
    await payer_says(scene, made, asked)


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


@case("B5/each-to-its-address", clause="GovStack Payments 8.3.5; billerRtpReq.yml", functions=["p2g"])
async def test_each_answer_goes_to_the_address_of_its_request(scene: Scene) -> None:
    """Of two requests to pay that are open at once, each is answered at the X-Callback-URL that it named."""
    requests = [await ask_to_pay(scene, by_institution(scene), step=f"biller-{n}") for n in (1, 2)]
    asked = [await put_before_payer(scene, made) for made in requests]
    for made, call in zip(requests, asked, strict=True):
        if call is None:
            return
        await payer_says(scene, made, call)
    told = await asyncio.gather(*(result(scene, made) for made in requests))
    for made, call in zip(requests, told, strict=True):
        numbers = {number for one in made.address.callbacks if (number := number_told(one))}
        scene.expect(
            numbers == {str(made.number)},
            code="rtp.answer-to-its-address",
            message=Message(
                text=N_(
                    "The payer's answer to a request to pay did not come to the X-Callback-URL of this request, or another "
                    "one's came there: the biller books it for the wrong citizen."
                )
            ),
            expected=f"rtpId {made.number} only",
            actual=f"rtpId {', '.join(sorted(numbers))}" if numbers else nothing(scene.callback_seconds),
            seen=call or made.answer,
            advice=Message(text=N_("Keep X-Callback-URL with each request to pay, not with its biller.")),
        )


@case("B5/status", clause=_STATES, functions=["p2g"])
async def test_the_status_agrees_with_what_happened(scene: Scene) -> None:
    """A request to pay is pending until the payer answers; refused it is over; agreed to it is not refused."""
    agreed, refused = [await ask_to_pay(scene, by_institution(scene), step=f"biller-{n}") for n in (1, 2)]
    consent, refusal = accepting(scene)
    for made in (agreed, refused):
        asked = await put_before_payer(scene, made)
        if asked is None:
            return
        if not await status_agrees(scene, made, {"PND"}, "before the payer answered"):
            return
        yes = made is agreed
        await payer_says(scene, made, asked, consent if yes else refusal, None if yes else "R")
        await result(scene, made)
    await status_agrees(scene, agreed, {"PND", "COM"}, "after the payer agreed")
    await status_agrees(scene, refused, OVER, "after the payer refused")


@case("B5/terminal-stays", clause=_STATES, functions=["p2g"])
async def test_a_request_that_is_over_stays_over(scene: Scene) -> None:
    """A request to pay that ended keeps its state, also when the payer's institution says something else later."""
    made = await ask_to_pay(scene, by_institution(scene))
    asked = await put_before_payer(scene, made)
    if asked is None:
        return
    consent, refusal = accepting(scene)
    await payer_says(scene, made, asked, refusal, "R")
    await result(scene, made)
    before = await status_agrees(scene, made, OVER, "after the payer refused")
    if before not in OVER:
        return
    await payer_says(scene, made, asked, consent)
    call = await status_of(scene, made)
    if call is None:
        raise missed(scene, "request-to-pay-status-result", "biller")
    after = status_told(call)
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
    asked = await put_before_payer(scene, made)
    if asked is None:
        return
    consent, _ = accepting(scene)
    await payer_says(scene, made, asked, consent)
    await result(scene, made)
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer, made.bill))
    mark = await marked(scene, biller, payment)
    if mark is None or await outcome(scene, payment, after=await biller.confirms(mark)) is None:
        return
    call = await status_of(scene, made)
    if call is None:
        raise missed(scene, "request-to-pay-status-result", "biller")
    scene.expect(
        status_told(call) == "COM",
        code="rtp.completed-by-payment",
        message=Message(
            text=N_(
                "A request to pay was agreed to and paid, and the biller marked the bill; its status is {status}: the "
                "biller goes on to remind a citizen who has paid."
            ),
            values={"status": status_told(call)},
        ),
        expected="COM",
        actual=status_told(call),
        seen=call,
        advice=Message(
            text=N_("Complete a request to pay at the latest when the biller has marked its bill as paid.")
        ),
    )
