"""A block's ``requirements.yaml`` read into a RequirementSet; every fault is a PackError that names it."""

import dataclasses
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from dpi_conformance.errors import PackError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.requirements import Level, Observability, Requirement, RequirementSet

__all__ = ["load_requirements"]

_KEYS = frozenset(field.name for field in dataclasses.fields(Requirement))
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_GLOB = re.compile(r"[^\s\[\]{}\\/]+(/[^\s\[\]{}\\/]+)+\Z")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast, where built


def load_requirements(path: Path) -> RequirementSet:
    """Read a block's requirements; PackError names the file, the requirement and the key at fault."""
    try:
        content = path.read_bytes()
        document = yaml.load(content, Loader=_LOADER)  # noqa: S506 -- both are safe loaders
    except (OSError, yaml.YAMLError) as error:
        raise _fault(
            path, N_("{file} cannot be read: {reason}"), reason=" ".join(str(error).split())
        ) from error
    rows = document.get("requirements") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not rows:
        raise _fault(path, N_("{file} holds no list “requirements”."))
    block = _heading(path, document, "block", bool)
    dated = _heading(path, document, "dated", lambda text: bool(_DATE.match(text)))
    requirements = tuple(_Row(path, block, row, place).requirement() for place, row in enumerate(rows, 1))
    _check_ids(path, requirements)
    return RequirementSet(
        block=block, dated=dated, digest=hashlib.sha256(content).hexdigest(), requirements=requirements
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """One entry of the list, with what it takes to say where a fault lies."""

    path: Path
    block: str
    fields: Any
    place: int

    def requirement(self) -> Requirement:
        """Check the entry and give it as a value."""
        if not isinstance(self.fields, dict):
            raise self._fault(N_("{file}, {requirement}: not a mapping of keys to values."))
        if unknown := sorted(str(key) for key in set(self.fields) - _KEYS):
            raise self._fault(N_("{file}, {requirement}: unknown key “{key}”."), key=unknown[0])
        requirement = Requirement(
            id=self._text("id"),
            source=self._one_of("source", {self.block, "api", "cross-functional"}, self.block),
            clause=self._text("clause"),
            text=self._text("text"),
            level=Level(self._one_of("level", [*Level])),
            observability=Observability(self._one_of("observability", [*Observability])),
            functions=self._texts("functions"),
            cases=self._globs(),
            checks=self._texts("checks"),
            tested=self._text("tested", ""),
            untestable=self._text("untestable", ""),
            published=self._published(),
            related=self._texts("related"),
        )
        self._check_linked(requirement)
        return requirement

    def _text(self, key: str, default: str | None = None) -> str:
        value = self.fields.get(key, default)
        if isinstance(value, str) and (value.strip() or value == default):
            return value.strip()
        raise self._fault(N_("{file}, {requirement}: “{key}” must be a text."), key=key)

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self.fields.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        raise self._fault(N_("{file}, {requirement}: “{key}” must be a list of texts."), key=key)

    def _one_of(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        value = self._text(key, default)
        if value in allowed:
            return value
        raise self._fault(
            N_("{file}, {requirement}: {key} “{value}” is unknown; write one of: {allowed}."),
            key=key,
            value=value,
            allowed=", ".join(sorted(allowed)),
        )

    def _globs(self) -> tuple[str, ...]:
        for glob in (globs := self._texts("cases")):
            if not _GLOB.match(glob) or not glob.startswith(f"{self.block}/"):
                raise self._fault(
                    N_(
                        "{file}, {requirement}: “{value}” is no pattern of case ids; write parts joined by “/”, "
                        "the first one “{block}”, with * and ? as the only wildcards."
                    ),
                    value=glob,
                    block=self.block,
                )
        return globs

    def _published(self) -> str:
        """Give ``file:line`` or ``file: METHOD path``, whichever the entry states."""
        value = self.fields.get("published", {})
        match value:
            case {"file": str(file), "method": str(method), "path": str(route)}:
                return f"{file}: {method} {route}"
            case {"file": str(file), "line": int(line)}:
                return f"{file}:{line}"
            case dict() if not value:
                return ""
        raise self._fault(
            N_("{file}, {requirement}: “{key}” must state file and line, or file, method and path."),
            key="published",
        )

    def _check_linked(self, requirement: Requirement) -> None:
        """Insist on cases or a reason, never both: a requirement that nothing answers for is a hole."""
        if not requirement.cases and not requirement.untestable:
            raise self._fault(
                N_(
                    "{file}, {requirement}: write “cases” that test it, or “untestable” with the reason why none can."
                )
            )
        if requirement.cases and requirement.untestable:
            raise self._fault(
                N_(
                    "{file}, {requirement}: it has “cases”, so “untestable” cannot be true; use “tested” for the part."
                )
            )
        if (requirement.tested or requirement.checks) and not requirement.cases:
            raise self._fault(
                N_("{file}, {requirement}: “tested” and “checks” are about its cases, but there are none.")
            )

    def _fault(self, text: str, **values: str) -> PackError:
        named = self.fields.get("id") if isinstance(self.fields, Mapping) else None
        return _fault(self.path, text, requirement=str(named or f"#{self.place}"), **values)


def _heading(path: Path, document: Mapping[str, object], key: str, accepts: Callable[[str], bool]) -> str:
    value = str(document.get(key, ""))
    if accepts(value):
        return value
    raise _fault(path, N_("{file}: “{key}” is missing or wrong: “{value}”."), key=key, value=value)


def _check_ids(path: Path, requirements: tuple[Requirement, ...]) -> None:
    """Insist that no id is there twice and that every related id is there."""
    known: set[str] = set()
    for requirement in requirements:
        if requirement.id in known:
            raise _fault(path, N_("{file}: the id {requirement} is there twice."), requirement=requirement.id)
        known.add(requirement.id)
    for requirement in requirements:
        if missing := [other for other in requirement.related if other not in known]:
            raise _fault(
                path,
                N_("{file}, {requirement}: “related” names {other}, which is not there."),
                requirement=requirement.id,
                other=missing[0],
            )


def _fault(path: Path, text: str, **values: str) -> PackError:
    return PackError(Message(text=text, values={"file": str(path), **values}))
