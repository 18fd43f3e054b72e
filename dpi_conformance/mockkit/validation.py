"""Validates a request against what its operation declares, and says which field is wrong."""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import jsonschema_rs

from dpi_conformance.mockkit.samples import resolved
from dpi_conformance.model.spec import Parameter, Variant

__all__ = ["Complaint", "RequestRules", "tightened"]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,99})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,2})?")
_ENOUGH = 4
"""So many complaints are described; the rest repeats them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One broken constraint: where (``body.requestID``, ``header.X-Callback-URL``), which keyword, and in words."""

    place: str
    keyword: str
    text: str
    value: object = None


class RequestRules:
    """One variant's compiled constraints."""

    def __init__(self, variant: Variant, *, tight: bool = False) -> None:
        """Compile them; ``tight`` makes each upper limit of a length one too small (a named fault)."""
        self._parameters = tuple(_ParameterRule(p, tight=tight) for p in variant.parameters)
        self._body = _compiled(variant.body.schema, tight=tight) if variant.body else None
        self.known = frozenset(variant.body.schema.get("properties", {})) if variant.body else frozenset()
        """The names that the body declares."""

    def complaints(
        self, values: Mapping[str, Mapping[str, str]], body: object, *, has_body: bool
    ) -> tuple[Complaint, ...]:
        """Give what is wrong with a request; ``values`` holds the parameters by location and name."""
        found = [c for rule in self._parameters for c in rule.complaints(values[rule.location])]
        if not has_body:
            if self._body is not None:
                found.append(Complaint(place="body", keyword="required", text="The body is missing."))
        elif self._body is not None and not self._body.is_valid(body):
            found.extend(_described(self._body.iter_errors(body), "body"))
        return tuple(found)


class _ParameterRule:
    """One parameter's constraints; its text is read by the declared type first."""

    def __init__(self, parameter: Parameter, *, tight: bool) -> None:
        self.location = parameter.location
        self._place = f"{parameter.location}.{parameter.name}"
        self._name = parameter.name.lower() if parameter.location == "header" else parameter.name
        self._required = parameter.required
        self._validator = _compiled(parameter.schema, tight=tight)
        kind = resolved(parameter.schema, parameter.schema).get("type", "string")
        self._kinds = (kind,) if isinstance(kind, str) else tuple(kind)

    def complaints(self, values: Mapping[str, str]) -> Iterator[Complaint]:
        text = values.get(self._name)
        if text is None:
            if self._required:
                yield Complaint(place=self._place, keyword="required", text=f"{self._place} is missing.")
            return
        value = _read(text, self._kinds)
        if not self._validator.is_valid(value):
            yield from _described(self._validator.iter_errors(value), self._place)


def tightened(schema: Any) -> Any:
    """Give a schema whose ``maxLength`` limits are one lower, everywhere."""
    if isinstance(schema, Mapping):
        return {
            key: value - 1
            if key == "maxLength" and isinstance(value, int) and value > 1
            else tightened(value)
            for key, value in schema.items()
        }
    return [tightened(part) for part in schema] if isinstance(schema, list) else schema


def _compiled(schema: Mapping[str, Any], *, tight: bool) -> jsonschema_rs.Draft202012Validator:
    plain = deepcopy(dict(schema))
    return jsonschema_rs.Draft202012Validator(tightened(plain) if tight else plain, validate_formats=True)


def _read(text: str, kinds: tuple[str, ...]) -> str | int | bool | Decimal:
    if "integer" in kinds and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in kinds and _NUMBER.fullmatch(text):
        return Decimal(text)
    if "boolean" in kinds and text in {"true", "false"}:
        return text == "true"
    return text


def _described(errors: Iterable[jsonschema_rs.ValidationError], root: str) -> Iterator[Complaint]:
    for _, error in zip(range(_ENOUGH), errors, strict=False):
        details = error.kind.as_dict()
        keyword = error.kind.name
        place = ".".join([root, *map(str, error.instance_path)])
        if keyword == "required":
            place = f"{place}.{details['property']}"
        said = _said(keyword, details)
        yield Complaint(
            place=place,
            keyword=keyword,
            text=f"{place.removeprefix('body.')} {said}.",
            value=error.instance,
        )


def _said(keyword: str, details: Mapping[str, Any]) -> str:
    limit = details.get("limit")
    plain = {
        "required": "is missing",
        "maxLength": f"has more than {limit} characters",
        "minLength": f"has fewer than {limit} characters",
        "maxItems": f"has more than {limit} entries",
        "minItems": f"has fewer than {limit} entries",
        "minimum": f"is below {limit}",
        "maximum": f"is above {limit}",
        "exclusiveMinimum": f"is not above {limit}",
        "exclusiveMaximum": f"is not below {limit}",
        "pattern": "does not have the declared form",
        "format": f"is not a {details.get('format', 'value of the declared format')}",
        "enum": f"is none of {', '.join(map(str, details.get('options', ())))}",
        "const": "is not the declared value",
        "type": f"is not of type {' or '.join(details.get('types', ()))}",
    }
    return plain.get(keyword, "is not valid")
