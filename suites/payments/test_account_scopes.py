"""Whose entry a lookup tells, and what of it an update changes (properties G2 and G3)."""

from dataclasses import replace

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .account_reads import shown_as
from .account_rules import expect_absent, require_shown
from .accounts import Account, Listing, account, look_up, register, registered, said, update
from .participants import name_of

_BANK = "DEUTDEFF500"
_THIRD = "DE75512108001245126199"
"""An address that neither institution registered."""
SCOPE, LEFT_OUT = "accounts.update-scope", "accounts.left-out-field"
_SOURCE, _ALL = "source-bb", "all"
_KEPT, _CLEARED = "kept", "cleared"


@case("G2/registered-elsewhere", clause="GovStack Payments 9.1.1, 8.1 (AccountLookup)", functions=["g2p"])
async def test_a_lookup_tells_nothing_of_another_institution_s_beneficiary(scene: Scene) -> None:
    """Somebody whom only another institution registered is shown to that one, and to no other."""
    (mine,) = await registered(scene, [account(scene)])
    theirs = account(scene)
    other = await _registered_by_other(scene, theirs)
    require_shown(theirs, await shown_as(scene, theirs, institution=other))
    require_shown(mine, await shown_as(scene, mine))
    expect_absent(
        scene,
        theirs.identity,
        await look_up(scene, theirs.identity),
        Message(
            text=N_(
                "A lookup for one institution tells the account of somebody whom only another one registered: it pays where "
                "that one wanted to pay, and learns who its people are."
            )
        ),
        code="account.scoped-by-institution",
        advice=Message(
            text=N_("Look up by registeringInstitutionId and payeeIdentity; fall back on nobody.")
        ),
    )


@case("G3/two-institutions", clause="GovStack Payments 8.1.3, 9.1.1", functions=["g2p"])
async def test_an_update_leaves_the_other_institution_s_entry(scene: Scene) -> None:
    """Of an identity that two institutions registered an update changes one entry, not the other's.

    An update names its building block and no institution; a product whose updates reach the entries of all declares that
    as ``accounts.update-scope``.
    """
    (mine,) = await registered(scene, [account(scene)])
    theirs = mine.moved()
    other = await _registered_by_other(scene, theirs)
    before = await shown_as(scene, theirs, institution=other)
    require_shown(theirs, before)
    changed = mine.at(_THIRD)
    await _carried_out(scene, changed)
    await _changed(scene, changed)
    after = await look_up(scene, theirs.identity, institution=other)
    kept = after.of(theirs.identity) == before.of(theirs.identity)
    advisory = not kept and _choice(scene, SCOPE, _SOURCE, _ALL) == _ALL
    scene.expect(
        kept,
        code="account.update-scoped",
        message=Message(
            text=N_(
                "An update by one institution changed what another one had registered of the same person: one office "
                "redirects another's benefits."
            )
        ),
        expected=theirs.address,
        actual=_addresses(after, theirs.identity),
        seen=after.answer,
        advice=Message(
            text=N_("Find the entry to change by the institution behind sourceBBID, and payeeIdentity.")
        ),
        advisory=advisory,
    )


@case("G3/one-field", clause="GovStack Payments 8.1.3", functions=["g2p"])
async def test_an_update_of_one_field_leaves_the_others(scene: Scene) -> None:
    """An update that gives the address only, as the published file allows, keeps the modality and the bank's code.

    What a field means that is left out no document says; a product that clears it declares ``accounts.left-out-field``.
    """
    (person,) = await registered(scene, [account(scene, "01")])
    whole = person.moved(_BANK)
    await _carried_out(scene, whole)
    await _changed(scene, whole)
    wanted = whole.at(person.address)
    await _carried_out(scene, replace(wanted, modality="", bank=""))
    listing = await _changed(scene, wanted)
    (now, *_) = listing.of(person.identity)
    lost = wanted.differences(now)
    scene.expect(
        not lost or _choice(scene, LEFT_OUT, _KEPT, _CLEARED) == _CLEARED,
        code="account.left-out-kept",
        message=Message(
            text=N_(
                "An update of the address alone changed {fields} too: the next payment to this beneficiary cannot be routed."
            ),
            values={"fields": lost},
        ),
        expected=f"{wanted.modality}, {wanted.address}, {wanted.bank}",
        actual=f"{now.modality or '-'}, {now.address}, {now.bank or '-'}",
        seen=listing.answer,
        place=lost,
        advice=Message(text=N_("Write the fields that an update gives, and leave the others as they are.")),
    )


async def _registered_by_other(scene: Scene, theirs: Account) -> str:
    """Register somebody for a second institution; raises Prerequisite if it is not known. Gives its name."""
    other = name_of(scene, "other-institution")
    order = await register(scene, [theirs], institution=other)
    if not order.answer.served or (await said(scene, order)).cases:
        text = N_(
            "The product takes no registration of a second institution ({name}); name one that it knows as "
            "participant.other-institution under fixtures in product.yaml: {answer}."
        )
        raise Prerequisite(Message(text=text, values={"name": other, "answer": str(order.answer)}))
    return other


async def _carried_out(scene: Scene, change: Account) -> None:
    order = await update(scene, [change])
    if (await said(scene, order)).cases:
        raise _undone(order.answer)


async def _changed(scene: Scene, wanted: Account) -> Listing:
    """Give the lookup that shows a new address; raises Prerequisite where none does: other cases judge that."""
    listing = await shown_as(scene, wanted)
    if [one.address for one in listing.of(wanted.identity)] != [wanted.address]:
        raise _undone(listing.answer)
    return listing


def _undone(answer: Answer) -> Prerequisite:
    text = N_(
        "An update did not change the address that it gave, so that nothing can be said of the rest: {answer}."
    )
    return Prerequisite(Message(text=text, values={"answer": str(answer)}))


def _addresses(listing: Listing, identity: str) -> str:
    return ", ".join(one.address for one in listing.of(identity)) or str(listing.answer)


def _choice(scene: Scene, name: str, *choices: str) -> str:
    """Give what the vendor declares, one of two words; raises Prerequisite where it is neither, or nothing."""
    declared = scene.declares(name)
    if declared not in choices:
        text = N_("declares: {name} in product.yaml is “{value}”; write {choices}.")
        values = {"name": name, "value": declared, "choices": " or ".join(choices)}
        raise Prerequisite(Message(text=text, values=values))
    return declared
