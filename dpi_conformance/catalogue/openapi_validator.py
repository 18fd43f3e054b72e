"""What openapi-spec-validator says of a document, as troubles; imported only when it is asked."""

from typing import Any

from dpi_conformance.catalogue.documents import Document
from dpi_conformance.catalogue.references import Reading
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Trouble

__all__ = ["validator_troubles"]

_LONGEST = 160


def validator_troubles(document: Document) -> tuple[Trouble, ...]:
    """Validate a document against the published schema of its OpenAPI version, offline.

    References that lead nowhere or out of the document are left out first (the loader has listed them):
    the validator would stop at the first, and fetch the second.
    """
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    root = _without_lost_references(document)
    old = str(root["openapi"]).startswith("3.0")
    validator = (OpenAPIV30SpecValidator if old else OpenAPIV31SpecValidator)(root)
    troubles: list[Trouble] = []
    try:
        troubles.extend(_trouble(document, error) for error in validator.iter_errors())
    except (Unresolvable, RecursionError, LookupError, AttributeError, TypeError, ValueError) as error:
        text = N_("openapi-spec-validator stopped here with {error}; what it would have said is not known.")
        reason = Message(text=text, values={"error": f"{type(error).__name__}: {_short(str(error))}"})
        troubles.append(Trouble(file=document.file, place=document.place(()), reason=reason, used=True))
    return tuple(troubles)


def _trouble(document: Document, error: Any) -> Trouble:
    reason = Message(
        text=N_("openapi-spec-validator: {problem}."), values={"problem": _short(error.message).rstrip(".")}
    )
    pointer: Pointer = tuple(error.absolute_path)
    rooted = not pointer or pointer[0] in document.root
    place = document.place(pointer) if rooted else "…/" + "/".join(str(part) for part in pointer)
    return Trouble(file=document.file, place=place, reason=reason, used=True)


def _short(text: str) -> str:
    """Give the first line; a long one begins with the value, and says at its end what is wrong with it."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _LONGEST else f"{line[:32]} … {line[-96:]}"


def _without_lost_references(document: Document) -> dict[str, Any]:
    reading = Reading(document=document, version=(3, 1))
    root: dict[str, Any] = dict(_copied(reading, document.root))
    return root


def _copied(reading: Reading, node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node and isinstance(node["$ref"], str) and reading.find(node["$ref"]) is None:
            return {key: _copied(reading, value) for key, value in node.items() if key != "$ref"}
        return {key: _copied(reading, value) for key, value in node.items()}
    return [_copied(reading, value) for value in node] if isinstance(node, list) else node
