"""Which cases a run sends, and which vectors that takes."""

import fnmatch
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from dpi_conformance.model.cases import Case
from dpi_conformance.model.vectors import Vector

__all__ = ["applicable", "matching", "needed"]


def matching(cases: Iterable[Case], globs: Collection[str]) -> tuple[Case, ...]:
    """Give the cases whose ids match one of the globs (``*`` crosses slashes); all if there are none."""
    if not globs:
        return tuple(cases)
    pattern = re.compile("|".join(fnmatch.translate(glob) for glob in globs))
    return tuple(case for case in cases if pattern.match(case.id))


def applicable(case: Case, claims: Collection[str]) -> bool:
    """Tell whether a case is about something that the vendor claims; one without functions always is."""
    return not case.functions or any(function in claims for function in case.functions)


def needed(vectors: Iterable[Vector], cases: Mapping[str, Case]) -> Iterator[Vector]:
    """Give the vectors of these cases, and the positive control of each variant that they touch."""
    variants = {case.variant for case in cases.values()}
    for vector in vectors:
        if vector.case in cases or (vector.control and vector.variant in variants):
            yield vector
