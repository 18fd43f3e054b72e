"""Our e-ID document held against the published files, fact by fact."""

import functools
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.model.errata import Cover
from tests.specs.comparison import ROOT, Tree
from tests.specs.facts import Difference, compare, our_facts, our_operations, published_facts
from tests.specs.published import Document, read_document

__all__ = ["SPECS", "UPSTREAM", "covers", "differences", "our_document", "published", "sources"]
__all__ += ["unmatched", "with_upstream"]

SPECS = ROOT / "specs" / "identity"
UPSTREAM = ROOT.parent / "shared" / "upstream" / "govstack" / "identity"
METHODS = ("get", "put", "post", "patch", "delete")

with_upstream = pytest.mark.skipif(not UPSTREAM.is_dir(), reason="the published files are not here")


@functools.cache
def our_document() -> Tree:
    """Give our document; whoever changes it takes a copy first."""
    loaded: Tree = yaml.safe_load((SPECS / "openapi.yaml").read_text(encoding="utf-8"))
    return loaded


@functools.cache
def published(file: str, path: str, method: str) -> Document:
    """Read a published operation; statuses that are numbers there are read as text."""
    document = read_document(UPSTREAM / file, (path, method))
    responses = {str(status): answer for status, answer in document.operation["responses"].items()}
    operation: dict[str, Any] = {**document.operation, "responses": responses}
    return Document(
        name=document.name,
        method=document.method,
        path=document.path,
        operation=operation,
        schemes=document.schemes,
        headers=document.headers,
        root=document.root,
        oddities=document.oddities,
        sentences=document.sentences,
    )


def sources(spec: Tree) -> Iterator[tuple[str, Document]]:
    """Pair each of our operations with the published one that it comes from."""
    for target, operation in our_operations(spec):
        source = operation["published"]
        yield target, published(source["file"], source["path"], source["method"])


def unmatched(spec: Tree) -> set[tuple[str, str, str]]:
    """Name the published operations that none of ours says it comes from."""
    every = {
        (file.relative_to(UPSTREAM).as_posix(), path, method)
        for file in UPSTREAM.rglob("*.yaml")
        for path, item in yaml.safe_load(file.read_text(encoding="utf-8"))["paths"].items()
        for method in item
        if method in METHODS
    }
    named = (operation["published"] for _, operation in our_operations(spec))
    return every - {(one["file"], one["path"], one["method"]) for one in named}


def differences(spec: Tree) -> list[Difference]:
    """List every fact that a published operation and ours do not share."""
    operations = dict(our_operations(spec))
    return [
        difference
        for target, document in sources(spec)
        for difference in compare(
            document.name, target, published_facts(document), our_facts(operations[target], spec)
        )
    ]


def covers() -> set[Cover]:
    """Give every cover of the errata."""
    return {cover for erratum in load_errata(SPECS / "errata.yaml") for cover in erratum.covers}
