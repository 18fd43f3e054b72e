"""Our e-payments document held against the published files, fact by fact."""

import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.model.errata import Cover
from tests.specs.facts import Difference, compare, our_facts, our_operations, published_facts
from tests.specs.published import Document, read_document

__all__ = [
    "SPECS",
    "UPSTREAM",
    "Tree",
    "covers",
    "differences",
    "our_document",
    "published",
    "sources",
    "stale",
]
__all__ += ["uncovered", "unmatched", "with_upstream"]

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs" / "payments"
UPSTREAM = ROOT.parent / "shared" / "upstream" / "govstack" / "payments"
Tree = dict[str, Any]

with_upstream = pytest.mark.skipif(not UPSTREAM.is_dir(), reason="the published files are not here")


@functools.cache
def our_document() -> Tree:
    """Give our document; whoever changes it takes a copy first."""
    loaded: Tree = yaml.safe_load((SPECS / "openapi.yaml").read_text(encoding="utf-8"))
    return loaded


@functools.cache
def published(source: str) -> Document:
    """Read a published file by its name as ``x-published`` writes it."""
    return read_document(UPSTREAM / source if source.startswith("attached/") else UPSTREAM / "api" / source)


def sources(spec: Tree) -> list[tuple[str, str]]:
    """Pair each of our operations with each published file that it comes from."""
    return [
        (target, operation["published"][key])
        for target, operation in our_operations(spec)
        for key in ("file", "also")
        if key in operation["published"]
    ]


def unmatched(spec: Tree) -> set[str]:
    """Name the published files that no operation of ours says it comes from."""
    api = {str(path.relative_to(UPSTREAM / "api")) for path in (UPSTREAM / "api").rglob("*.yml")}
    attached = {f"attached/{path.name}" for path in (UPSTREAM / "attached").rglob("*.yml")}
    return (api | attached) - {source for _, source in sources(spec)}


def differences(spec: Tree) -> list[Difference]:
    """List every fact that a published file and its operation of ours do not share."""
    operations = dict(our_operations(spec))
    found: list[Difference] = []
    for target, source in sources(spec):
        document = published(source)
        ours = our_facts(operations[target], spec)
        found += compare(document.name, target, published_facts(document), ours)
    return found


def covers() -> set[Cover]:
    """Give every cover of the errata."""
    return {cover for erratum in load_errata(SPECS / "errata.yaml") for cover in erratum.covers}


def uncovered(found: Iterable[Difference], known: set[Cover]) -> list[Difference]:
    """Leave out the differences that an erratum covers."""
    return [difference for difference in found if _cover(difference) not in known]


def stale(found: Iterable[Difference], known: set[Cover]) -> set[Cover]:
    """Leave out the covers that a difference needs."""
    return known - {_cover(difference) for difference in found}


def _cover(difference: Difference) -> Cover:
    ours = json.dumps(difference.ours, separators=(",", ":"), sort_keys=True)
    return Cover(file=difference.file, operation=difference.target, fact=difference.fact, ours=ours)
