"""The places of a variant's request with what its documents say about each: its schema, and whether it must be there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dpi_conformance.model.spec import Schema, Variant
from dpi_conformance.vectors.drafts import ABSENT, Draft, Place

__all__ = ["Site", "resolved", "sites", "undescribed"]

_DEPTH = 12
"""Deeper than any published body; a schema that refers to itself ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place of a variant's base request."""

    place: Place
    schema: Schema
    value: Any
    """What the base request has there."""
    required: bool
    distinguishes: bool = True
    """The documents say of this place's siblings which are required: what they do not name is optional."""

    @property
    def types(self) -> frozenset[str]:
        """Give the JSON types that the schema allows; empty: all."""
        types = self.schema.get("type", [])
        return frozenset([types] if isinstance(types, str) else types)

    def limit(self, keyword: str) -> Any:
        """Give a keyword's value; None if the documents publish none."""
        return self.schema.get(keyword)


def sites(variant: Variant, base: Draft) -> Iterator[Site]:
    """Give the places of a base request, parameters first, then the body from the outside in."""
    for parameter in variant.parameters:
        place = Place(parameter.location, (parameter.name,))
        value = base.value(place)
        if value is not ABSENT:
            schema = resolved(parameter.schema, parameter.schema)
            yield Site(place=place, schema=schema, value=value, required=parameter.required)
    if variant.body is not None and base.body is not ABSENT:
        root = variant.body.schema
        whole = Site(
            place=Place("body"), schema=resolved(root, root), value=base.body, required=variant.body.required
        )
        yield from _within(whole, root, _DEPTH)


def undescribed(variant: Variant, base: Draft) -> Iterator[str]:
    """Name the declared parameters and properties that the base request leaves out."""
    for parameter in variant.parameters:
        place = Place(parameter.location, (parameter.name,))
        if base.value(place) is ABSENT:
            yield str(place)
    for site in sites(variant, base):
        if isinstance(site.value, Mapping):
            for name in site.schema.get("properties", {}):
                if name not in site.value:
                    yield str(site.place.below(name))


def _within(site: Site, root: Schema, depth: int) -> Iterator[Site]:
    yield site
    if depth == 0:
        return
    if isinstance(site.value, Mapping):
        required = site.schema.get("required", ())
        properties = site.schema.get("properties", {})
        for name, value in site.value.items():
            if name in properties:
                child = Site(
                    place=site.place.below(name),
                    schema=resolved(properties[name], root),
                    value=value,
                    required=name in required,
                    distinguishes=bool(required),
                )
                yield from _within(child, root, depth - 1)
    elif isinstance(site.value, list) and site.value and isinstance(site.schema.get("items"), Mapping):
        child = Site(
            place=site.place.below(0),
            schema=resolved(site.schema["items"], root),
            value=site.value[0],
            required=False,
            distinguishes=False,
        )
        yield from _within(child, root, depth - 1)


def resolved(schema: Any, root: Schema) -> Schema:
    """Follow references and fold ``allOf``, so that a schema's keywords lie side by side."""
    merged: dict[str, Any] = dict(schema) if isinstance(schema, Mapping) else {}
    for _ in range(_DEPTH):
        reference = merged.pop("$ref", None)
        parts = [*([_pointed(reference, root)] if reference else []), *merged.pop("allOf", [])]
        if not parts:
            return merged
        for part in parts:
            merged = _folded(part, merged)
    return merged


def _folded(part: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    folded = {**part, **own}
    for keyword in ("properties", "$defs"):
        if keyword in part and keyword in own:
            folded[keyword] = {**part[keyword], **own[keyword]}
    if "required" in part and "required" in own:
        folded["required"] = [*part["required"], *own["required"]]
    return folded


def _pointed(reference: str, root: Schema) -> Mapping[str, Any]:
    here: Any = root
    for step in reference.lstrip("#").strip("/").split("/"):
        here = here[step.replace("~1", "/").replace("~0", "~")] if step else here
    return here if isinstance(here, Mapping) else {}
