"""OpenAPI documents, 3.0 and 3.1, faulty ones too → ``Spec``: what can be used, and a list of what cannot."""

import re
from pathlib import Path
from typing import Any

from dpi_conformance.catalogue.contents import Contents
from dpi_conformance.catalogue.documents import Document, read_document
from dpi_conformance.catalogue.operations import METHODS, Operations, text_of
from dpi_conformance.catalogue.outbound_calls import OutboundCalls
from dpi_conformance.catalogue.references import Reading
from dpi_conformance.catalogue.schemas import Schemas
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Spec

__all__ = ["NotOpenApi", "load_spec", "load_spec_document"]

_VERSION = re.compile(r"3\.(\d+)(?:\.\d+\S*)?\Z")
_KEYS = frozenset(
    {"openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components", "security", "tags"}
    | {"externalDocs"}
)
_SWAGGER_KEYS = frozenset(
    {"basePath", "host", "schemes", "consumes", "produces", "definitions", "securityDefinitions"}
    | {"parameters", "responses"}
)
_DIALECTS = ("https://spec.openapis.org/oas/3.1/dialect/", "https://json-schema.org/draft/2020-12/schema")


class NotOpenApi(UsageError):  # noqa: N818 -- says what the document is, not that something broke
    """The document was read, and is something other than OpenAPI 3."""


def load_spec(path: Path | str) -> Spec:
    """Read an OpenAPI document; UsageError where it cannot be read or is none."""
    return load_spec_document(read_document(path))


def load_spec_document(document: Document) -> Spec:
    """Read a parsed document as OpenAPI; NotOpenApi where it is something else."""
    root = _root(document)
    reading = Reading(document=document, version=_version(document, root))
    _check_top(reading, root)
    schemas = Schemas(reading)
    contents = Contents(reading, schemas)
    paths = reading.mapping(root.get("paths"), ("paths",), "paths")
    operations = _operations(reading, root, contents)
    variants = tuple(
        variant
        for path, item in paths.items()
        if not path.startswith("x-")
        for variant in operations.path(path, item, ("paths", path))
    )
    outbounds = OutboundCalls(reading, contents).all(paths, root.get("webhooks"))
    _read_the_rest(reading, root, schemas)
    about = reading.mapping(root.get("info"), ("info",), "info")
    return Spec(
        title=text_of(about, "title"),
        version=str(about.get("version", "")),
        variants=variants,
        outbounds=outbounds,
        troubles=reading.troubles,
        digest=document.digest,
        openapi=".".join(str(number) for number in reading.version),
        operations=_count(paths),
        usable=operations.usable,
    )


def _operations(reading: Reading, root: dict[str, Any], contents: Contents) -> Operations:
    components = root.get("components")
    declared = components.get("securitySchemes") if isinstance(components, dict) else None
    schemes = reading.mapping(declared, ("components", "securitySchemes"), "securitySchemes")
    return Operations(reading, contents, root.get("security"), frozenset(schemes))


def _read_the_rest(reading: Reading, root: dict[str, Any], schemas: Schemas) -> None:
    """Read the schemas that no operation refers to, so that their troubles are listed too."""
    components = reading.mapping(root.get("components"), ("components",), "components")
    at = ("components", "schemas")
    for name in reading.mapping(components.get("schemas"), at, "schemas"):
        schemas.examine((*at, name))


def _count(paths: dict[str, Any]) -> int:
    """Count the operations that are written, usable or not."""
    items = [item for path, item in paths.items() if not path.startswith("x-") and isinstance(item, dict)]
    return sum(key.lower() in METHODS for item in items for key in item)


def _root(document: Document) -> dict[str, Any]:
    root = document.root
    if isinstance(root, dict) and "openapi" in root:
        return root
    raise NotOpenApi(_instead(document, root))


def _instead(document: Document, root: Any) -> Message:
    """Say what a document is that is not OpenAPI."""
    values = {"file": document.file, "kind": document.kind}
    if not isinstance(root, dict):
        text = N_("{file} is {kind}, but no mapping: it is not an OpenAPI document.")
    elif "swagger" in root:
        values["version"] = _short(root["swagger"])
        text = N_("{file} is Swagger {version}; convert it to OpenAPI 3.1 (the key “openapi”) and read that.")
    elif "asyncapi" in root:
        text = N_("{file} is AsyncAPI, which describes messages, not HTTP operations.")
    elif "$schema" in root:
        text = N_("{file} is a JSON Schema, not an OpenAPI document: it has no key “openapi”.")
    else:
        values["keys"] = _short(", ".join(list(root)[:5]) or "{}")
        text = N_("{file} is not an OpenAPI document: it has no key “openapi”, only {keys}.")
    return Message(text=text, values=values)


def _version(document: Document, root: dict[str, Any]) -> tuple[int, int]:
    written = document.written(("openapi",)) or str(root["openapi"])
    match = _VERSION.match(written.strip())
    if match is None:
        text = N_("{file} is “openapi: {version}”; OpenAPI 3.0 and 3.1 can be read.")
        values = {"file": document.file, "version": _short(written)}
        raise NotOpenApi(Message(text=text, values=values))
    return (3, int(match[1]))


def _check_top(reading: Reading, root: dict[str, Any]) -> None:
    """List what is odd at the top of the document."""
    if not isinstance(root["openapi"], str):
        reading.trouble(("openapi",), N_("The version must be written in quotes; it is read all the same."))
    if reading.version[1] > 1:
        text = N_("OpenAPI 3.{minor} is newer than this reader; it is read as 3.1.")
        reading.trouble(("openapi",), text, minor=reading.version[1])
    dialect = root.get("jsonSchemaDialect")
    if dialect is not None and not str(dialect).startswith(_DIALECTS):
        text = N_("The schema dialect “{dialect}” is not known; schemas are read as JSON Schema 2020-12.")
        reading.trouble(("jsonSchemaDialect",), text, dialect=str(dialect))
    if "paths" not in root and (reading.old or not {"webhooks", "components"} & root.keys()):
        reading.trouble((), N_("The document has no “paths”."), used=False)
    for key in root:
        if key not in _KEYS and not key.startswith("x-"):
            _stray(reading, key)


def _stray(reading: Reading, key: str) -> None:
    if key == "definitions":
        text = N_("“definitions” is Swagger 2; its schemas are used where something refers to them.")
        reading.trouble((key,), text)
    elif key in _SWAGGER_KEYS:
        reading.trouble(
            (key,), N_("“{key}” is Swagger 2 and means nothing in OpenAPI 3."), used=False, key=key
        )
    else:
        text = N_("“{key}” does not belong at the top of an OpenAPI document; it is left out.")
        reading.trouble((key,), text, used=False, key=key)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
