"""How a block refuses: by status, or with a success status and a refusal in the body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

__all__ = ["BodyRefusal", "RedirectRefusal", "RefusalRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRefusal:
    """A body that refuses although the status says success, by a field's value or by a field that is filled."""

    fields: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    """Fields of which one holds a list or an object that is not empty."""
    variants: frozenset[str] = frozenset()
    """The variants that it holds for; empty: all."""
    statuses: frozenset[int] = frozenset({200, 202})

    def matches(self, variant: str, status: int, body: object) -> bool:
        """Tell whether this body refuses; an empty list never matches a field."""
        if status not in self.statuses or (self.variants and variant not in self.variants):
            return False
        if not isinstance(body, dict):
            return False
        named = any(name in body and _plain(body[name]) in self.values for name in self.fields)
        return named or any(isinstance(body.get(name), (list, dict)) and body[name] for name in self.filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectRefusal:
    """A redirect that operations answer with as a matter of course, and that refuses if its query has ``parameter``."""

    parameter: str
    variants: frozenset[str]

    def refuses(self, location: str) -> bool:
        """Tell whether an address carries the refusal; one that cannot be read does not."""
        try:
            query = urlsplit(location).query
        except ValueError:
            return False
        return self.parameter in parse_qs(query, keep_blank_values=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRules:
    """The block's own ways to refuse, and the refusing statuses that no operation needs to declare."""

    bodies: tuple[BodyRefusal, ...] = ()
    redirects: tuple[RedirectRefusal, ...] = ()
    success_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Fields that, with these values, say success: a contradiction beside a refusing status."""
    undeclared: frozenset[int] = frozenset()
    """Refusing statuses that are good although the operation does not declare them (see errata)."""

    def refuses(self, variant: str, status: int, body: object, location: str = "") -> bool:
        """Tell whether an answer is a refusal; a 5xx never is, a redirect only if its address says so."""
        if 400 <= status < 500:
            return True
        if 300 <= status < 400:
            rule = self._redirect(variant)
            return rule is not None and rule.refuses(location)
        return any(rule.matches(variant, status, body) for rule in self.bodies)

    def serves(self, variant: str, status: int, body: object, location: str = "") -> bool:
        """Tell whether an answer serves: a 2xx, or a redirect that the block knows of, and no refusal."""
        served = 200 <= status < 300 or (300 <= status < 400 and self._redirect(variant) is not None)
        return served and not self.refuses(variant, status, body, location)

    def _redirect(self, variant: str) -> RedirectRefusal | None:
        return next((rule for rule in self.redirects if variant in rule.variants), None)

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
