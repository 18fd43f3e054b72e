"""Requirements: the normative sentences that a verdict is about, and which cases test each of them."""

import fnmatch
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from dpi_conformance.model.verdicts import Outcome

__all__ = ["Level", "Observability", "Requirement", "RequirementSet"]

_HEAD = 3
"""How many leading parts of a case id (block, kind, variant) the index of globs is keyed by."""


class Level(StrEnum):
    """How strongly a requirement binds, as its source published it."""

    REQUIRED = "REQUIRED"
    RECOMMENDED = "RECOMMENDED"
    OPTIONAL = "OPTIONAL"
    DRAFT = "DRAFT"
    DEPRECATED = "DEPRECATED"


class Observability(StrEnum):
    """Whether anything outside the product can see that a requirement is met."""

    OBSERVABLE = "OBSERVABLE"
    AUDITABLE = "AUDITABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One normative sentence, with either the cases that test it or the reason why none does."""

    id: str
    """Never used again for another sentence, e.g. ``govstack-payments-5.3.2#1``."""
    source: str
    """Which list it comes from: the block's id (a marked row), ``api`` or ``cross-functional``."""
    clause: str
    text: str
    """The sentence in the harness's own words."""
    level: Level
    observability: Observability
    functions: tuple[str, ...] = ()
    """The claimable functions that it is about; empty: it binds every product of the block."""
    cases: tuple[str, ...] = ()
    """Globs over case ids; ``*`` and ``**`` match any characters, slashes too."""
    checks: tuple[str, ...] = ()
    """Globs over check ids: only their findings break it; empty: any failure of its cases does."""
    tested: str = ""
    """Which part of the sentence the cases test, where it is not the whole."""
    untestable: str = ""
    """Why no case tests it; empty where there are cases."""
    published: str = ""
    """Where its source has it: ``file:line``, or for an operation ``file: METHOD path``."""
    related: tuple[str, ...] = ()
    """Ids of requirements that say the same or part of the same."""

    def outcome(self, outcome: Outcome, codes: Iterable[str]) -> Outcome:
        """Say what one of its cases means for it, given the codes of the case's findings (advisory ones not).

        Where the requirement names its checks, a failure by none of them hides what they would have shown:
        INCONCLUSIVE, neither a breach of this requirement nor its proof.
        """
        if outcome is not Outcome.FAILED or not self.checks:
            return outcome
        breaks = any(fnmatch.fnmatchcase(code, glob) for code in codes for glob in self.checks)
        return Outcome.FAILED if breaks else Outcome.INCONCLUSIVE


@dataclass(frozen=True, kw_only=True)
class RequirementSet:
    """A dated, digested list of one block's requirements, in the order of their source."""

    block: str
    dated: str
    """ISO 8601 date on which the list was fixed."""
    digest: str
    """sha256 of the list's bytes, hexadecimal."""
    requirements: tuple[Requirement, ...]

    def __iter__(self) -> Iterator[Requirement]:
        """Go through the requirements in the order of the list."""
        return iter(self.requirements)

    def __len__(self) -> int:
        """Count the requirements."""
        return len(self.requirements)

    def requirement(self, requirement_id: str) -> Requirement:
        """Give a requirement by its id; KeyError if there is none."""
        return self._by_id[requirement_id]

    def for_case(self, case_id: str) -> tuple[str, ...]:
        """Name the requirements that a case tests, in the order of the list."""
        head = "/".join(case_id.split("/", _HEAD)[:_HEAD])
        found: set[int] = set()
        for pattern, places in (*self._index.get(head, ()), *self._index.get("", ())):
            if pattern.match(case_id):
                found.update(places)
        return tuple(self.requirements[place].id for place in sorted(found))

    @cached_property
    def _by_id(self) -> dict[str, Requirement]:
        return {requirement.id: requirement for requirement in self.requirements}

    @cached_property
    def _index(self) -> dict[str, list[tuple[re.Pattern[str], list[int]]]]:
        """Group the globs by the literal head that a case must have; those without one under ``""``."""
        places: dict[str, list[int]] = {}
        for place, requirement in enumerate(self.requirements):
            for glob in requirement.cases:
                places.setdefault(glob, []).append(place)
        index: dict[str, list[tuple[re.Pattern[str], list[int]]]] = {}
        for glob, at in places.items():
            rule = (re.compile(fnmatch.translate(glob)), at)
            index.setdefault(_literal_head(glob), []).append(rule)
        return index


def _literal_head(glob: str) -> str:
    """Give the first parts of a glob if they are whole and free of wildcards, else an empty text."""
    parts = glob.split("/", _HEAD)
    head = "/".join(parts[:_HEAD])
    return head if len(parts) > _HEAD and not set("*?[") & set(head) else ""
