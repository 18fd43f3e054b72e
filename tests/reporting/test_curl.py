"""The curl line repeats the request: tried with a real shell and a curl that writes down what it is given."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.reporting.curl import curl
from dpi_conformance.wire.redaction import INVENTED

BASH = shutil.which("bash")
FAKE = """#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done > "$SEEN/words"
case "$*" in *"--data-binary @-"*) cat > "$SEEN/stdin";; esac
"""

pytestmark = pytest.mark.skipif(BASH is None, reason="needs bash")


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    fake = tmp_path / "curl"
    fake.write_text(FAKE)
    fake.chmod(0o755)

    def run(line: str) -> tuple[list[str], bytes | None]:
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "SEEN": str(tmp_path),
            "TOKEN": "s3cret",
            "LC_ALL": "C.UTF-8",
        }
        subprocess.run([str(BASH), "-c", line], check=True, env=environment, cwd=tmp_path)
        words = (tmp_path / "words").read_bytes().split(b"\0")[:-1]
        piped = tmp_path / "stdin"
        return [
            word.decode("utf-8", "surrogateescape") for word in words
        ], piped.read_bytes() if piped.exists() else None

    return run


def request(body: str = "", headers: list[list[str]] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "method": "POST",
        "url": "https://pay.example/api/vouchers?command=cancel",
        "headers": headers or [["Content-Type", "application/json"]],
        "body": body,
        "body_bytes": len(body.encode()),
        **more,
    }


def option(words: list[str], name: str) -> list[str]:
    return [words[place + 1] for place, word in enumerate(words) if word == name]


@pytest.mark.parametrize(
    "body",
    [
        '{"requestID":"A1"}',
        """it's "quoted" `id` $(id) $HOME \\ back\\\\slash !history %s""",
        "مساعدة الأسرة የአማርኛ 👩‍👧 e\u0301",
        "right\u202eto left\ufeff, \x01\x1b[31m\x7f",
        "two\nlines\r\nand a tab\t.",
        "@/etc/passwd",
        "-x",
        " ",
        "\\x41\\n'",
        "x\u202eA0",
        "{\n  \u200b}",
    ],
)
def test_bodies_arrive_byte_for_byte(body: str, shell: Any) -> None:
    command = curl(request(body))
    words, piped = shell(command.line)
    assert piped is None
    assert option(words, "--data-binary") + option(words, "--data-raw") == [body]
    assert command.exact
    if body.startswith("@"):
        assert option(words, "--data-raw") == [body]  # --data-binary would read a file


@pytest.mark.parametrize("body", ["\x00", "a\x00b'\"\\ %s %d\n\t1", "\x001é\u202e0"])
def test_a_body_with_nul_goes_through_a_pipe(body: str, shell: Any) -> None:
    words, piped = shell(curl(request(body)).line)
    assert piped == body.encode()
    assert option(words, "--data-binary") == ["@-"]


def test_method_url_and_headers(shell: Any) -> None:
    headers = [
        ["Content-Type", "application/json"],
        ["X-Name", "O'Brien; $(id)"],
        ["X-Empty", ""],
        ["Content-Length", "2"],
        ["Host", "pay.example"],
    ]
    words, _ = shell(curl(request("{}", headers, url="https://pay.example/a?b=[1]&c={2}'\"")).line)
    assert words[:3] == ["--include", "--globoff", "--path-as-is"]
    assert option(words, "--request") == ["POST"]
    assert option(words, "--url") == ["https://pay.example/a?b=[1]&c={2}'\""]
    assert option(words, "--header") == [
        "Content-Type: application/json",
        "X-Name: O'Brien; $(id)",
        "X-Empty;",
    ]


def test_a_body_without_media_type_gets_none(shell: Any) -> None:
    words, _ = shell(curl(request("{}", [["X-A", "b"]])).line)
    assert option(words, "--header") == ["X-A: b", "Content-Type:"]


def test_secrets_are_variables(shell: Any) -> None:
    headers = [["Authorization", "Bearer [redacted]"], ["X-Api-Key", "not redacted by mistake"]]
    command = curl(request(headers=headers, url="https://pay.example/a?key=[redacted]&b=1"))
    assert command.secrets
    assert "mistake" not in command.line
    words, _ = shell(command.line)
    assert option(words, "--header") == ["Authorization: Bearer s3cret", "X-Api-Key: s3cret"]
    assert option(words, "--url") == ["https://pay.example/a?key=s3cret&b=1"]


def test_wrong_credentials_stay_wrong(shell: Any) -> None:
    command = curl(request(headers=[["Authorization", f"Bearer {INVENTED}"]]))
    assert not command.secrets
    words, _ = shell(command.line)
    assert option(words, "--header") == [f"Authorization: Bearer {INVENTED}"]


@pytest.mark.parametrize(
    ("method", "options"), [("GET", []), ("HEAD", ["--head"]), ("DELETE", ["--request", "DELETE"])]
)
def test_methods_without_a_body(method: str, options: list[str], shell: Any) -> None:
    words, _ = shell(curl({"method": method, "url": "http://127.0.0.1:1/", "headers": [], "body": ""}).line)
    assert words[3:] == [*options, "--url", "http://127.0.0.1:1/"]


@pytest.mark.parametrize(
    "changed",
    [
        {"body": "x" * 4096 + "…", "body_bytes": 9000},
        {"body": "�", "body_bytes": 1},
        {"body": '{"payeeIdentity":"[personal data, 5 characters]"}'},
        {"body": '{"secret":"[redacted]"}'},
    ],
)
def test_a_body_that_is_not_what_was_sent_is_said_to_be_so(changed: dict[str, Any]) -> None:
    assert not curl(request(**{"body": "", **changed})).exact
