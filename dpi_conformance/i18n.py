"""Messages that a reader sees: marked where they are written, translated where they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["N_", "Message"]


def N_(text: str) -> str:  # noqa: N802 -- the name that gettext's extractors look for
    """Mark a text for the translation catalogue and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A sentence for a reader: an English template (the catalogue's key) and the values that fill it.

    A value whose name ends in ``_text`` is a text of the catalogue too, marked where it is written.
    """

    text: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def __str__(self) -> str:
        """Give the English sentence."""
        return self.text.format_map(self.values) if self.values else self.text
