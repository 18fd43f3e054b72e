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
    """Give what the doctor sees; a callback is asked for in the block's own way, where it has one."""
    ask = getattr(work.pack.load(f"suites.{work.block.id}.steps"), "ask_callback", None)
    if ask is None:
        return await examine(stage, target, work)
    claims = claimed(target, work.block)
    return await examine(stage, target, work, ask_callback=lambda: ask(stage, claims))


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
