"""The one call that applies all checks to an answer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from dpi_conformance.checks import transport
from dpi_conformance.checks.content import resolve
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.checks.seen import Check, Seen
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.spec import Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector

__all__ = ["Answers"]

_COMBINED = ("allOf", "anyOf", "oneOf")
_NESTED = 8
_COMPLAINTS = 8
"""So many complaints of one schema validation become findings; the rest repeats them."""


@dataclass(kw_only=True)
class Answers:
    """Checks answers against one block's specification; keeps the compiled schemas."""

    spec: Spec
    rules: RefusalRules
    time_limit_ms: float = 10_000
    echo: Mapping[str, frozenset[str]] = field(default_factory=dict)
    checks: tuple[Check, ...] = ANSWER_CHECKS

    def __post_init__(self) -> None:
        """Index variants and methods once."""
        self._variants: dict[str, Variant] = {variant.id: variant for variant in self.spec.variants}
        self._validators: dict[tuple[str, str], jsonschema_rs.Draft202012Validator | None] = {}
        self._methods: dict[str, frozenset[str]] = {}
        self._names: dict[tuple[str, str], frozenset[str]] = {}
        for variant in self.spec.variants:
            path = variant.path
            self._methods[path] = self._methods.get(path, frozenset()) | {variant.method.upper()}

    def check(self, vector: Vector, exchange: Exchange, *, clause: str = "") -> tuple[Finding, ...]:
        """Give all findings on one answered vector, in the order of the checks; pure."""
        return self.look(vector, exchange, clause=clause)[0]

    def look(
        self, vector: Vector, exchange: Exchange, *, clause: str = ""
    ) -> tuple[tuple[Finding, ...], bool]:
        """Give all findings on one answered vector, and whether its answer is ``empty``; the answer is read once."""
        if exchange.response is None:
            return tuple(transport.answered(exchange)), False
        variant = self._variants[vector.variant]
        seen = Seen(
            vector=vector,
            variant=variant,
            exchange=exchange,
            response=exchange.response,
            rules=self.rules,
            validate=lambda declared, body: self._complaints(variant, declared, body),
            time_limit_ms=self.time_limit_ms,
            clause=clause,
            allowed_methods=self._methods[variant.path],
            echo=self.echo,
        )
        findings = tuple(finding for check in self.checks for finding in check.findings(seen))
        return findings, self._empty(seen)

    def served(self, variant: str, exchange: Exchange) -> bool:
        """Tell whether a request was served: a 2xx that the block's rules do not call a refusal."""
        if exchange.response is None:
            return False
        vector = Vector(id="", case="", variant=variant, method="", target="", expect=Expectation.EITHER)
        return Seen(
            vector=vector,
            variant=self._variants[variant],
            exchange=exchange,
            response=exchange.response,
            rules=self.rules,
            validate=lambda _declared, _body: iter(()),
            time_limit_ms=self.time_limit_ms,
        ).served

    def _empty(self, seen: Seen) -> bool:
        """Tell whether a request was served with a body that holds nothing of what the operation declares.

        The published files mark almost no field as required, so that ``{}`` is valid; it shows nothing either.
        Names count in any spelling that the block knows; an empty list is an answer.
        """
        if not seen.served or seen.declared is None:
            return False
        names = self._declared_names(seen)
        bodies = seen.json if isinstance(seen.json, list) else [seen.json]
        return bool(names and bodies) and not any(
            isinstance(body, Mapping) and any(name.lower() in names for name in body) for body in bodies
        )

    def _declared_names(self, seen: Seen) -> frozenset[str]:
        """Give the lower-case names of an answer's own fields; empty if the operation declares none."""
        key = (seen.variant.id, seen.declared.status if seen.declared else "")
        if key not in self._names:
            schema = seen.declared.content.get("application/json") if seen.declared else None
            own = frozenset(name.lower() for name in _fields(schema, schema)) if schema else frozenset()
            known = (*self.rules.success_fields, *(name for group in self.echo.values() for name in group))
            self._names[key] = own | {name.lower() for name in known} if own else own
        return self._names[key]

    def _complaints(self, variant: Variant, declared: str, body: object) -> Iterator[tuple[str, str]]:
        key = (variant.id, declared)
        if key not in self._validators:
            self._validators[key] = _validator(variant, declared)
        validator = self._validators[key]
        if validator is not None and not validator.is_valid(body):
            yield from _described(validator.iter_errors(body))


def _fields(schema: Any, root: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield the names that an object, or the objects of a list, have at their top."""
    if not isinstance(schema, Mapping) or depth > _NESTED:
        return
    yield from schema.get("properties", {})
    reference = schema.get("$ref", "")
    if reference.startswith("#/"):
        yield from _fields(next(resolve(root, reference[1:]), None), root, depth + 1)
    for part in (schema.get("items"), *(one for key in _COMBINED for one in schema.get(key, ()))):
        yield from _fields(part, root, depth + 1)


def _described(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[tuple[str, str]]:
    for _, error in zip(range(_COMPLAINTS), errors, strict=False):
        yield ".".join(["body", *map(str, error.instance_path)]), error.message[:300]


def _validator(variant: Variant, declared: str) -> jsonschema_rs.Draft202012Validator | None:
    """Compile the JSON schema that a variant declares for a status; None if it declares none."""
    for response in variant.responses:
        if response.status == declared:
            schema = response.content.get("application/json")
            if schema is None:
                return None
            return jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
    return None
