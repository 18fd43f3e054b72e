"""A request with its parts still apart, and the places in it that can be varied one at a time."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

__all__ = ["ABSENT", "FORM", "JSON", "Draft", "Place", "RawBody"]

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
"""A body of names and texts (RFC 6749, appendix B), which rules vary as if it were an object."""


class _Absent:
    """Stands for a value that is not there; JSON's null is a value."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __copy__(self) -> "_Absent":
        return self

    def __deepcopy__(self, _memo: object) -> "_Absent":
        return self


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a request: ``body``, ``header``, ``query`` or ``path``, and the steps below it."""

    location: str
    steps: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        """Give the name that case ids use, e.g. ``body.voucherInstructions.0.currency``."""
        return ".".join([self.location, *map(str, self.steps)])

    @classmethod
    def read(cls, name: str) -> "Place":
        """Give the place that has this name."""
        location, *steps = name.split(".")
        return cls(location, tuple(int(step) if step.isdigit() else step for step in steps))

    def below(self, step: str | int) -> "Place":
        """Give the place one step further in."""
        return Place(self.location, (*self.steps, step))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBody:
    """A body that is no JSON value: text or bytes as they go out, with its long runs apart."""

    text: str | None = None
    base64: str | None = None
    repeat: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One request before it is written down; values may hold slots."""

    method: str
    path: str
    path_values: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = ABSENT
    raw: RawBody | None = None
    """Sent instead of ``body``."""
    media_type: str | None = JSON
    form: bool = False
    """The body is written as a form, whatever its media type says."""

    def value(self, place: Place) -> Any:
        """Give what stands at a place; ABSENT if nothing does."""
        here: Any = self._part(place.location)
        for step in place.steps:
            if isinstance(here, Mapping):
                here = here.get(str(step), ABSENT)
            elif isinstance(here, list) and isinstance(step, int) and step < len(here):
                here = here[step]
            else:
                return ABSENT
        return here

    def with_value(self, place: Place, value: Any) -> "Draft":
        """Give the same request with another value at one place; ABSENT removes it."""
        changed = _changed(self._part(place.location), place.steps, value)
        if place.location == "body":
            return replace(self, body=changed)
        if place.location == "header":
            return replace(self, headers=changed)
        return replace(
            self, **{"query": {"query": changed}, "path": {"path_values": changed}}[place.location]
        )

    def without(self, place: Place) -> "Draft":
        """Give the same request with nothing at one place."""
        return self.with_value(place, ABSENT)

    def _part(self, location: str) -> Any:
        parts = {"body": self.body, "header": self.headers, "query": self.query, "path": self.path_values}
        return parts[location]


def _changed(part: Any, steps: tuple[str | int, ...], value: Any) -> Any:
    if not steps:
        return copy.deepcopy(value)
    step, *rest = steps
    if isinstance(part, list) and isinstance(step, int):
        items = list(part)
        items[step : step + 1] = _kept(
            _changed(items[step] if step < len(items) else ABSENT, tuple(rest), value)
        )
        return items
    members = dict(part) if isinstance(part, Mapping) else {}
    child = _changed(members.get(str(step), ABSENT), tuple(rest), value)
    if child is ABSENT:
        members.pop(str(step), None)
    else:
        members[str(step)] = child
    return members


def _kept(value: Any) -> Iterator[Any]:
    if value is not ABSENT:
        yield value
