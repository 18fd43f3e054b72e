"""Bodies laid out for reading: JSON is indented part by part, so that nothing in it changes."""

import json
import re
from collections.abc import Iterator

__all__ = ["laid_out"]

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}\[\],:]|[^\s"{}\[\],:]+')
_DEEPEST = 24


def laid_out(body: str) -> str:
    """Indent a body if it is JSON of a readable depth; keeps duplicate keys, number forms and escapes."""
    if not _is_json(body):
        return body
    depths = _depths(body)
    return body if max(depths, default=0) > _DEEPEST else "".join(_indented(body))


def _indented(body: str) -> Iterator[str]:
    depth = 0
    for part in _PART.findall(body):
        if part in ("}", "]"):
            depth -= 1
            yield "\n" + "  " * depth
        yield part
        if part in ("{", "["):
            depth += 1
        if part in ("{", "[", ","):
            yield "\n" + "  " * depth
        elif part == ":":
            yield " "


def _depths(body: str) -> list[int]:
    depths = [0]
    for part in _PART.findall(body):
        depths.append(depths[-1] + (part in ("{", "[")) - (part in ("}", "]")))
    return depths


def _is_json(body: str) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
