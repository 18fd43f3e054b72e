"""Writes a draft down as it is frozen: target, headers and body, with slots where values come later."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

from dpi_conformance.vectors.drafts import ABSENT, Draft

__all__ = ["SLOT", "body_text", "form_text", "has_slot", "headers", "sampled", "target"]

SLOT = re.compile(r"\{\{([a-z][a-z0-9.:_-]*)\}\}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def has_slot(value: object) -> bool:
    """Tell whether a value is text with a slot in it."""
    return isinstance(value, str) and SLOT.search(value) is not None


def target(draft: Draft) -> str:
    """Give path and query in origin form, percent-encoded but for the slots, whose values are encoded later."""
    path = re.sub(r"\{([^{}]+)\}", lambda match: _encoded(draft.path_values[match.group(1)]), draft.path)
    pairs = [f"{_encoded(name)}={_encoded(value)}" for name, value in draft.query.items()]
    return "?".join([path, "&".join(pairs)]) if pairs else path


def headers(draft: Draft) -> tuple[tuple[str, str], ...]:
    """Give the headers, the media type first."""
    media_type = () if draft.media_type is None else (("Content-Type", draft.media_type),)
    return (*media_type, *((name, _plain(value)) for name, value in draft.headers.items()))


def body_text(draft: Draft, numbers: Collection[str] = (), *, spaced: bool = False) -> str | None:
    """Give the text of the body, JSON or a form; slots of JSON, or in ``numbers``, are without quotes. None: no body."""
    if draft.body is ABSENT:
        return None
    if draft.form:
        return form_text(draft.body)
    separators = (" ,", " : ") if spaced else (",", ":")
    text = json.dumps(
        draft.body, ensure_ascii=False, separators=separators, indent="\r\t " if spaced else None
    )
    text = _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
    return re.sub(
        r'"(\{\{([a-z][a-z0-9.:_-]*)\}\})"',
        lambda match: match.group(1) if _is_number(match.group(2), numbers) else match.group(0),
        text,
    )


def form_text(body: Mapping[str, Any]) -> str:
    """Write names and texts as a form, percent-encoded but for the slots, whose values are encoded later."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in body.items())


def sampled(value: Any, sample: Callable[[str], Any]) -> Any:
    """Give a value with all its slots filled by samples; a slot that stands alone keeps its sample's type."""
    if isinstance(value, str):
        alone = SLOT.fullmatch(value)
        return sample(alone.group(1)) if alone else SLOT.sub(lambda match: str(sample(match.group(1))), value)
    if isinstance(value, Mapping):
        return {name: sampled(member, sample) for name, member in value.items()}
    if isinstance(value, list):
        return [sampled(item, sample) for item in value]
    return value


def _is_number(slot: str, numbers: Collection[str]) -> bool:
    return slot.startswith(("number:", "json:")) or slot in numbers


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _encoded(value: Any) -> str:
    text, done, end = _plain(value), "", 0
    for match in SLOT.finditer(text):
        done += quote(text[end : match.start()], safe="") + match.group(0)
        end = match.end()
    return done + quote(text[end:], safe="")
