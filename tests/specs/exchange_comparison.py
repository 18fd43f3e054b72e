"""Our data exchange document held against the three published files, fact by fact."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.model.errata import Cover
from tests.specs.facts import Difference, Facts, compare, operation_facts

__all__ = ["API", "METHODS", "SPECS", "Tree", "covers", "differences", "our_document", "our_operations"]
__all__ += ["published_operations", "with_upstream"]

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs" / "exchange"
API = ROOT.parent / "shared" / "upstream" / "govstack" / "information-mediator" / "api"
FILES = (
    "GovStack_IM_Directory_Services_API.yaml",
    "GovStack_IM_Configuration_Management_API.yaml",
    "GovStack_IM_PubSub_API.yaml",
)
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
Tree = dict[str, Any]
Operation = tuple[str, str, str]
"""File, method and path of a published operation."""

with_upstream = pytest.mark.skipif(not API.is_dir(), reason="the published files are not here")


@functools.cache
def our_document() -> Tree:
    """Give our document; whoever changes it takes a copy first."""
    return _read(SPECS / "openapi.yaml")


def our_operations() -> Iterator[tuple[str, Tree, list[Any]]]:
    """Give each operation with its id, and its parameters with those of its path."""
    for item in our_document()["paths"].values():
        for method in METHODS & item.keys():
            operation = item[method]
            parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
            yield operation["operationId"], operation, parameters


@functools.cache
def published_operations() -> dict[Operation, Facts]:
    """Give the facts of each operation of the published files; a parameter that stands twice is a fact too."""
    found: dict[Operation, Facts] = {}
    for name in FILES:
        root = _read(API / name)
        for path, item in root["paths"].items():
            for method in METHODS & item.keys():
                parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
                facts = _facts(item[method], parameters, root)
                found[name, method, path] = facts
    return found


def differences() -> list[Difference]:
    """List every fact that a published operation and ours do not share."""
    found: list[Difference] = []
    for target, operation, parameters in our_operations():
        source = operation["x-published"]
        published = published_operations()[source["file"], source["method"], source["path"]]
        found += compare(source["file"], target, published, _facts(operation, parameters, our_document()))
    return found


def covers() -> set[Cover]:
    """Give every cover of the errata."""
    return {cover for erratum in load_errata(SPECS / "errata.yaml") for cover in erratum.covers}


def _facts(operation: Tree, parameters: list[Any], root: Tree) -> Facts:
    facts = dict(operation_facts(operation, parameters, root))
    names = [_name(parameter, root) for parameter in parameters]
    facts |= {f"document#duplicate {name}": True for name in names if names.count(name) > 1}
    required: list[Tree] = operation.get("security", root.get("security")) or []
    schemes = root.get("components", {}).get("securitySchemes", {})
    facts["security"] = (
        " or ".join(
            " ".join([schemes[name]["type"], *scopes])
            for requirement in required
            for name, scopes in requirement.items()
        )
        or "none"
    )
    return facts


def _name(parameter: Tree, root: Tree) -> str:
    if "$ref" in parameter:
        parameter = root["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
    return f"{parameter['in']}.{parameter['name']}"


def _read(path: Path) -> Tree:
    loaded: Tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
