"""The one call that applies all checks to an answer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from dpi_conformance.checks import transport
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.checks.seen import Check, Seen, parsed
from dpi_conformance.checks.spellings import Spellings, declared_names
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.spec import Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector

__all__ = ["EMPTY_ANSWER", "NOT_SHOWN", "Answers"]

EMPTY_ANSWER = Message(
    text=N_(
        "The answer says success and holds none of the fields that the operation declares, so nothing was seen of what "
        "it did. Send the declared fields."
    )
)
NOT_SHOWN = N_(
    "The answer says success and holds nothing at {places}, so what this case is about could not be seen. The "
    "published files do not require it of every answer; without it nothing is proven."
)
_SHOWING = {Expectation.ACCEPTED, Expectation.UNHARMED}
_COMPLAINTS = 8
"""So many complaints of one schema validation become findings; the rest repeats them."""


@dataclass(kw_only=True)
class Answers:
    """Checks answers against one block's specification; keeps the compiled schemas."""

    spec: Spec
    rules: RefusalRules
    time_limit_ms: float = 10_000
    echo: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Groups of names of one field that a request has and its answer gives back."""
    aliases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Groups of names of one field that only answers have."""
    proofs: frozenset[str] = frozenset()
    """Headers that prove who calls beside the credentials."""
    introduced: frozenset[str] = frozenset()
    """Functions whose operations publish no security, and are shown the credentials all the same."""
    checks: tuple[Check, ...] = ANSWER_CHECKS

    def __post_init__(self) -> None:
        """Index variants and methods once."""
        self._variants: dict[str, Variant] = {variant.id: variant for variant in self.spec.variants}
        self._validators: dict[tuple[str, str], jsonschema_rs.Draft202012Validator | None] = {}
        self._methods: dict[str, frozenset[str]] = {}
        self._names: dict[tuple[str, str], frozenset[str]] = {}
        self.spellings = Spellings(groups=(*self.echo.values(), *self.aliases.values()))
        for variant in self.spec.variants:
            path = variant.path
            self._methods[path] = self._methods.get(path, frozenset()) | {variant.method.upper()}

    def check(self, vector: Vector, exchange: Exchange, *, clause: str = "") -> tuple[Finding, ...]:
        """Give all findings on one answered vector, in the order of the checks; pure."""
        return self.look(vector, exchange, clause=clause)[0]

    def look(
        self, vector: Vector, exchange: Exchange, *, clause: str = ""
    ) -> tuple[tuple[Finding, ...], Message | None]:
        """Give all findings on one answered vector, and why its answer shows nothing, if so; the answer is read once."""
        if exchange.response is None:
            return tuple(transport.answered(exchange)), None
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
            spellings=self.spellings,
        )
        findings = [check.finding(seen, *deviation) for check in self.checks for deviation in check.run(seen)]
        return tuple(findings), self._unseen(seen)

    def served(self, variant: str, exchange: Exchange) -> bool:
        """Tell whether a request was served: an answer of success that the block's rules do not call a refusal."""
        response = exchange.response
        if response is None:
            return False
        location = response.header("location") or ""
        return self.rules.serves(variant, response.status, parsed(response.body), location)

    def scheme(self, variant: str) -> str | None:
        """Name the security scheme that an operation asks for; empty if it is not known, None: it is shown none."""
        known = self._variants.get(variant)
        if known is None:
            return ""
        if self.asks_for_proof(variant):
            return known.scheme
        return "" if known.function in self.introduced else None

    def asks_for_proof(self, variant: str, case: str = "") -> bool:
        """Tell whether an operation asks who calls, so that a 401 says nothing but that; where none does, each may.

        A ``case`` about a header that is a proof itself is refused so rightly.
        """
        if any(f"/header.{name}" in case for name in self.proofs):
            return False
        known = self._variants.get(variant)
        return known is None or known.secured or not any(one.secured for one in self.spec.variants)

    def _unseen(self, seen: Seen) -> Message | None:
        """Say why a success proves nothing: it is empty, or lacks what the vector is sent for."""
        vector = seen.vector
        if not seen.served:
            return None
        if self._empty(seen):
            return EMPTY_ANSWER
        if vector.expect not in _SHOWING:
            return None
        for places in (vector.shows, tuple(pointer for _, pointer in vector.echo)):
            if places and not any(self._holds(seen, pointer) for pointer in places):
                return Message(text=NOT_SHOWN, values={"places": ", ".join(places)})
        return None

    def _holds(self, seen: Seen, pointer: str) -> bool:
        return any(value not in (None, "", [], {}) for value in self.spellings.resolve(seen.json, pointer))

    def _empty(self, seen: Seen) -> bool:
        """Tell whether a request was served with a body that holds nothing of what the operation declares.

        The published files mark almost no field as required, so that ``{}`` is valid; it shows nothing either.
        Names count in any spelling that the block knows; whether an empty list shows nothing, the vector knows.
        """
        if seen.declared is None:
            return False
        names = self._declared_names(seen)
        bodies = seen.json if isinstance(seen.json, list) else [seen.json]
        return bool(names and bodies) and not any(
            isinstance(body, dict) and any(name.lower() in names for name in body) for body in bodies
        )

    def _declared_names(self, seen: Seen) -> frozenset[str]:
        """Give the lower-case names of an answer's own fields; empty if the operation declares none."""
        key = (seen.variant.id, seen.declared.status if seen.declared else "")
        if key not in self._names:
            schema = seen.declared.content.get("application/json") if seen.declared else None
            own = frozenset(name.lower() for name in declared_names(schema)) if schema else frozenset()
            known = (*self.rules.success_fields, *(n for group in self.spellings.groups for n in group))
            self._names[key] = own | {name.lower() for name in known} if own else own
        return self._names[key]

    def _complaints(self, variant: Variant, declared: str, body: object) -> Iterator[tuple[str, str]]:
        key = (variant.id, declared)
        if key not in self._validators:
            self._validators[key] = _validator(variant, declared)
        validator = self._validators[key]
        if validator is None or validator.is_valid(body):
            return
        schema = _schema(variant, declared)
        yield from _described(validator.iter_errors(self.spellings.respelt(body, schema) if schema else body))


def _described(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[tuple[str, str]]:
    for _, error in zip(range(_COMPLAINTS), errors, strict=False):
        yield ".".join(["body", *map(str, error.instance_path)]), error.message[:300]


def _validator(variant: Variant, declared: str) -> jsonschema_rs.Draft202012Validator | None:
    """Compile the JSON schema that a variant declares for a status; None if it declares none."""
    schema = _schema(variant, declared)
    return jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True) if schema else None


def _schema(variant: Variant, declared: str) -> Mapping[str, Any] | None:
    declarations = (one for one in variant.responses if one.status == declared)
    return next((one.content.get("application/json") for one in declarations), None)
