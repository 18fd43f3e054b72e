"""On the way to the provider: method, path, query, body and headers stay as they were (property D7)."""

import asyncio
from collections.abc import Sequence

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.wire.passage import Load

from .alike import answer_alike, hold, request_alike, through
from .mediating import Call, Headers, Mediated, called, control
from .payloads import (
    BODIES,
    LARGE,
    PATHS,
    PATHS_REFUSABLE,
    QUERIES,
    QUERIES_REFUSABLE,
    drawn_bodies,
    drawn_paths,
    drawn_queries,
)
from .returns import GREETING

_SAME = "GovStack IM 8.2.1; PR-REST 4.1"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


async def _all(scene: Scene, calls: Sequence[Call]) -> list[Mediated]:
    """Send calls side by side."""
    await control(scene)
    return list(await asyncio.gather(*(called(scene, call, GREETING) for call in calls)))


@case("D7/methods", clause="RFC 9110, 9; GovStack IM 8.2.1", functions=["mediation"])
async def test_methods(scene: Scene) -> None:
    """The provider is called with the method that the caller used, with and without a path below the service."""
    calls = [Call(method=method, below=below) for method in _METHODS for below in ("", "/people/7")]
    for mediated in await _all(scene, calls):
        request_alike(scene, mediated)
        if mediated.arrival is not None:
            answer_alike(scene, mediated, GREETING)


@case("D7/paths", clause=f"{_SAME}; RFC 3986, 2.2, 6.2.2", functions=["mediation"])
async def test_paths(scene: Scene) -> None:
    """The path below a service reaches the provider as it was written, percent signs, slashes and all."""
    paths = [*PATHS, *drawn_paths("paths-1", 16)]
    calls = [Call(method="GET", below=path) for path in paths]
    rooted = [Call(method="GET", below=path, rooted=True) for path in ("", "/", "/a/b")]
    for mediated in await _all(scene, [*calls, *rooted]):
        request_alike(scene, mediated)
    for mediated in await _all(scene, [Call(method="GET", below=path) for path in PATHS_REFUSABLE]):
        request_alike(scene, mediated, refusable=True)


@case("D7/queries", clause=f"{_SAME}; PR-REST 4.5", functions=["mediation"])
async def test_queries(scene: Scene) -> None:
    """A query reaches the provider as it was written: order, repetition, spelling and empty parts."""
    queries = [*QUERIES, *drawn_queries("queries-1", 16)]
    for mediated in await _all(scene, [Call(method="GET", query=one) for one in queries]):
        request_alike(scene, mediated)
    posted = [Call(query=one, headers=_JSON, load=Load(block=b"{}")) for one in queries[:4]]
    for mediated in await _all(scene, posted):
        request_alike(scene, mediated)
    refusable = [Call(method="GET", query=one) for one in QUERIES_REFUSABLE]
    for mediated in await _all(scene, refusable):
        request_alike(scene, mediated, refusable=True)


_JSON = (("Content-Type", "application/json"),)


@case("D7/bodies", clause=f"{_SAME}; RFC 9110, 6.4", functions=["mediation"])
async def test_bodies(scene: Scene) -> None:
    """A body reaches the provider byte for byte, whatever its type, coding, size and framing."""
    calls: list[Call] = []
    for kind, more, load in [*BODIES, *drawn_bodies("bodies-1", 16)]:
        typed = (("Content-Type", kind),) if kind is not None else ()
        calls.append(Call(method="POST" if len(calls) % 3 else "PUT", headers=(*typed, *more), load=load))
    deleted = Call(method="DELETE", headers=_JSON, load=Load(block=b'{"reason": 1}'))
    for mediated in await _all(scene, calls):
        request_alike(scene, mediated)
    for mediated in await _all(scene, [deleted]):
        request_alike(scene, mediated, refusable=True)


@case("D7/large-requests", clause="PR-REST 3.1; RFC 9110, 6.4", functions=["mediation"])
async def test_large_requests(scene: Scene) -> None:
    """10 MB reach the provider byte for byte, with a length before them and streamed without."""
    await control(scene)
    for load in LARGE:
        call = Call(headers=(("Content-Type", "application/octet-stream"),), load=load)
        request_alike(scene, await called(scene, call, GREETING), refusable=True)


_END_TO_END: Sequence[Headers] = (
    (("Accept", "application/xml;q=0.5, application/json"), ("Accept-Language", "et, en;q=0.3")),
    (("X-Example", "one, two"), ("X-Example", "three")),
    (("X-Empty", ""),),
    (("If-None-Match", '"abc", W/"def"'),),
    (("If-Modified-Since", "Sat, 29 Oct 1994 19:43:31 GMT"),),
    (("Range", "bytes=0-499"),),
    (("Cache-Control", "no-cache, max-age=0"),),
    (("Cookie", "a=1; b=2"),),
    (),
)
"""What goes into one call each, so that a finding names one thing."""
_ORIGIN = (("Origin", "https://consumer.example.org"),)
_OCTETS = "Ä 42/7"


@case("D7/headers", clause="RFC 9110, 5.1, 5.3; PR-REST 4.3", functions=["mediation"])
async def test_headers(scene: Scene) -> None:
    """Headers that are meant for the provider reach it, known and unknown, repeated and empty; nothing is invented."""
    foreign = Call(method="GET", headers=_ORIGIN)
    calls = [Call(method=method, headers=headers) for headers in _END_TO_END for method in ("GET", "POST")]
    for mediated in await _all(scene, [*calls, foreign]):
        request_alike(scene, mediated, refusable=mediated.call is foreign)
        arrival = mediated.arrival
        if arrival is None:
            continue
        proofs = {
            value for name, value in mediated.exchange.request.headers if name.lower() == "authorization"
        }
        leaked = [name for name, value in arrival.headers if value in proofs]
        hold(
            scene,
            not leaked,
            code="mediation.credentials-kept",
            expected="not at the provider",
            actual=", ".join(leaked),
            seen=arrival.callback,
            place="headers",
        )


@case("D7/header-octets", clause="RFC 9110, 5.5", functions=["mediation"])
async def test_header_octets(scene: Scene) -> None:
    """A header with letters beyond ASCII reaches the provider as it was, or the call is refused; none is changed unseen."""
    await control(scene)
    mediated = await called(scene, Call(method="GET", headers=(("X-Case-Reference", _OCTETS),)), GREETING)
    arrival = through(scene, mediated, refusable=True)
    if arrival is None:
        return
    came = arrival.values("x-case-reference")
    hold(
        scene,
        came == [_OCTETS],
        code="mediation.header-octets",
        expected=[_OCTETS],
        actual=came or "no such header",
        seen=arrival.callback,
        place="header.x-case-reference",
        advisory=True,
    )


@case("D7/headers-of-a-connection", clause="RFC 9110, 7.6.1", functions=["mediation"])
async def test_headers_of_a_connection(scene: Scene) -> None:
    """What concerns the caller's connection alone does not reach the provider."""
    await control(scene)
    await of_a_connection(scene, Call(method="GET"))


_NAMED = (
    ("Connection", "close, X-Hop, TE"),
    ("X-Hop", "mine"),
    ("TE", "trailers;q=0.7"),
)
"""What Connection names MUST be removed; whoever sends TE names it there (RFC 9110, 7.6.1, 10.1.4)."""
_KNOWN = (("Keep-Alive", "timeout=77"),)
"""What Connection does not name, and is known to be of one connection, SHOULD be removed (RFC 9110, 7.6.1)."""


async def of_a_connection(scene: Scene, call: Call) -> None:
    """Send headers of one connection: what Connection names must stay behind, and Keep-Alive should."""
    mediated = await called(
        scene,
        Call(method=call.method, headers=(*_NAMED, *_KNOWN), client_header=call.client_header),
        GREETING,
    )
    arrival = through(scene, mediated)
    if arrival is None:
        return
    for sent, advisory in ((_NAMED, False), (_KNOWN, True)):
        ours = [(name, value) for name, value in arrival.headers if (name.title(), value) in _title(sent)]
        hold(
            scene,
            not ours,
            code="mediation.hop-by-hop",
            expected="not at the provider",
            actual=ours,
            seen=arrival.callback,
            place="headers",
            advisory=advisory,
        )


def _title(headers: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(name.title(), value) for name, value in headers}
