"""Identities on their way into the register (GovStack Identity 8.2)."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Enrollment", "Enrollments"]


@dataclass(kw_only=True)
class Enrollment:
    """What is known of one person, over several steps."""

    id: str
    ref_id: str
    packet: str = field(default_factory=lambda: secrets.token_hex(8))
    """The name of the person's record: the same however often more is sent."""
    fields: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    """Biometrics and documents."""
    since: float = 0.0


class Enrollments:
    """All enrollments, by identifier and by reference."""

    def __init__(self) -> None:
        """Start empty."""
        self._by_id: dict[str, Enrollment] = {}
        self._by_reference: dict[str, Enrollment] = {}

    def find(self, identifier: str, reference: str) -> Enrollment | None:
        """Give the enrollment that a request belongs to: by its identifier, else by the reference of an earlier step."""
        return self._by_id.get(identifier) or self._by_reference.get(reference)

    def keep(self, enrollment: Enrollment, *identifiers: str) -> None:
        """Enter an enrollment under its names."""
        for identifier in filter(None, identifiers):
            self._by_id[identifier] = enrollment
        if enrollment.ref_id:
            self._by_reference[enrollment.ref_id] = enrollment

    def __iter__(self) -> Iterator[Enrollment]:
        """Go through them, each once."""
        return iter({id(one): one for one in (*self._by_id.values(), *self._by_reference.values())}.values())
