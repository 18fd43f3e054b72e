"""The cases of publish and subscribe against their mock, or against another broker; only those that a test names."""

import asyncio
import fnmatch
import functools
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dpi_conformance.campaign.assignment import Assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.catalogue.target import Limits, Target
from dpi_conformance.execution.behaviour import Performed, SuiteCase, perform, suite_cases
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Stage
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener, reserve
from tests.suites.exchange_pubsub.other_broker import PUBLISHER, ROOM, SUBSCRIBERS, OtherBroker, serving

PACK = Pack.builtin()
PREFIX = "exchange/suite/"
_TRIES = 4
"""So often a case is tried again, by itself, that a busy machine left undecided."""
FIXTURES = {
    "room.id": ROOM,
    "publisher.client": PUBLISHER,
    "subscriber.client": SUBSCRIBERS[0],
    "subscriber.others": SUBSCRIBERS[1],
}


def cases(*globs: str) -> list[SuiteCase]:
    """Give the suite's cases whose names match."""
    files = sorted((PACK.root / "suites" / "exchange").glob("test_pubsub*.py"))
    modules = [PACK.load(f"suites.exchange.{path.stem}") for path in files]
    every = suite_cases("exchange", modules, Profile.STANDARD)
    names = [f"{PREFIX}{glob}" for glob in globs]
    return [one for one in every if any(fnmatch.fnmatch(one.case.id, name) for name in names)]


@functools.cache
def assignment() -> Assignment:
    """Give the block's content without vectors."""
    return Assignment(
        pack=PACK,
        block=load_block(PACK.spec("exchange", "block.yaml")),
        spec=load_spec(PACK.spec("exchange", "openapi.yaml")),
        requirements=load_requirements(PACK.spec("exchange", "requirements.yaml")),
        cases=(),
        profile=Profile.STANDARD,
        digests={},
        frozen=Path(),
    )


def performed(*globs: str, faults: Collection[str] = (), **changes: Any) -> Mapping[str, Performed]:
    """Carry out the cases that match against a fresh mock with these faults; ``changes`` are the stage's."""

    async def run() -> Mapping[str, Performed]:
        order = Order(blocks=("exchange",), profile=Profile.STANDARD, faults=frozenset(faults))
        with make_bench(order, PACK, "exchange") as bench:
            async with open_stage(bench, assignment()) as stage:
                return await _each(replace(stage, **changes), globs)

    return asyncio.run(run())


def against(broker: OtherBroker, *globs: str, **changes: Any) -> Mapping[str, Performed]:
    """Carry out the cases that match against another broker."""

    async def run() -> Mapping[str, Performed]:
        with reserve("127.0.0.1", 0) as listening:
            async with serving(broker), CallbackListener(socket=listening) as listener:
                broker.pushed_to = f"{listener.public_url}/counterparty/subscriber"
                async with Wire(Target(base_url=broker.url, limits=Limits(concurrency=64))) as wire:
                    stage = Stage(
                        wire=wire,
                        listener=listener,
                        answers=assignment().answers(10),
                        fresh=Fresh(),
                        callback_seconds=3,
                        fixtures=FIXTURES,
                        counterparties=frozenset({"subscriber"}),
                        base_url=broker.url,
                    )
                    return await _each(replace(stage, **changes), globs)

    return asyncio.run(run())


async def _each(stage: Stage, globs: Collection[str]) -> Mapping[str, Performed]:
    chosen = cases(*globs)
    results = await asyncio.gather(*(perform(one, stage) for one in chosen))
    for place, one in enumerate(chosen):
        for _ in range(_TRIES):
            if results[place].starved:
                results[place] = await perform(one, stage)
    return {one.case.id.removeprefix(PREFIX): result for one, result in zip(chosen, results, strict=True)}


def told(results: Mapping[str, Performed]) -> dict[str, list[str]]:
    """Give the codes of the findings that accuse, by case."""
    found = {
        name: [one for one in result.scene.findings if not one.advisory] for name, result in results.items()
    }
    return {name: [one.code for one in several] for name, several in found.items() if several}
