"""The published files as they are: read leniently, nothing dropped, each oddity noted."""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Document", "read_document"]

_ROOT_KEYS = {"openapi", "info", "paths", "components", "servers", "tags", "x-stoplight"}
_FENCED = re.compile(r"^```yaml\n(.*?)(?:^```|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One operation of a published file."""

    name: str
    """The file's name without its folder."""
    method: str
    path: str
    operation: Mapping[str, Any]
    schemes: Mapping[str, Any]
    headers: Mapping[str, Any]
    """Headers that stand at the root, where OpenAPI knows no such key."""
    root: Mapping[str, Any] = field(default_factory=dict)
    """The whole file, for what the operation refers to."""
    oddities: tuple[str, ...] = field(default=())
    """What hides part of the file from an ordinary reader of YAML or OpenAPI."""
    sentences: frozenset[str] = frozenset()


class _Lenient(yaml.SafeLoader):
    """Joins the lists under a key that stands twice; an ordinary reader drops the first."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.oddities: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        pairs = [(self.construct_object(k, deep=True), v) for k, v in node.value]
        result: dict[Hashable, Any] = {}
        for key, value_node in pairs:
            value = self.construct_object(value_node, deep=True)
            if key in result:
                self.oddities.append(f"document#duplicate {key}")
                value = [*result[key], *value]
            result[key] = value
        return result


def read_document(path: Path, at: tuple[str, str] | None = None) -> Document:
    """Read an operation, by path and method where a file has several; fails at what this reader does not know."""
    text = path.read_text(encoding="utf-8")
    fenced = _FENCED.search(text)
    loader = _Lenient(fenced.group(1) if fenced else text)
    root = loader.get_single_data()
    misplaced = sorted(root.keys() - _ROOT_KEYS)
    assert misplaced in ([], ["headers"]), f"{path.name}: unknown keys {misplaced}"
    url, method, operation = _operation(root["paths"], at)
    return Document(
        name=path.name,
        method=method,
        path=url,
        operation=operation,
        schemes=root.get("components", {}).get("securitySchemes", {}),
        headers=root.get("headers", {}),
        root=root,
        oddities=(
            *(["document#fence"] if fenced else []),
            *sorted(set(loader.oddities)),
            *(f"document#root {key}" for key in misplaced),
        ),
        sentences=frozenset(_sentences(root)),
    )


def _operation(paths: Mapping[str, Any], at: tuple[str, str] | None) -> tuple[str, str, Mapping[str, Any]]:
    if at is None:
        ((url, item),) = paths.items()
        ((method, operation),) = item.items()
        return url, method, operation
    url, method = at
    operation = paths[url][method]
    shared = [*paths[url].get("parameters", []), *operation.get("parameters", [])]
    return url, method, {**operation, "parameters": shared}


def _sentences(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for item in node for text in _sentences(item)]
    if not isinstance(node, dict):
        return []
    own = [str(node[key]) for key in ("description", "summary", "title") if isinstance(node.get(key), str)]
    return own + [text for value in node.values() for text in _sentences(value)]
