"""For each fault of E17 to E28, what shows it: a probe that tells whether the product has it."""

import re
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
from cryptography import x509

from dpi_conformance.catalogue.packs import Pack
from tests.mocks.identity.conftest import (
    OTP,
    PEOPLE,
    TOKEN,
    Product,
    asked,
    enveloped,
    parameters,
    registration,
    rsa_key,
)
from tests.mocks.identity.test_identity_mock_linked import BINDING_HEADERS, PIN, Wallet
from tests.mocks.identity.test_identity_mock_register import binding, enrollment

Probe = Callable[[Product], Awaitable[bool]]
PACK = Pack.builtin()
PATH = "/client-mgmt/oidc-client"
MARIE = PEOPLE["marie"]
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def served(answer: httpx.Response) -> bool:
    return bool(answer.json()["errors"] == [])


async def told(product: Product, claims: str, allowed: list[str], **changes: Any) -> dict[str, Any]:
    """Give what userinfo says after a login with this consent."""
    page = await product.log_in(claims=claims, **changes)
    if page.status_code == 200:
        page = await product.press(page, "decision=allow", claims=allowed)
    tokens = (await product.exchange(parameters(page)["code"][0])).json()
    return await product.userinfo(tokens["access_token"])


ALL = ["email", "email_verified", "birthdate", "phone_number", "zoneinfo", "locale", "name"]


def says(name: str, value: object, person: str = "marie", **changes: Any) -> Probe:
    """Probe whether a claim comes with this value."""

    async def probe(product: Product) -> bool:
        await product.register(userClaims=[*ALL, "nickname"])
        claims = await told(product, asked(**{name: False}), [name], person=person, **changes)
        return name in claims and bool(claims[name] == value)

    return probe


async def beyond_consent(product: Product) -> bool:
    await product.register()
    return "email" in await told(product, asked(email=False), [])


async def beyond_scope_consent(product: Product) -> bool:
    await product.register()
    return "birthdate" in await told(product, asked(name=False), [], scope="openid profile")


async def beyond_client(product: Product) -> bool:
    await product.register(userClaims=["name"])
    return "email" in await told(product, asked(email=False), ["email"])


async def no_consent_asked(product: Product) -> bool:
    await product.register()
    return (await product.log_in(claims=asked(name=True))).status_code == 303


async def more_than_a_login(product: Product) -> bool:
    await product.register()
    return "name" in await told(product, "{}", [])


async def untagged(product: Product) -> bool:
    await product.register()
    return "name" in await told(product, asked(name=False), ["name"], claims_locales="en")


async def old_claims(product: Product) -> bool:
    await product.register()
    page = await product.press(
        await product.log_in(claims=asked(email=False)), "decision=allow", claims=["email"]
    )
    tokens = (await product.exchange(parameters(page)["code"][0])).json()
    await product.manage("PUT", f"{PATH}/c1", {**registration(userClaims=["name"]), "status": "active"})
    return "email" in await product.userinfo(tokens["access_token"])


async def subjects(product: Product, *parties: str) -> list[str]:
    found = []
    for number, party in enumerate(parties):
        name = f"s{number}"
        await product.register(name, relyingPartyId=party)
        own = product.assertion(iss=name, sub=name)
        code = await product.code(client_id=name)
        tokens = (await product.exchange(code, client_id=name, client_assertion=own)).json()
        found.append((await product.claims(tokens["id_token"]))["sub"])
    return found


async def same_subject(product: Product) -> bool:
    one, two = await subjects(product, "a", "b")
    return one == two


async def uin_as_subject(product: Product) -> bool:
    return bool((await subjects(product, "a"))[0] == MARIE.uin)


async def subject_by_client(product: Product) -> bool:
    one, two = await subjects(product, "a", "a")
    return one != two


def served_again(client_id: str, **changes: Any) -> Probe:
    async def probe(product: Product) -> bool:
        await product.register("Abc")
        return served(await product.register(client_id, **changes))

    return probe


async def refused_other_case(product: Product) -> bool:
    return not await served_again("abc")(product)


async def lowered(product: Product) -> bool:
    return bool((await product.register("Abc")).json()["response"]["clientId"] == "abc")


async def any_key(product: Product) -> bool:
    return served(await product.register(publicKey={"kty": "EC"}))


def updated(see: Callable[[Product], Awaitable[bool]], **changes: Any) -> Probe:
    """Probe what is seen after a change of the client."""

    async def probe(product: Product) -> bool:
        await product.register()
        await product.manage("PUT", f"{PATH}/c1", {**registration(**changes), "status": "active", **changes})
        return await see(product)

    return probe


async def nobody_updated(product: Product) -> bool:
    answer = await product.manage("PUT", f"{PATH}/none", {**registration(), "status": "active"})
    return served(answer)


async def key_changed(product: Product) -> bool:
    return bool(product.state.clients.find("c1").public_key != rsa_key().as_dict(private=False))


async def old_redirect(product: Product) -> bool:
    return (await product.authorize()).status_code == 200


async def still_email(product: Product) -> bool:
    return "email" in product.state.clients.find("c1").claims


async def active(product: Product) -> bool:
    return (await product.authorize()).status_code == 200


async def tokens_for_inactive(product: Product) -> bool:
    await product.register()
    code = await product.code()
    await product.manage("PUT", f"{PATH}/c1", {**registration(), "status": "inactive"})
    return (await product.exchange(code)).status_code == 200


def managed_by(header: Callable[[], str]) -> Probe:
    async def probe(product: Product) -> bool:
        headers = {"Authorization": header()} if header() else {}
        answer = await product.client.post(PATH, json=enveloped(**registration()), headers=headers)
        return answer.status_code == 200

    return probe


def other_scope() -> str:
    return f"Bearer {PACK.load('mocks.identity.admission').iam_token(TOKEN, 'wallet_binding', time.time())}"


async def two_wallets(product: Product) -> bool:
    await product.register()
    wallet = await (await Wallet.begun(product)).linked()
    return served(await wallet.wallet("link-transaction", linkCode=wallet.code))


async def old_link(product: Product) -> bool:
    await product.register()
    wallet = await Wallet.begun(product)
    code = (await wallet.page("link-code")).json()["response"]["linkCode"]
    product.clock.ahead = 200
    return served(await wallet.wallet("link-transaction", linkCode=code))


async def past(product: Product) -> bool:
    await product.register()
    response = (await (await Wallet.begun(product)).page("link-code")).json()["response"]
    stamp = PACK.load("mocks.identity.state").stamp
    return bool(response["expireDateTime"] < stamp(product.clock()))


async def crossed(product: Product) -> bool:
    await product.register()
    one, two = [await (await Wallet.begun(product)).linked() for _ in range(2)]
    return served(await one.page("link-status", linkCode=two.code))


async def other_browser(product: Product) -> bool:
    await product.register()
    wallet = await Wallet.begun(product)
    product.client.cookies.clear()
    await product.authorize()
    return served(await wallet.page("link-code"))


async def linked_at_once(product: Product) -> bool:
    await product.register()
    wallet = await Wallet.begun(product)
    code = (await wallet.page("link-code")).json()["response"]["linkCode"]
    return served(await wallet.page("link-status", linkCode=code))


async def done(product: Product) -> tuple[Wallet, dict[str, Any]]:
    await product.register()
    wallet = await (await Wallet.begun(product)).linked()
    await wallet.authenticate()
    await wallet.consent()
    answer = await wallet.page("link-auth-code", linkedCode=wallet.code)
    return wallet, answer.json()["response"]


async def handed_out_again(product: Product) -> bool:
    wallet, _ = await done(product)
    return served(await wallet.page("link-auth-code", linkedCode=wallet.code))


async def linked_when_over(product: Product) -> bool:
    wallet, _ = await done(product)
    return served(await wallet.page("link-code"))


def lacks(name: str) -> Probe:
    async def probe(product: Product) -> bool:
        return name not in (await done(product))[1]

    return probe


def at_wallet(see: Callable[[Wallet], Awaitable[Any]], **changes: Any) -> Probe:
    """Probe whether a wallet's request is served, after the login was taken over."""

    async def probe(product: Product) -> bool:
        await product.register()
        wallet = await (await Wallet.begun(product, **changes)).linked()
        return served(await see(wallet))

    return probe


async def consent_after_failure(wallet: Wallet) -> Any:
    await wallet.authenticate({**PIN, "challenge": "000000"})
    return await wallet.consent()


def consented(**request: Any) -> Callable[[Wallet], Awaitable[Any]]:
    async def see(wallet: Wallet) -> Any:
        await wallet.authenticate()
        return await wallet.consent(**request)

    return see


def xsrf(headers: dict[str, str]) -> Probe:
    async def probe(product: Product) -> bool:
        await product.register()
        return (await (await Wallet.begun(product)).page("link-code", headers)).status_code == 200

    return probe


def bound(*, times: int = 1, headers: dict[str, str] | None = None, **changes: Any) -> Probe:
    async def probe(product: Product) -> bool:
        given = {**BINDING_HEADERS, **(headers or {})}
        answers = [
            await product.client.post("/wallet-binding", json=binding(**changes), headers=given)
            for _ in range(times)
        ]
        return served(answers[-1])

    return probe


async def binding_of_other_key(product: Product) -> bool:
    answer = await product.client.post("/wallet-binding", json=binding(), headers=BINDING_HEADERS)
    certificate = x509.load_pem_x509_certificate(answer.json()["response"]["certificate"].encode())
    return certificate.public_key() != rsa_key("wallet").public_key


async def binding_expires_elsewhen(product: Product) -> bool:
    answer = await product.client.post("/wallet-binding", json=binding(), headers=BINDING_HEADERS)
    response = answer.json()["response"]
    certificate = x509.load_pem_x509_certificate(response["certificate"].encode())
    return datetime.fromisoformat(response["expireDateTime"]) != certificate.not_valid_after_utc


async def unclear_time(product: Product) -> bool:
    return not re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", (await product.register()).json()["responseTime"])


async def both(product: Product) -> bool:
    body = (await product.register()).json()
    return bool(body["errors"] and body["response"])


async def own_codes(product: Product) -> bool:
    answer = await product.manage("POST", PATH, registration(clientName=""))
    return bool(answer.json()["errors"][0]["errorCode"] != "invalid_client_name")


async def any_time(product: Product) -> bool:
    return served(await product.manage("POST", PATH, registration(), requestTime="now"))


async def put(product: Product, *names: str, **fields: str) -> Any:
    body = enrollment(*names, **fields)
    return await product.client.put("/enrollment", json=body, headers=BEARER)


async def two_identities(product: Product) -> bool:
    one, two = [(await put(product, "e", "r", city="A")).json()["response"][0] for _ in range(2)]
    return bool(one["packetName"] != two["packetName"])


async def wiped(product: Product) -> bool:
    await put(product, "e", "r", city="A", gender="f")
    return "gender" not in (await put(product, "e", "r", city="B")).json()["metaData"]["data"]


async def apart(product: Product) -> bool:
    one = (await put(product, "e", "r", city="A")).json()["response"][0]
    two = (await put(product, "f", "r", gender="f")).json()["response"][0]
    return bool(one["packetName"] != two["packetName"])


async def not_created(product: Product) -> bool:
    return bool((await put(product, "e", "r", city="A")).status_code == 200)


OTHER = "https://rp.example/other"
WLA = {"authFactorType": "WLA", "challenge": "a.b.c", "format": "jwt"}

PROBES: dict[str, Probe] = {
    "claims-beyond-consent": beyond_consent,
    "claims-by-scope-without-consent": beyond_scope_consent,
    "claims-beyond-client": beyond_client,
    "consent-never-asked": no_consent_asked,
    "claims-for-openid": more_than_a_login,
    "claims-locales-ignored": untagged,
    "client-claims-cached": old_claims,
    "birthdate-local": says("birthdate", "09/03/1987"),
    "email-verified-as-text": says("email_verified", "true"),
    "phone-number-local": says("phone_number", "00700000001"),
    "zoneinfo-as-offset": says("zoneinfo", "+00:00"),
    "locale-with-underscore": says("locale", "fr_CI"),
    "missing-claims-as-null": says("website", None, person="grace"),
    "subject-public": same_subject,
    "subject-is-uin": uin_as_subject,
    "subject-by-client": subject_by_client,
    "duplicate-client-overwrites": served_again("Abc"),
    "client-id-unique-without-case": refused_other_case,
    "client-id-lowered": lowered,
    "public-key-not-checked": any_key,
    "update-of-nothing-succeeds": nobody_updated,
    "update-changes-key": updated(key_changed, publicKey=rsa_key("stranger").as_dict(private=False)),
    "update-adds-redirects": updated(old_redirect, redirectUris=[OTHER]),
    "removed-redirect-accepted": updated(old_redirect, redirectUris=[OTHER]),
    "update-ignores-status": updated(active, status="inactive"),
    "update-keeps-claims": updated(still_email, userClaims=["name"]),
    "inactive-client-gets-tokens": tokens_for_inactive,
    "no-auth-check": managed_by(lambda: ""),
    "wrong-token-accepted": managed_by(lambda: "Bearer nobody"),
    "scope-not-checked": managed_by(other_scope),
    "link-code-reusable": two_wallets,
    "link-code-never-expires": old_link,
    "link-expiry-past": past,
    "link-codes-crossed": crossed,
    "transaction-of-another-browser": other_browser,
    "link-status-at-once": linked_at_once,
    "auth-code-handed-out-again": handed_out_again,
    "completed-transaction-linked": linked_when_over,
    "link-state-dropped": lacks("state"),
    "link-nonce-dropped": lacks("nonce"),
    "challenge-count-not-checked": at_wallet(
        lambda wallet: wallet.authenticate({**PIN, "authFactorType": "OTP", "challenge": OTP}),
        acr_values="idbb:acr:biometrics-generated-code",
    ),
    "wallet-signature-not-checked": at_wallet(lambda wallet: wallet.authenticate(WLA)),
    "consent-without-authentication": at_wallet(lambda wallet: wallet.consent()),
    "auth-failed-yet-authenticated": at_wallet(consent_after_failure),
    "consent-claim-not-offered-accepted": at_wallet(consented(acceptedClaims=["email"])),
    "consent-scope-not-offered-accepted": at_wallet(consented(permittedAuthorizeScopes=["phone"])),
    "xsrf-not-checked": xsrf({}),
    "xsrf-cookie-not-compared": xsrf({"X-XSRF-TOKEN": "x" * 32}),
    "wallet-duplicate-accepted": bound(times=2),
    "wallet-challenge-not-checked": bound(challengeList=[{**PIN, "challenge": "0"}]),
    "partner-not-checked": bound(headers={"PARTNER-API-KEY": "guess"}),
    "wallet-certificate-other-key": binding_of_other_key,
    "wallet-expiry-differs": binding_expires_elsewhen,
    "response-time-local": unclear_time,
    "response-time-epoch": unclear_time,
    "errors-with-response": both,
    "error-code-unlisted": own_codes,
    "request-time-not-checked": any_time,
    "enrollment-twice-two-identities": two_identities,
    "enrollment-update-wipes": wiped,
    "enrollment-reference-ignored": apart,
    "enrollment-always-200": not_created,
}
