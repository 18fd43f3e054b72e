"""Wallet binding, enrollment, and what is asked for about credentials."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.mocks.identity.conftest import (
    NOW,
    OTP,
    PEOPLE,
    TOKEN,
    Product,
    code_of,
    enveloped,
    parameters,
    rsa_key,
)
from tests.mocks.identity.test_identity_mock_linked import BINDING_HEADERS, PIN

Play = Callable[..., None]
MARIE = PEOPLE["marie"]
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def binding(**changes: Any) -> dict[str, Any]:
    return enveloped(
        **{
            "individualId": MARIE.uin,
            "authFactorType": "WLA",
            "format": "jwt",
            "challengeList": [PIN],
            "publicKey": rsa_key("wallet").as_dict(private=False),
            **changes,
        }
    )


def test_a_key_is_bound_once_and_certified(play: Play) -> None:
    async def steps(product: Product) -> None:
        first = await product.client.post("/wallet-binding", json=binding(), headers=BINDING_HEADERS)
        bound = product.valid(first, "wallet-binding")["response"]
        certificate = x509.load_pem_x509_certificate(bound["certificate"].encode())
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert certificate.public_key().public_bytes(*form) == rsa_key("wallet").public_key.public_bytes(
            *form
        )
        assert datetime.fromisoformat(bound["expireDateTime"]) == certificate.not_valid_after_utc
        second = await product.client.post("/wallet-binding", json=binding(), headers=BINDING_HEADERS)
        assert code_of(second) == "duplicate_public_key"

    play(steps)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": "xml"}, "unsupported_challenge_format"),
        ({"challengeList": [{**PIN, "format": "jwt"}]}, "unsupported_challenge_format"),
        ({"challengeList": [{**PIN, "challenge": "1"}]}, "invalid_auth_challenge"),
        ({"challengeList": []}, "invalid_auth_challenge"),
        ({"individualId": "nobody"}, "invalid_auth_challenge"),
        ({"publicKey": {"kty": "EC"}}, "invalid_public_key"),
        ({"authFactorType": "PIN"}, "invalid_request"),
    ],
)
def test_a_binding_that_is_not_proven_is_refused(play: Play, changes: dict[str, Any], code: str) -> None:
    async def steps(product: Product) -> None:
        answer = await product.client.post(
            "/wallet-binding", json=binding(**changes), headers=BINDING_HEADERS
        )
        assert code_of(answer) == code

    play(steps)


def test_only_a_partner_binds(play: Play) -> None:
    async def steps(product: Product) -> None:
        stranger = {**BINDING_HEADERS, "PARTNER-API-KEY": "guess"}
        refused = await product.client.post("/wallet-binding", json=binding(), headers=stranger)
        assert code_of(refused) == "invalid_request"
        nobody = {k: v for k, v in BINDING_HEADERS.items() if k != "Authorization"}
        refused = await product.client.post("/wallet-binding", json=binding(), headers=nobody)
        assert refused.status_code == 401

    play(steps)


def enrollment(identifier: str, reference: str, **fields: str) -> dict[str, Any]:
    named = {"id": identifier, "refId": reference, "fields": fields}
    return {"id": "govstack.enrollment", "requesttime": NOW, "request": named}


def test_an_enrollment_is_made_once_and_completed(play: Play) -> None:
    async def steps(product: Product) -> None:
        async def put(*arguments: str, **fields: str) -> tuple[int, Any]:
            body = enrollment(*arguments, **fields)
            answer = await product.client.put("/enrollment", json=body, headers=BEARER)
            return answer.status_code, product.valid(answer, "enroll")

        first, body = await put("e1", "r1", gender="f", city="Kenitra")
        again, same = await put("e1", "r1", gender="f", city="Kenitra")
        assert (first, again) == (201, 200)
        assert body["response"] == same["response"]
        _, partial = await put("e1", "r1", city="Fès")
        assert partial["metaData"] == {"data": "city gender"}
        _, joined = await put("e1-second-step", "r1", postalCode="14000")
        assert joined["response"][0]["packetName"] == body["response"][0]["packetName"]
        assert len(list(product.state.enrollments)) == 1

    play(steps)


@pytest.mark.parametrize("request_", [None, {}, {"id": 7}, {"id": "e", "fields": {"city": "[{"}}])
def test_a_malformed_enrollment_is_told(play: Play, request_: Any) -> None:
    async def steps(product: Product) -> None:
        body = {"requesttime": NOW, **({} if request_ is None else {"request": request_})}
        answer = await product.client.put("/enrollment", json=body, headers=BEARER)
        assert code_of(answer) == "invalid_request"
        assert "responsetime" in answer.json()

    play(steps)


def test_sharing_is_an_event_of_the_history(play: Play) -> None:
    async def steps(product: Product) -> None:
        request = {
            "partnerId": "print",
            "sharableAttributes": [{"attributeName": "dateOfBirth", "isMasked": True}],
            "purpose": "Proof of age",
            "consent": "Accepted",
        }
        refused = await product.client.post(
            "/share-credential", json={"request": {**request, "consent": "Denied"}}, headers=BEARER
        )
        assert refused.json()["errors"]["errorCode"] == "consent_missing"
        shared = await product.client.post("/share-credential", json={"request": request}, headers=BEARER)
        assert product.valid(shared, "share-credential")["response"] == {"status": "Success"}
        event = shared.headers["eventid"]
        seen = await product.client.get(f"/events/{event}?language=eng", headers=BEARER)
        assert product.valid(seen, "credential-event")["response"]["eventId"] == event
        headers = {**BEARER, "locale": "en-US", "time-zone-offset": "0"}
        path = f"/service-history/eng?fromDate=2020-01-01&searchText={event[:8]}"
        page = await product.client.get(path, headers=headers)
        assert product.valid(page, "service-history")["response"]["totalItems"] == 1
        wrong = await product.client.get("/service-history/eng?fromDate=soon", headers=headers)
        assert code_of(wrong) == "invalid_request"

    play(steps)


def test_a_card_is_a_pdf(play: Play) -> None:
    async def steps(product: Product) -> None:
        page = base64.b64encode("<p>Marie (née)</p><p>Abidjan</p>".encode()).decode()
        body = {"request": {"html": page}}
        answer = await product.client.post("/download/personalized-card", json=body, headers=BEARER)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-1.4")
        assert "(Marie \\(née\\)) Tj".encode("latin-1") in answer.content
        empty = await product.client.post("/download/personalized-card", json={"request": {}}, headers=BEARER)
        assert empty.status_code == 400

    play(steps)


def test_an_update_needs_the_one_time_code(play: Play) -> None:
    async def steps(product: Product) -> None:
        wish = base64.b64encode(b'{"city": "Bouake"}').decode()
        request = {"individualId": MARIE.uin, "otp": OTP, "identityJson": wish}
        served = await product.client.post("/update-uin", json={"request": request}, headers=BEARER)
        assert product.valid(served, "update-uin")["response"]["registrationId"]
        for wrong in ({"otp": "000000"}, {"individualId": "nobody"}, {"identityJson": "?"}):
            body = {"request": {**request, **wrong}}
            refused = await product.client.post("/update-uin", json=body, headers=BEARER)
            assert product.valid(refused, "update-uin")["errors"]

    play(steps)


def test_nobody_logs_in_with_a_blocked_identity(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        assert "code" in parameters(await product.log_in())
        body = {"request": {"id": MARIE.uin, "idType": "UIN"}}
        blocked = await product.client.post("/block", json=body, headers=BEARER)
        assert product.valid(blocked, "block")["response"]["status"] == "BLOCKED"
        assert 'id="wrong"' in (await product.log_in()).text, "the session is over, and the PIN does not help"
        await product.client.post("/unblock", json=body, headers=BEARER)
        assert "code" in parameters(await product.log_in())

    play(steps)


def test_an_identity_is_changed(play: Play) -> None:
    async def steps(product: Product) -> None:
        request = {"uin": MARIE.uin, "status": "DEACTIVATED", "identity": {"nickname": "Lou"}}
        changed = await product.client.patch("/updateIdentity", json={"request": request}, headers=BEARER)
        assert product.valid(changed, "update-identity")["response"]["identity"] == {"nickname": "Lou"}
        person = product.state.people.find(MARIE.uin)
        assert (person.blocked, person.claims["nickname"], person.claims["locale"]) == (True, "Lou", "fr-CI")

    play(steps)
