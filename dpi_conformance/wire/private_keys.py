"""Replaces the values of chosen JSON keys and query parameters in a text, be it JSON or only nearly so."""

import re
from collections.abc import Callable

__all__ = ["Choose", "Replace", "in_json", "in_query"]

_STRING = r'"(?:[^"\\]|\\.)*+"?'
_BARE = r"[^\s{}\[\],:\"]+"
_KEY = re.compile(r'"([^"\\\n]{1,64})"\s*:\s*')
_SCALAR = re.compile(rf"{_STRING}|{_BARE}", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<scalar>{_STRING}|{_BARE})(?P<key>\s*:)?|(?P<open>[{{\[])|(?P<close>[}}\]])", re.DOTALL
)
_PAIR = re.compile(r"((?:^|[?&])([^=&?#\s\"]{1,64})=)([^&#\s\"]*)")

Replace = Callable[[str], str]
"""Gives what stands in a scalar's place (a string comes with its quotes): the scalar itself where it may stay."""
Choose = Callable[[str], Replace | None]
"""Gives how the values of a key are replaced; None: its values stay."""


def in_json(text: str, choose: Choose) -> str:
    """Replace the chosen keys' values, and all below them; all else stays as it is, to the character.

    The text need not be JSON: what is broken or cut off is read as far as it goes.
    """
    parts: list[str] = []
    done = 0
    for match in _KEY.finditer(text):
        if match.start() < done or (replace := choose(match[1])) is None:
            continue
        parts.append(text[done : match.end()])
        piece, done = _value(text, match.end(), replace)
        parts.append(piece)
    return "".join((*parts, text[done:])) if parts else text


def _value(text: str, start: int, replace: Replace) -> tuple[str, int]:
    """Give a value's replacement, and where in the text it ends."""
    if text[start : start + 1] not in {"[", "{"}:
        scalar = _SCALAR.match(text, start)
        return (replace(scalar[0]), scalar.end()) if scalar else ("", start)
    parts: list[str] = []
    depth, done = 0, start
    for token in _TOKEN.finditer(text, start):
        parts.append(text[done : token.start()])
        done = token.end()
        parts.append(replace(token["scalar"]) if token["scalar"] and not token["key"] else token[0])
        depth += bool(token["open"]) - bool(token["close"])
        if depth == 0:
            break
    return "".join(parts), done


def in_query(url: str, choose: Choose) -> str:
    """Replace the values of the chosen query parameters, or of a form's fields."""
    if "=" not in url:
        return url

    def pair(match: re.Match[str]) -> str:
        replace = choose(match[2])
        return match[0] if replace is None else match[1] + replace(match[3])

    return _PAIR.sub(pair, url)
