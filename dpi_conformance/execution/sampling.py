"""Requests that the doctor sends: safe ones, made from the specification, that any product can answer or refuse."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from dpi_conformance.model.block import Block
from dpi_conformance.model.evidence import Request
from dpi_conformance.model.spec import Spec, Variant

__all__ = ["Unlisted", "probe_request", "probe_variants"]

_AT_MOST = 4
_WORD = "DPICONFORMANCEDOCTOR"


Unlisted = Callable[[], Variant]
"""Gives what can be asked of functions that have no operation in the specification; may raise Prerequisite."""


def probe_variants(
    block: Block, spec: Spec, claims: Collection[str], unlisted: Unlisted | None = None
) -> tuple[Variant, ...]:
    """Choose reading operations of claimed functions, the block's own probe first; at most four."""
    reading = [
        one for one in spec.variants if one.method == "get" and (one.body is None or not one.body.required)
    ]
    named = [one for one in spec.variants if one.id == block.probe]
    claimed = [one for one in (*named, *reading) if not (claims and one.function) or one.function in claims]
    if not claimed and unlisted is not None:
        return (unlisted(),)
    return tuple({one.id: one for one in claimed or named or reading}.values())[:_AT_MOST]


def probe_request(variant: Variant) -> Request:
    """Make a request with a plausible value for each required parameter, in origin form."""
    values = {(one.location, one.name): _sample(one.schema) for one in variant.parameters if one.required}
    path = variant.path
    for (location, name), value in values.items():
        if location == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
    query = [*variant.select, *_at("query", values)]
    headers = tuple(_at("header", values))
    if variant.body is not None:
        headers = (*headers, ("Content-Type", variant.body.media_type))
    return Request(
        method=variant.method.upper(),
        url=f"{path}?{urlencode(query)}" if query else path,
        headers=headers,
        body=b"" if variant.body is None else b"{}",
    )


def _at(location: str, values: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    yield from ((name, value) for (place, name), value in values.items() if place == location)


def _sample(schema: Mapping[str, Any]) -> str:
    """Give a value that a parameter's schema admits: a written example if there is one, else one made up."""
    return str(next(_samples(schema)))


def _samples(schema: Mapping[str, Any]) -> Iterator[Any]:
    yield from _written(schema)
    match schema.get("type"):
        case "integer" | "number":
            yield schema.get("minimum", 1)
        case "boolean":
            yield "true"
        case _:
            least = int(schema.get("minLength", 1))
            most = int(schema.get("maxLength", max(least, 12)))
            yield (_WORD * (most // len(_WORD) + 1))[: max(least, min(most, 12))]


def _written(schema: Mapping[str, Any]) -> Iterable[Any]:
    yield from schema.get("examples", ())
    yield from (schema[key] for key in ("example", "default", "const") if key in schema)
    yield from schema.get("enum", ())
