"""Identifiers: who calls, and which application is called, as they are written in headers and paths."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

__all__ = ["Application", "MalformedError", "decoded", "read_application"]

_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class MalformedError(ValueError):
    """A text that is no identifier; says why."""


@dataclass(frozen=True, slots=True, order=True)
class Application:
    """INSTANCE/CLASS/MEMBER/APPLICATION; without an application it is the member itself (X-Road only)."""

    instance: str
    member_class: str
    member: str
    code: str = ""

    @property
    def owner(self) -> "Application":
        """Give the member that it belongs to."""
        return Application(self.instance, self.member_class, self.member)

    @property
    def parts(self) -> tuple[str, ...]:
        """Give the parts that there are."""
        return tuple(part for part in (self.instance, self.member_class, self.member, self.code) if part)

    def __str__(self) -> str:
        """Write it as in a header: each part percent-encoded by itself (PR-REST 4.1)."""
        return "/".join(quote(part, safe="") for part in self.parts)


def decoded(parts: Iterable[bytes]) -> tuple[str, ...]:
    """Read parts that are percent-encoded one by one, in UTF-8; raises MalformedError."""
    return tuple(map(_decoded, parts))


def _decoded(part: bytes) -> str:
    if not part:
        raise MalformedError("a part is empty")
    if _ESCAPE.search(part):
        raise MalformedError("a percent sign is followed by no hexadecimal digits")
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise MalformedError("a part is not UTF-8") from None
    if _CONTROL.search(text):
        raise MalformedError("a part holds a control character")
    return text


def read_application(text: str, *, least: int = 4) -> Application:
    """Read an identifier of four parts, or of ``least``; raises MalformedError."""
    parts = decoded(text.encode("latin-1", "replace").split(b"/"))
    if not least <= len(parts) <= 4:
        raise MalformedError(f"it has {len(parts)} parts, not INSTANCE/CLASS/MEMBER/APPLICATION")
    return Application(*parts)
