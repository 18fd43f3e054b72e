"""Values from the environment: ``${NAME}``, ``${NAME:-default}``, and ``$$`` for a dollar sign."""

import re
from collections.abc import Mapping

__all__ = ["MalformedError", "UnsetError", "expand", "is_literal", "names_in"]

_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<fallback>:-(?P<default>[^}]*))?\}|(?P<open>\{))"
)


class UnsetError(KeyError):
    """The environment has no such variable, and the text no default for it."""


class MalformedError(ValueError):
    """``${`` opens something that is no reference."""


def expand(text: str, environment: Mapping[str, str]) -> str:
    """Put the environment's values in; raises UnsetError(name) or MalformedError(text).

    A default stands in where the variable is absent or empty, as in a shell; a lone ``$`` stays.
    """

    def value(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        if match["open"]:
            raise MalformedError(text[match.start() : match.start() + 40])
        name, default = match["name"], match["default"]
        found = environment.get(name, "" if match["fallback"] else None)
        if found is None:
            raise UnsetError(name)
        return found or default or ""

    return _REFERENCE.sub(value, text) if "$" in text else text


def names_in(text: str) -> list[str]:
    """Name the variables that a text refers to."""
    return [match["name"] for match in _REFERENCE.finditer(text) if match["name"]]


def is_literal(text: str) -> bool:
    """Tell whether a text holds content of its own: no reference, or one with a default that is not empty."""
    references = [match for match in _REFERENCE.finditer(text) if match["name"]]
    return not references or any(match["default"] for match in references)
