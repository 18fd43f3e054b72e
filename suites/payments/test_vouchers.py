"""Vouchers: created, activated, redeemed once, cancelled (properties V1–V13)."""

import asyncio

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message

from .voucher_steps import voucher_active
from .vouchers import redeem

_AT_ONCE = 8


@case("V6/simultaneous-redemptions", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_of_simultaneous_redemptions_one_succeeds(scene: Scene) -> None:
    """Of several redemptions of one voucher at the same moment exactly one succeeds."""
    (voucher,) = await voucher_active(scene, 1)
    answers = await asyncio.gather(*(redeem(scene, voucher) for _ in range(_AT_ONCE)))
    paid = [answer for answer in answers if answer.served]
    scene.expect(
        len(paid) == 1,
        code="voucher.spent-once",
        message=Message(
            text=N_(
                "A voucher was redeemed {count} times by requests that came at the same moment; its value may be paid "
                "out once."
            ),
            values={"count": len(paid)},
        ),
        expected=f"1 of {_AT_ONCE} redemptions succeeds",
        actual=f"{len(paid)} of {_AT_ONCE} succeeded",
        seen=paid[-1] if paid else answers[0],
        advice=Message(
            text=N_(
                "Make the change from active to consumed one atomic step, e.g. an UPDATE that names the old state in "
                "its WHERE clause."
            )
        ),
    )
