"""The X-Road message protocol of the exchange mock (PR-REST 4)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

if TYPE_CHECKING:
    from tests.mocks.exchange.conftest import Message, Stage

    Play = Callable[..., Any]

SERVICE = "/r1/GOV/GOV/70000/registry/people"
REPLY = b"HTTP/1.1 %s\r\nContent-Length: 2\r\n%s\r\n{}"


def test_an_answer_bears_the_mediators_headers_and_not_the_providers(play: Play) -> None:
    names = ("Client", "Service", "Id", "Request-Id", "Request-Hash", "Error")
    theirs = b"".join(b"X-Road-%s: forged\r\n" % name.encode() for name in names)

    async def steps(stage: Stage) -> tuple[Message, Message]:
        stage.answer = lambda _seen: (
            REPLY % (b"404 Not Found", theirs + b"Server: theirs\r\nX-Road-Other: kept\r\n")
        )
        sent = {"X-Road-Id": "my-id", "X-Road-UserId": "EE12345678901", "X-Road-Issue": "7", "X-Mine": "x"}
        return await stage.x_road("GET", f"{SERVICE}/a?b", headers=sent), stage.seen[0]

    got, seen = play(steps)
    assert (got.status, got.body) == (404, b"{}")
    assert got.values("x-road-client") == ["GOV/COM/1234/benefits"]
    assert got.values("x-road-service") == ["GOV/GOV/70000/registry/people"]
    assert got.values("x-road-id") == ["my-id"]
    assert UUID(got.value("x-road-request-id"))
    assert len(base64.b64decode(got.value("x-road-request-hash"))) == 64
    assert (got.values("x-road-error"), got.values("server"), got.value("x-road-other")) == ([], [], "kept")
    assert (seen.value("x-road-userid"), seen.value("x-road-issue"), seen.value("x-mine")) == (
        "EE12345678901",
        "7",
        "x",
    )
    assert seen.value("x-road-id") == "my-id"
    assert seen.value("x-road-request-id") == got.value("x-road-request-id")
    assert (seen.value("accept"), seen.values("x-road-request-hash")) == ("application/json", [])


def test_the_hash_is_that_of_the_request(play: Play) -> None:
    async def steps(stage: Stage) -> list[str]:
        async def digest(body: bytes | None, **headers: str) -> str:
            got: Message = await stage.x_road(
                "POST", SERVICE, body=body, headers={"X-Road-Id": "1", **headers}
            )
            return got.value("x-road-request-hash")

        large = b"x" * 3_000_000
        return [
            await digest(b"a"),
            await digest(b"a"),
            await digest(b"b"),
            await digest(None),
            await digest(b"a", **{"X-Other": "1"}),
            await digest(large),
        ]

    first, same, *others = play(steps)
    assert first == same
    assert len({first, *others}) == 5


def test_the_hash_is_right_where_the_provider_answers_before_the_request_is_whole(play: Play) -> None:
    body = b"y" * 2_000_000

    async def steps(stage: Stage) -> list[str]:
        whole = await stage.x_road("POST", SERVICE, body=body, headers={"X-Road-Id": "1"})

        async def hasty(reader: Any, writer: Any) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(REPLY % (b"413 Too Large", b""))
            await writer.drain()
            writer.close()

        stage.serve = hasty  # type: ignore[method-assign]
        early = await stage.x_road("POST", SERVICE, body=body, headers={"X-Road-Id": "1"})
        return [one.value("x-road-request-hash") for one in (whole, early)]

    whole, early = play(steps)
    assert whole == early != ""


def test_an_identifier_is_made_where_none_is_sent(play: Play) -> None:
    async def steps(stage: Stage) -> tuple[Message, Message]:
        return await stage.x_road(), stage.seen[0]

    got, seen = play(steps)
    assert UUID(got.value("x-road-id"))
    assert seen.value("x-road-id") == got.value("x-road-id")


@pytest.mark.parametrize(
    ("target", "client", "more", "status", "type_"),
    [
        (SERVICE, "GOV/COM", {}, 400, "Client."),
        (SERVICE, "", {"X-Road-Id": "1"}, 400, "Client."),
        (SERVICE, "GOV/COM/1234", {}, 500, "Server.ClientProxy."),
        (SERVICE, "GOV/COM/1234/statistics", {}, 500, "Server.ServerProxy.AccessDenied"),
        ("/r1/GOV/GOV/70000/registry/none", "GOV/COM/1234/benefits", {}, 500, "Server.ServerProxy."),
        (
            SERVICE,
            "GOV/COM/1234/benefits",
            {"X-Road-Security-Server": "GOV/GOV/1/other"},
            500,
            "Server.ClientProxy.",
        ),
        (SERVICE, "GOV/COM/1234/benefits", {"X-Road-Security-Server": "other"}, 400, "Client."),
    ],
)
def test_the_mediators_own_errors_say_so(
    play: Play, target: str, client: str, more: dict[str, str], status: int, type_: str
) -> None:
    async def steps(stage: Stage) -> tuple[Message, Message]:
        headers = {"X-Road-Client": client, **more}
        plain = await stage.x_road("GET", target, headers=headers)
        return plain, await stage.x_road("GET", target, headers={**headers, "Accept": "application/xml"})

    got, in_xml = play(steps)
    assert got.status == in_xml.status == status
    assert got.json()["type"] == got.value("x-road-error")
    assert got.json()["type"].startswith(type_)
    assert got.value("content-type") == "application/json; charset=utf-8"
    assert in_xml.value("content-type") == "application/xml; charset=utf-8"
    assert in_xml.body.startswith(b"<error><type>" + type_.encode())


def test_the_right_security_server_and_escaped_parts_are_understood(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        headers = {"X-Road-Security-Server": "GOV/GOV/90000/mediator-1"}
        first = (await stage.x_road(headers=headers)).status
        service = {
            "id": "pe/ople",
            "specUrl": "http://127.0.0.1:9/",
            "serviceUrl": f"{stage.provider_url}/é x",
        }
        service["rights"] = [{"member": "Ministry of Social Affairs", "application": "benefits"}]  # type: ignore[assignment]
        application = {"id": "regístry", "services": [{**service, "serviceUrl": f"{stage.provider_url}/e"}]}
        member = {
            "name": "Ministry of the Interior",
            "class": "GOV",
            "code": "70000",
            "applications": [application],
        }
        change = {"domain": "d", "instance": "GOV", "members": [member]}
        assert (await stage.manage("PATCH", "/api/v1/config", change)).status == 201
        second = (await stage.x_road("GET", "/r1/GOV/GOV/70000/reg%C3%ADstry/pe%2Fople/x")).status
        assert stage.seen[-1].target == "/e/x"
        return [first, second]

    assert play(steps) == [200, 200]
