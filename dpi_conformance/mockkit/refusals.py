"""The shape of a refusal: the operation's declared fields, filled with code, description and identifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpi_conformance.mockkit.samples import resolved, sample
from dpi_conformance.model.spec import Variant

__all__ = ["Spellings", "acknowledgement", "refusal_shape"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """How a block spells the parts of a receipt; the first spelling of each is the one without a declaration."""

    code: tuple[str, ...]
    description: tuple[str, ...]
    request_id: tuple[str, ...]
    success: Mapping[str, object]
    """Values that say success, by field."""
    failure: Mapping[str, object]
    """Values that say failure, by field."""

    def identifier(self, body: object, query: Mapping[str, str]) -> str | None:
        """Find the request's identifier in its body or query."""
        for holder in (body, query):
            if isinstance(holder, Mapping):
                for name in self.request_id:
                    if isinstance(holder.get(name), str):
                        return str(holder[name])
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What one refusal is filled into: field names with their limits of length."""

    description: str
    description_limit: int
    request_id: str
    request_id_limit: int
    fixed: Mapping[str, object]

    def filled(self, text: str, identifier: str | None) -> dict[str, object]:
        body = {**self.fixed, self.description: text[: self.description_limit]}
        if identifier is not None and self.request_id and len(identifier) <= self.request_id_limit:
            body[self.request_id] = identifier
        return body


def refusal_shape(variant: Variant | None, spellings: Spellings) -> _Shape:
    """Give the shape that a variant declares for 400, else one that is spelt like its other answers."""
    declared = _properties(variant, ("400", "4XX", "default")) if variant else {}
    if declared:
        return _declared_shape(declared, spellings)
    near = _properties(variant, ("200", "202", "201")) if variant else {}
    return _Shape(
        description=_first(spellings.description, near) or spellings.description[0],
        description_limit=200,
        request_id=_first(spellings.request_id, near) or spellings.request_id[0],
        request_id_limit=12,
        fixed={(code := _first(spellings.code, near) or spellings.code[0]): spellings.failure[code]},
    )


def acknowledgement(variant: Variant, spellings: Spellings, identifier: str | None) -> tuple[int, Any]:
    """Give a status and a body that say success and nothing else, valid as the variant declares it."""
    declared = min((r for r in variant.responses if r.status.startswith("2")), key=lambda r: r.status)
    schema = declared.content.get("application/json")
    if schema is None:
        return int(declared.status), None
    named = {
        **spellings.success,
        **({} if identifier is None else dict.fromkeys(spellings.request_id, identifier)),
    }
    return int(declared.status), sample(schema, named)


def _declared_shape(declared: Mapping[str, Mapping[str, Any]], spellings: Spellings) -> _Shape:
    description = _first(spellings.description, declared) or spellings.description[0]
    request_id = _first(spellings.request_id, declared)
    return _Shape(
        description=description,
        description_limit=declared.get(description, {}).get("maxLength", 200),
        request_id=request_id,
        request_id_limit=declared.get(request_id, {}).get("maxLength", 200),
        fixed={name: value for name, value in spellings.failure.items() if name in declared},
    )


def _properties(variant: Variant, statuses: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
    for response in variant.responses:
        schema = response.content.get("application/json") if response.status in statuses else None
        if schema is not None:
            properties: Mapping[str, Mapping[str, Any]] = resolved(schema, schema).get("properties", {})
            return properties
    return {}


def _first(spellings: tuple[str, ...], declared: Mapping[str, object]) -> str:
    return next((name for name in spellings if name in declared), "")
