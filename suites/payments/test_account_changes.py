"""Updates reach those whom they name, and nobody else (properties G3, G4 and G5)."""

from collections.abc import Sequence

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .account_reads import each_shown, shown_as
from .account_rules import (
    expect_absent,
    expect_counted,
    expect_named,
    expect_shown,
    refuses_whole,
    require_shown,
)
from .accounts import Account, Order, account, look_up, outcome, registered, said, update

_BANK = "DEUTDEFF500"
_WITH_BANK = ("00", "01", "03")
"""Modalities for which 7.1.1 wants the institution named."""
_STALE = Message(
    text=N_(
        "A lookup does not give what an update wrote: the beneficiary is paid to the account that they wanted to leave."
    )
)
_WRITE_ALL = Message(
    text=N_(
        "Write every field of the update before its outcome is sent, and read lookups from the same place."
    )
)


@case("G3/updated-and-looked-up", clause="GovStack Payments 8.1.3, 6.3", functions=["g2p"])
async def test_a_lookup_gives_what_was_updated(scene: Scene) -> None:
    """After an update a lookup gives the new means of payment, once, under the same identity."""
    person, neighbour = await registered(scene, [account(scene), account(scene)])
    changed = person.moved(_BANK)
    await _carried_out(scene, await update(scene, [changed]))
    expect_shown(
        scene,
        changed,
        await shown_as(scene, changed),
        _STALE,
        code="account.update-shown",
        advice=_WRITE_ALL,
    )
    expect_shown(
        scene,
        neighbour,
        await shown_as(scene, neighbour),
        Message(
            text=N_(
                "The update of one beneficiary changed another, who had the same address before: a family that shares an "
                "account is paid to a stranger's."
            )
        ),
        code="account.update-touches-its-own",
        advice=Message(
            text=N_("Find the entry to change by institution and payeeIdentity, and by nothing else.")
        ),
    )


@case("G3/unknown-updated", clause="GovStack Payments 8.1.3 b, 9.1.1", functions=["g2p"])
async def test_an_update_of_somebody_unknown_fails_and_enters_nobody(scene: Scene) -> None:
    """An update of somebody who is not registered is a failed case, and enters nobody."""
    (known,) = await registered(scene, [account(scene)])
    stranger = account(scene).moved(_BANK)
    order = await update(scene, [stranger])
    if order.answer.served:
        await _reported(scene, order, stranger)
    require_shown(known, await shown_as(scene, known))
    expect_absent(
        scene,
        stranger.identity,
        await look_up(scene, stranger.identity),
        Message(
            text=N_(
                "An update entered somebody who was not registered: what registration checks can be passed by, and a "
                "mistyped identity becomes an account that is paid."
            )
        ),
        code="account.update-creates-nothing",
        advice=Message(text=N_("Update, never insert-or-update.")),
    )


async def _reported(scene: Scene, order: Order, stranger: Account) -> None:
    """Expect that the outcome names the stranger; where none comes, no file says where it should."""
    told = await outcome(scene, order)
    if told is not None:
        expect_named(
            scene,
            told,
            stranger.identity,
            Message(
                text=N_(
                    "An update of somebody who is not registered is not reported as failed: the caller believes that "
                    "the new account is known."
                )
            ),
            code="account.update-of-unknown-fails",
        )


@case("G4/partial-update", clause="GovStack Payments 8.1.3 b", functions=["g2p"])
async def test_one_failed_update_leaves_the_others(scene: Scene) -> None:
    """Of an update of several the one that is not registered is named and counted, and the others are changed.

    A product that refuses such a request as a whole, and changes nobody, declares that as ``accounts.partial-failure``.
    """
    people = await registered(scene, [account(scene), account(scene)])
    stranger = account(scene).moved(_BANK)
    changed = [person.moved(_BANK) for person in people]
    requested = [changed[0], stranger, changed[1]]
    order = await update(scene, requested)
    if refuses_whole(scene, order, _SUNK, code="account.good-ones-updated", advice=_ONE_BY_ONE):
        await _all_shown(scene, people, _HALF_DONE, code="account.refused-changes-nobody", advice=_ROLL_BACK)
        if not scene.findings:
            await _carried_out(scene, await update(scene, changed))
        return
    told = await said(scene, order)
    expect_counted(scene, told, [one.identity for one in requested])
    expect_named(
        scene,
        told,
        stranger.identity,
        Message(text=N_("An update reports fewer failed cases than there were.")),
        code="account.failed-case-named",
    )
    await _all_shown(scene, changed, _SUNK, code="account.good-ones-updated", advice=_ONE_BY_ONE)


async def _all_shown(
    scene: Scene, people: Sequence[Account], message: Message, *, code: str, advice: Message
) -> None:
    for person, listing in zip(people, await each_shown(scene, people), strict=True):
        expect_shown(scene, person, listing, message, code=code, advice=advice)


_SUNK = Message(
    text=N_("One beneficiary who is not registered kept others of the same update from being changed.")
)
_ONE_BY_ONE = Message(text=N_("Change each beneficiary by itself; do not roll the others back for one."))
_HALF_DONE = Message(
    text=N_("An update was refused as a whole, and beneficiaries of it are changed all the same.")
)
_ROLL_BACK = Message(text=N_("Roll back what an update changed before it was refused."))


@case("G5/bank-code", clause="GovStack Payments 7.1.1, 8.1.3", functions=["g2p"])
async def test_a_lookup_gives_the_bank_s_code(scene: Scene) -> None:
    """For the modalities that need the institution's code (00, 01, 03) a lookup gives the code that an update set.

    7.1.1 wants the code, and a registration has no field for it: only an update can bring it.
    """
    people = await registered(scene, [account(scene, modality) for modality in _WITH_BANK])
    changed = [person.moved(_BANK) for person in people]
    await _carried_out(scene, await update(scene, changed))
    for person, listing in zip(changed, await each_shown(scene, changed), strict=True):
        expect_shown(
            scene,
            person,
            listing,
            Message(
                text=N_(
                    "A lookup does not give the code of the institution that keeps a beneficiary's account: a payment "
                    "to it cannot be routed."
                )
            ),
            code="account.bank-code-shown",
            advice=Message(text=N_("Keep bankingInstitutionCode, and give it back with the account.")),
        )


async def _carried_out(scene: Scene, order: Order) -> None:
    """Wait until an update was carried out; raises Prerequisite if it was not, or if nobody knows."""
    told = await said(scene, order)
    if told.cases:
        text = N_("The product did not change beneficiaries that were registered just before: {failed}.")
        raise Prerequisite(Message(text=text, values={"failed": _failed(told.failed)}))


def _failed(identities: Sequence[str]) -> str:
    return ", ".join(identities)[:200]
