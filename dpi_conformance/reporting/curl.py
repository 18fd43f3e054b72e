"""The ``curl`` line that repeats an exchange: quoted for any text, secrets as shell variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dpi_conformance.reporting.visible import hidden
from dpi_conformance.wire.redaction import INVENTED, PERSONAL, PROTECTED_HEADERS, REDACTED

__all__ = ["Command", "curl"]

_ADDED_BY_CURL = {"content-length", "host", "connection", "accept-encoding", "transfer-encoding"}
_TOKEN = '"$TOKEN"'  # noqa: S105 -- the name of a shell variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A shell command, and whether it sends the same bytes (a body that was cut cannot be repeated by hand)."""

    line: str
    exact: bool
    secrets: bool
    """It names ``$TOKEN``, which the reader has to set first."""


def curl(request: Mapping[str, Any]) -> Command:
    """Give the command line (bash, zsh) that repeats a journalled request."""
    body: str = request.get("body") or ""
    piped = "\x00" in body
    options = [*_method(request, body), *_headers(request, body)]
    if body:
        raw = body.startswith("@") and not piped
        options.append(f"{'--data-raw' if raw else '--data-binary'} {'@-' if piped else _quoted(body)}")
    options.append(f"--url {_with_secrets(str(request.get('url', '')))}")
    line = " \\\n  ".join(["curl --include --globoff --path-as-is", *options])
    return Command(
        line=f"printf '%b' {_for_printf(body)} | {line}" if piped else line,
        exact=_whole(request, body),
        secrets=_TOKEN in line,
    )


def _headers(request: Mapping[str, Any], body: str) -> Iterator[str]:
    sent = [(str(name), str(value)) for name, value in request.get("headers") or ()]
    for name, value in sent:
        if name.lower() not in _ADDED_BY_CURL:
            yield f"--header {_with_secrets(_header(name, value))}"
    if body and "content-type" not in {name.lower() for name, _ in sent}:
        yield "--header 'Content-Type:'"  # curl would send one of its own


def _method(request: Mapping[str, Any], body: str) -> list[str]:
    method = str(request.get("method", "GET"))
    if method == "HEAD" and not body:
        return ["--head"]
    return [] if method == "GET" and not body else [f"--request {_quoted(method)}"]


def _header(name: str, value: str) -> str:
    if name.lower() in PROTECTED_HEADERS and not (
        REDACTED in value or value.endswith(INVENTED)
    ):  # never print a secret
        value = REDACTED
    return f"{name}: {value}" if value else f"{name};"


def _whole(request: Mapping[str, Any], body: str) -> bool:
    """Tell whether the journalled text is what was sent: neither cut, nor re-encoded, nor redacted."""
    size = request.get("body_bytes")
    same = size is None or size == len(body.encode("utf-8", "surrogatepass"))
    return same and REDACTED not in body and PERSONAL not in body and PERSONAL not in str(request.get("url"))


def _with_secrets(text: str) -> str:
    """Quote one argument; what was redacted in it becomes ``$TOKEN``, in double quotes."""
    parts = text.split(REDACTED)
    return _TOKEN.join(_quoted(part) if part or len(parts) == 1 else "" for part in parts)


def _quoted(text: str) -> str:
    """Quote in the plainest way that keeps every byte: ``word``, ``'text'`` or ``$'te\\x01t'``."""
    if re.fullmatch(r"[\w@%+=:,./-]+", text, re.ASCII):
        return text
    if not any(char == "\t" or hidden(char) for char in text):
        return "'" + text.replace("'", "'\\''") + "'"
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char == "\n" or not (char == "\t" or hidden(char)):
        return "\\n" if char == "\n" else char
    return "".join(f"\\x{byte:02x}" for byte in _bytes(char))


def _for_printf(body: str) -> str:
    """Write a body for ``printf '%b'``: a shell's words cannot hold a NUL, a pipe can."""
    return (
        "'"
        + "".join(
            "".join(f"\\0{byte:03o}" for byte in _bytes(char)) if char in "\\'\n\t" or hidden(char) else char
            for char in body
        )
        + "'"
    )


def _bytes(char: str) -> bytes:
    return char.encode("utf-8", "surrogatepass")
