"""Who of a batch is paid, and who is not (properties G10 and G11)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .accounts import account, registered
from .batch_figures import Report
from .batch_rules import (
    completed,
    ended,
    expect_paid,
    expect_unpaid,
    payable,
    settled_batch,
    unpaid,
)
from .batches import (
    BANK_KEY,
    PAYEE_KEY,
    Batch,
    Payment,
    drafted,
    not_taken,
    payment,
    payments,
    submit,
    taken,
)
from .participants import declared_choice
from .payer_bank import NAME, Bank, Programme, accounts_asked_about, validated

_PARTIAL = "batch.partial-failure"
_EACH, _WHOLE = "each", "whole"
_BANKS = ("DEUTDEFF500", "BNPAFRPPXXX", "EQBLKENA")


@case(
    "G10/sub-batches", clause="GovStack Payments 8.1 (BulkValidateAccountRequest), 9.1.2", functions=["g2p"]
)
async def test_sub_batches_partition_a_batch(scene: Scene) -> None:
    """The bank is asked about each instruction of a batch exactly once, under the payee's own bank.

    How an instruction names the payee's bank is not published; the vendor declares the key as ``credit-party.bank``,
    and without it only one destination is tried. A product that verifies accounts elsewhere declares that as
    ``batch.account-validation``.
    """
    scene.counterparty(NAME)
    banks = _BANKS if BANK_KEY in scene.declared else ("",)
    instructions = [
        payment(scene, one.amount, bank=banks[number % len(banks)])
        for number, one in enumerate(payments(scene, 7))
    ]
    async with Bank(scene) as bank:
        batch = await taken(scene, drafted(scene, instructions))
        bank.attend(batch)
        await ended(scene, bank, batch.draft)
        asked = [one for call in bank.calls("validate") for one in validated(call)]
        calls = bank.calls("validate")
    if not calls:
        accounts_asked_about(scene)
        text = N_(
            "The product asked the bank about no account of the batch, so that how it divides one was not seen; see the "
            "case {case}."
        )
        raise Prerequisite(Message(text=text, values={"case": "C4/asked-as-declared/validate-accounts"}))
    wanted = Counter((one.id, one.account) for one in instructions)
    found = Counter((one.id, one.account) for one in asked)
    scene.expect(
        found == wanted,
        code="batch.accounts-asked-once",
        message=Message(
            text=N_(
                "The bank was not asked about the account of each instruction exactly once: what is left out is paid "
                "unseen, what is asked twice may be paid twice."
            )
        ),
        expected=f"{len(instructions)} instructions with their accounts, each once",
        actual=f"{len(asked)} asked about; {(wanted - found).total()} left out or changed, "
        f"{(found - wanted).total()} too many",
        seen=calls[-1],
        advice=Message(
            text=N_("Divide a batch by destination so that each instruction is in exactly one part.")
        ),
    )
    _at_their_banks(scene, instructions, calls, batch)


def _at_their_banks(
    scene: Scene, instructions: Sequence[Payment], calls: Sequence[Callback], batch: Batch
) -> None:
    if BANK_KEY not in scene.declared:
        return
    banks = {one.id: one.payee[scene.declared[BANK_KEY]] for one in instructions}
    strays = [
        f"{banks[one.id]} → {one.bank}"
        for call in calls
        for one in validated(call)
        if one.bank != banks.get(one.id, one.bank)
    ]
    scene.expect(
        not strays,
        code="batch.asked-at-their-bank",
        message=Message(
            text=N_(
                "An account was asked about at another bank than the payee's: a valid account is told not to exist."
            )
        ),
        expected="destinationDFSPID: the bank that the instruction names",
        actual="; ".join(strays) or "-",
        seen=calls[-1] if calls else batch.answer,
        place="destinationDFSPID",
        advice=Message(text=N_("Group by the payee's bank, and name that bank in the request.")),
    )


@case("G10/invalid-accounts", clause="GovStack Payments 9.1.2, 6.9", functions=["g2p"])
async def test_invalid_accounts_are_not_paid(scene: Scene) -> None:
    """What the bank calls an invalid account is not paid and is reported as failed; the other payments are made."""
    scene.counterparty(NAME)
    await payable(scene)
    instructions = payments(scene, 4)
    bad = instructions[2]
    async with Bank(scene, Programme(invalid=frozenset({bad.id}))) as bank:
        batch = await taken(scene, drafted(scene, instructions))
        bank.attend(batch)
        if not await bank.asked("validate"):
            text = N_("The product did not ask the bank whether a batch's accounts exist.")
            raise Prerequisite(Message(text=text))
        last = await ended(scene, bank, batch.draft)
    expect_unpaid(
        scene,
        batch.draft,
        bad,
        last,
        Message(
            text=N_("A payment was made to an account of which the bank had said that it does not exist.")
        ),
        code="batch.invalid-account-unpaid",
    )
    expect_paid(
        scene,
        batch.draft,
        [one for one in instructions if one is not bad],
        last,
        Message(text=N_("One invalid account kept other people of the same batch from being paid.")),
    )


@case("G11/unknown-payee", clause="GovStack Payments 9.1.2, 5.3.4", functions=["g2p"])
async def test_an_unknown_payee_fails_alone(scene: Scene) -> None:
    """A payee who is not registered is not paid and is reported as failed; the others of the batch are paid.

    How an instruction names a registered payee is not published; the vendor declares the key as ``credit-party.payee``,
    and as ``batch.partial-failure`` that such a batch is refused as a whole: 9.1.2 records single failed instructions,
    before a batch is handed over, and 9.1.3 does not say that a batch with one must be taken.
    """
    scene.declares(PAYEE_KEY)
    known = await registered(scene, [account(scene, "01").moved(), account(scene, "01")])
    *amounts, other = [one.amount for one in payments(scene, 3)]
    good = [
        payment(scene, amount, payee=person.identity) for amount, person in zip(amounts, known, strict=True)
    ]
    await _payable_by_name(scene, known[0].identity)
    stranger = payment(scene, other, payee=scene.fresh.identifier(20))
    async with Bank(scene) as bank:
        draft, last = drafted(scene, [good[0], stranger, good[1]]), list[Report]()
        batch = await submit(scene, draft)
        if batch.id:
            bank.attend(batch)
            last = await ended(scene, bank, draft)
        elif not batch.answer.refused:
            raise not_taken(batch)
    if not completed(last):
        seen = last[-1].callback if last else batch.answer
        await _sunk(scene, good, "; ".join(map(str, last)) or batch.answer, seen)
        return
    expect_unpaid(
        scene,
        draft,
        stranger,
        last,
        Message(text=N_("A payment was made to somebody who is not registered, and so to no known account.")),
        code="batch.unknown-payee-unpaid",
    )
    expect_paid(scene, draft, good, last, _KEPT_OUT)


async def _payable_by_name(scene: Scene, identity: str) -> None:
    """See a registered payee paid who is named by identity; raises Prerequisite if they are not."""
    _, last = await settled_batch(scene, [payment(scene, payments(scene, 1)[0].amount, payee=identity)])
    if not completed(last):
        raise unpaid(last)


_KEPT_OUT = Message(
    text=N_("One payee who is not registered kept the others of the same batch from being paid.")
)


async def _sunk(scene: Scene, good: Sequence[Payment], actual: object, seen: Callback | Answer) -> None:
    """Judge a batch of which nothing was paid for one unknown payee by what is declared; the others alone are paid."""
    scene.expect(
        declared_choice(scene, _PARTIAL, _EACH, _WHOLE) == _WHOLE,
        code="batch.rest-paid",
        message=_KEPT_OUT,
        expected="202, and one failed payment",
        actual=actual,
        seen=seen,
        advice=Message(text=N_("Take the batch over, and fail the one instruction (9.1.2).")),
    )
    _, last = await settled_batch(scene, [replace(one, id=scene.fresh.identifier(16)) for one in good])
    if completed(last) != len(good):
        raise unpaid(last)
