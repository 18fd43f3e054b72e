"""Finds the operation of a request: by path, method, selecting query pairs, and where needed by body."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from dpi_conformance.mockkit.requests import Arrival
from dpi_conformance.mockkit.validation import Complaint
from dpi_conformance.model.spec import Variant

__all__ = ["Misdirected", "Route", "Routes"]


class Misdirected(Exception):  # noqa: N818 -- the caller's fault, not ours
    """No variant serves this selection; names the query parameter that selects."""

    def __init__(self, parameter: str, wanted: Sequence[str], value: str | None) -> None:
        """Take the selecting parameter, the values that it may have, and the one that came."""
        super().__init__(parameter)
        said = "is missing" if value is None else f"is none of {', '.join(wanted)}"
        self.complaint = Complaint(
            place=f"query.{parameter}",
            keyword="required" if value is None else "enum",
            text=f"query.{parameter} {said}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path with the variants of each method, and the values of its path parameters."""

    path: str
    methods: Mapping[str, tuple[Variant, ...]]
    """By upper-case method."""
    values: Mapping[str, str]

    def candidates(self, method: str, query: Mapping[str, str]) -> tuple[Variant, ...]:
        """Give the variants that a method and a query select; several where only the body tells them apart."""
        variants = self.methods[method]
        chosen = [
            v for v in variants if v.select and all(query.get(name) == value for name, value in v.select)
        ]
        if chosen:
            return tuple(chosen)
        selecting: dict[str, list[str]] = {}
        for name, value in (pair for variant in variants for pair in variant.select):
            selecting.setdefault(name, []).append(value)
        plain = tuple(v for v in variants if not v.select)
        for name, wanted in selecting.items():
            if name in query or not plain:
                raise Misdirected(name, wanted, query.get(name))
        return plain

    @property
    def trouble(self) -> str:
        """Say which path parameter holds what cannot be stored; empty if none does."""
        return next(
            (f"path.{name} holds a NUL character." for name, v in self.values.items() if "\0" in v), ""
        )

    def unselected(self, arrived: Arrival) -> tuple[str, ...]:
        """Name the selecting parameters that a request leaves out."""
        variants = self.methods.get(arrived.method, ())
        names = dict.fromkeys(name for variant in variants for name, _ in variant.select)
        return tuple(name for name in names if name not in arrived.query)


class Routes:
    """All paths of a specification; static segments win over parameters."""

    def __init__(self, variants: Iterable[Variant]) -> None:
        """Index the paths by their number of segments."""
        methods: dict[str, dict[str, tuple[Variant, ...]]] = {}
        for variant in variants:
            own = methods.setdefault(variant.path, {})
            own[variant.method.upper()] = (*own.get(variant.method.upper(), ()), variant)
        self._static = {
            path: Route(path=path, methods=own, values={}) for path, own in methods.items() if "{" not in path
        }
        self._templates = [_Template(path, own) for path, own in methods.items() if "{" in path]

    def find(self, raw_path: bytes) -> Route | None:
        """Give the route of a path as it came, still percent-encoded; None if there is none or it is not UTF-8."""
        try:
            segments = [unquote_to_bytes(part).decode() for part in raw_path.split(b"/")]
        except UnicodeDecodeError:
            return None
        route = self._static.get("/".join(segments))
        return route or self._templated(segments)

    def _templated(self, segments: list[str]) -> Route | None:
        for template in self._templates:
            route = template.matched(segments)
            if route is not None:
                return route
        return None


class _Template:
    """A path with parameters, taken apart once."""

    def __init__(self, path: str, methods: Mapping[str, tuple[Variant, ...]]) -> None:
        parts = path.split("/")
        self._path = path
        self._methods = methods
        self._count = len(parts)
        self._fixed = [(index, part) for index, part in enumerate(parts) if not part.startswith("{")]
        self._named = [(index, part[1:-1]) for index, part in enumerate(parts) if part.startswith("{")]

    def matched(self, segments: list[str]) -> Route | None:
        if len(segments) != self._count or any(segments[index] != part for index, part in self._fixed):
            return None
        values = {name: segments[index] for index, name in self._named}
        return Route(path=self._path, methods=self._methods, values=values) if all(values.values()) else None
