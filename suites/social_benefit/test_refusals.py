"""Without consent, right or funds nothing is paid, and whoever asked is told (properties R4, R5 and R6)."""

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Evidence, Scene
from dpi_conformance.execution.steps import Prerequisite, json_request
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Landing, Wish
from dpi_conformance.model.evidence import Request

from ..exchange.configuring import RIGHTS as RIGHTS_PATH
from ..exchange.parties import Application, application, fixture
from ..identity.relying_party import Party
from ..payments.batches import reports
from ..payments.payer_bank import NAME, Bank, Programme
from .citizens import Citizen, logged_in, programme
from .money import amount, currency, enrolled, instruction, ordered, paid
from .registry import answered, ask, called, document, query
from .road import BANK, LOGIN, QUERY, REPORT, RIGHTS, Road, leg, road, say

_PAUSE = 0.05
"""Seconds before a right is tried again; each time twice as long."""


@case("R4/consent-refused", clause="OpenID Connect Core 1.0, 3.1.2.4 and 3.1.2.6; RFC 6749, 4.1.2.1")
async def test_without_consent_nothing_is_asked_and_nothing_paid(scene: Scene) -> None:
    """A citizen who refuses consent comes back with an error and no code, so that nothing is asked or paid in their name."""
    way = road(scene)
    party = await programme(way)
    with leg(LOGIN, "identity"):
        await party.tokens(party.ask(scope=_asking(party), prompt="consent"))
        landing = await party.land(party.ask(scope=_asking(party), prompt="consent"), Wish(refuse=True))
        if not landing.refused:
            text = N_("The product showed no page on which consent could be refused (login.consent.refuse).")
            raise Prerequisite(say(text))
    way.identity.expect(
        not landing.get("code") and bool(landing.get("error")),
        code="road.consent-respected",
        message=say(
            N_(
                "The citizen refused, and the programme was not told so: it goes on to ask for their data and to pay in "
                "their name."
            )
        ),
        expected="error=access_denied, and no code",
        actual=_shown(landing),
        seen=landing.exchanges[-1] if landing.exchanges else None,
        interface=LOGIN,
    )


def _asking(party: Party) -> str:
    """Give a scope that asks for something to consent to, of those that the programme may ask for."""
    allowed = party.client.scopes
    return "openid profile" if allowed is None or "profile" in allowed else "openid"


def _shown(landing: Landing) -> str:
    if landing.get("code"):
        return "a code"
    return f"error={landing.get('error')}" if landing.get("error") else "neither a code nor an error"


@case("R5/no-right", clause="GovStack Information Mediator 6.3, 8.6")
async def test_without_the_right_nothing_is_answered(scene: Scene) -> None:
    """A programme without the right to a service is refused, the registry is not asked, and so nothing can be paid."""
    way = road(scene)
    citizen = await logged_in(way)
    with leg(RIGHTS, "exchange"):
        service = fixture(way.exchange, "provider.service-not-allowed").split()[0]
    async with _alone(way):
        await _control(scene, citizen)
        answer = await _asked(way, citizen, service)
        _expect_denied(way, answer, code="road.denied")
        await _control(scene, citizen)


@case("R5/right-taken", clause="GovStack Information Mediator 8.6 (setAllowed, setDenied)")
async def test_a_right_that_is_taken_ends_the_road(scene: Scene) -> None:
    """A programme is answered while it has the right to a service, and no longer once the right was taken from it."""
    way = road(scene)
    citizen = await logged_in(way)
    with leg(RIGHTS, "exchange"):
        service = fixture(way.exchange, "provider.service-not-allowed").split()[0]
        if "configuration" not in way.exchange.claims:
            raise Prerequisite(say(N_("Rights are given and taken by configuration, which is not claimed.")))
    async with _alone(way):
        with_right = await _while_allowed(scene, way, citizen, service)
        if not with_right.served:
            with leg(QUERY, "exchange"):
                text = N_("A right that was given had no effect: {answer}.")
                raise Prerequisite(say(text, answer=str(with_right)))
        later, answer = await _until(scene, citizen, service, lambda one: one.refused)
        _expect_denied(later, answer, code="road.right-taken")


async def _while_allowed(scene: Scene, way: Road, citizen: Citizen, service: str) -> Answer:
    """Ask while the right is given; it is taken again whatever comes."""
    with leg(RIGHTS, "exchange"):
        await way.exchange.call("rights-allow", _right(way, "allow", service))
    try:
        _, answer = await _until(scene, citizen, service, lambda one: one.served)
        return answer
    finally:
        with leg(RIGHTS, "exchange"):
            await way.exchange.call("rights-deny", _right(way, "deny", service))


async def _until(
    scene: Scene, citizen: Citizen, service: str, enough: Callable[[Answer], bool]
) -> tuple[Road, Answer]:
    """Ask until the answer is ``enough``, or for as long as a callback may take; gives the last application.

    A change of rights may have only begun when it is answered.
    """
    began, pause = time.perf_counter(), _PAUSE
    while True:
        way = road(scene)
        answer = await _asked(way, citizen, service)
        if enough(answer):
            return way, answer
        if time.perf_counter() - began > way.exchange.callback_seconds:
            scene.timed(began)
            return way, answer
        await asyncio.sleep(pause)
        pause = min(2 * pause, 1.0)


def _alone(way: Road) -> asyncio.Lock:
    """Let no other case of the run meet the service whose right changes."""
    lock: asyncio.Lock = way.exchange.kept.setdefault("benefit.right", asyncio.Lock())
    return lock


def _right(way: Road, what: str, service: str) -> Request:
    """Make the request that gives or takes the programme's right; it is named in both ways that are published."""
    provider = application(way.exchange, "provider.application")
    entry = {"serviceId": service, **_named(provider)}
    consumer = application(way.exchange, "consumer.client")
    name = way.exchange.fixtures.get("consumer.member-name", "").strip() or consumer.member
    right = {**_named(consumer), "member": name, "application": consumer.code}
    return json_request("PATCH", f"{RIGHTS_PATH}/{what}", [{**entry, "rights": [right]}])


def _named(one: Application) -> dict[str, str]:
    return {"memberClass": one.member_class, "memberCode": one.member, "applicationId": one.code}


async def _control(scene: Scene, citizen: Citizen) -> None:
    """See a question answered that is allowed; raises Prerequisite if it is not."""
    way = road(scene)
    answer, _ = await ask(way, query(way, citizen, document(way.application, Decimal(1), currency(way))))
    if not answer.served:
        with leg(QUERY, "exchange"):
            text = N_("A question that the programme may ask was not answered: {answer}.")
            raise Prerequisite(say(text, answer=str(answer)))


async def _asked(way: Road, citizen: Citizen, service: str) -> Answer:
    data = document(way.application, amount(way, "471.50"), currency(way))
    answer, _ = await ask(way, query(way, citizen, data, service))
    return answer


def _expect_denied(way: Road, answer: Answer, *, code: str) -> None:
    """Expect a refusal by the mediator itself, without the registry.

    Raises Prerequisite where it neither refused nor let anything through: a 5xx is no refusal.
    """
    calls = called(way)
    if not (calls or answer.served or answer.refused):
        with leg(RIGHTS, "exchange"):
            text = N_("The mediator neither refused the question nor passed it on: {answer}.")
            raise Prerequisite(say(text, answer=str(answer)))
    seen: Evidence | Answer = way.exchange.met(calls[-1]) if calls else answer
    way.exchange.expect(
        answer.refused and not calls,
        code=code,
        message=say(
            N_(
                "The programme has no right to this service, and the mediator let it through: anybody's data is open to "
                "whoever asks, and money is paid by it."
            )
        ),
        expected="a refusal of the mediator; the registry is not asked",
        actual=f"{answer}; {len(calls)} calls at the registry",
        seen=seen,
        interface=RIGHTS,
    )


@case("R6/rejected-and-told", clause="GovStack Payments 9.1.3, 8.1.4 b")
async def test_a_rejected_payment_is_told(scene: Scene) -> None:
    """A payment that the bank rejects is not made, and the programme is told that it failed."""
    way = road(scene)
    citizen = await logged_in(way)
    granted = await answered(way, citizen, amount(way, "517.40"), currency(way))
    await enrolled(way, citizen)
    with leg(BANK, "payments"):
        way.payments.counterparty(NAME)
    async with Bank(way.payments) as bank:
        good = await ordered(way, bank, [instruction(way, citizen, granted)])
        await paid(way, bank, good.draft)
    async with Bank(way.payments, Programme(word="N")) as bank:
        batch = await ordered(way, bank, [instruction(way, citizen, granted)])
        with leg(BANK, "payments"):
            if not await bank.asked("authorize"):
                raise Prerequisite(say(N_("The product did not ask the bank to release the funds.")))
            last = await bank.settled(batch.draft)
    made = max((one.counts["completed"] or Decimal(0) for one in reports(batch.draft)), default=Decimal(0))
    failed = sum((one.counts["failed"] or Decimal(0) for one in last), Decimal(0))
    latest = last[-1].callback if last else batch.answer
    told = "; ".join(map(str, last)) or "nothing"
    if way.payments.expect(
        made == 0,
        code="road.rejected-unpaid",
        message=say(N_("The bank rejected the payment, and it was made all the same.")),
        expected="completed 0",
        actual=told,
        seen=latest,
        interface=BANK,
    ):
        way.payments.expect(
            failed == 1,
            code="road.rejection-told",
            message=say(
                N_(
                    "The bank rejected the payment, and the programme is not told: the citizen waits for nothing."
                )
            ),
            expected="failed 1",
            actual=told,
            seen=latest,
            interface=REPORT,
        )
