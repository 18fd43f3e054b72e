"""The stateful model of publish and subscribe in the deciding tier: a fixed seed, so that all meet the same sequences."""

import asyncio
import importlib

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.model.vectors import Profile

from .pubsub_cast import cast

_SEED = 20_261_130
"""Chosen so that the first eight sequences, which the slowest product has to meet, catch each fault of a queue."""
_STEPS = 20


@case(
    "P13/any-sequence",
    clause="GovStack Information Mediator 6.5, 9.2.3",
    functions=["pubsub", "pubsub-pull"],
    profile=Profile.STANDARD,
)
async def test_events_agree_with_their_model(scene: Scene) -> None:
    """In any sequence of steps each event waits for its subscribers, and for nobody else, until they confirm it.

    The sequences are the same for every product; a slow one meets the first eight of them at least.
    """
    cast(scene, 2)
    models = await asyncio.to_thread(importlib.import_module, f"{__package__}.models")
    engine = importlib.import_module("dpi_conformance.execution.models")
    await engine.agree(scene, models.MODELS["event-life"], engine.Drawing(seed=_SEED, steps=_STEPS))
