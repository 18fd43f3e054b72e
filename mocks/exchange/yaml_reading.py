"""Reads YAML 1.2 strictly and within bounds: a short text must not become a huge value."""

import re
from typing import Any

import yaml

from dpi_conformance.mockkit.reading import MAX_DEPTH, Unreadable, first_trouble

__all__ = ["read_old_yaml", "read_yaml"]

_NODES = 200_000
"""So many values a document may have once its aliases are followed."""


class _Core(yaml.CSafeLoader):
    """The core schema of YAML 1.2 (10.3.2): ``no`` and ``on`` are texts; a name comes once in a mapping."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 -- as PyYAML keeps them

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Make a mapping; raises a YAMLError for a name that comes twice."""
        names = [name.value for name, _ in node.value if isinstance(name, yaml.ScalarNode)]
        if len(set(names)) != len(names):
            raise yaml.constructor.ConstructorError(None, None, "a name comes twice", node.start_mark)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"null|Null|NULL|~|", "nN~\0"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
):
    _Core.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(rf"^(?:{_pattern})$"),
        ["" if c == "\0" else c for c in _first],
    )


def read_yaml(raw: bytes) -> Any:
    """Parse one document of YAML 1.2; raises Unreadable, also for text that cannot be stored."""
    return _read(raw, _Core)


def read_old_yaml(raw: bytes) -> Any:
    """Parse one document as YAML 1.1, in which ``NO`` is false: what a product with a fault does."""
    return _read(raw, yaml.CSafeLoader)


def _read(raw: bytes, loader: type[yaml.CSafeLoader]) -> Any:
    try:
        value = yaml.load(raw, loader)  # noqa: S506 -- both are safe loaders
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Unreadable("malformed", "The body is not one document of YAML 1.2.") from None
    _check_bounds(value)
    if trouble := first_trouble(value):
        raise trouble
    return value


def _check_bounds(value: Any) -> None:
    """Refuse a value that its aliases make large, deep, or endless; walks without recursion."""
    stack, seen = [(value, 1)], 0
    while stack:
        here, depth = stack.pop()
        seen += 1
        if seen > _NODES or depth > MAX_DEPTH:
            raise Unreadable("deep", "The body grows beyond all bounds.")
        children = here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()
        stack.extend((child, depth + 1) for child in children)
