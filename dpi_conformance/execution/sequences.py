"""Sequences of a model's steps, drawn by hypothesis before the first is met: the same for every product, however slow."""

import tempfile
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, settings, strategies
from hypothesis import seed as seeded
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

__all__ = ["Drawing", "Taken", "sequences_of", "step"]

_MARK: Final = "__dpi_step__"

Step = TypeVar("Step", bound=Callable[..., Coroutine[Any, Any, None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One step of a sequence: its name in the model, and what it was given."""

    name: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        """Give it as a call."""
        return f"{self.name}({', '.join(f'{key}={value}' for key, value in self.arguments.items())})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How sequences are drawn."""

    seed: int
    examples: int = 50
    steps: int = 15
    least: int = 8
    """So many sequences a product has to meet before it is said to agree with its model."""


def step(**arguments: SearchStrategy[Any]) -> Callable[[Step], Step]:
    """Mark a coroutine as a step of a model; the strategies draw what it is given, by name."""

    def marked(function: Step) -> Step:
        setattr(function, _MARK, arguments)
        return function

    return marked


def sequences_of(model: type[object], drawing: Drawing) -> list[tuple[Taken, ...]]:
    """Draw all sequences, none of which depends on what a product does: the same for every product.

    One rule takes any of the steps. A rule for each would be hypothesis' usual form; it then switches whole rules off in
    most examples, and finds a bug that takes four different steps in one walk of four; with one rule in nearly each.
    """
    drawn: list[list[Taken]] = []

    def begun(machine: RuleBasedStateMachine) -> None:
        RuleBasedStateMachine.__init__(machine)
        drawn.append([])

    def take(_machine: RuleBasedStateMachine, taken: Taken) -> None:
        drawn[-1].append(taken)

    members = {"__init__": begun, "take": rule(taken=_any_step(model))(take)}
    bound = type(model.__name__, (RuleBasedStateMachine,), members)
    _run(bound, drawing)
    return list({", ".join(map(str, one)): tuple(one) for one in drawn if one}.values())


def _settings(drawing: Drawing) -> settings:
    return settings(
        max_examples=drawing.examples,
        stateful_step_count=drawing.steps,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )


def _run(bound: type[RuleBasedStateMachine], drawing: Drawing) -> None:
    """Have hypothesis draw; else it leaves a folder where the user stands."""
    with tempfile.TemporaryDirectory(prefix="dpi-hypothesis-") as home:
        set_hypothesis_home_dir(home)
        run_state_machine_as_test(seeded(drawing.seed)(bound), settings=_settings(drawing))


def _any_step(model: type[object]) -> SearchStrategy[Taken]:
    """Draw any step of a model, and what it is given."""
    steps = _steps(model)

    def given(name: str) -> SearchStrategy[Taken]:
        return strategies.fixed_dictionaries(steps[name]).map(lambda drawn: Taken(name=name, arguments=drawn))

    return strategies.sampled_from(sorted(steps)).flatmap(given)


def _steps(model: type[object]) -> Mapping[str, dict[str, SearchStrategy[Any]]]:
    """Give the strategies of each step of a model, those of its bases too."""
    members = {name: value for base in reversed(model.__mro__) for name, value in vars(base).items()}
    return {name: getattr(member, _MARK) for name, member in members.items() if hasattr(member, _MARK)}
