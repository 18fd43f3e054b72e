"""The reader's language: texts through the translation catalogue, numbers and times in its manner."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import PackError, UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.reporting.visible import visible

if TYPE_CHECKING:
    from gettext import GNUTranslations

    from babel import Locale

__all__ = ["ENGLISH", "Language", "languages", "load_language"]

_SOURCE = "en"
_DOMAIN = "messages"


def _as_written(text: str) -> str:
    return text


def _english_plural(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language: how texts are translated, and the locale that numbers and times are written in."""

    code: str = _SOURCE
    gettext: Callable[[str], str] = _as_written
    ngettext: Callable[[str, str, int], str] = _english_plural

    def text(self, text: str) -> str:
        """Translate a text that was marked with ``N_``; other texts (data) come back as they are."""
        return self.gettext(text) if text else ""

    def translate(self, message: Message) -> str:
        """Translate a message and fill it; what is invisible in its values is made visible.

        A value whose name ends in ``_text`` is a text of the catalogue itself.
        """
        template = self.text(message.text)
        if not message.values:
            return template
        values = {
            name: self._filling(name, value) if isinstance(value, str) else value
            for name, value in message.values.items()
        }
        try:
            return template.format_map(values)
        except (KeyError, IndexError, ValueError, AttributeError):
            return template  # a translation that names another value must not cost the reader the report

    def _filling(self, name: str, value: str) -> str:
        text = self.text(value) if name.endswith("_text") else value
        return text if text != value else self._isolated(visible(value))

    def _isolated(self, value: str) -> str:
        """Keep a value's own direction from disturbing a sentence that runs from right to left (UAX #9, 2.4)."""
        return f"\u2068{value}\u2069" if self.direction == "rtl" else value

    def number(self, value: float) -> str:
        """Write a number, e.g. ``12,345`` or ``99.9``."""
        from babel.numbers import format_decimal  # noqa: PLC0415 -- slow to import, needed by reports only

        return format_decimal(value, locale=self._locale)

    def percent(self, value: float | None) -> str:
        """Write a percentage (0 to 100), e.g. ``99.9%``; a dash where there is none."""
        from babel.numbers import format_percent  # noqa: PLC0415 -- as above

        if value is None:
            return "–"
        pattern = self._locale.percent_formats[None].pattern.replace("##0", "##0.#")
        return format_percent(value / 100, format=pattern, locale=self._locale)

    def moment(self, iso: str | None) -> str:
        """Write a time stamp (ISO 8601) in UTC, e.g. ``24 November 2026 at 19:08 UTC``."""
        from babel.dates import format_date, format_time  # noqa: PLC0415 -- as above

        try:
            at = datetime.fromisoformat(iso or "").astimezone(UTC)
        except ValueError:
            return visible(iso or "–")
        day = format_date(at, "long", locale=self._locale)
        return f"{day}, {format_time(at, 'HH:mm', tzinfo=UTC, locale=self._locale)} UTC"

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Tell whether the script runs from right to left."""
        return "rtl" if self._locale.character_order == "right-to-left" else "ltr"

    @cached_property
    def _locale(self) -> "Locale":
        from babel import Locale, UnknownLocaleError  # noqa: PLC0415 -- as above

        try:
            return Locale.parse(self.code.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            return Locale.parse(_SOURCE)


ENGLISH = Language()
"""The language that the texts are written in; needs no catalogue."""


def languages(pack: Pack) -> tuple[str, ...]:
    """Name the languages that a report can be written in."""
    return tuple(sorted({_SOURCE, *(path.parent.parent.name for path in _catalogues(pack))}))


def load_language(code: str, pack: Pack) -> Language:
    """Load a language by its code (``en``, ``fr``, ``ar``); UsageError says which ones there are."""
    if code == _SOURCE:
        return ENGLISH
    if code not in languages(pack):
        raise UsageError(
            Message(
                text=N_(
                    "--lang {code}: there is no translation into this language yet; write one of: {codes}."
                ),
                values={"code": code, "codes": ", ".join(languages(pack))},
            )
        )
    translations = _read(_locales(pack) / code / "LC_MESSAGES" / f"{_DOMAIN}.po", code)
    return Language(code=code, gettext=translations.gettext, ngettext=translations.ngettext)


def _read(path: Path, code: str) -> "GNUTranslations":
    """Compile a catalogue in memory: what translators edit is what is used."""
    from gettext import GNUTranslations  # noqa: PLC0415 -- needed only where there is a catalogue

    from babel.messages.mofile import write_mo  # noqa: PLC0415 -- as above
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 -- as above

    compiled = io.BytesIO()
    try:
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=code, abort_invalid=True))
    except (OSError, PoFileError, ValueError) as error:
        raise PackError(
            Message(
                text=N_("The translation {path} cannot be read: {reason}."),
                values={"path": str(path), "reason": str(error)},
            )
        ) from error
    compiled.seek(0)
    return GNUTranslations(compiled)


def _locales(pack: Pack) -> Path:
    return pack.root / "reports" / "locale"


def _catalogues(pack: Pack) -> list[Path]:
    return list(_locales(pack).glob(f"*/LC_MESSAGES/{_DOMAIN}.po"))
