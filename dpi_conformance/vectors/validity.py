"""Whether a request is valid by the documents: for its own variant, and for each that shares its address."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from dpi_conformance.model.spec import Parameter, Spec, Variant
from dpi_conformance.vectors.drafts import ABSENT, Draft, Place
from dpi_conformance.vectors.knowledge import Knowledge
from dpi_conformance.vectors.samples import Sampler
from dpi_conformance.vectors.writing import sampled

__all__ = ["Validity"]

_BOOLEANS = {"true": True, "false": False}


class Validity:
    """Judges drafts by the schemas of one specification; keeps the compiled ones."""

    def __init__(self, spec: Spec, knowledge: Knowledge) -> None:
        """Take the specification, and the knowledge whose samples stand for resources."""
        self._spec = spec
        self._knowledge = knowledge
        self.sample = Sampler(knowledge.resources)
        self._compiled: dict[tuple[str, str], jsonschema_rs.Draft202012Validator] = {}

    def valid(self, variant: Variant, draft: Draft) -> bool:
        """Tell whether a draft is a valid request of this variant."""
        return not self.complaints(variant, draft)

    def valid_for_any(self, variant: Variant, draft: Draft) -> bool:
        """Tell whether a draft is a valid request of any variant that a product could take it for."""
        return any(self.valid(other, draft) for other in self.addressed(variant))

    def addressed(self, variant: Variant) -> Sequence[Variant]:
        """Give the variants with the same method and path, whatever selects them."""
        return [
            other
            for other in self._spec.variants
            if (other.method, other.path) == (variant.method, variant.path)
        ]

    def methods(self, variant: Variant) -> frozenset[str]:
        """Give the methods of the variant's path, upper case; a slash at its end makes no other path here."""
        path = variant.path.rstrip("/")
        return frozenset(
            other.method.upper() for other in self._spec.variants if other.path.rstrip("/") == path
        )

    def first(self, variant: Variant) -> bool:
        """Tell whether the variant is the first of its path: what is said of a path is tried once."""
        return next(other for other in self._spec.variants if other.path == variant.path) is variant

    def complaints(self, variant: Variant, draft: Draft) -> list[str]:
        """Say what is wrong with a draft as a request of this variant."""
        found = self._selection(variant, draft)
        found += [
            complaint
            for parameter in variant.parameters
            for complaint in self._parameter(variant, parameter, draft)
        ]
        return [*found, *(f"{place}: {message}" for place, _, message in self._body(variant, draft))]

    def keywords(self, variant: Variant, draft: Draft, place: Place) -> frozenset[str]:
        """Name the schema keywords that a draft breaks at exactly this place."""
        if place.location == "body":
            return frozenset(keyword for where, keyword, _ in self._body(variant, draft) if where == place)
        declared = next(
            (p for p in variant.parameters if (p.location, p.name) == (place.location, *place.steps)), None
        )
        if declared is None:
            return frozenset()
        validator = self._validator(variant.id, str(place), declared.schema)
        readings = self._readings(draft.value(place))
        broken = [frozenset(map(_keyword, validator.iter_errors(reading))) for reading in readings]
        return min(broken, key=len)

    def _body(self, variant: Variant, draft: Draft) -> Iterator[tuple[Place, str, str]]:
        body = variant.body
        if body is None:
            return
        if draft.body is ABSENT:
            if body.required:
                yield Place("body"), "required", "missing"
            return
        validator = self._validator(variant.id, "body", body.schema)
        for error in validator.iter_errors(_encodable(sampled(draft.body, self.sample))):
            yield Place("body", tuple(error.instance_path)), _keyword(error), error.message

    def _selection(self, variant: Variant, draft: Draft) -> list[str]:
        """Say by which selecting pairs and marks a product would take the request for another variant's."""
        own = dict(variant.select)
        names = {name for other in self.addressed(variant) for name, _ in other.select}
        wrong = [f"query.{name}" for name in sorted(names) if draft.query.get(name) != own.get(name)]
        wrong += [mark for mark in self._marks(variant) if draft.value(Place.read(mark)) is ABSENT]
        return [f"{place}: selects something else" for place in wrong]

    def _marks(self, variant: Variant) -> tuple[str, ...]:
        known = self._knowledge.variants.get(variant.id)
        return known.marks if known else ()

    def _parameter(self, variant: Variant, parameter: Parameter, draft: Draft) -> list[str]:
        place = Place(parameter.location, (parameter.name,))
        value = draft.value(place)
        if value is ABSENT:
            return [f"{place}: missing"] if parameter.required else []
        validator = self._validator(variant.id, str(place), parameter.schema)
        valid = any(validator.is_valid(reading) for reading in self._readings(value))
        return [] if valid else [f"{place}: not valid"]

    def _readings(self, value: Any) -> list[Any]:
        """Give what a parameter's text may stand for: itself, a number, a truth value."""
        text = str(sampled(str(value).lower() if isinstance(value, bool) else str(value), self.sample))
        readings: list[Any] = [_encodable(text), *([_BOOLEANS[text]] if text in _BOOLEANS else [])]
        for reading in (int, float):
            try:
                readings.append(reading(text))
            except (ValueError, OverflowError):
                continue
        return readings

    def _validator(self, variant: str, place: str, schema: Any) -> jsonschema_rs.Draft202012Validator:
        key = (variant, place)
        if key not in self._compiled:
            self._compiled[key] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        return self._compiled[key]


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    return str(error.schema_path[-1]) if error.schema_path else ""


def _encodable(value: Any) -> Any:
    """Put U+FFFD in the place of lone surrogates, which JSON can write and the validator cannot take."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_encodable(name): _encodable(member) for name, member in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value
