"""Vouchers in the payments mock live as the state model says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mocks.conftest import Scene

    Play = Callable[..., Any]

MINISTRY = "MINSOC"
HOP = {"X-CorrelationID": "COR1", "X-Platform-TenantId": "T1"}


async def redeem(scene: Scene, serial: str, secret: str, *, agent: str = "AGENT-1", status: int = 200) -> Any:
    answer = await scene.send(
        "POST",
        "/vouchers?command=redeem",
        {
            "requestID": "R1",
            "voucherSerialNumber": serial,
            "agentID": agent,
            "voucherSecretNumber": secret,
        },
        headers={"X-Registering-Institution-Id": MINISTRY},
    )
    assert answer.status_code == status
    return answer.json()


def test_each_instruction_gets_a_voucher_whose_secret_tells_of_no_other(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        created = await scene.create(*[10.5] * 200)
        assert [one["instructionID"] for one in created] == [f"V{n}" for n in range(200)]
        secrets, serials = ({one[name] for one in created} for name in ("voucherNumber", "serialNumber"))
        assert len(secrets) == len(serials) == 200
        assert all(len(secret) == 6 for secret in secrets)
        assert not secrets & serials
        assert len({secret[:3] for secret in secrets}) > 150
        assert {one["amount"] for one in created} == {10.5}

    play(steps)


def test_a_voucher_lives_as_the_state_model_says(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        (voucher,) = await scene.create(50.0)
        serial, secret = voucher["serialNumber"], voucher["voucherNumber"]
        assert await scene.status(serial) == 1
        assert (await redeem(scene, serial, secret))["status"] == 0
        assert (await scene.order("activate", serial))["numberFailedCases"] == 0
        assert await scene.status(serial) == 2
        assert (await scene.order("activate", serial, "0000000000"))["numberFailedCases"] == 2
        assert (await redeem(scene, serial, "WRONG1"))["message"] == "voucher not valid"
        assert await scene.status(serial) == 2
        redeemed = await redeem(scene, serial, secret)
        assert (redeemed["status"], redeemed["value"], redeemed["serialNumber"]) == (1, 50.0, serial)
        assert redeemed["timestamp"].endswith("Z")
        assert await scene.status(serial) == 4
        assert (await redeem(scene, serial, secret))["status"] == 0
        cancelled = await scene.order("cancel", serial)
        assert cancelled["failedCases"] == [
            {"serialNumber": serial, "failureReason": "the voucher is already redeemed"}
        ]

    play(steps)


def test_a_cancelled_voucher_stays_cancelled(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        created = await scene.create(1, 2)
        serials = [one["serialNumber"] for one in created]
        await scene.order("activate", serials[0])
        assert (await scene.order("cancel", *serials))["numberFailedCases"] == 0
        assert [await scene.status(serial) for serial in serials] == [3, 3]
        assert (await scene.order("cancel", serials[0]))["numberFailedCases"] == 1
        assert (await scene.order("activate", serials[0]))["numberFailedCases"] == 1
        assert (await redeem(scene, serials[0], created[0]["voucherNumber"]))["status"] == 0
        assert await scene.status(serials[0]) == 3

    play(steps)


def test_one_of_many_redemptions_at_once_succeeds(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        (voucher,) = await scene.create(50)
        serial = voucher["serialNumber"]
        await scene.order("activate", serial)
        tries = await asyncio.gather(*(redeem(scene, serial, voucher["voucherNumber"]) for _ in range(20)))
        assert sorted(one["status"] for one in tries) == [0] * 19 + [1]
        assert list(scene.state.vouchers.redemptions) == [serial]

    play(steps)


def test_an_active_voucher_expires_after_its_time_and_not_before(play: Play) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    async def steps(scene: Scene) -> None:
        nonlocal now
        first, second = await scene.create(1, 1)
        await scene.order("activate", first["serialNumber"])
        now += timedelta(days=89)
        assert await scene.status(first["serialNumber"]) == 2
        now += timedelta(days=1)
        assert await scene.status(first["serialNumber"]) == 5
        assert (await redeem(scene, first["serialNumber"], first["voucherNumber"]))["message"] == "expired"
        assert await scene.status(second["serialNumber"]) == 1

    play(steps, clock=lambda: now)


@pytest.mark.parametrize(
    ("amount", "currency", "named"),
    [
        (0, "EUR", "amount"),
        (-5, "EUR", "amount"),
        (1.001, "EUR", "amount"),
        (1.5, "JPY", "amount"),
        (1, "ZZZ", "currency"),
        (1, "eur", "currency"),
        (1e16, "EUR", "amount"),
        (1e-30, "EUR", "amount"),
    ],
)
def test_money_that_is_none_makes_no_voucher(play: Play, amount: float, currency: str, named: str) -> None:
    async def steps(scene: Scene) -> None:
        answer = await scene.send(
            "POST",
            "/vouchers",
            {"requestID": "V1", "voucherInstructions": [{"currency": currency, "amount": amount}]},
            headers={"X-Callback-URL": "http://127.0.0.1:9/"},
        )
        assert answer.status_code == 400
        assert f"voucherInstructions.0.{named}" in answer.json()["ResponseDescription"]

    play(steps)


def test_an_agent_outside_the_group_is_refused_and_the_voucher_stays_good(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        address = scene.address()
        body = {
            "requestID": "V1",
            "voucherInstructions": [
                {"instructionID": "I1", "groupCode": "AGR", "currency": "EUR", "amount": 5}
            ],
        }
        await scene.send("POST", "/vouchers", body, headers={"X-Callback-URL": address.url})
        (voucher,) = (await scene.outcome(address, "vouchers-created"))["voucherInstructions"]
        serial, secret = voucher["serialNumber"], voucher["voucherNumber"]
        await scene.order("activate", serial)
        refused = await redeem(scene, serial, secret, agent="AGENT-0002")
        assert (refused["status"], refused["message"]) == (0, "agent not in group")
        assert (await redeem(scene, serial, secret))["status"] == 1

    play(steps)


def test_guessing_has_to_wait_and_the_holder_is_served_afterwards(play: Play) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    async def steps(scene: Scene) -> None:
        nonlocal now
        (voucher,) = await scene.create(5)
        serial, secret = voucher["serialNumber"], voucher["voucherNumber"]
        await scene.order("activate", serial)
        assert {(await redeem(scene, serial, "WRONG1"))["status"] for _ in range(10)} == {0}
        assert "too many guesses" in str(await redeem(scene, serial, secret, status=429))
        now += timedelta(seconds=1)
        assert (await redeem(scene, serial, secret))["status"] == 1

    play(steps, clock=lambda: now)


def test_the_programme_for_tests_expires_three_seconds_after_activation(play: Play) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    async def steps(scene: Scene) -> None:
        nonlocal now
        address = scene.address()
        body = {"requestID": "V1", "voucherInstructions": [{"currency": "EUR", "amount": 5}]}
        headers = {"X-Callback-URL": address.url, "X-Program-Id": "SHORT-LIVED"}
        await scene.send("POST", "/vouchers", body, headers=headers)
        (voucher,) = (await scene.outcome(address, "vouchers-created"))["voucherInstructions"]
        assert voucher["validityPeriod"] == "PT3S"
        now += timedelta(days=10)
        await scene.order("activate", voucher["serialNumber"])
        now += timedelta(seconds=2)
        assert await scene.status(voucher["serialNumber"]) == 2
        await scene.order("activate", voucher["serialNumber"])
        now += timedelta(seconds=1)
        assert await scene.status(voucher["serialNumber"]) == 5

    play(steps, clock=lambda: now)
