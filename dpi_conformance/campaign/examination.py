"""Has the doctor look at a target before anything is sent to it: the same for every command that sends."""

from collections.abc import Iterable

from dpi_conformance.campaign.assignment import Assignment
from dpi_conformance.campaign.order import claimed
from dpi_conformance.catalogue.target import Target
from dpi_conformance.errors import TargetError
from dpi_conformance.execution.doctor import examine
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.execution.steps import Stage
from dpi_conformance.i18n import N_, Message

__all__ = ["examined", "require_judgeable"]


async def examined(stage: Stage, target: Target, work: Assignment) -> tuple[Observation, ...]:
    """Give what the doctor sees; a callback and a login are asked for in the block's own way, where it has one.

    ``suites.<block>.steps`` may have ``ask_callback(stage, claims)``, and ``ask_login(stage)`` with ``LOGIN_FUNCTIONS``,
    the functions that need a person's login; and ``unlisted(stage, claims)``, what can be asked of functions that have
    no operation in the specification.
    """
    steps = work.pack.load(f"suites.{work.block.id}.steps")
    claims = claimed(target, work.block)
    ask = getattr(steps, "ask_callback", None)
    unlisted = getattr(steps, "unlisted", None)
    logging_in = any(name in claims for name in getattr(steps, "LOGIN_FUNCTIONS", ()))
    return await examine(
        stage,
        target,
        work,
        ask_callback=None if ask is None else lambda: ask(stage, claims),
        ask_login=steps.ask_login if logging_in else None,
        unlisted=None if unlisted is None else lambda: unlisted(stage, claims),
    )


def require_judgeable(observations: Iterable[Observation]) -> None:
    """Raise TargetError with the first trouble and its advice; that is no verdict about the product."""
    first = next((one for one in observations if one.health is Health.TROUBLE), None)
    if first is None:
        return
    advice = str(first.advice) if first.advice is not None else ""
    raise TargetError(
        Message(
            text=N_("The product cannot be judged as it is configured: {trouble} {advice}"),
            values={"trouble": str(first.message), "advice": advice},
        )
    )
