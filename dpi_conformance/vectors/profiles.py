"""Which vectors are in which profile: by rule, not by chance (docs/vectors.md)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.vectors.trials import BLOCK

__all__ = ["profiled"]

_OPEN: Final = Expectation.EITHER
_STANDARD: Final = 5
"""So many generated vectors of each standard stratum: case, expectation, generator; of our own rules, all."""


_WHOLE: Final = frozenset({"text"})
"""Kinds of which quick tries every case, decided or not: any script, at any place, may bring a product down."""


def profiled(vectors: Iterable[Vector]) -> list[Vector]:
    """Give each vector the smallest profile that holds it, in the same order.

    Within a stratum the smallest ids are chosen: a digest spreads them over places, and stays the same.
    """
    vectors = list(vectors)
    quick = _chosen(vectors, _quick_stratum, 1)
    generated = [vector for vector in vectors if vector.origin != BLOCK]
    standard = _chosen(generated, _standard_stratum, _STANDARD) | {v.id for v in vectors if v.origin == BLOCK}
    return [replace(vector, profile=_profile(vector, quick, standard)) for vector in vectors]


def _profile(vector: Vector, quick: set[str], standard: set[str]) -> Profile:
    if vector.control or vector.id in quick:
        return Profile.QUICK
    return Profile.STANDARD if vector.id in standard else Profile.FULL


def _quick_stratum(vector: Vector) -> tuple[str, ...]:
    """Give what one vector of quick stands for: a side of a decided case, or what is open in one part of the request."""
    _, _, variant, kind, place, *keyword = vector.case.split("/")
    if vector.expect is not _OPEN or kind in _WHOLE:
        return vector.case, vector.expect
    return variant, kind, place if kind == "protocol" else place.partition(".")[0], *keyword


def _standard_stratum(vector: Vector) -> tuple[str, ...]:
    return vector.case, vector.expect, vector.origin.partition(":")[0]


def _chosen(vectors: Sequence[Vector], stratum: Callable[[Vector], tuple[str, ...]], count: int) -> set[str]:
    strata: dict[tuple[str, ...], list[str]] = {}
    for vector in vectors:
        strata.setdefault(stratum(vector), []).append(vector.id)
    return {vector_id for ids in strata.values() for vector_id in sorted(ids)[:count]}
