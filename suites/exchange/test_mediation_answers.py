"""On the way back: status, body and headers of the provider's answer stay as they were (property D7)."""

import asyncio
import uuid
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.wire.passage import Load
from dpi_conformance.wire.visits import Return

from .alike import answer_alike, hold, through
from .mediating import Call, called, control
from .payloads import LARGE
from .returns import ANSWERS, REDIRECTS, STATUSES, error, redirect

_TAKES_ALL: Final = (("Accept", "*/*"), ("Accept-Encoding", "gzip, br, identity"))
_SIMULTANEOUS: Final = 50
_LENGTH: Final = 100
"""Bytes of what HEAD and a condition ask about."""


@case("D7/answers", clause="RFC 9110, 6.4, 5.3; PR-REST 3.1, 4.3", functions=["mediation"])
async def test_answers(scene: Scene) -> None:
    """An answer reaches the caller byte for byte, with all its headers, whatever its type, coding, size and framing."""
    await control(scene)
    call = Call(method="GET", headers=_TAKES_ALL)
    sent = await asyncio.gather(*(called(scene, call, wanted) for wanted in ANSWERS))
    for wanted, mediated in zip(ANSWERS, sent, strict=True):
        if through(scene, mediated) is not None:
            answer_alike(scene, mediated, wanted)


@case("D7/answers-without-body", clause="RFC 9110, 8.6, 9.3.2, 15.4.5", functions=["mediation"])
async def test_answers_without_body(scene: Scene) -> None:
    """An answer to HEAD, and 304 to a condition, reach the caller with their headers and without a body."""
    await control(scene)
    tagged = Return(status=304, headers=(("ETag", '"abc"'), ("Cache-Control", "max-age=60")))
    full = Return(
        headers=(("Content-Type", "text/plain"), ("ETag", '"abc"')), load=Load(block=b"x" * _LENGTH)
    )
    for call, wanted in (
        (Call(method="GET", headers=(("If-None-Match", '"abc"'),)), tagged),
        (Call(method="HEAD"), full),
    ):
        mediated = await called(scene, call, wanted)
        if through(scene, mediated) is None:
            continue
        answer_alike(scene, mediated, wanted)
        lengths = mediated.headers("content-length")
        hold(
            scene,
            set(lengths) <= {str(_LENGTH)},
            code="mediation.length-without-body",
            expected=f"Content-Length: {_LENGTH}, or none",
            actual=", ".join(lengths),
            seen=mediated.exchange,
            place="header.content-length",
        )


@case("D7/large-answers", clause="PR-REST 3.1; RFC 9110, 6.4", functions=["mediation"])
async def test_large_answers(scene: Scene) -> None:
    """10 MB reach the caller byte for byte, with a length before them and streamed without."""
    await control(scene)
    for load in LARGE:
        wanted = Return(headers=(("Content-Type", "application/octet-stream"),), load=load)
        mediated = await called(scene, Call(method="GET"), wanted)
        if through(scene, mediated) is not None:
            answer_alike(scene, mediated, wanted)


@case("D7/statuses", clause="RFC 9110, 15; PR-REST 4.6", functions=["mediation"])
async def test_statuses(scene: Scene) -> None:
    """Every status of the provider, its errors too, reaches the caller with the provider's own body."""
    await control(scene)
    answers = [error(status) for status in STATUSES]
    sent = await asyncio.gather(*(called(scene, Call(), wanted) for wanted in answers))
    for wanted, mediated in zip(answers, sent, strict=True):
        if through(scene, mediated) is not None:
            answer_alike(scene, mediated, wanted)


@case("D7/redirects", clause="PR-REST 4.4; RFC 9110, 15.4", functions=["mediation"])
async def test_redirects(scene: Scene) -> None:
    """A redirect of the provider reaches the caller, and the mediator does not go there itself."""
    await control(scene)
    await redirects_passed(scene, Call(method="GET"))


async def redirects_passed(scene: Scene, call: Call) -> None:
    """Redirect calls to an address of ours, and see that nobody comes."""
    for status in REDIRECTS:
        elsewhere = scene.listener.book.expect(f"{scene.case.id}/elsewhere")
        wanted = redirect(status, f"{scene.listener.public_url}/elsewhere/{elsewhere.token}?a=1")
        mediated = await called(scene, call, wanted)
        if through(scene, mediated) is None:
            continue
        for arrival in elsewhere.arrivals:
            scene.met(arrival.callback)
        followed = elsewhere.arrivals[0].callback if elsewhere.arrivals else None
        if hold(
            scene,
            followed is None,
            code="mediation.redirect-passed",
            expected=f"{status} at the caller, and nobody at its Location",
            actual=f"{elsewhere.arrived} calls to its Location",
            seen=followed or mediated.exchange,
        ):
            answer_alike(scene, mediated, wanted)


@case("D7/broken-answers", clause="RFC 9112, 8", functions=["mediation"])
async def test_broken_answers(scene: Scene) -> None:
    """An answer that the provider breaks off does not reach the caller as a whole one."""
    await control(scene)
    plain = Return(
        headers=(("Content-Type", "text/plain"),), load=Load(block=b"whole " * 3000), break_after=9000
    )
    streamed = Return(
        headers=(("Content-Type", "text/plain"),),
        load=Load(block=b"whole " * 3000, chunked=True, piece=900),
        break_after=9000,
    )
    for wanted in (plain, streamed):
        mediated = await called(scene, Call(), wanted)
        if through(scene, mediated) is None:
            continue
        hold(
            scene,
            mediated.exchange.trouble is not None or mediated.status >= 500,
            code="mediation.answer-incomplete",
            expected="an error, or a connection that breaks off",
            actual=mediated,
            seen=mediated.exchange,
            place="body",
        )


@case("D7/side-by-side", clause="GovStack IM 6.3; PR-REST 3.1", functions=["mediation"])
async def test_side_by_side(scene: Scene) -> None:
    """Of 50 calls at the same moment each gets the answer to itself."""
    await control(scene)
    answers = [
        Return(
            headers=(("Content-Type", "text/plain"), ("X-Answer", str(number))),
            load=Load(block=f"answer {number} {uuid.uuid4()} ".encode() * (1 + number % 7)),
            after_seconds=0.2,
        )
        for number in range(_SIMULTANEOUS)
    ]
    sent = await asyncio.gather(*(called(scene, Call(method="GET"), wanted) for wanted in answers))
    for wanted, mediated in zip(answers, sent, strict=True):
        if through(scene, mediated) is None or mediated.status != wanted.status:
            continue
        mine, came = wanted.load.measure(), mediated.answer
        hold(
            scene,
            came == mine and mediated.headers("x-answer") in ([], [wanted.headers[1][1]]),
            code="mediation.answer-of-this-call",
            expected=mine,
            actual=came,
            seen=mediated.exchange,
            place="body",
        )


@case("D7/not-cached", clause="RFC 9111, 3; GovStack IM 6.3", functions=["mediation"])
async def test_not_cached(scene: Scene) -> None:
    """A call is put to the provider each time: what it answered before is given to nobody who asks again."""
    await control(scene)
    first, then = (
        Return(headers=(("Cache-Control", "no-store"),), load=Load(block=text))
        for text in (b"first", b"then")
    )
    one = await called(scene, Call(method="GET", below="/same"), first, then)
    if through(scene, one) is None:
        return
    again = Call(method="GET", below=f"/{one.visit.token}/same", rooted=True)
    other = await called(scene, again, then)
    hold(
        scene,
        other.answer == then.load.measure(),
        code="mediation.answer-of-this-call",
        expected=then.load.measure(),
        actual=other,
        seen=other.exchange,
        place="body",
    )
