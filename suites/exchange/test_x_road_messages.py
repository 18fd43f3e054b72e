"""X-Road's message protocol: how services, callers and messages are named, and what is passed on (X1 to X9)."""

import asyncio
import base64
import binascii
import hashlib
import uuid
from dataclasses import replace
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.wire.passage import Load
from dpi_conformance.wire.visits import Return

from .alike import answer_alike, hold, request_alike, through
from .mediating import Mediated, called, offered
from .parties import application
from .payloads import BODIES, PATHS, QUERIES
from .returns import GREETING
from .test_mediation_requests import of_a_connection
from .x_road import plain, road

_HEADERS: Final = "PR-REST 4.3"
_JSON: Final = (("Content-Type", "application/json"),)
_HASH_BYTES: Final = 64


def _escaped(text: str) -> str:
    """Write the first character as an escape, which means the same."""
    return f"%{ord(text[0]):02X}{text[1:]}" if text and ord(text[0]) < 128 else text


@case("X1/escaped-parts", clause="PR-REST 4.1, 4.2", functions=["x-road"])
async def test_escaped_parts(scene: Scene) -> None:
    """A service is found by an identifier whose parts are percent-encoded, each by itself."""
    await plain(scene)
    there = offered(scene)
    parts = (there.provider.instance, there.provider.member_class, there.provider.member, there.provider.code)
    written = "/".join(("/r1", *map(_escaped, parts), _escaped(there.code)))
    mediated = await called(scene, road(method="GET"), GREETING, service=replace(there, written=written))
    hold(
        scene,
        mediated.arrival is not None,
        code="xroad.identifier-decoded",
        expected="the same as without escapes",
        actual=mediated,
        seen=mediated.exchange,
        place="path",
    )


@case("X2/no-client", clause="PR-REST 4.3, 4.6", functions=["x-road"])
async def test_no_client(scene: Scene) -> None:
    """A request without X-Road-Client, or with one that cannot be read, is refused with 400; the name's case is free."""
    await plain(scene)
    own = application(scene, "consumer.client")
    named = (("X-Road-Id", str(uuid.uuid4())),)
    for client in ("", own.instance, f"{own}/further/parts", f"%ZZ{own}"):
        mediated = await called(scene, road(client=client, headers=named))
        hold(
            scene,
            mediated.arrival is None and mediated.status == 400,
            code="xroad.client-required",
            expected="400, and nothing at the provider",
            actual=f"{mediated}; {mediated.visit.arrived} calls at the provider",
            seen=mediated.exchange,
        )
    spelt = replace(road(method="GET"), client_header="x-rOAD-cLIENT")
    through(scene, await called(scene, spelt, GREETING))


@case("X3/targets", clause="PR-REST 4.1, 4.5", functions=["x-road"])
async def test_targets(scene: Scene) -> None:
    """Method, path and query reach the provider as they were written."""
    await plain(scene)
    calls = [road(method=method) for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE")]
    calls += [road(method="GET", below=path) for path in PATHS]
    calls += [road(method="GET", query=query) for query in QUERIES]
    for mediated in await asyncio.gather(*(called(scene, call, GREETING) for call in calls)):
        request_alike(scene, mediated)


@case("X4/headers-of-an-answer", clause=_HEADERS, functions=["x-road"])
async def test_headers_of_an_answer(scene: Scene) -> None:
    """An answer names client, service and request, also where the provider sets these headers itself."""
    await plain(scene)
    forged = ("X-Road-Client", "X-Road-Service", "X-Road-Id", "X-Road-Request-Id", "X-Road-Request-Hash")
    forging = Return(
        headers=(*((name, "FORGED/by/the/provider") for name in forged), *_JSON), load=Load(block=b"{}")
    )
    for wanted in (GREETING, forging):
        mediated = await called(scene, road(), wanted)
        if through(scene, mediated) is None:
            continue
        own = str(application(scene, "consumer.client"))
        service = mediated.service.path.removeprefix("/r1/")
        is_forged = any("FORGED" in value for name in forged for value in mediated.headers(name))
        hold(
            scene,
            not is_forged,
            code="xroad.headers-overwritten",
            expected="the mediator's own",
            actual=[mediated.headers(name) for name in forged],
            seen=mediated.exchange,
            place="headers",
        )
        if is_forged:
            continue
        named = (mediated.headers("x-road-client"), mediated.headers("x-road-service"))
        hold(
            scene,
            named == ([own], [service]),
            code="xroad.service-named",
            expected=f"{own}, {service}",
            actual=named,
            seen=mediated.exchange,
            place="headers",
        )
        hold(
            scene,
            any(mediated.headers("x-road-request-id")),
            code="xroad.request-id",
            expected="an identifier",
            actual="none",
            seen=mediated.exchange,
            place="header.x-road-request-id",
        )


@case("X5/request-hash", clause=_HEADERS, functions=["x-road"])
async def test_request_hash(scene: Scene) -> None:
    """X-Road-Request-Hash is a SHA-512 over headers and body: each request has another one."""
    await plain(scene)
    body = Load(block=b'{"id": 7}')
    forged = (
        ("X-Road-Request-Hash", "Zm9yZ2Vk"),
        ("X-Road-Request-Id", "forged"),
        ("X-Road-Service", "for/ged"),
    )
    sent = [
        await called(scene, road(headers=_JSON, load=body), GREETING),
        await called(scene, road(headers=(*_JSON, ("X-Road-Issue", "42")), load=body), GREETING),
        await called(scene, road(method="GET"), GREETING),
    ]
    for mediated in filter(lambda one: through(scene, one) is not None, sent):
        _expect_hash(scene, mediated)
    hashes = {str(one.headers("x-road-request-hash")) for one in sent}
    hold(
        scene,
        len(hashes) == len(sent),
        code="xroad.request-hash",
        expected="another one for each request",
        actual=sorted(hashes),
        seen=sent[1].exchange,
        place="header.x-road-request-hash",
    )
    mediated = await called(scene, road(headers=forged, load=body), GREETING)
    arrival = through(scene, mediated, refusable=True)
    if arrival is None:
        return
    passed = [name for name, value in forged if value in arrival.values(name.lower())]
    hold(
        scene,
        not passed,
        code="xroad.request-hash-dropped",
        expected="not as the caller wrote them",
        actual=passed,
        seen=arrival.callback,
        place="headers",
        advisory=True,
    )


def _expect_hash(scene: Scene, mediated: Mediated) -> None:
    values = mediated.headers("x-road-request-hash")
    try:
        digest = base64.b64decode(values[0], validate=True) if values else b""
    except binascii.Error:
        digest = b""
    body = b"".join(mediated.call.load.pieces())
    of_body = hashlib.sha512(body).digest()
    hold(
        scene,
        len(values) == 1 and len(digest) == _HASH_BYTES and digest != of_body,
        code="xroad.request-hash",
        expected="base64 of 64 bytes that are not the body's own hash",
        actual=values or "no such header",
        seen=mediated.exchange,
        place="header.x-road-request-hash",
    )


@case("X6/message-id", clause=_HEADERS, functions=["x-road"])
async def test_message_id(scene: Scene) -> None:
    """X-Road-Id comes back as it was sent, and is made where none was."""
    await plain(scene)
    given = str(uuid.uuid4())
    for wanted, headers in ((given, (("X-Road-Id", given),)), ("", ())):
        mediated = await called(scene, road(headers=headers), GREETING)
        arrival = through(scene, mediated)
        if arrival is None:
            continue
        back, there = mediated.headers("x-road-id"), arrival.values("x-road-id")
        met = len(back) == 1 and bool(back[0]) and (not wanted or back == [wanted])
        hold(
            scene,
            met and (not there or there == back),
            code="xroad.message-id",
            expected=wanted or "an identifier",
            actual=f"{back} in the answer, {there} at the provider",
            seen=mediated.exchange,
            place="header.x-road-id",
        )


@case("X7/headers-passed", clause=_HEADERS, functions=["x-road"])
async def test_headers_passed(scene: Scene) -> None:
    """User, issue, user-defined and cache headers reach the provider unmodified."""
    await plain(scene)
    headers = (
        ("X-Road-UserId", "EE12345678901"),
        ("X-Road-Issue", "case 42/7, ä"),
        ("X-Own-Header", "one,  two"),
        ("Cache-Control", "max-age=0, no-cache"),
        ("If-None-Match", '"abc"'),
    )
    mediated = await called(scene, road(headers=headers), GREETING)
    arrival = through(scene, mediated)
    for name, value in headers if arrival is not None else ():
        got = arrival.values(name.lower()) if arrival else []
        hold(
            scene,
            got == [value],
            code="xroad.headers-passed",
            expected=value,
            actual=got or "no such header",
            seen=arrival.callback if arrival else None,
            place=f"header.{name.lower()}",
        )


@case("X8/types", clause=_HEADERS, functions=["x-road"])
async def test_types(scene: Scene) -> None:
    """Content-Type and Accept reach the other side unmodified; without Accept the provider gets application/json."""
    await plain(scene)
    bodies = [one for one in BODIES if not one[1]][:7]
    for kind, _, load in bodies:
        typed = (("Content-Type", kind),) if kind else ()
        call = road(headers=(*typed, ("Accept", "text/csv;header=absent, */*;q=0.1")), load=load)
        wanted = Return(headers=typed, load=load)
        mediated = await called(scene, call, wanted)
        request_alike(scene, mediated)
        if mediated.arrival is not None:
            answer_alike(scene, mediated, wanted)
    mediated = await called(scene, road(method="GET", without=frozenset({"accept"})), GREETING)
    arrival = through(scene, mediated)
    if arrival is not None:
        hold(
            scene,
            arrival.values("accept") == ["application/json"],
            code="xroad.accept-default",
            expected="application/json",
            actual=arrival.values("accept") or "no such header",
            seen=arrival.callback,
            place="header.accept",
        )


@case("X9/headers-of-a-connection", clause=f"{_HEADERS}; RFC 9110, 7.6.1", functions=["x-road"])
async def test_headers_of_a_connection(scene: Scene) -> None:
    """What concerns one connection is not passed on, either way; neither are User-Agent and Server."""
    await plain(scene)
    await of_a_connection(scene, road(method="GET"))
    agent = "conformance-agent/7"
    server = Return(
        headers=(
            ("Connection", "close, X-Hop"),
            ("X-Hop", "mine"),
            ("Keep-Alive", "timeout=77"),
            ("Server", agent),
        ),
        load=Load(block=b"{}"),
    )
    mediated = await called(scene, road(method="GET", headers=(("User-Agent", agent),)), server)
    arrival = through(scene, mediated)
    if arrival is None:
        return
    ours = {"x-hop": "mine", "keep-alive": "timeout=77", "server": agent}
    passed = [f"{name} at the caller" for name, value in ours.items() if value in mediated.headers(name)]
    passed += ["user-agent at the provider"] if agent in arrival.values("user-agent") else []
    hold(
        scene,
        not passed,
        code="mediation.hop-by-hop",
        expected="not passed on",
        actual=", ".join(passed),
        seen=mediated.exchange,
        place="headers",
    )
