"""Reads JSON bodies as they came, half surrogate pairs in them included, which the fast reader refuses."""

import json
import re
from typing import Any

import orjson

__all__ = ["json_as_sent", "json_in_unicode"]

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""One escape of a JSON string, a whole surrogate pair as one; the group is half a pair alone."""


def json_as_sent(body: bytes) -> Any:
    """Give a body's JSON; text may hold half surrogate pairs, which RFC 8259 (8.2) allows. Raises ValueError.

    Such text cannot be encoded as UTF-8: whoever writes it, or sends it on, takes ``json_in_unicode``.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        strict = _strict(body)
    try:
        return json.loads(body)
    except (
        ValueError,
        RecursionError,
    ):  # what the fast reader takes beyond this one: deep bodies, huge numbers
        return strict


def json_in_unicode(body: bytes) -> Any:
    """Give a body's JSON with U+FFFD in the place of each half of a surrogate pair. Raises ValueError."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _strict(body)


def _strict(body: bytes) -> Any:
    return orjson.loads(_ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], body))
