"""Whoever is registered is registered once, and the others with them (properties G2, G4 and G5)."""

from collections.abc import Sequence

from dpi_conformance.execution.answer import plainly
from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .account_reads import each_shown, shown_as
from .account_rules import expect_absent, expect_counted, expect_named, expect_shown, refuses_whole
from .accounts import (
    Account,
    Listing,
    account,
    look_up,
    register,
    registered,
    said,
)
from .participants import name_of, spelt, together

_AT_ONCE = 6
_ROUND_TRIP = N_(
    "A lookup does not give the means of payment that were registered: money goes to another account, or to none."
)
_AS_ENTERED = Message(
    text=N_(
        "Keep each field of a registration as it came, and give it back under the published name: payeeIdentity, "
        "paymentModality, financialAddress."
    )
)


@case("G2/registered-twice", clause="GovStack Payments 9.1.1 step 8", functions=["g2p"])
async def test_a_second_registration_fails_and_changes_nothing(scene: Scene) -> None:
    """Somebody whom the same institution registers again is a failed case, or refused, and is paid as before."""
    (person,) = await registered(scene, [account(scene)])
    order = await register(scene, [person.moved()])
    if not order.answer.refused:
        expect_named(
            scene,
            await said(scene, order),
            person.identity,
            Message(
                text=N_(
                    "A beneficiary was registered a second time by the same institution and is not reported as a failed "
                    "case."
                )
            ),
            code="account.registered-once",
        )
    expect_shown(
        scene,
        person,
        await shown_as(scene, person),
        Message(
            text=N_(
                "A second registration changed how a registered beneficiary is paid: whoever may register can redirect "
                "other people's money."
            )
        ),
        code="account.second-registration-changes-nothing",
        advice=Message(
            text=N_("Insert, never insert-or-update; what is registered changes by an update only.")
        ),
    )


@case("G2/registered-at-once", clause="GovStack Payments 9.1.1 step 8", functions=["g2p"])
async def test_of_simultaneous_registrations_one_counts(scene: Scene) -> None:
    """Of several registrations of one identity at the same moment one succeeds, and its address is the one kept."""
    person = account(scene, "01")
    claims = [person.at(f"{person.address[:-2]}{number:02}") for number in range(_AT_ONCE)]
    orders = await together(*(register(scene, [claim]) for claim in claims))
    if all(order.answer.refused for order in orders):
        text = N_("The product refused each of {count} registrations that came at the same moment: {answer}.")
        raise Prerequisite(Message(text=text, values={"count": _AT_ONCE, "answer": str(orders[0].answer)}))
    taken = [(claim, order) for claim, order in zip(claims, orders, strict=True) if not order.answer.refused]
    told = await together(*(said(scene, order) for _, order in taken))
    entered = [claim for (claim, _), one in zip(taken, told, strict=True) if not one.cases]
    if scene.expect(
        len(entered) == 1,
        code="account.registered-once",
        message=Message(
            text=N_(
                "Of registrations of one identity that came at the same moment {count} are told to have succeeded; one "
                "caller believes in an account that is not there."
            ),
            values={"count": len(entered)},
        ),
        expected=f"1 of {_AT_ONCE} registrations succeeds",
        actual=f"{len(entered)} of {_AT_ONCE} succeeded",
        seen=told[-1].callback,
        advice=Message(
            text=N_("Let the database keep it: a unique index over institution and payeeIdentity.")
        ),
    ):
        expect_shown(
            scene,
            entered[0],
            await shown_as(scene, entered[0]),
            Message(text=_ROUND_TRIP),
            code="account.found-as-registered",
            advice=_AS_ENTERED,
        )


@case("G2/two-institutions", clause="GovStack Payments 9.1.1, 8.1.2", functions=["g2p"])
async def test_two_institutions_register_the_same_identity(scene: Scene) -> None:
    """Two institutions may register the same identity, and each is given its own entry.

    The second institution is ``participant.other-institution`` under fixtures; a product that does not know it is not
    judged.
    """
    (mine,) = await registered(scene, [account(scene)])
    theirs = mine.moved()
    other = name_of(scene, "other-institution")
    order = await register(scene, [theirs], institution=other)
    if not order.answer.served:
        text = N_(
            "The product takes no registration of a second institution ({name}); name one that it knows as "
            "participant.other-institution under fixtures in product.yaml: {answer}."
        )
        raise Prerequisite(Message(text=text, values={"name": other, "answer": str(order.answer)}))
    told = await said(scene, order)
    message = Message(
        text=N_(
            "Two institutions that register the same identity get in each other's way: one of them pays to the account "
            "that the other entered, or cannot enter its own."
        )
    )
    advice = Message(text=N_("Let the registering institution be part of the key of an entry."))
    scene.expect(
        not told.cases,
        code="account.scoped-by-institution",
        message=message,
        expected="numberFailedCases 0",
        actual=plainly(told.body)[:200],
        seen=told.callback,
        advice=advice,
    )
    for person, institution in ((mine, ""), (theirs, other)):
        listing = await shown_as(scene, person, institution=institution)
        expect_shown(scene, person, listing, message, code="account.scoped-by-institution", advice=advice)


@case("G4/partial-failure", clause="GovStack Payments 8.1.2 b, 9.1.1", functions=["g2p"])
async def test_one_failed_registration_leaves_the_others(scene: Scene) -> None:
    """Of a registration of many the one that cannot be entered is named and counted, and the others are entered.

    A product that refuses such a request as a whole, and enters nobody, declares that as ``accounts.partial-failure``.
    """
    (known,) = await registered(scene, [account(scene)])
    fresh = [account(scene) for _ in range(4)]
    requested = [*fresh[:2], known, *fresh[2:]]
    order = await register(scene, requested)
    if refuses_whole(scene, order, _SUNK, code="account.good-ones-registered", advice=_ONE_BY_ONE):
        await _nobody_entered(scene, fresh)
        return
    told = await said(scene, order)
    expect_counted(scene, told, [one.identity for one in requested])
    expect_named(
        scene,
        told,
        known.identity,
        Message(text=N_("A registration reports fewer failed cases than there were.")),
        code="account.failed-case-named",
    )
    scene.expect(
        not set(told.failed) - {known.identity},
        code="account.good-ones-registered",
        message=_SUNK,
        expected="1 failed case",
        actual=f"{len(told.failed)} failed cases",
        seen=told.callback,
        advice=_ONE_BY_ONE,
    )
    for person, listing in zip(fresh, await each_shown(scene, fresh), strict=True):
        expect_shown(scene, person, listing, _SUNK, code="account.good-ones-registered", advice=_ONE_BY_ONE)


async def _nobody_entered(scene: Scene, fresh: Sequence[Account]) -> None:
    """Expect that a refused registration entered nobody; that each could have been is seen afterwards."""
    for person, listing in zip(fresh, await _each(scene, fresh), strict=True):
        message = Message(
            text=N_(
                "A registration was refused as a whole, and beneficiaries of it are entered all the same."
            )
        )
        expect_absent(
            scene,
            person.identity,
            listing,
            message,
            code="account.refused-enters-nobody",
            advice=Message(text=N_("Roll back what a registration entered before it was refused.")),
        )
    if not scene.findings:
        await registered(scene, fresh)


_SUNK = Message(
    text=N_(
        "One beneficiary who could not be registered kept others of the same request out: hundreds go unpaid for one "
        "entry."
    )
)
_ONE_BY_ONE = Message(text=N_("Enter each beneficiary by itself; do not roll the others back for one."))


@case("G4/one-outcome", clause="GovStack Payments 8.1.2 b", functions=["g2p"])
async def test_a_registration_has_one_outcome(scene: Scene) -> None:
    """A registration of several has one outcome, which names it; sent again, it is the same message."""
    order = await register(scene, [account(scene) for _ in range(3)])
    told = await said(scene, order)
    scene.expect(
        told.body.get("registerRequestID") == order.request,
        code="account.outcome-names-request",
        message=Message(
            text=N_(
                "The outcome of a registration does not name its request: nobody can tell what it is about."
            )
        ),
        expected=f"registerRequestID {order.request}",
        actual=f"registerRequestID {told.body.get('registerRequestID')}",
        seen=told.callback,
        advice=Message(text=N_("Carry the RequestID of the registration back as registerRequestID.")),
    )
    came = await order.address.wait(2, scene.quiet_seconds)
    callbacks = came or [told.callback]  # of a flood the oldest is let go, and may be all there was
    numbers = {str(spelt(scene, one, "requestID")) for one in callbacks}
    scene.expect(
        len(numbers) == 1,
        code="account.one-outcome",
        message=Message(
            text=N_(
                "One registration has {count} outcomes, each another message: a caller that counts them counts its "
                "beneficiaries wrongly. The same message sent again would be no fault."
            ),
            values={"count": len(numbers)},
        ),
        expected="1 requestID of outcomes",
        actual=f"{len(numbers)} ({len(callbacks)} callbacks)",
        seen=callbacks[-1],
        advice=Message(text=N_("Send one outcome when all beneficiaries of a request are dealt with.")),
    )


@case("G5/unknown-modality", clause="GovStack Payments 7.1.1", functions=["g2p"])
async def test_an_unknown_modality_is_not_registered(scene: Scene) -> None:
    """A beneficiary with a modality that is none of 00 to 04 is refused or a failed case, and is not entered.

    The published file of a registration does not list the values; 7.1.1 does.
    """
    (good,) = await registered(scene, [account(scene)])
    odd = Account(identity=scene.fresh.identifier(20), modality="07")
    order = await register(scene, [odd])
    told = await said(scene, order) if order.answer.served else None
    reported = order.answer.refused or (told is not None and odd.identity in told.failed)
    scene.expect(
        reported,
        code="account.modality-known",
        message=_ODD,
        expected="refused, or a failed case",
        actual=order.answer if told is None else f"failedCases: {', '.join(told.failed) or '-'}",
        seen=told.callback if told else order.answer,
        advice=_LISTED,
    )
    listing = await look_up(scene, odd.identity)
    expect_absent(scene, odd.identity, listing, _ODD, code="account.modality-known", advice=_LISTED)
    expect_shown(
        scene,
        good,
        await shown_as(scene, good),
        Message(text=_ROUND_TRIP),
        code="account.found-as-registered",
        advice=_AS_ENTERED,
    )


_ODD = Message(
    text=N_(
        "A beneficiary was entered with a means of payment that does not exist: the first payment to them fails, or goes "
        "nowhere."
    )
)
_LISTED = Message(
    text=N_("Take 00, 01, 02, 03 and 04 only, when a beneficiary is registered and when updated.")
)


async def _each(scene: Scene, people: Sequence[Account]) -> list[Listing]:
    return await together(*(look_up(scene, person.identity) for person in people))
