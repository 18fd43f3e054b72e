"""What several cases about vouchers say has to hold, and the controls without which a refusal proves nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from decimal import Decimal
from time import perf_counter

from dpi_conformance.execution.answer import plainly
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .voucher_requests import Voucher, status_number
from .vouchers import Order, Outcome, Standing, outcome, redeem, standing

__all__ = [
    "CANCELLED",
    "REASONLESS",
    "TOO_MANY_LOST",
    "UNKNOWN_LOST",
    "changed",
    "expect_answers",
    "expect_cancelled",
    "expect_counted",
    "expect_no_other_reported",
    "expect_reported",
    "expect_same_worth",
    "expect_untouched",
    "number_of",
    "ordered",
    "redeemed",
    "same_money",
    "short_lived",
    "shown",
    "shown_redeemed",
    "until",
    "untold",
]

Act = Callable[[Scene, str, Sequence[str]], Awaitable[Order]]
"""``activate`` or ``cancel``: of one batch, these serial numbers."""

UNKNOWN_LOST = Message(
    text=N_(
        "An order for vouchers named a serial number that does not exist, and its outcome does not say that it failed: "
        "the caller believes that a beneficiary was served."
    )
)
"""Of an unknown serial number that an outcome does not name."""
REASONLESS = Message(
    text=N_(
        "The outcome of an order says of a failed case not why it failed; no document demands it, and whoever has to mend "
        "it has to guess."
    )
)
"""Of a failed case without a reason."""
TOO_MANY_LOST = Message(
    text=N_(
        "The outcome of an order names vouchers as failed that it carried out, or that are not of this order: the caller "
        "orders again what is done, and replaces good vouchers."
    )
)
"""Of others that an outcome names beside the one that failed."""
_TURN_SECONDS = 0.1
CANCELLED = 3
"""The one status number that is published with its meaning (8.2.5)."""


def number_of(scene: Scene, state: str) -> int | str:
    """Give the number that a status answer has for a state; raises Prerequisite where nobody says it.

    What the vendor declares for cancelled holds here too; that it has to be 3 one case says for all.
    """
    name = f"voucher-status.{state}"
    if state == "cancelled" and name not in scene.declared:
        return CANCELLED
    return status_number(scene.declares(name))


def expect_cancelled(scene: Scene, now: Standing) -> None:
    """Expect that a voucher is shown as cancelled: as the vendor declares it, or as it is published."""
    number = number_of(scene, "cancelled")
    scene.expect(
        now.number == number,
        code="voucher.cancelled-is-3",
        message=Message(
            text=N_(
                "The cancellation of a voucher was ordered and its status is not {number}, the number of a cancelled one: "
                "who asks takes it for a good one."
            ),
            values={"number": str(number)},
        ),
        expected=f"status {number}",
        actual=now,
        seen=now.answer,
        advice=Message(
            text=N_(
                "Give each cancelled voucher the status 3, the one that is published; also where the same order names a "
                "voucher that cannot be cancelled."
            )
        ),
    )


async def redeemed(scene: Scene, voucher: Voucher, *, agent: str = "") -> Answer:
    """Redeem a voucher that can be redeemed: the control beside each refusal; raises Prerequisite if it is not."""
    answer = await redeem(scene, voucher, agent=agent)
    if not answer.served:
        text = N_("A valid redemption was not served, so that refused ones prove nothing: {answer}.")
        raise Prerequisite(Message(text=text, values={"answer": str(answer)}))
    return answer


def expect_untouched(scene: Scene, before: Standing, after: Standing, refused: Answer) -> None:
    """Expect that what was refused left the voucher as it was."""
    scene.expect(
        after.same_as(before),
        code="voucher.refusal-changes-nothing",
        message=Message(
            text=N_(
                "A voucher stands differently after a request for it was refused: its holder can lose it through "
                "somebody else's mistake or attempt."
            )
        ),
        expected=before,
        actual=after,
        seen=refused,
        advice=Message(text=N_("Check everything that can refuse a request before the voucher is written.")),
    )


def expect_reported(scene: Scene, outcome: Outcome, serial: str, message: Message) -> None:
    """Expect that an outcome names the voucher for which an order could not be carried out."""
    scene.expect(
        serial in outcome.failed,
        code="voucher.failed-case-named",
        message=message,
        expected=f"failedCases with {serial}",
        actual=f"failedCases: {', '.join(outcome.failed) or '-'}",
        seen=outcome.callback,
        advice=Message(
            text=N_(
                "Name each voucher that an order could not be carried out for in failedCases, with its reason; the "
                "caller takes all others as done."
            )
        ),
    )


def expect_no_other_reported(
    scene: Scene, outcome: Outcome, failed: Collection[str], message: Message
) -> None:
    """Expect that an outcome names nobody's voucher as failed but these."""
    others = [serial for serial in outcome.failed if serial not in failed]
    scene.expect(
        not others,
        code="voucher.no-other-failed",
        message=message,
        expected=f"failedCases with {', '.join(failed)} only",
        actual=f"failedCases: {', '.join(outcome.failed)[:200]}",
        seen=outcome.callback,
        advice=Message(
            text=N_(
                "Name in failedCases the vouchers of this very order for which nothing was done; start each order with an "
                "empty list."
            )
        ),
    )


def expect_same_worth(scene: Scene, worth: Decimal | None, now: Standing, when: str) -> None:
    """Expect that a status answer gives the value that the voucher was created with; one without a value says nothing.

    VoucherStatus requires no field; ``worth`` is None where an earlier answer had no value.
    """
    if worth is None or not now.tells_value:
        return
    scene.expect(
        same_money(now.value, worth),
        code="voucher.value-constant",
        message=Message(
            text=N_("The value of a voucher is another one {when}; a voucher is worth a fixed amount."),
            values={"when": when},
        ),
        expected=f"value {worth}",
        actual=f"value {now.value}",
        seen=now.answer,
        advice=Message(text=N_("Give the amount that was ordered, whatever state the voucher is in.")),
    )


def expect_counted(scene: Scene, said: Outcome) -> None:
    """Expect that an outcome counts what it lists and, as an advice, that it says why each failed.

    One that counts nothing says nothing of that: VoucherOutcome does not require it.
    """
    listed = said.body.get("failedCases")
    cases = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    scene.expect(
        all(one.get("failureReason") for one in cases),
        code="voucher.failure-reason-given",
        message=REASONLESS,
        expected=N_("a failureReason in each failed case"),
        actual=plainly(listed)[:200],
        seen=said.callback,
        advice=Message(text=N_("Say in failureReason what was wrong with each.")),
        advisory=True,
    )
    count = said.body.get("numberFailedCases")
    if count is None:
        return
    scene.expect(
        count == len(said.failed),
        code="voucher.failed-cases-counted",
        message=Message(text=N_("The number of failed vouchers is not the number of those that are listed.")),
        expected=f"numberFailedCases {len(said.failed)}",
        actual=f"numberFailedCases {count}",
        seen=said.callback,
        advice=Message(text=N_("Count the entries of failedCases.")),
    )


def expect_answers(scene: Scene, said: Outcome, request: str) -> None:
    """Expect that an outcome names the order that it is about."""
    named = [said.body.get(name) for name in ("registerRequestID", "requestID")]
    scene.expect(
        request in named,
        code="voucher.outcome-named",
        message=Message(
            text=N_("The outcome of an order for vouchers does not say which request it answers.")
        ),
        expected=f"registerRequestID {request}",
        actual=f"registerRequestID {named[0]}, requestID {named[1]}",
        seen=said.callback,
        advice=Message(text=N_("Give the identifier of the order back as registerRequestID.")),
    )


async def shown(scene: Scene, voucher: Voucher, state: str, *, unlike: Standing | None = None) -> Standing:
    """Wait until a voucher's status shows a state: a product may write it a moment after it has answered.

    Where the state's number is not declared, another one than ``unlike`` has to do. Raises Prerequisite if the state
    is never shown.
    """
    known = state == "cancelled" or f"voucher-status.{state}" in scene.declared
    number = number_of(scene, state) if known else None

    def shows(now: Standing) -> bool:
        return now.number == number if known else unlike is None or now.number != unlike.number

    now, _ = await until(scene, voucher, shows, scene.quiet_seconds)
    if not shows(now):
        text = N_(
            "{seconds} s after a voucher became {state} its status does not say so ({standing}), so that what happens to "
            "it then cannot be judged. If it does say so, mend declares: {name} in product.yaml."
        )
        values: dict[str, str | int] = {
            "seconds": f"{scene.quiet_seconds:.0f}",
            "state": state,
            "standing": str(now),
            "name": f"voucher-status.{state}",
        }
        raise Prerequisite(Message(text=text, values=values))
    return now


async def changed(scene: Scene, voucher: Voucher, before: Standing) -> Standing:
    """Wait until a voucher has another status than before; gives the last one if it keeps it."""
    now, _ = await until(scene, voucher, lambda one: one.number != before.number, scene.quiet_seconds)
    return now


async def shown_redeemed(scene: Scene, voucher: Voucher) -> Standing:
    """Redeem a voucher that can be redeemed, and wait until its status shows it; raises Prerequisite otherwise."""
    usable = await standing(scene, voucher)
    await redeemed(scene, voucher)
    return await shown(scene, voucher, "consumed", unlike=usable)


def untold(what: str) -> Prerequisite:
    """Say that no outcome came, which no published field asks for."""
    return Prerequisite(
        Message(
            text=N_(
                "No outcome of the {what} that can be read came to the address in X-Callback-URL or to the source building "
                "block; no document has a field for it (payments-e049), so that what it would say cannot be judged."
            ),
            values={"what": what},
        )
    )


async def ordered(scene: Scene, act: Act, vouchers: Sequence[Voucher]) -> Outcome | None:
    """Order an activation or a cancellation and wait for its outcome; a refused order has none, and is none."""
    sent = await act(scene, vouchers[0].batch, [one.serial for one in vouchers])
    return await outcome(scene, sent) if sent.answer.served else None


def same_money(one: Decimal | None, other: Decimal | None) -> bool:
    """Tell whether two amounts are the same; absent ones are not."""
    return one is not None and other is not None and one == other


def short_lived(scene: Scene) -> tuple[str, float]:
    """Give the programme whose vouchers expire while a case waits, and their life in seconds.

    Raises Prerequisite where the vendor declares none, or one that is too long to wait for.
    """
    programme = scene.declares("voucher.short-lived-programme")
    declared = scene.declares("voucher.short-life-seconds")
    most = 2 * scene.callback_seconds
    try:
        life = float(declared)
    except ValueError:
        life = 0.0
    if not 0 < life <= most:
        text = N_(
            "declares: voucher.short-life-seconds in product.yaml: {declared} is no number of seconds from 1 to {most}; "
            "a case cannot wait for longer."
        )
        raise Prerequisite(Message(text=text, values={"declared": declared, "most": f"{most:.0f}"}))
    return programme, life


async def until(
    scene: Scene, voucher: Voucher, wanted: Callable[[Standing], bool], seconds: float
) -> tuple[Standing, float]:
    """Read a voucher's status until it is ``wanted``, or until one that was asked for after ``seconds``.

    Nothing announces that a voucher has expired, so its status is asked for again and again. Gives the last reading,
    and the ``perf_counter`` from before its request.
    """
    began = perf_counter()
    end = began + seconds
    while True:
        asked = perf_counter()
        now = await standing(scene, voucher)
        if wanted(now):
            return now, asked
        if asked >= end:
            scene.timed(began)
            return now, asked
        await asyncio.sleep(min(_TURN_SECONDS, max(end - perf_counter(), 0)))
