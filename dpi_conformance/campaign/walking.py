"""Walks a block's stateful models with a fresh seed: what fails again each time is written down as a case to look at."""

import asyncio
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import PackError
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import Case
from dpi_conformance.wire.redaction import Cleaned, Redactor

if TYPE_CHECKING:
    from dpi_conformance.execution.models import Deviation, Machine

__all__ = ["Walked", "walk"]

_EXAMPLES = 100
_STEPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One model and what its walk came to."""

    model: str
    seed: int
    steps: tuple[str, ...] = ()
    """The shortest sequence that went wrong; empty: the product agreed."""
    code: str = ""
    message: Message | None = None
    expected: str = ""
    actual: str = ""
    again: int = 0
    replays: int = 0
    trouble: Message | None = None
    """Why nothing can be said, where that is so."""

    @property
    def repeats(self) -> bool:
        """Tell whether it came again in every replay; what does not is inconclusive."""
        return bool(self.steps) and self.again == self.replays


async def walk(stage: Stage, block: str, seed: int, folder: Path, redactor: Redactor) -> tuple[Walked, ...]:
    """Walk each model of a block; what goes wrong each time is written into ``folder`` as ``walked-<model>-<seed>.yaml``."""
    walked = []
    for name, model in (await asyncio.to_thread(_models, block)).items():
        case = Case(id=f"{block}/explore/{name}", block=block, kind="suite", purpose=_PURPOSE)
        one = _shown(await _walked(Scene.of(stage, case), name, model, seed), redactor.cleaned())
        if one.repeats:
            _write(folder / f"walked-{name}-{seed}.yaml", block, one)
        walked.append(one)
    return tuple(walked)


_PURPOSE = Message(text=N_("Whatever the order of the steps, the product agrees with the model."))


def _models(block: str) -> Mapping[str, "type[Machine]"]:
    """Give a block's models by name; a block may have none."""
    try:
        models: Mapping[str, type[Machine]] = Pack.builtin().load(f"suites.{block}.models").MODELS
    except PackError:
        return {}
    return models


async def _walked(scene: Scene, name: str, model: "type[Machine]", seed: int) -> Walked:
    from dpi_conformance.execution import models  # noqa: PLC0415 -- loads hypothesis, which only exploring needs

    nothing = Walked(model=name, seed=seed)
    try:
        drawing = models.Drawing(seed=seed, examples=_EXAMPLES, steps=_STEPS)
        sequence = await models.failing(scene, model, drawing)
        if sequence is None:
            return nothing
        replays = [await models.replayed(scene, model, sequence) for _ in range(models.REPLAYS)]
    except Prerequisite as trouble:
        return dataclasses.replace(nothing, trouble=trouble.message)
    return _judged(nothing, [str(taken) for taken in sequence], replays)


def _judged(nothing: Walked, steps: list[str], replays: "list[Deviation | None]") -> Walked:
    seen = [one for one in replays if one is not None]
    if not seen:
        return dataclasses.replace(nothing, steps=tuple(steps), replays=len(replays))
    return dataclasses.replace(
        nothing,
        steps=tuple(steps),
        code=seen[-1].code,
        message=seen[-1].message,
        expected=seen[-1].expected,
        actual=seen[-1].actual,
        again=len(seen),
        replays=len(replays),
    )


def _shown(walked: Walked, clean: Cleaned) -> Walked:
    """Give what a walk came to without secrets and personal data."""
    return dataclasses.replace(
        walked,
        steps=tuple(map(clean.text, walked.steps)),
        message=walked.message and clean.message(walked.message),
        expected=clean.text(walked.expected),
        actual=clean.text(walked.actual),
        trouble=walked.trouble and clean.message(walked.trouble),
    )


def _write(path: Path, block: str, walked: Walked) -> None:
    """Write a sequence as a case: what is done, what must come, and what came."""
    import yaml  # noqa: PLC0415 -- only where something was found

    written: dict[str, Any] = {
        "block": block,
        "model": walked.model,
        "seed": walked.seed,
        "finding": walked.code,
        "what": str(walked.message),
        "steps": list(walked.steps),
        "expected": walked.expected,
        "actual": walked.actual,
        "replays": f"{walked.again} of {walked.replays} went wrong again",
    }
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=120)
    path.write_text(
        f"# Found by exploring; it decides nothing until it is a case of the suite.\n{text}", "utf-8"
    )
