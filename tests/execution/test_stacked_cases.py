"""One function may be several cases, each with what it is given."""

import asyncio
from types import ModuleType, SimpleNamespace
from typing import Any, cast

from dpi_conformance.execution.behaviour import case, suite_cases
from dpi_conformance.model.vectors import Profile


def _module(*functions: Any) -> ModuleType:
    module = ModuleType(__name__)
    for function in functions:
        setattr(module, function.__name__, function)
    return module


def test_stacked_marks_are_cases_of_their_own_in_the_order_in_which_they_stand() -> None:
    given = list[str]()

    @case("C1/a", clause="1", functions=["g2p"], given={"order": "a"})
    @case("C1/b", clause="2", given={"order": "b"}, profile=Profile.STANDARD)
    async def both(_scene: Any, order: str) -> None:
        """The result of {order} comes."""
        given.append(order)

    first, second = suite_cases("x", [_module(both)], Profile.STANDARD)
    assert [one.case.id for one in (first, second)] == ["x/suite/C1/a", "x/suite/C1/b"]
    assert [str(one.case.purpose) for one in (first, second)] == [
        "The result of a comes.",
        "The result of b comes.",
    ]
    assert (first.case.clause, first.case.functions, second.case.clause) == ("1", ("g2p",), "2")
    for one in (first, second):
        asyncio.run(cast("Any", one.run(cast("Any", SimpleNamespace()))))
    assert given == ["a", "b"]
    assert [one.case.id for one in suite_cases("x", [_module(both)], Profile.QUICK)] == ["x/suite/C1/a"]


def test_a_function_with_one_mark_is_one_case() -> None:
    @case("V1/one", clause="1")
    async def one(_scene: Any) -> None:
        """It holds {as written}."""

    (found,) = suite_cases("x", [_module(one)], Profile.QUICK)
    assert str(found.case.purpose) == "It holds {as written}."
