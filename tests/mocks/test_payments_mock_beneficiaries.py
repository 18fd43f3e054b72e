"""The mapper of the payments mock: scoped by institution, partial in its failures, true to text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mocks.conftest import Scene

    Play = Callable[..., Any]

MINISTRY = "MINSOC"
HOP = {"X-CorrelationID": "COR1", "X-Platform-TenantId": "T1"}


def person(identity: str, modality: str = "00", address: str = "DE1") -> dict[str, str]:
    return {"payeeIdentity": identity, "PaymentModality": modality, "FinancialAddress": address}


async def look_up(scene: Scene, *identities: str, by: str = MINISTRY) -> list[Any]:
    answer = await scene.send(
        "PUT",
        "/beneficiary",
        {"requestId": "L1", "payeePartyIds": list(identities)},
        headers={"X-Callback_URL": "http://a", "registeringInstitutionId": by},
    )
    assert answer.status_code == 200
    found: list[Any] = answer.json()["paymentModalityList"]
    return found


def test_who_is_registered_is_found_by_its_own_institution_only(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        outcome = await scene.register(person("A"), person("B", "01", "2547"))
        assert (outcome["registerRequestID"], outcome["numberFailedCases"]) == ("REG1", 0)
        first, second = await look_up(scene, "A", "B", "C")
        assert first == {"payeeIdentity": "A", "paymentModality": "00", "financialAddress": "DE1"}
        assert second["financialAddress"] == "2547"
        assert await look_up(scene, "A", by="OTHER") == []

    play(steps)


def test_a_second_registration_is_a_failed_case_and_changes_nothing(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        await scene.register(person("A"))
        again = await scene.register(person("A", "01", "2547"), person("B"))
        assert [case["payeeIdentity"] for case in again["failedCases"]] == ["A"]
        assert again["numberFailedCases"] == 1
        assert (await look_up(scene, "A"))[0]["financialAddress"] == "DE1"
        assert len(await look_up(scene, "B")) == 1
        assert (await scene.register(person("A"), by="OTHER"))["numberFailedCases"] == 0

    play(steps)


def test_an_update_changes_what_it_gives_and_fails_for_strangers_and_wrong_bank_codes(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        await scene.register(person("A"), person("B"))
        address = scene.address()
        changes = [
            {"payeeIdentity": "A", "financialAddress": "NEW", "bankingInstitutionCode": "DEUTDEFF500"},
            {"payeeIdentity": "B", "bankingInstitutionCode": "nonsense"},
            {"payeeIdentity": "C", "paymentModality": "03"},
        ]
        await scene.send(
            "PUT",
            "/identityAccountMapper/beneficiary",
            {"requestID": "U1", "sourceBBID": MINISTRY, "beneficiaries": changes},
            headers={"X-Callback-URL": address.url},
        )
        outcome = await scene.outcome(address, "update-beneficiary-result")
        failed = {case["payeeFunctionalID"]: case["paymentModality"] for case in outcome["failedCases"]}
        assert failed == {"B": "00", "C": "03"}
        (first,) = await look_up(scene, "A")
        assert (first["financialAddress"], first["paymentModality"]) == ("NEW", "00")
        assert first["bankingInstitutionCode"] == "DEUTDEFF500"

    play(steps)


def test_an_unknown_modality_is_refused_because_no_callback_could_name_it(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        answer = await scene.send(
            "POST",
            "/identityAccountMapper/beneficiary",
            {"RequestID": "REG1", "Beneficiaries": [person("A", "07")]},
            headers={"X-Callback-URL": "http://127.0.0.1:9/", "X-Registering-Institution-ID": MINISTRY},
        )
        assert answer.status_code == 400
        assert answer.json()["ResponseCode"] == "01"
        assert "Beneficiaries.0.PaymentModality" in answer.json()["ResponseDescription"]
        assert answer.json()["RequestID"] == "REG1"

    play(steps)


@pytest.mark.parametrize(
    "name",
    [
        "محمد بن سعيد",
        "አበበ ቢቂላ",
        "e\u0301a\u0323\u0302",
        "\u200fשלום\u200e",
        "👩‍👩‍👧🏽",
        "ＡＢ ﬁ",
        " lead ",
        "a\tb\nc",
    ],
)
def test_text_comes_back_code_point_for_code_point(play: Play, name: str) -> None:
    async def steps(scene: Scene) -> None:
        await scene.register(person(name, address=name))
        (found,) = await look_up(scene, name)
        assert (found["payeeIdentity"], found["financialAddress"]) == (name, name)

    play(steps)
