"""Payloads that are easily harmed on their way, each of which has to arrive as it was published."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from dpi_conformance.execution.behaviour import case

__all__ = ["for_each_payload", "payload"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_PAYLOADS: Final[Mapping[str, Mapping[str, Any]]] = {
    "long-numbers": {"person": 9007199254740993, "account": 123456789012345678},
    "exact-amounts": {"amount": Decimal("1234567890123456.78"), "rate": Decimal("0.1000000000000000055")},
    "texts-of-many-scripts": {"name": "Zoë 李 محمد \U0001f6b8", "quoted": 'a "b" \\ \t/ <c> & é'},
    "texts-as-typed": {"decomposed": "Zoe\u0308", "spaced": "  two  spaces \n", "digits": "007"},
    "empty-members": {"nothing": None, "text": "", "list": [], "object": {}, "zero": 0, "no": False},
    "nested-members": {
        "list": [{"b": 1, "a": [1, [2, [3]]]}, None, "x"],
        "object": {"b": {"a": {"c": True}}},
    },
}


def payload(kind: str) -> Mapping[str, Any]:
    """Give the members of a payload by its kind."""
    return _PAYLOADS[kind]


def for_each_payload(name: str, *, clause: str, functions: Sequence[str]) -> Callable[[_Function], _Function]:
    """Mark a function as one case for each payload, ``<name>/<kind>``; it is given the ``kind``."""

    def marked(function: _Function) -> _Function:
        for kind in reversed(list(_PAYLOADS)):
            case(f"{name}/{kind}", clause=clause, functions=functions, given={"kind": kind})(function)
        return function

    return marked
