"""The one call that applies all checks to an answer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import jsonschema_rs

from dpi_conformance.checks import transport
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.checks.seen import Check, Seen
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.spec import Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector

__all__ = ["Answers"]

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
        for variant in self.spec.variants:
            path = variant.path
            self._methods[path] = self._methods.get(path, frozenset()) | {variant.method.upper()}

    def check(self, vector: Vector, exchange: Exchange, *, clause: str = "") -> tuple[Finding, ...]:
        """Give all findings on one answered vector, in the order of the checks; pure."""
        if exchange.response is None:
            return tuple(transport.answered(exchange))
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
        return tuple(finding for check in self.checks for finding in check.findings(seen))

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

    def _complaints(self, variant: Variant, declared: str, body: object) -> Iterator[tuple[str, str]]:
        key = (variant.id, declared)
        if key not in self._validators:
            self._validators[key] = _validator(variant, declared)
        validator = self._validators[key]
        if validator is not None and not validator.is_valid(body):
            yield from _described(validator.iter_errors(body))


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
