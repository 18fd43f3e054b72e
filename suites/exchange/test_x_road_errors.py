"""X-Road's message protocol: redirects, errors, payloads, security servers and hostile addresses (X10 to X14)."""

import asyncio
from dataclasses import replace
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.wire.passage import Load
from dpi_conformance.wire.visits import Return

from .alike import answer_alike, hold, request_alike, through
from .mediating import Mediated, called, offered
from .parties import fixture
from .payloads import BODIES, LARGE, drawn_bodies
from .returns import ANSWERS, GREETING, error
from .test_mediation_answers import redirects_passed
from .x_road import ERROR_TYPES, error_of, plain, road

_ERRORS: Final = "PR-REST 4.6"
_JSON: Final = (("Content-Type", "application/json"),)
_OVER_LONG: Final = 60_000


@case("X10/redirects", clause="PR-REST 4.4", functions=["x-road"])
async def test_redirects(scene: Scene) -> None:
    """A redirect of the provider reaches the caller, and the mediator does not go there itself."""
    await plain(scene)
    await redirects_passed(scene, road(method="GET"))


@case("X11/errors-of-the-provider", clause=_ERRORS, functions=["x-road"])
async def test_provider_errors(scene: Scene) -> None:
    """An error of the provider reaches the caller as it is, without X-Road-Error."""
    await plain(scene)
    answers = [error(status) for status in (400, 401, 403, 404, 409, 422, 500, 501, 503)]
    sent = await asyncio.gather(*(called(scene, road(), wanted) for wanted in answers))
    for wanted, mediated in zip(answers, sent, strict=True):
        if through(scene, mediated) is None:
            continue
        answer_alike(scene, mediated, wanted)
        hold(
            scene,
            not mediated.headers("x-road-error"),
            code="xroad.error-unmarked",
            expected="no X-Road-Error",
            actual=mediated.headers("x-road-error"),
            seen=mediated.exchange,
            place="header.x-road-error",
        )


@case("X11/errors-of-the-mediator", clause=_ERRORS, functions=["x-road"])
async def test_own_errors(scene: Scene) -> None:
    """An error of the mediator bears X-Road-Error, the right status, and type, message and detail in its body."""
    await plain(scene)
    there = offered(scene)
    nowhere = replace(there, code=f"no-{scene.fresh.identifier(10)}")
    faulty = await called(scene, road(client="!", headers=(("Accept", "application/json"),)))
    unknown = await called(scene, road(), service=nowhere)
    failed = await called(scene, road(headers=_JSON, load=Load(block=b"{}")), Return(close=True))
    for mediated, status in ((faulty, 400), (unknown, None), (failed, 500)):
        _expect_error(scene, mediated, status)


def _expect_error(scene: Scene, mediated: Mediated, status: int | None) -> None:
    """Expect an error of the mediator, with this status where the documents name one."""
    seen, marks = mediated.exchange, mediated.headers("x-road-error")
    allowed = {status} if status else {400, 404, 500}
    hold(
        scene,
        mediated.status in allowed,
        code="xroad.error-status",
        expected=sorted(allowed),
        actual=mediated,
        seen=seen,
        place="status",
    )
    if mediated.status < 400:
        return
    hold(
        scene,
        len(marks) == 1,
        code="xroad.error-marked",
        expected="X-Road-Error",
        actual="no such header",
        seen=seen,
        place="header.x-road-error",
    )
    kind = ", ".join(mediated.headers("content-type"))
    hold(
        scene,
        "charset=" in kind.lower(),
        code="xroad.error-content-type",
        expected="a media type with a charset",
        actual=kind,
        seen=seen,
        place="header.content-type",
    )
    body = error_of(seen)
    hold(
        scene,
        {"type", "message", "detail"} <= set(body),
        code="xroad.error-body",
        expected="type, message and detail in JSON",
        actual=mediated,
        seen=seen,
        place="body",
    )
    kinds = [str(one) for one in (body.get("type"), *marks) if one is not None]
    hold(
        scene,
        all(one.split(".")[0] == "Client" or one.startswith(ERROR_TYPES[1:]) for one in kinds),
        code="xroad.error-type",
        expected=" or ".join(ERROR_TYPES),
        actual=", ".join(kinds),
        seen=seen,
        place="body.type",
    )


@case("X12/payloads", clause="PR-REST 3.1", functions=["x-road"])
async def test_payloads(scene: Scene) -> None:
    """Payloads of any type and size pass both ways byte for byte, 10 MB that are streamed too."""
    await plain(scene)
    both = (("Accept", "*/*"), ("Accept-Encoding", "gzip, br, identity"))
    calls = []
    for kind, more, load in [*BODIES, *drawn_bodies("x-road-1", 6)]:
        typed = (("Content-Type", kind),) if kind is not None else ()
        calls.append(road(headers=(*typed, *more, *both), load=load))
    wanted = [ANSWERS[number % len(ANSWERS)] for number in range(len(calls))]
    sent = await asyncio.gather(
        *(called(scene, call, answer) for call, answer in zip(calls, wanted, strict=True))
    )
    for answer, mediated in zip(wanted, sent, strict=True):
        request_alike(scene, mediated)
        if mediated.arrival is not None:
            answer_alike(scene, mediated, answer)
    binary = (("Content-Type", "application/octet-stream"),)
    for load in LARGE[1:]:
        answer = Return(headers=binary, load=load)
        mediated = await called(scene, road(headers=binary, load=load), answer)
        request_alike(scene, mediated)
        if mediated.arrival is not None:
            answer_alike(scene, mediated, answer)


@case("X13/security-server", clause="PR-REST 4.3", functions=["x-road"])
async def test_security_server(scene: Scene) -> None:
    """A request that names the service's security server is served, and one that names another is not."""
    await plain(scene)
    own = fixture(scene, "x-road.security-server")
    through(scene, await called(scene, road(headers=(("X-Road-Security-Server", own),)), GREETING))
    other = f"{own.rpartition('/')[0]}/no-{scene.fresh.identifier(8)}"
    mediated = await called(scene, road(headers=(("X-Road-Security-Server", other),)))
    hold(
        scene,
        mediated.arrival is None and mediated.status >= 400,
        code="xroad.security-server",
        expected=f"no service by {other}",
        actual=f"{mediated}; {mediated.visit.arrived} calls at the provider",
        seen=mediated.exchange,
    )


@case("X14/hostile-addresses", clause="PR-REST 4.2; CWE-918", functions=["x-road"])
async def test_hostile_addresses(scene: Scene) -> None:
    """An over-long or hostile address is refused or passed on as it is; it leads nowhere else, and does no harm."""
    await plain(scene)
    elsewhere = scene.address("elsewhere")
    bare = elsewhere.url.partition("://")[2]
    calls = [
        road(method="GET", query=f"long={'x' * _OVER_LONG}"),
        road(method="GET", below=f"/{'a/' * (_OVER_LONG // 2)}"),
        road(method="GET", query=f"url={elsewhere.url}&url={elsewhere.url}"),
        replace(road(method="GET", below=f"/{elsewhere.url}"), rooted=True),
        replace(road(method="GET", below=f"/@{bare}"), rooted=True),
        replace(road(method="GET", below=f"//{bare}"), rooted=True),
        replace(road(method="GET", below=f"/..%2f..%2f{bare}"), rooted=True),
    ]
    for call in calls:
        mediated = await called(scene, call, GREETING)
        if elsewhere.arrived:
            hold(
                scene,
                False,
                code="mediation.path",
                expected=mediated.service.base,
                actual=elsewhere.url,
                seen=elsewhere.callbacks[-1],
            )
        elif mediated.refused:
            scene.expected += 1
        else:
            request_alike(scene, mediated)
    through(scene, await called(scene, road(method="GET"), GREETING))
