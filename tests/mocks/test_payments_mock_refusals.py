"""What the payments mock refuses, and how it says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mocks.conftest import Scene

    Play = Callable[..., Any]

MINISTRY = "MINSOC"
HOP = {"X-CorrelationID": "COR1", "X-Platform-TenantId": "T1"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status_code"),
    [
        ("GET", "/vouchers/1?fields=status", {}, 401),
        ("GET", "/vouchers/1?fields=status", {"Authorization": "Bearer wrong"}, 401),
        ("GET", "/vouchers/1?fields=status", {"Authorization": "Basic secret"}, 401),
        ("GET", "/vouchers/1?fields=status", {"Authorization": "bearer secret"}, 400),
        ("GET", "/nothing", {"Authorization": "Bearer secret"}, 404),
        ("PATCH", "/vouchers", {"Authorization": "Bearer secret"}, 405),
    ],
)
def test_the_token_the_path_and_the_method_are_looked_at(
    play: Play, method: str, path: str, headers: dict[str, str], status_code: int
) -> None:
    async def steps(scene: Scene) -> None:
        answer = await scene.send(method, path, headers=headers)
        assert answer.status_code == status_code
        assert answer.headers["content-type"] == "application/json"
        assert ("www-authenticate" in answer.headers) == (status_code == 401)
        assert answer.headers.get("allow") == ("POST, PUT" if status_code == 405 else None)

    play(steps, token="secret")


CREATE = {"X-Callback-URL": "http://127.0.0.1:9/"}


@pytest.mark.parametrize(
    ("content", "status_code", "named"),
    [
        (b'{"requestID":"1","requestID":"2"}', 400, "requestID"),
        (b'{"voucherInstructions":[{"amount":NaN}]}', 400, "NaN"),
        (b'{"requestID":"\\u0000"}', 400, "body.requestID"),
        (b'{"requestID":"\\ud800"}', 400, "body.requestID"),
        (b'{"requestID":"\xff"}', 400, "UTF-8"),
        (b'{"requestID":"1"', 400, "JSON"),
        (b'{"requestID":"1"}{', 400, "JSON"),
        (b"", 400, "body"),
        (b"null", 400, "body"),
        (b'{"x":' + b"[" * 64 + b"]" * 64 + b"}", 400, "64"),
        (b"[" * 200_000, 400, "64"),
        (b'{"requestID":"1234567890123"}', 400, "requestID has more than 12"),
        (b'{"voucherInstructions":{}}', 400, "voucherInstructions is not of type array"),
        (b'{"requestID":"' + b"a" * 1_100_000 + b'"}', 413, "1048576"),
        (b'{"requestID":"1","of-a-later-version":{"a":[1]}}', 200, ""),
        (b'{"x":' + b"[" * 62 + b"]" * 62 + b"}", 200, ""),
        (b'{"narration":"\\\\u0000"}', 200, ""),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else str(value)[:24],
)
def test_a_body_is_read_strictly_and_the_field_is_named(
    play: Play, content: bytes, status_code: int, named: str
) -> None:
    async def steps(scene: Scene) -> None:
        answer = await scene.send("POST", "/vouchers", content=content, headers=CREATE)
        assert answer.status_code == status_code, answer.text
        assert named in answer.json()["ResponseDescription"]
        assert answer.json()["ResponseCode"] == ("00" if status_code == 200 else "01")

    play(steps)


@pytest.mark.parametrize(
    ("media_type", "status_code"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=utf-16", 415),
    ],
)
def test_the_media_type_is_looked_at(play: Play, media_type: str, status_code: int) -> None:
    async def steps(scene: Scene) -> None:
        answer = await scene.send("POST", "/vouchers", {}, headers={**CREATE, "Content-Type": media_type})
        assert answer.status_code == status_code

    play(steps)


@pytest.mark.parametrize(
    ("path", "headers", "named"),
    [
        ("/vouchers?command=nonsense", CREATE, "query.command is none of cancel, redeem"),
        ("/vouchers", {}, "header.X-Callback-URL is missing"),
        ("/vouchers", {"X-Callback-URL": "javascript:alert(1)"}, "header.X-Callback-URL"),
        ("/vouchers", {"X-Callback-URL": "http://a/" + "b" * 100}, "header.X-Callback-URL has more than 100"),
        ("/vouchers?a=%00", CREATE, "query.a holds a NUL"),
        ("/vouchers?command=cancel&command=redeem", CREATE, "query.command came twice"),
    ],
)
def test_parameters_are_looked_at_and_named(
    play: Play, path: str, headers: dict[str, str], named: str
) -> None:
    async def steps(scene: Scene) -> None:
        answer = await scene.send("POST", path, {"requestID": "1"}, headers=headers)
        assert answer.status_code == 400
        assert named in answer.text

    play(steps)


def test_a_refused_request_is_answered_by_no_callback(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        address = scene.address()
        headers = {"X-Callback-URL": address.url}
        await scene.send("POST", "/vouchers", {"requestID": "1" * 13}, headers=headers)
        (voucher,) = await scene.create(1)
        assert voucher["serialNumber"]
        assert address.arrived == 0

    play(steps)
