"""The account mapper gives back what was registered, and only that (properties G1 and G15)."""

from dpi_conformance.execution.answer import plainly
from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message

from .account_reads import all_shown_together, each_shown, shown_as
from .account_rules import expect_absent, expect_shown, require_shown
from .accounts import (
    MODALITIES,
    account,
    look_up,
    look_up_all,
    register,
    registered,
    said,
)

_READS = 4
_SCRIPTS = {"arabic": "حساب مُحَمَّد علي", "amharic": "የአበበ በቀለ ሂሳብ"}
"""Names by which a proxy (modality 04) may know an account; each changes where a script is not understood."""
_ROUND_TRIP = N_(
    "A lookup does not give the means of payment that were registered: money goes to another account, or to none."
)
_AS_ENTERED = Message(
    text=N_(
        "Keep each field of a registration as it came, and give it back under the published name: payeeIdentity, "
        "paymentModality, financialAddress."
    )
)


@case("G1/registered-and-looked-up", clause="GovStack Payments 8.1.2, 6.3, 7.1.1", functions=["g2p"])
async def test_a_lookup_gives_what_was_registered(scene: Scene) -> None:
    """For each modality (00 to 04) a lookup gives the identity, modality and address that were registered.

    A registration has no field for the bank's code, so that is tried with an update.
    """
    people = await registered(scene, [account(scene, modality) for modality in MODALITIES])
    for person, listing in zip(people, await each_shown(scene, people), strict=True):
        expect_shown(
            scene,
            person,
            listing,
            Message(text=_ROUND_TRIP),
            code="account.found-as-registered",
            advice=_AS_ENTERED,
        )


@case("G1/several-looked-up", clause="GovStack Payments 8.1 (BulkAccountLookup)", functions=["g2p"])
async def test_a_lookup_of_several_gives_each_once(scene: Scene) -> None:
    """A lookup of several beneficiaries gives each of them once, and none for an identity that is not registered.

    No document says what becomes of the others where one is not registered: a product may refuse the whole lookup, and
    is asked for the others alone then.
    """
    people = await registered(scene, [account(scene, modality) for modality in MODALITIES])
    stranger = account(scene)
    asked = [person.identity for person in people]
    listing = await all_shown_together(scene, people, [stranger])
    if listing.answer.refused:
        listing = await all_shown_together(scene, people)
    for person in people:
        expect_shown(
            scene,
            person,
            listing,
            Message(text=_ROUND_TRIP),
            code="account.found-as-registered",
            advice=_AS_ENTERED,
        )
    scene.expect(
        sorted(one.identity for one in listing.accounts) == sorted(asked),
        code="account.each-asked-for-once",
        message=Message(
            text=N_(
                "A lookup of several beneficiaries does not give each registered one exactly once: whoever pays by its "
                "answer leaves people out, or pays them twice."
            )
        ),
        expected=f"{len(asked)} entries, one for each registered beneficiary",
        actual=f"{len(listing.accounts)} entries, {len({one.identity for one in listing.accounts} & set(asked))} of "
        "those asked for",
        seen=listing.answer,
        advice=Message(
            text=N_(
                "Look each identity up by itself, and leave out those that are not registered, and no other."
            )
        ),
    )


@case(
    "G1/address-in-other-scripts",
    clause="govstack-cfr-data#req-1; GovStack Payments 8.1.2",
    functions=["g2p"],
)
async def test_an_address_in_another_script_comes_back_unharmed(scene: Scene) -> None:
    """An address in Arabic or Amharic script, as a proxy may have it, comes back as it was registered, or is refused.

    No document says which characters an address may have. One in Latin letters has to come back first.
    """
    (plain,) = await registered(scene, [account(scene, "04")])
    require_shown(plain, await shown_as(scene, plain))
    for text in _SCRIPTS.values():
        person = account(scene, "04", text)
        order = await register(scene, [person])
        refused = order.answer.refused or person.identity in (await said(scene, order)).failed
        listing = await (look_up(scene, person.identity) if refused else shown_as(scene, person))
        found = [one.address for one in listing.of(person.identity)]
        scene.expect(
            refused or found == [text],
            code="account.text-unharmed",
            message=Message(
                text=N_(
                    "An address in another script came back changed: the people of a country cannot be paid under the "
                    "names that they bear."
                )
            ),
            expected=f"{text}, or a refusal",
            actual=", ".join(found) or listing.answer,
            seen=listing.answer,
            advice=Message(
                text=N_(
                    "Keep text as Unicode in every layer (a database column of utf8mb4 or its like), neither normalised "
                    "nor cut, and write answers in UTF-8."
                )
            ),
        )


@case("G15/lookups-change-nothing", clause="govstack-cfr-architecture#req-5", functions=["g2p"])
async def test_lookups_change_nothing(scene: Scene) -> None:
    """A lookup enters nobody and changes nothing, also the one that is sent with PUT."""
    (known,) = await registered(scene, [account(scene)])
    stranger = account(scene)
    require_shown(known, await shown_as(scene, known))
    for _ in range(_READS):
        await look_up(scene, stranger.identity)
        last = await look_up_all(scene, [stranger.identity, known.identity])
    message = Message(
        text=N_(
            "Looking somebody up left a trace: a read changes what is registered, so that nobody can look without "
            "meddling."
        )
    )
    advice = Message(text=N_("Let a lookup read only; an identity that is not registered has no entry."))
    code = "account.lookup-changes-nothing"
    expect_absent(scene, stranger.identity, last, message, code=code, advice=advice)
    still = await shown_as(scene, known) if last.answer.refused else last
    expect_shown(scene, known, still, message, code=code, advice=advice)
    told = await said(scene, await register(scene, [stranger]))
    scene.expect(
        not told.cases,
        code="account.lookup-changes-nothing",
        message=message,
        expected="numberFailedCases 0",
        actual=plainly(told.body.get("failedCases"))[:200],
        seen=told.callback,
        advice=advice,
    )
    expect_shown(scene, stranger, await shown_as(scene, stranger), message, code=code, advice=advice)
