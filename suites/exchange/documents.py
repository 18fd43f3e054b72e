"""The document of a service: whether it can be read, is an OpenAPI document, and describes what is listed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from dpi_conformance.catalogue.documents import parse_document
from dpi_conformance.errors import DpiError

__all__ = ["described", "missing", "read", "troubles"]

_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


def read(raw: bytes) -> Any:
    """Read a document in JSON or YAML, or either as a JSON string; None where it is none."""
    try:
        root = parse_document(raw, "answer").root
        return parse_document(root.encode(), "answer").root if isinstance(root, str) else root
    except DpiError:
        return None


def troubles(document: Any) -> Iterator[str]:
    """Say what keeps a text from being an OpenAPI document (OpenAPI 3.1, 4.8.1; 2.0, 5.2)."""
    if not isinstance(document, Mapping):
        yield "neither JSON nor YAML of an object"
        return
    if not str(document.get("openapi", document.get("swagger", ""))).startswith(("3.", "2.")):
        yield "no version of OpenAPI"
    info = document.get("info")
    if not isinstance(info, Mapping) or not {"title", "version"} <= set(info):
        yield "no info with title and version"
    if not isinstance(document.get("paths"), Mapping) and not str(document.get("openapi", "")).startswith(
        "3.1"
    ):
        yield "no paths"


def described(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Give the endpoints that a document describes."""
    paths = document.get("paths")
    return {
        (method.lower(), str(path))
        for path, item in (paths.items() if isinstance(paths, Mapping) else ())
        if isinstance(item, Mapping)
        for method in item
        if str(method).lower() in _METHODS
    }


def missing(listed: Iterable[tuple[str, str]], document: Mapping[str, Any]) -> list[str]:
    """Give the endpoints that are listed and not described; ``*`` in a list stands for anything."""
    known = {(method, _plain(path)) for method, path in described(document)}
    paths = {path for _, path in known}
    return [
        f"{method.upper()} {path}"
        for method, path in listed
        if "**" not in path
        and ((method, _plain(path)) not in known if method != "*" else _plain(path) not in paths)
    ]


def _plain(path: str) -> str:
    """Write a path with its parameters as wildcards, without the slash at its end."""
    parts = path.rstrip("/").split("/")
    return "/".join("*" if part.startswith("{") else part for part in parts)
