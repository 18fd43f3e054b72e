"""How a block refuses: by status, or with a success status and a refusal in the body."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["BodyRefusal", "RefusalRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRefusal:
    """A body that refuses although the status says success: one of ``fields`` has one of ``values``."""

    fields: frozenset[str]
    values: frozenset[str]
    variants: frozenset[str] = frozenset()
    """The variants that it holds for; empty: all."""
    statuses: frozenset[int] = frozenset({200, 202})

    def matches(self, variant: str, status: int, body: object) -> bool:
        """Tell whether this body refuses; an empty list never matches a field."""
        if status not in self.statuses or (self.variants and variant not in self.variants):
            return False
        if not isinstance(body, dict):
            return False
        return any(name in body and _plain(body[name]) in self.values for name in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRules:
    """The block's own ways to refuse, and the refusing statuses that no operation needs to declare."""

    bodies: tuple[BodyRefusal, ...] = ()
    success_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Fields that, with these values, say success: a contradiction beside a refusing status."""
    undeclared: frozenset[int] = frozenset()
    """Refusing statuses that are good although the operation does not declare them (see errata)."""

    def refuses(self, variant: str, status: int, body: object) -> bool:
        """Tell whether an answer is a refusal; a 5xx or a redirect never is."""
        if 400 <= status < 500:
            return True
        return any(rule.matches(variant, status, body) for rule in self.bodies)

    def contradicts(self, status: int, body: object) -> str | None:
        """Name the field that claims success beside a refusing status; None if there is none."""
        if not 400 <= status < 500 or not isinstance(body, dict):
            return None
        for name, values in self.success_fields.items():
            if name in body and _plain(body[name]) in values:
                return name
        return None


def _plain(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
