"""Whether a request is valid by the documents: for its own variant, and for each that shares its address."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs

from dpi_conformance.model.spec import Parameter, Spec, Variant
from dpi_conformance.vectors.drafts import ABSENT, Draft, Place
from dpi_conformance.vectors.knowledge import Knowledge
from dpi_conformance.vectors.scripts import TEXTS
from dpi_conformance.vectors.writing import sampled

__all__ = ["Sampler", "Validity"]

_CALLBACK = "http://127.0.0.1:54321/callback/0123456789abcdefghijkl"
_NOW = "2026-01-02T03:04:05Z"
_BOOLEANS = {"true": True, "false": False}


class Sampler:
    """Fills slots with samples, as the run fills them with real values."""

    def __init__(self, resources: Mapping[str, Mapping[str, str | int]]) -> None:
        """Take a sample of each resource's fields."""
        self._named: dict[str, Any] = {
            f"{resource}.{field}": sample
            for resource, fields in resources.items()
            for field, sample in fields.items()
        }

    def __call__(self, slot: str) -> Any:
        """Give a sample for a slot; KeyError if there is no such slot."""
        kind, _, rest = slot.partition(":")
        size = int(rest.partition(":")[0] or 0) if rest else 0
        if kind == "id":
            return ("A1B2C3D4E5" * (size // 10 + 1))[:size]
        if kind == "number":
            return int("1" * size)
        if kind == "callback":
            return _CALLBACK.ljust(size, "x")
        if kind == "now":
            return _NOW
        return self._named[slot if slot in self._named else _unscripted(slot)]


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
        body = variant.body
        if body is None:
            return found
        if draft.body is ABSENT:
            return [*found, "body: missing"] if body.required else found
        validator = self._validator(variant.id, "body", body.schema)
        errors = validator.iter_errors(_encodable(sampled(draft.body, self.sample)))
        return [
            *found,
            *(f"body{''.join(f'.{step}' for step in e.instance_path)}: {e.message}" for e in errors),
        ]

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
        text = sampled(str(value).lower() if isinstance(value, bool) else str(value), self.sample)
        validator = self._validator(variant.id, str(place), parameter.schema)
        return (
            []
            if any(validator.is_valid(_encodable(read)) for read in _readings(text))
            else [f"{place}: not valid"]
        )

    def _validator(self, variant: str, place: str, schema: Any) -> jsonschema_rs.Draft202012Validator:
        key = (variant, place)
        if key not in self._compiled:
            self._compiled[key] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        return self._compiled[key]


def _unscripted(slot: str) -> str:
    """Give the slot of the resource that one with text in some script stands for: ``beneficiary-arabic.address``."""
    resource, _, field = slot.partition(".")
    script = next((script for script in TEXTS if resource.endswith(f"-{script}")), "")
    return f"{resource.removesuffix(f'-{script}')}.{field}"


def _readings(text: Any) -> list[Any]:
    """Give what a parameter's text may stand for: itself, a number, a truth value."""
    readings: list[Any] = [str(text), *([_BOOLEANS[text]] if text in _BOOLEANS else [])]
    for reading in (int, float):
        try:
            readings.append(reading(text))
        except (ValueError, OverflowError):
            continue
    return [text, *readings] if isinstance(text, int) else readings


def _encodable(value: Any) -> Any:
    """Put U+FFFD in the place of lone surrogates, which JSON can write and the validator cannot take."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_encodable(name): _encodable(member) for name, member in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value
