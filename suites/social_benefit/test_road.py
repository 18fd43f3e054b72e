"""The whole road, what decides on it, and the order of its steps (properties R1, R3 and R8)."""

import time
from collections.abc import Sequence
from decimal import Decimal

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.model.evidence import Callback

from ..identity.id_tokens import SKEW_SECONDS, moment, number_of
from ..payments.batch_figures import Report
from ..payments.batch_rules import completed
from ..payments.batches import reports
from ..payments.participants import together
from ..payments.payer_bank import NAME, Bank, Programme, decision
from .citizens import Citizen, logged_in
from .money import amount, currency, enrolled, expect_paid, instruction, ordered, paid
from .registry import amount_of, answered, ask, document, expect_asked_once, query
from .road import ANSWER, BANK, LOGIN, QUERY, REPORT, Road, leg, road, say

_ROAD = "GovStack Identity 7.2; GovStack Information Mediator 8.2.1; GovStack Payments 8.1.4"
_AMOUNTS = ("637.70", "0.10", "0.20", "517.45")
"""Their sum comes out wrong in floating point."""
_HOLD_SECONDS = 0.3
"""The registry takes so long, so that all are under way when it answers."""


@case("R1/whole-road", clause=_ROAD)
async def test_a_citizen_is_paid_what_the_data_says(scene: Scene) -> None:
    """A citizen logs in, the registry says what they are entitled to, and that is paid to their own account."""
    way = road(scene)
    citizen = await logged_in(way)
    granted = await answered(way, citizen, amount(way, "637.20"), currency(way))
    account = await enrolled(way, citizen)
    async with Bank(way.payments) as bank:
        batch = await ordered(way, bank, [instruction(way, citizen, granted)])
        last = await paid(way, bank, batch.draft)
        expect_paid(way, bank, batch, last, account)


@case("R1/registry-out-of-order", clause="RFC 9110, 9.2.2 and 15.6.4; PR-REST 4.6")
async def test_a_registry_that_fails_is_told_and_asked_once(scene: Scene) -> None:
    """When the registry is out of order the programme is told so as the registry says it, and it is not asked again."""
    way = road(scene)
    citizen = await logged_in(way)
    sound = road(scene)
    await answered(sound, citizen, amount(sound, "30.40"), currency(sound))
    asked = query(way, citizen, b'{"reason" : "out of order",  "until": null}')
    answer, calls = await ask(way, asked, status=503)
    expect_asked_once(way, answer, calls)
    response = answer.exchange.response
    way.exchange.expect(
        answer.status == 503 and response is not None and response.body == asked.body,
        code="road.failure-passed-on",
        message=say(
            N_("The registry said that it is out of order, and the programme was told something else.")
        ),
        expected=f"HTTP 503, {asked.body.decode()}",
        actual=answer,
        seen=answer,
        interface=ANSWER,
    )


@case("R3/amounts-of-several", clause="GovStack Information Mediator 6.3; GovStack Payments 5.1.10, 5.1.12")
async def test_each_is_paid_by_their_own_data(scene: Scene) -> None:
    """Of applications at the same moment each gets its own data, and the sum that moves is the sum of all."""
    ways = [road(scene) for _ in _AMOUNTS]
    way = ways[0]
    citizen = await logged_in(way)
    granted = await together(
        *(
            answered(one, citizen, amount(one, text), currency(one), seconds=_HOLD_SECONDS)
            for one, text in zip(ways, _AMOUNTS, strict=True)
        )
    )
    await enrolled(way, citizen)
    async with Bank(way.payments) as bank:
        batch = await ordered(way, bank, [instruction(way, citizen, value) for value in granted])
        last = await paid(way, bank, batch.draft)
        expect_paid(way, bank, batch, last)


@case("R8/one-after-the-other", clause="OpenID Connect Core 1.0, 2; GovStack Payments 9.1.3, 5.3.1")
async def test_each_step_rests_on_the_one_before(scene: Scene) -> None:
    """The login is of now, the registry is asked between question and answer, and nothing is paid before the bank's word."""
    way = road(scene)
    began = time.time()
    citizen = await logged_in(way)
    _expect_of_now(way, citizen, began)
    granted = await _asked_in_between(way, citizen)
    await enrolled(way, citizen)
    way.payments.counterparty(NAME)
    async with Bank(way.payments, Programme(word="")) as bank:
        batch = await ordered(way, bank, [instruction(way, citizen, granted)])
        with leg(BANK, "payments"):
            asked = await bank.asked("authorize")
            if not asked:
                raise Prerequisite(say(N_("The product did not ask the bank to release the funds.")))
        early = await batch.draft.address.wait_for(_tells_of_payment, way.payments.quiet_seconds)
        way.payments.expect(
            early is None,
            code="road.paid-after-word",
            message=say(
                N_(
                    "The payment was reported as made before the bank had said a word: the steps are out of order."
                )
            ),
            expected="completed 0 until the bank's Y",
            actual="-" if early is None else Report.read(early),
            seen=early or batch.answer,
            interface=REPORT,
        )
        with leg(BANK, "payments"):
            await way.payments.call("authorization-result", decision(asked[0], "Y"))
        last = await paid(way, bank, batch.draft)
        _expect_told_last(way, asked[0], [one for one in reports(batch.draft) if completed([one])])
        expect_paid(way, bank, batch, last)


def _tells_of_payment(callback: Callback) -> bool:
    return (Report.read(callback).counts["completed"] or Decimal(0)) > 0


def _expect_of_now(way: Road, citizen: Citizen, began: float) -> None:
    """Expect that the token was issued while the login went on, as far as two clocks agree."""
    issued = number_of(citizen.token, "iat")
    way.identity.expect(
        issued is not None and began - SKEW_SECONDS <= issued <= time.time() + SKEW_SECONDS,
        code="road.login-of-now",
        message=say(
            N_(
                "The login is said to be of another time: whoever pays by it may be shown somebody's old token."
            )
        ),
        expected=f"iat within {SKEW_SECONDS} s of the login",
        actual=moment(issued),
        seen=citizen.tokens.reply.exchange,
        place="iat",
        interface=LOGIN,
    )


async def _asked_in_between(way: Road, citizen: Citizen) -> Decimal:
    """Ask the registry twice, and expect that it was called anew between each question and its answer."""
    granted = Decimal(0)
    for text in ("24.60", "24.70"):
        data = document(way.application, amount(way, text), currency(way))
        began = time.perf_counter()
        answer, calls = await ask(way, query(way, citizen, data, method="GET"))
        if not answer.served:
            with leg(QUERY, "exchange"):
                raise Prerequisite(say(N_("The registry's data did not come: {answer}."), answer=str(answer)))
        _expect_in_time(way, answer, calls, began)
        with leg(ANSWER, "exchange"):
            granted = amount_of(answer)
    return granted


def _expect_in_time(way: Road, answer: Answer, calls: Sequence[Callback], began: float) -> None:
    times = [call.at for call in calls]
    way.exchange.expect(
        bool(times) and all(began <= one <= answer.at for one in times),
        code="road.registry-asked-in-time",
        message=say(
            N_(
                "The programme was answered without the registry being asked meanwhile: the data is not of now."
            )
        ),
        expected="a call at the registry between question and answer",
        actual=", ".join(f"{one - began:.3f} s" for one in times) or "no call",
        seen=answer,
        interface=QUERY,
    )


def _expect_told_last(way: Road, asked: Callback, told: list[Report]) -> None:
    """Expect that the bank was asked before the payment was reported."""
    first = min((one.callback.at for one in told), default=None)
    way.payments.expect(
        first is not None and asked.at <= first,
        code="road.paid-after-word",
        message=say(N_("The payment was reported before the bank was asked to release its funds.")),
        expected=f"after {asked.received_at}",
        actual="-" if not told else min(one.callback.received_at for one in told),
        seen=told[0].callback if told else asked,
        interface=REPORT,
    )
