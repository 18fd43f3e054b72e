"""What several cases about the account mapper say has to hold."""

from collections.abc import Collection

from dpi_conformance.execution.answer import plainly
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .accounts import Account, Listing, Order, Outcome
from .participants import declared_choice

__all__ = [
    "expect_absent",
    "expect_counted",
    "expect_named",
    "expect_shown",
    "refuses_whole",
    "require_shown",
]

_PARTIAL = "accounts.partial-failure"
_EACH, _WHOLE = "each", "whole"


def refuses_whole(scene: Scene, order: Order, message: Message, *, code: str, advice: Message) -> bool:
    """Tell whether a request of several, one of which cannot be carried out, was refused as a whole.

    The outcomes of 8.1.2 b and 8.1.3 b have room for single failed cases; that the others have to be carried out no
    document says, so it is a finding only where the vendor declares that each is dealt with by itself. Raises
    Prerequisite where nothing is declared.
    """
    if not order.answer.refused:
        return False
    if declared_choice(scene, _PARTIAL, _EACH, _WHOLE) == _EACH:
        scene.expect(
            False,
            code=code,
            message=message,
            expected=N_("an outcome with one failed case"),
            actual=order.answer,
            seen=order.answer,
            advice=advice,
        )
    return True


def expect_shown(
    scene: Scene, wanted: Account, listing: Listing, message: Message, *, code: str, advice: Message
) -> bool:
    """Expect that a lookup gives a beneficiary once, and as it should be; tell whether it does."""
    found = listing.of(wanted.identity)
    differences = "; ".join(wanted.differences(one) or "same" for one in found)
    return scene.expect(
        len(found) == 1 and not wanted.differences(found[0]),
        code=code,
        message=message,
        expected=f"1 × {_told(wanted)}",
        actual="; ".join(map(_told, found)) + f" ({differences})" if found else listing.answer,
        seen=listing.answer,
        place=differences if len(found) == 1 else "",
        advice=advice,
    )


def require_shown(known: Account, listing: Listing) -> None:
    """Raise Prerequisite where somebody who was registered is not shown: that another is not shown proves nothing."""
    if not listing.of(known.identity):
        text = N_(
            "A lookup does not show somebody whose registration was reported as done, so that nothing can be said of "
            "those whom it does not show either: {answer}."
        )
        raise Prerequisite(Message(text=text, values={"answer": str(listing.answer)}))


def expect_absent(
    scene: Scene, identity: str, listing: Listing, message: Message, *, code: str, advice: Message
) -> bool:
    """Expect that a lookup knows nothing of somebody: it is refused, or its list is without them."""
    return scene.expect(
        listing.answer.status < 500 and not listing.of(identity),
        code=code,
        message=message,
        expected=f"no entry of {identity}",
        actual=listing.answer,
        seen=listing.answer,
        advice=advice,
    )


def expect_counted(scene: Scene, outcome: Outcome, requested: Collection[str]) -> None:
    """Expect that an outcome counts the cases that it lists, and lists nobody who was not asked about."""
    scene.expect(
        all(one.get("failureReason") for one in outcome.cases),
        code="account.failure-reason-given",
        message=Message(
            text=N_(
                "The outcome of a request says of a failed beneficiary not why it failed; no document demands it, and "
                "whoever has to mend it has to guess."
            )
        ),
        expected=N_("a failureReason in each failed case"),
        actual=plainly(outcome.cases)[:200],
        seen=outcome.callback,
        advice=Message(text=N_("Say in failureReason what was wrong with each.")),
        advisory=True,
    )
    number = outcome.body.get("numberFailedCases")
    scene.expect(
        number == len(outcome.cases),
        code="account.failed-cases-counted",
        message=Message(
            text=N_(
                "numberFailedCases is not the number of failedCases: a caller that goes by the number overlooks people "
                "who are not registered, and will not be paid."
            )
        ),
        expected=f"numberFailedCases {len(outcome.cases)}",
        actual=f"numberFailedCases {number}",
        seen=outcome.callback,
        advice=Message(text=N_("Take the number from the list that is sent.")),
    )
    strangers = [identity for identity in outcome.failed if identity not in requested]
    scene.expect(
        not strangers,
        code="account.failed-cases-requested",
        message=Message(
            text=N_(
                "The outcome reports a failure of somebody whom its request did not name: one caller reads of another's "
                "beneficiaries, and looks for a fault that is not there."
            )
        ),
        expected="failedCases ⊆ the beneficiaries of the request",
        actual=", ".join(strangers) or "-",
        seen=outcome.callback,
        advice=Message(text=N_("Start each request with an empty list of failed cases.")),
    )


def expect_named(scene: Scene, outcome: Outcome, identity: str, message: Message, *, code: str) -> bool:
    """Expect that an outcome names a case that has to fail; tell whether it does."""
    return scene.expect(
        identity in outcome.failed,
        code=code,
        message=message,
        expected=f"failedCases with {identity}",
        actual=f"failedCases: {', '.join(outcome.failed) or '-'}",
        seen=outcome.callback,
        advice=Message(
            text=N_(
                "Name each beneficiary for whom nothing was done in failedCases, with the reason; the caller takes all "
                "others as done."
            )
        ),
    )


def _told(account: Account) -> str:
    bank = f", {account.bank}" if account.bank else ""
    return f"{account.modality or '-'}, {account.address or '-'}{bank}"
