"""Documents as a reader of their faults wants them: what each is, what can be used, and what is in the way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dpi_conformance.catalogue.documents import read_document
from dpi_conformance.catalogue.openapi import NotOpenApi, load_spec_document
from dpi_conformance.catalogue.openapi_validator import validator_troubles
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Spec, Trouble

__all__ = ["Linted", "Outcome", "lint_path"]

_SUFFIXES = frozenset({".json", ".yaml", ".yml"})


class Outcome(StrEnum):
    """What a file turned out to be."""

    OPENAPI = "openapi"
    OTHER = "other"
    """It was read, and is something else."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """One file: what it is, and its troubles or the reason why it is not used."""

    file: str
    outcome: Outcome
    kind: str = ""
    """How it is written, e.g. ``YAML``."""
    spec: Spec | None = None
    troubles: tuple[Trouble, ...] = ()
    """The loader's, then those of openapi-spec-validator."""
    reason: Message | None = None
    """Why it is not used; None if it is."""


def lint_path(path: Path) -> tuple[Linted, ...]:
    """Examine a file, or every JSON and YAML file below a folder.

    UsageError where there is nothing at the path, or nothing of that kind below it.
    """
    if not path.exists():
        raise UsageError(
            Message(
                text=N_("There is nothing at {path}; write the path of an OpenAPI document or a folder."),
                values={"path": str(path)},
            )
        )
    if not path.is_dir():
        return (_examined(path),)
    found = tuple(_examined(file) for file in _files(path))
    if not found:
        raise UsageError(
            Message(
                text=N_("There is no .json, .yaml or .yml file below {path}."), values={"path": str(path)}
            )
        )
    return found


def _files(folder: Path) -> Iterator[Path]:
    """Give the documents below a folder in a fixed order; hidden folders are left out."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in _SUFFIXES and path.is_file():
            yield path


def _examined(path: Path) -> Linted:
    try:
        document = read_document(path)
    except UsageError as error:
        return Linted(file=str(path), outcome=Outcome.UNREADABLE, reason=error.message)
    try:
        spec = load_spec_document(document)
    except NotOpenApi as error:
        return Linted(file=str(path), outcome=Outcome.OTHER, kind=document.kind, reason=error.message)
    return Linted(
        file=str(path),
        outcome=Outcome.OPENAPI,
        kind=document.kind,
        spec=spec,
        troubles=(*spec.troubles, *_only_new(validator_troubles(document), spec)),
    )


def _only_new(troubles: Iterable[Trouble], spec: Spec) -> Iterator[Trouble]:
    known = {(trouble.place, str(trouble.reason)) for trouble in spec.troubles}
    return (trouble for trouble in troubles if (trouble.place, str(trouble.reason)) not in known)
