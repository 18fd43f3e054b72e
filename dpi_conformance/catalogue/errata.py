"""A block's ``errata.yaml`` read into values; every fault is a PackError that names it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from dpi_conformance.errors import PackError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.errata import Accepts, Cover, DefectKind, Erratum

__all__ = ["load_errata"]

_KEYS = frozenset({"id", "file", "place", "kind", "published", "ours", "reason", "accepts", "covers"})
_ID = re.compile(r"[a-z0-9-]+-e\d{3,}\Z")
_COVER = re.compile(r"(?P<file>\S+) (?P<operation>\S+) (?P<fact>\S.*?) -> (?P<ours>\S.*)\Z")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast, where built
_Choice = TypeVar("_Choice", bound=StrEnum)


def load_errata(path: Path) -> tuple[Erratum, ...]:
    """Read a block's errata in their order; PackError names the file, the erratum and the key at fault."""
    try:
        document = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 -- both are safe loaders
    except (OSError, yaml.YAMLError) as error:
        raise _fault(path, N_("{file} cannot be read: {reason}"), reason=str(error)) from error
    rows = document.get("errata") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not rows:
        raise _fault(path, N_("{file} holds no list “errata”."))
    errata = tuple(_Row(path, row, place).erratum() for place, row in enumerate(rows, 1))
    _check_unique(path, errata)
    return errata


@dataclass(frozen=True, slots=True)
class _Row:
    """One entry of the list, with what it takes to say where a fault lies."""

    path: Path
    fields: Any
    place: int

    def erratum(self) -> Erratum:
        """Check the entry and give it as a value."""
        if not isinstance(self.fields, dict):
            raise self._fault(N_("{file}, {erratum}: not a mapping of keys to values."))
        if unknown := sorted(str(key) for key in set(self.fields) - _KEYS):
            raise self._fault(N_("{file}, {erratum}: unknown key “{key}”."), key=unknown[0])
        files = self._files()
        accepts, aliases = self._accepts()
        return Erratum(
            id=self._id(),
            files=files,
            place=self._text("place"),
            kind=self._one_of(DefectKind, "kind", self._text("kind")),
            published=self._text("published"),
            ours=self._text("ours"),
            reason=self._text("reason"),
            accepts=accepts,
            aliases=aliases,
            covers=tuple(self._covers(files)),
        )

    def _id(self) -> str:
        value = self._text("id")
        if _ID.match(value):
            return value
        raise self._fault(
            N_(
                "{file}, {erratum}: the id “{value}” is not like payments-e001; write block, -e and three digits."
            ),
            value=value,
        )

    def _text(self, key: str) -> str:
        value = self.fields.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        raise self._fault(N_("{file}, {erratum}: “{key}” must be a text."), key=key)

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return tuple(value)
        raise self._fault(N_("{file}, {erratum}: “{key}” must be a list of texts."), key=key)

    def _files(self) -> tuple[str, ...]:
        """Give the file or files that the entry is about."""
        value = self.fields.get("file")
        files = self._texts("file", [value] if isinstance(value, str) else value)
        if files:
            return files
        raise self._fault(N_("{file}, {erratum}: “{key}” must be a list of texts."), key="file")

    def _accepts(self) -> tuple[Accepts, tuple[str, ...]]:
        """Give what is accepted, and the spellings where the entry lists any."""
        value = self.fields.get("accepts")
        match value:
            case {"alias": spellings} if len(value) == 1 and (aliases := self._texts("alias", spellings)):
                return Accepts.ALIAS, aliases
            case str() if value != Accepts.ALIAS:
                return self._one_of(Accepts, "accepts", value), ()
        raise self._fault(
            N_("{file}, {erratum}: “accepts” must be one of: {allowed}; or alias: with a list of spellings."),
            allowed=", ".join(kind for kind in Accepts if kind is not Accepts.ALIAS),
        )

    def _one_of(self, kinds: type[_Choice], key: str, value: str) -> _Choice:
        if value in [*kinds]:
            return kinds(value)
        raise self._fault(
            N_("{file}, {erratum}: {key} “{value}” is unknown; write one of: {allowed}."),
            key=key,
            value=value,
            allowed=", ".join(kinds),
        )

    def _covers(self, files: tuple[str, ...]) -> Iterable[Cover]:
        """Give the covers, each written ``<file> <operation> <fact> -> <what we say, as JSON>``."""
        for value in self._texts("covers", self.fields.get("covers", [])):
            found = _COVER.match(value)
            if found is None or found["file"] not in files:
                raise self._fault(
                    N_(
                        "{file}, {erratum}: the cover “{value}” must be one of the erratum's files, an operation's id, "
                        'a fact, and what we say there, such as: Tap.yml open-tap query.command#enum -> ["wide"]'
                    ),
                    value=value,
                )
            yield Cover(
                file=found["file"],
                operation=found["operation"],
                fact=found["fact"],
                ours=self._json(value, found["ours"]),
            )

    def _json(self, cover: str, text: str) -> str:
        try:
            return json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True)
        except ValueError as error:
            raise self._fault(
                N_("{file}, {erratum}: what follows “->” in “{value}” is not JSON: {reason}"),
                value=cover,
                reason=str(error),
            ) from error

    def _fault(self, text: str, **values: str) -> PackError:
        named = self.fields.get("id") if isinstance(self.fields, Mapping) else None
        return _fault(self.path, text, erratum=str(named or f"#{self.place}"), **values)


def _check_unique(path: Path, errata: tuple[Erratum, ...]) -> None:
    """Insist that no id is there twice and that no two errata claim one fact."""
    ids: set[str] = set()
    covered: dict[str, str] = {}
    for erratum in errata:
        if erratum.id in ids:
            raise _fault(path, N_("{file}: the id {erratum} is there twice."), erratum=erratum.id)
        ids.add(erratum.id)
        for cover in erratum.covers:
            fact = f"{cover.file} {cover.operation} {cover.fact}"
            if fact in covered:
                raise _fault(
                    path,
                    N_("{file}, {erratum}: “{value}” is covered by {other} already."),
                    erratum=erratum.id,
                    value=fact,
                    other=covered[fact],
                )
            covered[fact] = erratum.id


def _fault(path: Path, text: str, **values: str) -> PackError:
    return PackError(Message(text=text, values={"file": str(path), **values}))
