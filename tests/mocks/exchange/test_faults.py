"""Each fault of the exchange mock breaks what it names; the clean mock does not."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import re
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from dpi_conformance.catalogue.packs import Pack

if TYPE_CHECKING:
    from tests.mocks.exchange.conftest import Message, Stage

    Play = Callable[..., Any]

FAULTS = {fault.name: fault for fault in Pack.builtin().load("mocks.exchange.faults").FAULTS}
OWN = {name: fault for name, fault in FAULTS.items() if re.match(r"exchange/suite/[DXM]", fault.cases)}
SERVICE = "/r1/GOV/GOV/70000/registry/people"
ARCHIVE = "/r1/GOV/GOV/70000/registry/archive"
ROOM = "/r1/GOV/GOV/70000/registry"
CONFIG, ALLOW, DENY = "/api/v1/config", "/api/v1/rights/allow", "/api/v1/rights/deny"
CLIENT = {"memberClass": "COM", "memberCode": "1234"}
GZIP = gzip.compress(b"text", mtime=0)
JSON = {"Content-Type": "application/json"}
PATIENCE = 0.3

Shows = Callable[["Stage"], Awaitable[bool]]


def answer(status: str = "200 OK", body: bytes = b"", *headers: tuple[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


def seen(
    differs: Callable[[Message], bool], method: str = "GET", target: str = SERVICE, **sent: Any
) -> Shows:
    """Show a fault by what the provider gets."""

    async def shows(stage: Stage) -> bool:
        got = await stage.send(method, target, sent.get("headers", {}), sent.get("body"))
        return not stage.seen or differs(stage.seen[-1]) or got.status >= 400

    return shows


def target(below: str, method: str = "GET") -> Shows:
    """Show a fault by the target that the provider gets."""
    return seen(lambda one: not one.target.endswith(f"/people{below}"), method, SERVICE + below)


def body(raw: bytes, method: str = "POST", **headers: str) -> Shows:
    """Show a fault by the body that the provider gets."""
    return seen(
        lambda one: one.body != raw,
        method,
        body=raw,
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )


def lost(name: str, value: str) -> Shows:
    """Show a fault by a header that the provider does not get as it was sent."""
    return seen(lambda one: one.values(name) != [value], headers={name: value})


def got(raw: bytes, differs: Callable[[Message], bool], method: str = "GET") -> Shows:
    """Show a fault by what the caller gets of a provider's answer."""

    async def shows(stage: Stage) -> bool:
        stage.answer = lambda _seen: raw
        return differs(await stage.send(method))

    return shows


def given(raw: bytes, *headers: tuple[str, str]) -> Shows:
    """Show a fault by a body that the caller does not get as the provider gave it."""
    return got(answer("200 OK", raw, *headers), lambda one: one.body != raw)


def status(code: int, text: str = "x") -> Shows:
    return got(answer(f"{code} Some", text.encode()), lambda one: one.status != code)


def refused(path: str = SERVICE, client: str = "GOV/COM/1234/benefits") -> Shows:
    """Show a fault by a call that is served, or not refused."""

    async def shows(stage: Stage) -> bool:
        return (await stage.send("GET", path, client=client)).status < 400

    return shows


def x_road(
    differs: Callable[[Message], bool], path: str = SERVICE, raw: bytes = answer(), **headers: str
) -> Shows:
    """Show a fault by what a caller of X-Road gets."""

    async def shows(stage: Stage) -> bool:
        stage.answer = lambda _seen: raw
        return differs(
            await stage.x_road("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        )

    return shows


def x_road_seen(differs: Callable[[Message], bool], **headers: str) -> Shows:
    """Show a fault by what the provider gets of X-Road's headers."""

    async def shows(stage: Stage) -> bool:
        await stage.x_road("GET", SERVICE, headers={k.replace("_", "-"): v for k, v in headers.items()})
        return differs(stage.seen[-1])

    return shows


def listed(path: str, differs: Callable[[list[Any]], bool], client: str = "GOV/COM/1234/benefits") -> Shows:
    async def shows(stage: Stage) -> bool:
        return differs((await stage.send("GET", path, client=client)).json()["member"])

    return shows


def codes(members: list[Any]) -> list[str]:
    return [one["serviceCode"] for one in members]


def order(service: str, *applications: str) -> list[Any]:
    provider = {
        "memberClass": "GOV",
        "memberCode": "70000",
        "applicationId": "registry",
        "serviceId": service,
    }
    return [{**provider, "rights": [{**CLIENT, "applicationId": one} for one in applications]}]


async def pairs(stage: Stage, query: str = "", turns: int = 9) -> list[tuple[int, list[str]]]:
    """Give the pages of rights: the size of each and its pairs."""
    pages, token = [], ""
    for _ in range(turns):
        page = (await stage.manage("GET", f"{ALLOW}?{query}{token}")).json()
        entries = page["allowList"]
        rights = [f"{one['serviceId']}-{who['applicationId']}" for one in entries for who in one["rights"]]
        pages.append((len(rights), rights))
        if "nextPageToken" not in page:
            break
        token = f"&nextPageToken={page['nextPageToken']}"
    return pages


def rights(expected: list[str], *orders: tuple[str, list[Any]]) -> Shows:
    """Show a fault by the rights that there are after orders."""

    async def shows(stage: Stage) -> bool:
        for path, one in orders:
            assert (await stage.manage("PATCH", path, one)).status == 200
        return [pair for _, page in await pairs(stage) for pair in page] != expected

    return shows


def pages(query: str, expected: list[list[str]]) -> Shows:
    async def shows(stage: Stage) -> bool:
        return [page for _, page in await pairs(stage, query)] != expected

    return shows


A, S, F, P = "addresses-benefits", "addresses-statistics", "archive-insurance", "people-benefits"


async def denied_still_calls(stage: Stage) -> bool:
    assert (await stage.send()).status == 200
    assert (await stage.manage("PATCH", DENY, order("people", "benefits"))).status == 200
    return (await stage.send()).status < 400


async def breaks_at_absent(stage: Stage) -> bool:
    return (await stage.manage("PATCH", DENY, order("archive", "benefits"))).status != 200


def service(
    name: str, url: str = "http://127.0.0.1:9/", document: str = "http://127.0.0.1:9/"
) -> dict[str, Any]:
    return {"id": name, "specUrl": document, "serviceUrl": url}


def configured(*services: dict[str, Any], instance: str = "T", klass: str = "GOV") -> dict[str, Any]:
    application = {"id": "registry", "connection": "https", "services": list(services)}
    member = {
        "name": "Ministry of the Interior",
        "class": klass,
        "code": "70000",
        "applications": [application],
    }
    return {"domain": "d", "instance": instance, "members": [member]}


def configuration(expected: dict[str, Any], *writes: tuple[str, dict[str, Any]]) -> Shows:
    """Show a fault by the configuration that is read after writes."""

    async def shows(stage: Stage) -> bool:
        for method, one in writes:
            assert (await stage.manage(method, CONFIG, one)).status == 201
        return bool((await stage.manage("GET", CONFIG)).json() != expected)

    return shows


ONE, TWO = configured(service("a")), configured(service("a"), service("b"))
RIGHT = {"rights": [{"member": "Ministry of the Interior", "application": "registry"}]}
ENTITLED = configured({**service("a"), **RIGHT})
OTHER = {"name": "Other", "class": "GOV", "code": "1"}
MORE = {**TWO, "members": [*TWO["members"], OTHER]}


async def address_kept(stage: Stage) -> bool:
    await stage.send()
    change = configured(service("people", f"{stage.provider_url}/moved"), instance="GOV")
    assert (await stage.manage("PATCH", CONFIG, change)).status == 201
    await stage.send()
    return stage.seen[-1].target != "/moved"


async def removed_still_served(stage: Stage) -> bool:
    await stage.send()
    whole = (await stage.manage("GET", CONFIG)).json()
    registry = whole["members"][1]["applications"][0]
    registry["services"] = registry["services"][1:]
    assert (await stage.manage("PUT", CONFIG, whole)).status == 201
    return (await stage.send()).status < 400


def yaml(text: bytes) -> Shows:
    async def shows(stage: Stage) -> bool:
        return (await stage.manage("PUT", CONFIG, text, "text/yaml")).status != 201

    return shows


async def status_is_bad(stage: Stage) -> bool:
    return (await stage.manage("GET", "/api/v1/status")).status != 200


async def allowed_is_refused(stage: Stage) -> bool:
    assert (await stage.manage("PATCH", ALLOW, order("people", "statistics"))).status == 200
    return (await stage.send(client="GOV/COM/1234/statistics")).status >= 400


async def document_is_cut(stage: Stage) -> bool:
    got = await stage.send("GET", f"{ROOM}/getOpenAPI?serviceCode=people")
    try:
        json.loads(got.body)
    except ValueError:
        return True
    return False


async def document_kept(stage: Stage) -> bool:
    assert (await stage.send("GET", f"{ROOM}/getOpenAPI?serviceCode=people")).status == 200
    stage.answer = lambda _seen: answer("200 OK", b'{"paths":{"/new":{}}}')
    change = configured(service("people", document=f"{stage.provider_url}/new.json"), instance="GOV")
    assert (await stage.manage("PATCH", CONFIG, change)).status == 201
    return b"/new" not in (await stage.send("GET", f"{ROOM}/getOpenAPI?serviceCode=people")).body


async def document_of_another(stage: Stage) -> bool:
    return bool(
        (await stage.send("GET", f"{ROOM}/getOpenAPI?serviceCode=archive")).json()["info"]["title"]
        != "archive"
    )


async def sent_again(stage: Stage) -> bool:
    stage.answer = lambda _seen: None
    await stage.send("POST", body=b"once")
    return len(stage.seen) != 1


async def sent_again_on_503(stage: Stage) -> bool:
    stage.answer = lambda _seen: answer("503 Busy")
    await stage.send("POST", body=b"once")
    return len(stage.seen) != 1


async def token_leaks(stage: Stage) -> bool:
    await stage.send()
    return any("secret" in value for _, value in stage.seen[-1].fields)


async def hops(stage: Stage) -> bool:
    await stage.send("GET", SERVICE, [("Connection", "x-hop"), ("X-Hop", "1"), ("TE", "trailers")])
    return bool(stage.seen[-1].values("x-hop") or stage.seen[-1].values("te"))


async def elsewhere(stage: Stage, **at: Any) -> Message:
    change = configured(service("archive", **at), instance="GOV")
    change["members"][0]["applications"][0]["services"][0]["rights"] = [
        {"member": "Ministry of Social Affairs", "application": "benefits"}
    ]
    assert (await stage.manage("PATCH", CONFIG, change)).status == 201
    return await stage.send("GET", ARCHIVE)


async def tls_given_up(stage: Stage) -> bool:
    return (await elsewhere(stage, url=stage.provider_url.replace("http:", "https:"))).status < 400


async def unreachable_is_well(stage: Stage) -> bool:
    return (await elsewhere(stage)).status < 400


async def mixed_up(stage: Stage) -> bool:
    stage.answer = lambda one: answer("200 OK", one.target.encode())
    answers = await asyncio.gather(*(stage.send("GET", f"{SERVICE}/{n}") for n in range(20)))
    return any(not one.body.endswith(f"/people/{n}".encode()) for n, one in enumerate(answers))


async def cached(stage: Stage) -> bool:
    await stage.send("GET", f"{SERVICE}/1")
    await stage.send("GET", f"{SERVICE}/1")
    return len(stage.seen) != 2


async def followed(stage: Stage) -> bool:
    stage.answer = lambda one: (
        answer("302 Found", b"", ("Location", "/x")) if "people" in one.target else answer()
    )
    return (await stage.send()).status != 302


async def made_whole(stage: Stage) -> bool:
    stage.answer = lambda _seen: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
    return (await stage.send()).whole


async def not_told_apart(stage: Stage) -> bool:
    hashes = set()
    for more in ("1", "2"):
        one = await stage.x_road("POST", body=b"same", headers={"X-Other": more})
        hashes.add(one.value("x-road-request-hash"))
    return len(hashes) != 2


async def escaped(stage: Stage) -> bool:
    return (await stage.x_road("GET", SERVICE.replace("people", "%70eople"))).status >= 400


def without_client(stage: Stage) -> Awaitable[bool]:
    return x_road(lambda one: one.status < 400, X_Road_Client="", X_Road_Id="1")(stage)


def hash_differs(one: Message) -> bool:
    return len(base64.b64decode(one.value("x-road-request-hash"))) != 64


FORGED = answer("404 Not Found", b"", ("X-Road-Id", "forged"))
NONE = "/r1/GOV/GOV/70000/registry/none"

SHOWN: dict[str, Shows] = {
    "clients-come-twice": listed("/listClients", lambda all_: len({str(one) for one in all_}) != len(all_)),
    "clients-without-applications": listed("/listClients", lambda all_: "benefits" not in str(all_)),
    "client-ids-run-together": listed("/listClients", lambda all_: "1234/benefits" in str(all_)),
    "unknown-instance-listed": refused("/listClients?instanceId=XX"),
    "offered-is-what-is-allowed": listed(f"{ROOM}/listMethods", lambda all_: "archive" not in codes(all_)),
    "offered-by-the-whole-member": listed(
        "/r1/GOV/GOV/70000/elections/listMethods", lambda all_: "people" in codes(all_)
    ),
    "allowed-is-what-is-offered": listed(f"{ROOM}/allowedMethods", lambda all_: "archive" in codes(all_)),
    "allowed-to-the-whole-member": listed(
        f"{ROOM}/allowedMethods", lambda all_: "people" in codes(all_), "GOV/COM/1234/statistics"
    ),
    "service-filter-ignored": listed(f"{ROOM}/listMethods?serviceId=people", lambda all_: len(all_) != 1),
    "endpoints-made-up": listed(
        f"{ROOM}/listMethods",
        lambda all_: {"method": "DELETE", "path": "/people"} in all_[0]["endpointList"]["member"],
    ),
    "first-services-document": document_of_another,
    "document-kept-for-ever": document_kept,
    "document-of-unknown-service": refused(f"{ROOM}/getOpenAPI?serviceCode=none"),
    "rights-not-enforced": refused(ARCHIVE),
    "rights-of-the-whole-member": refused(client="GOV/COM/1234/statistics"),
    "denied-only-after-restart": denied_still_calls,
    "first-right-of-an-order-only": rights(
        [A, S, F, P, "people-insurance", "people-statistics"],
        (ALLOW, order("people", "insurance", "statistics")),
    ),
    "allow-twice-counts-twice": rights([A, S, F, P], (ALLOW, order("people", "benefits"))),
    "allow-replaces-others": rights([A, S, F, P], (ALLOW, order("addresses", "benefits"))),
    "deny-takes-all": rights([A, F, P], (DENY, order("addresses", "statistics"))),
    "deny-of-absent-breaks": breaks_at_absent,
    "page-skips-one": pages("pageSize=1", [[A], [S], [F], [P]]),
    "page-repeats-the-last": pages("pageSize=2", [[A, S], [F, P]]),
    "page-size-ignored": pages("pageSize=2", [[A, S], [F, P]]),
    "page-counts-services": pages("pageSize=1", [[A], [S], [F], [P]]),
    "page-token-ignored": pages("pageSize=2", [[A, S], [F, P]]),
    "last-page-has-a-token": pages("pageSize=4", [[A, S, F, P]]),
    "rights-filter-ignored": pages("applicationId=nobody", [[]]),
    "change-wipes-the-rest": configuration(TWO, ("PUT", TWO), ("PATCH", ONE)),
    "change-replaces-members": configuration(MORE, ("PUT", MORE), ("PATCH", ONE)),
    "change-is-not-written": configuration(TWO, ("PUT", ONE), ("PATCH", TWO)),
    "replacing-keeps-the-rest": configuration(ONE, ("PUT", TWO), ("PUT", ONE)),
    "replacing-again-adds": configuration(ONE, ("PUT", ONE), ("PUT", ONE)),
    "rights-of-configuration-ignored": configuration(ENTITLED, ("PUT", ENTITLED)),
    "service-address-kept": address_kept,
    "removed-service-still-served": removed_still_served,
    "yaml-refused": yaml(b"domain: d\ninstance: T"),
    "yaml-of-old": yaml(b"domain: d\ninstance: NO"),
    "status-never-good": status_is_bad,
    "allow-is-not-written": allowed_is_refused,
    "document-cut-short": document_is_cut,
    "head-becomes-get": seen(lambda one: one.method != "HEAD", "HEAD"),
    "put-becomes-post": seen(lambda one: one.method != "PUT", "PUT", body=b""),
    "patch-and-options-refused": seen(lambda _one: False, "PATCH", body=b""),
    "path-decoded": target("/a%2Fb%7e"),
    "double-slash-collapsed": target("/a//b"),
    "dot-segments-resolved": target("/a/../b"),
    "trailing-slash-lost": target("/a/"),
    "query-sorted": target("?b=1&a=2"),
    "query-encoded-anew": target("?a=b%20c"),
    "query-duplicates-dropped": target("?a=1&a=2"),
    "query-cut-at-semicolon": target("?a=1;b=2"),
    "query-cut-at-2048": target("?a=" + "x" * 2048),
    "query-of-post-lost": target("?a=1", "POST"),
    "request-json-written-anew": body(b'{ "a": 1.0 }', Content_Type="application/json"),
    "request-charset-converted": body(b"\xe9", Content_Type="text/plain; charset=iso-8859-1"),
    "request-unzipped": body(GZIP, Content_Encoding="gzip"),
    "request-packed-anew": body(GZIP, Content_Encoding="gzip"),
    "request-cut-at-a-megabyte": body(b"x" * (1024 * 1024 + 1)),
    "request-line-ends-changed": body(b"a\r\nb"),
    "empty-request-becomes-object": body(b""),
    "body-of-get-dropped": body(b"wanted", "GET"),
    "unanswered-call-repeated": sent_again,
    "call-repeated-on-503": sent_again_on_503,
    "own-headers-reach-provider": seen(lambda one: bool(one.values("x-mediator-node"))),
    "own-credentials-passed-on": token_leaks,
    "other-headers-dropped": lost("X-Mine", "1"),
    "repeated-headers-merged": seen(
        lambda one: one.values("x-two") != ["1", "2"], headers=[("X-Two", "1"), ("X-Two", "2")]
    ),
    "header-octets-converted": lost("X-Note", "\xc4"),
    "accept-replaced": lost("Accept", "text/csv"),
    "conditions-dropped": lost("If-None-Match", '"e"'),
    "content-type-made-up": seen(lambda one: bool(one.values("content-type"))),
    "hop-by-hop-passed-on": hops,
    "client-header-not-needed": refused(client=""),
    "client-header-not-read": refused(client="GOV/COM"),
    "unknown-client-let-through": refused(client="GOV/COM/1234/nobody"),
    "client-header-believed": refused(ARCHIVE, "GOV/COM/5678/insurance"),
    "unknown-service-is-empty": refused(NONE),
    "instance-ignored": refused(SERVICE.replace("/r1/GOV", "/r1/XX")),
    "tls-given-up": tls_given_up,
    "answer-json-written-anew": given(b'{ "a": 1.0 }', ("Content-Type", "application/json")),
    "answer-unzipped": given(GZIP, ("Content-Encoding", "gzip")),
    "answer-packed-anew": given(GZIP, ("Content-Encoding", "gzip")),
    "answer-charset-converted": given(b"\xe9", ("Content-Type", "text/plain; charset=ISO-8859-1")),
    "empty-answer-becomes-null": given(b""),
    "answer-cut-at-pieces": given(b"x" * 8193),
    "broken-answer-made-whole": made_whole,
    "answers-mixed-up": mixed_up,
    "answers-from-a-cache": cached,
    "no-content-becomes-ok": got(b"HTTP/1.1 204 No Content\r\n\r\n", lambda one: one.status != 204),
    "not-modified-becomes-ok": got(b"HTTP/1.1 304 Not Modified\r\n\r\n", lambda one: one.status != 304),
    "redirects-followed": followed,
    "not-found-becomes-bad-request": status(404),
    "provider-failure-becomes-gateway-failure": status(500),
    "provider-errors-covered": got(answer("422 Odd", b"theirs"), lambda one: one.body != b"theirs"),
    "unreachable-provider-is-empty": unreachable_is_well,
    "charset-added": got(
        answer("200 OK", b"x", ("Content-Type", "text/csv")),
        lambda one: one.value("content-type") != "text/csv",
    ),
    "set-cookie-merged": got(
        answer("200 OK", b"", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
        lambda one: one.values("set-cookie") != ["a=1", "b=2"],
    ),
    "entity-tag-dropped": got(answer("200 OK", b"", ("ETag", "x")), lambda one: not one.values("etag")),
    "length-of-head-is-zero": got(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        lambda one: one.values("content-length") == ["0"],
        "HEAD",
    ),
    "answer-headers-dropped": got(answer("200 OK", b"", ("ETag", "x")), lambda one: not one.values("etag")),
    "own-headers-reach-caller": got(answer(), lambda one: bool(one.values("x-powered-by"))),
    "escaped-parts-not-decoded": escaped,
    "x-road-client-not-needed": without_client,
    "service-header-cut": x_road(lambda one: not one.value("x-road-service").endswith("/people")),
    "request-id-missing": x_road(lambda one: not one.values("x-road-request-id")),
    "providers-own-headers-win": x_road(lambda one: one.values("x-road-id") == ["forged"], raw=FORGED),
    "request-hash-missing": x_road(lambda one: not one.values("x-road-request-hash")),
    "request-hash-of-another-kind": x_road(hash_differs),
    "request-hash-of-the-body": not_told_apart,
    "request-hash-passed-on": x_road_seen(
        lambda one: bool(one.values("x-road-request-hash")), X_Road_Request_Hash="forged"
    ),
    "message-id-made-anew": x_road(lambda one: one.values("x-road-id") != ["7"], X_Road_Id="7"),
    "message-id-not-returned": x_road(lambda one: not one.values("x-road-id"), X_Road_Id="7"),
    "user-id-dropped": x_road_seen(lambda one: not one.values("x-road-userid"), X_Road_UserId="EE1"),
    "issue-dropped": x_road_seen(lambda one: not one.values("x-road-issue"), X_Road_Issue="1"),
    "accept-left-empty": x_road_seen(lambda one: not one.values("accept")),
    "security-server-ignored": x_road(lambda one: one.status < 400, X_Road_Security_Server="GOV/GOV/1/other"),
    "provider-errors-marked": x_road(lambda one: bool(one.values("x-road-error")), raw=FORGED),
    "own-errors-unmarked": x_road(lambda one: not one.values("x-road-error"), NONE),
    "error-type-of-another-protocol": x_road(lambda one: not one.json()["type"].startswith("Server."), NONE),
    "protocol-errors-are-500": x_road(lambda one: one.status != 400, X_Road_Client="GOV"),
    "error-without-charset": x_road(lambda one: "charset" not in one.value("content-type"), NONE),
    "errors-as-pages": x_road(lambda one: "json" not in one.value("content-type"), NONE),
    "metadata-in-a-form-of-its-own": x_road(lambda one: "services" in one.json(), f"{ROOM}/listMethods"),
    "metadata-services-listed": x_road(
        lambda one: "getOpenAPI" in [each["service_code"] for each in one.json()["service"]],
        f"{ROOM}/listMethods",
    ),
}
"""For each fault, what tells a mock that has it from one that has not."""


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    Pack.builtin().load("mocks.exchange.app")
    forwarding = sys.modules["_dpi_pack_govstack.mocks.exchange.forwarding"]
    monkeypatch.setattr(forwarding, "_SILENT_SECONDS", PATIENCE)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_fault_is_seen_where_it_is_on_and_only_there(play: Play, name: str) -> None:
    assert play(SHOWN[name]) is False
    assert play(SHOWN[name], faults=frozenset({name})) is True


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_fault_changes_nothing_that_it_does_not_name(play: Play, name: str) -> None:
    """A plain call is served with every fault, and so is the list of rights but for the faults of lists."""

    async def steps(stage: Stage) -> tuple[int, int, int]:
        stage.answer = lambda _seen: answer("200 OK", b"hello", ("Content-Type", "text/plain; charset=utf-8"))
        calls = [await stage.send("POST", SERVICE, JSON, json.dumps(n).encode()) for n in (1, 2)]
        assert [(one.status, one.body) for one in calls] == [(200, b"hello")] * 2
        assert len(stage.seen) == 2
        return (
            (await stage.manage("GET", ALLOW)).status,
            (await stage.manage("GET", CONFIG)).status,
            (await stage.send("GET", f"{ROOM}/allowedMethods")).status,
        )

    assert play(steps, faults=frozenset({name})) == (200, 200, 200)


def test_every_fault_is_shown_and_names_a_check_and_its_cases() -> None:
    assert set(SHOWN) == set(OWN)
    assert len(OWN) >= 30
    properties = Pack.builtin().spec("exchange", "block.yaml").read_text()
    for fault in OWN.values():
        number = re.fullmatch(r"exchange/suite/([DXM]\d+)/\S+", fault.cases)
        assert number is not None, fault.name
        assert f"\n  {number[1]}: " in properties, fault.name
        assert re.fullmatch(r"[a-z]+\.[a-z-]+", fault.check), fault.name
        assert fault.summary.endswith("."), fault.name
