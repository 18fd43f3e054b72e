"""Remembers the personal values that we sent ourselves: they are synthetic, and may be shown when they come back."""

import unicodedata
from collections import deque
from collections.abc import Iterator
from typing import Any

import orjson

from dpi_conformance.model.bodies import json_as_sent
from dpi_conformance.wire.key_names import PERSON, KeyNames
from dpi_conformance.wire.layers import plain
from dpi_conformance.wire.private_keys import find

__all__ = ["OwnValues"]

_MOST_SENT = 20_000
_MOST_TEXTS = 256
_MOST_UNREAD = 1024
_MOST_READ = 4096


class OwnValues:
    """The values under personal keys of the last requests; beyond its limits it forgets, and more is redacted.

    Requests are noted as they are and read when a value is first asked for: most runs never ask.
    """

    def __init__(self, names: KeyNames) -> None:
        """Take what tells which keys are personal."""
        self._names = names
        self._unread: deque[tuple[str, bytes]] = deque(maxlen=_MOST_UNREAD)
        self._values: dict[str, None] = {}  # oldest first
        self._texts: deque[tuple[str, str]] = deque(maxlen=_MOST_TEXTS)

    def sent(self, url: str, body: bytes) -> None:
        """Note a request of ours."""
        self._unread.append((url, body[:_MOST_READ]))

    def __contains__(self, value: str) -> bool:
        """Tell whether this value was sent under a personal key, or was made of a text that was."""
        while self._unread:
            for sent in self._read(*self._unread.popleft()):
                self._remember(sent)
        return value in self._values or self._is_altered(value)

    def _remember(self, value: str) -> None:
        self._values[value] = None
        if len(self._values) > _MOST_SENT:
            del self._values[next(iter(self._values))]
        if not value.isascii():
            self._texts.append((value, _letters(value)))

    def _is_altered(self, value: str) -> bool:
        """Tell whether this is a text of ours that lost its marks, its end or its emoji: what findings are about."""
        if not self._texts:
            return False
        letters, beginning = _letters(value), value.rstrip("\ufffd?")
        return any(
            letters == own or (len(beginning) > 1 and text.startswith(beginning)) for text, own in self._texts
        )

    def _read(self, url: str, body: bytes) -> Iterator[str]:
        if "=" in url:
            yield from self._found(url)
        if not body:
            return
        try:
            parsed = json_as_sent(body)
        except ValueError:
            yield from self._found(body.decode("utf-8", "replace"))
        else:
            yield from self._walked(parsed)

    def _found(self, text: str) -> Iterator[str]:
        if not self._names.may_hold(text):
            return
        for found in find(text, self._names.kind):
            if found.kind == PERSON:
                value = text[found.start : found.end]
                yield value
                yield plain(value, "%&")
                yield plain(value.replace("+", " "), "%")

    def _walked(self, document: Any) -> Iterator[str]:
        """Yield the scalars under personal keys, without recursion: a vector may be deep."""
        stack = [(document, False)]
        while stack:
            value, private = stack.pop()
            if isinstance(value, dict):
                stack.extend(
                    (inner, private or self._names.kind(key) == PERSON) for key, inner in value.items()
                )
            elif isinstance(value, list):
                stack.extend((inner, private) for inner in value)
            elif private and value is not None:
                yield value if isinstance(value, str) else orjson.dumps(value).decode()


def _letters(text: str) -> str:
    """Give a text's letters and digits in their plainest form, without marks and letter case."""
    plainest = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plainest if char.isalnum()).casefold()
