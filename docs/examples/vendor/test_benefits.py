"""The benefit system against the Payments mock, in process."""

import asyncio

import httpx
import pytest
from benefits import Benefits, PaymentsError

from dpi_conformance.testing.mounting import MountedMock
from dpi_conformance.testing.plugin import Mount

OURS = "https://benefits.test"
PEOPLE = {"FID00000000000000001": "DE89370400440532013000", "FID00000000000000002": "DE02120300000000202051"}


def system(mock: MountedMock) -> Benefits:
    return Benefits(mock.url, mock.token, institution="MINSOC", callbacks=OURS)


def test_people_are_entered_and_we_are_told(govstack_mock: Mount) -> None:
    mock = govstack_mock("payments", "https://payments.test/api")
    system(mock).register("REQ000000001", PEOPLE)
    outcome = mock.called(f"{OURS}/registered").json()
    assert outcome["numberFailedCases"] == 0


def test_each_person_gets_a_voucher(govstack_mock: Mount) -> None:
    mock = govstack_mock("payments", "https://payments.test/api")
    system(mock).order_vouchers("REQ000000002", list(PEOPLE), 40.5)
    vouchers = mock.called(f"{OURS}/vouchers").json()["voucherInstructions"]
    assert len({one["serialNumber"] for one in vouchers}) == len(PEOPLE)


def test_an_account_that_is_too_long_is_our_own_mistake(govstack_mock: Mount) -> None:
    mock = govstack_mock("payments", "https://payments.test/api")
    with pytest.raises(PaymentsError, match="FinancialAddress"):
        system(mock).register("REQ000000003", {"FID00000000000000003": "X" * 31})
    assert mock.calls == []


def test_we_are_called_again_when_we_were_out_of_order(govstack_mock: Mount) -> None:
    answers = iter([503, 202])
    mock = govstack_mock("payments", "https://payments.test/api", receiver=lambda _call: next(answers))
    system(mock).register("REQ000000004", PEOPLE)
    assert mock.called(f"{OURS}/registered", times=2) == mock.calls[0]


async def _status(url: str, token: str) -> int:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        return (await client.get(f"{url}/vouchers/1?fields=status")).status_code


def test_an_asynchronous_client_works_too(govstack_mock: Mount) -> None:
    mock = govstack_mock("payments", "https://payments.test/api")
    assert asyncio.run(_status(mock.url, mock.token)) == 400
    assert asyncio.run(_status(mock.url, "wrong")) == 401
