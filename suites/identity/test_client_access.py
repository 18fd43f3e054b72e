"""Nobody registers or changes clients without being allowed to (property E22)."""

import time

import orjson

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, json_request
from dpi_conformance.i18n import N_

from .client_steps import unregistered
from .clients import Client, create, created, stamp, update
from .jose import TokenError, encoded, read
from .sentences import say

_FUNCTIONS = ("client-management",)
_CLAUSE = "GovStack Identity, security of /client-mgmt; RFC 6750, 3.1; govstack-cfr-security#req-3"
_SCOPELESS = "client-management.token-without-scope"
_PROOFS = {"no-token": N_("no token"), "wrong-token": N_("a token that nobody has given")}
_CREDENTIALS = {"no-token": "none", "wrong-token": "wrong"}


async def _test_a_stranger_registers_nobody(scene: Scene, proof: str, what_text: str) -> None:
    """Nobody registers a client with {what_text}: 401, and no client is there."""
    fields = await unregistered(scene)
    body = {"requestTime": stamp(), "request": fields}
    request = json_request("POST", "/client-mgmt/oidc-client", body)
    answer = await scene.send("client-create", request, credentials=_CREDENTIALS[proof])
    await _judge_creation(scene, answer, fields, "client-management.refused", what_text)


for _name, _told in _PROOFS.items():
    case(
        f"E22/create-{_name}",
        clause=_CLAUSE,
        functions=_FUNCTIONS,
        given={"proof": _name, "what_text": _told},
    )(_test_a_stranger_registers_nobody)


async def _judge_creation(
    scene: Scene, answer: Answer, fields: dict[str, object], code: str, what_text: str
) -> None:
    """Register the same with credentials: that is the positive control, and shows whether it was there already."""
    after = await create(scene, fields)
    if not after.served and not answer.served and not _taken(after):
        text = N_("A registration in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(after)))
    if scene.expect_refused(
        answer,
        code=code,
        message=say(
            N_("A client was registered with {what_text}: anybody can be a relying party."),
            what_text=what_text,
        ),
    ):
        _expect_401(scene, answer)
        scene.expect(
            after.served,
            code="client-management.nothing-created",
            message=say(N_("A registration was refused for want of a token, and the client is there since.")),
            expected="the same with a token is served",
            actual=after,
            seen=after,
        )


def _taken(answer: Answer) -> bool:
    return "duplicate_client_id" in str(answer)


def _expect_401(scene: Scene, answer: Answer) -> None:
    scene.expect(
        answer.status in {401, 403},
        code="client-management.status",
        message=say(
            N_("That a token is wanted is not told by the status: the caller mends the request instead.")
        ),
        expected="HTTP 401",
        actual=f"HTTP {answer.status}",
        seen=answer,
    )


async def _test_a_stranger_changes_nobody(scene: Scene, proof: str, what_text: str) -> None:
    """Nobody changes a client with {what_text}."""
    client = await created(scene)
    answer = await _update(scene, client, _CREDENTIALS[proof])
    await _judge_update(scene, answer, client, "client-management.refused", what_text)


for _name, _told in _PROOFS.items():
    case(
        f"E22/update-{_name}",
        clause=_CLAUSE,
        functions=_FUNCTIONS,
        given={"proof": _name, "what_text": _told},
    )(_test_a_stranger_changes_nobody)


async def _update(
    scene: Scene, client: Client, credentials: str, headers: dict[str, str] | None = None
) -> Answer:
    left_out = {"clientId", "relyingPartyId", "publicKey"}
    kept = {name: value for name, value in client.registered.items() if name not in left_out}
    body = {"requestTime": stamp(), "request": {**kept, "status": "inactive"}}
    request = json_request("PUT", f"/client-mgmt/oidc-client/{client.id}", body, headers)
    return await scene.send("client-update", request, credentials=credentials)


async def _judge_update(scene: Scene, answer: Answer, client: Client, code: str, what_text: str) -> None:
    control = await update(scene, client)
    if not control.served:
        text = N_("A change in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(control)))
    if scene.expect_refused(
        answer,
        code=code,
        message=say(
            N_("A client was changed with {what_text}: anybody can lead its codes elsewhere."),
            what_text=what_text,
        ),
    ):
        _expect_401(scene, answer)


@case("E22/create-wrong-scope", clause=f"{_CLAUSE} (add_oidc_client)", functions=_FUNCTIONS)
async def test_a_token_for_something_else_registers_nobody(scene: Scene) -> None:
    """A good token without the scope add_oidc_client registers nobody."""
    fields = await unregistered(scene)
    body = {"requestTime": stamp(), "request": fields}
    request = json_request("POST", "/client-mgmt/oidc-client", body, _scopeless(scene))
    answer = await scene.send("client-create", request, credentials="none")
    await _judge_creation(scene, answer, fields, "client-management.scope", N_("a token for something else"))


@case("E22/update-wrong-scope", clause=f"{_CLAUSE} (update_oidc_client)", functions=_FUNCTIONS)
async def test_a_token_for_something_else_changes_nobody(scene: Scene) -> None:
    """A good token without the scope update_oidc_client changes nobody."""
    client = await created(scene)
    answer = await _update(scene, client, "none", _scopeless(scene))
    await _judge_update(scene, answer, client, "client-management.scope", N_("a token for something else"))


_ALTERED = N_("a token whose content was changed after it was signed")


@case("E22/create-altered-token", clause=f"{_CLAUSE}; RFC 7519, 7.2", functions=_FUNCTIONS)
async def test_a_token_that_was_changed_registers_nobody(scene: Scene) -> None:
    """A good token for something else, changed so that it says it allows this, registers nobody."""
    fields = await unregistered(scene)
    body = {"requestTime": stamp(), "request": fields}
    request = json_request("POST", "/client-mgmt/oidc-client", body, _altered(_scopeless(scene)))
    answer = await scene.send("client-create", request, credentials="none")
    await _judge_creation(scene, answer, fields, "client-management.refused", _ALTERED)


@case("E22/update-altered-token", clause=f"{_CLAUSE}; RFC 7519, 7.2", functions=_FUNCTIONS)
async def test_a_token_that_was_changed_changes_nobody(scene: Scene) -> None:
    """A good token for something else, changed so that it says it allows this, changes nobody."""
    headers = _altered(_scopeless(scene))
    client = await created(scene)
    answer = await _update(scene, client, "none", headers)
    await _judge_update(scene, answer, client, "client-management.refused", _ALTERED)


_UNTIMELY = {
    "expired": N_("a token that has expired"),
    "early": N_("a token that is not good yet"),
}


async def _test_an_untimely_token_registers_nobody(scene: Scene, when: str, what_text: str) -> None:
    """Nobody registers a client with {what_text}: 401, and no client is there."""
    headers = _untimely(scene, when)
    fields = await unregistered(scene)
    body = {"requestTime": stamp(), "request": fields}
    request = json_request("POST", "/client-mgmt/oidc-client", body, headers)
    answer = await scene.send("client-create", request, credentials="none")
    await _judge_creation(scene, answer, fields, "client-management.token-timely", what_text)


async def _test_an_untimely_token_changes_nobody(scene: Scene, when: str, what_text: str) -> None:
    """Nobody changes a client with {what_text}."""
    headers = _untimely(scene, when)
    client = await created(scene)
    answer = await _update(scene, client, "none", headers)
    await _judge_update(scene, answer, client, "client-management.token-timely", what_text)


for _name, _told in _UNTIMELY.items():
    for _deed, _function in {
        "create": _test_an_untimely_token_registers_nobody,
        "update": _test_an_untimely_token_changes_nobody,
    }.items():
        case(
            f"E22/{_deed}-{_name}-token",
            clause=f"{_CLAUSE} (invalid_token: expired, or invalid for other reasons); RFC 7519, 4.1.4 and 4.1.5",
            functions=_FUNCTIONS,
            given={"when": _name, "what_text": _told},
        )(_function)


def _altered(headers: dict[str, str]) -> dict[str, str]:
    """Give the token the scopes that it lacks, and leave its signature; change a letter of one that is no JWT."""
    token = headers["Authorization"].partition(" ")[2]
    try:
        claims = {**read(token).claims, "scope": "add_oidc_client update_oidc_client"}
    except TokenError:
        place = len(token) // 2
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    else:
        head, _, signature = token.split(".")
        changed = f"{head}.{encoded(orjson.dumps(claims))}.{signature}"
    return {"Authorization": f"Bearer {changed}"}


def _untimely(scene: Scene, when: str) -> dict[str, str]:
    """Give a token that is good but for its times; raises Prerequisite where it can be read and is not so."""
    name = f"client-management.token-{when}"
    headers, now = _bearer(scene, name), time.time()
    try:
        claims = read(headers["Authorization"].partition(" ")[2]).claims
    except TokenError:  # an opaque token: the vendor's word for it
        return headers
    expiry, begin = claims.get("exp"), claims.get("nbf")
    past = isinstance(expiry, int | float) and expiry <= now
    if past if when == "expired" else isinstance(begin, int | float) and begin > now and not past:
        return headers
    text = N_(
        "The token under fixtures in product.yaml, {name}, is not {told}; its exp and nbf say otherwise."
    )
    raise Prerequisite(say(text, name=name, told=_UNTIMELY[when]))


def _scopeless(scene: Scene) -> dict[str, str]:
    return _bearer(scene, _SCOPELESS)


def _bearer(scene: Scene, fixture: str) -> dict[str, str]:
    """Give the token that a fixture names; raises Prerequisite if it is not named."""
    token = scene.fixtures.get(fixture)
    if not token:
        text = N_(
            "What kind of token the IAM system gives out is not published; name the token under fixtures in "
            "product.yaml: {name}."
        )
        raise Prerequisite(say(text, name=fixture))
    return {"Authorization": f"Bearer {token}"}
