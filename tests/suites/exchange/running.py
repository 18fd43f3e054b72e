"""The exchange suite against its mock, or against a mediator of a few lines; only the cases that a test names."""

import asyncio
import fnmatch
import functools
from collections.abc import Collection, Mapping
from pathlib import Path

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
from tests.suites.exchange.plain_mediator import CLIENT, PROVIDER, PlainMediator, serving

PACK = Pack.builtin()
PREFIX = "exchange/suite/"
FIXTURES = {
    "consumer.client": CLIENT,
    "provider.application": PROVIDER,
    "provider.service": "people",
    "provider.service-not-allowed": "closed",
}


def cases(*globs: str) -> list[SuiteCase]:
    """Give the suite's cases whose names match."""
    files = sorted((PACK.root / "suites" / "exchange").glob("test_*.py"))
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


def performed(*globs: str, faults: Collection[str] = ()) -> Mapping[str, Performed]:
    """Carry out the cases that match against a fresh mock with these faults; by the case's name."""

    async def run() -> Mapping[str, Performed]:
        order = Order(blocks=("exchange",), profile=Profile.STANDARD, faults=frozenset(faults))
        with make_bench(order, PACK, "exchange") as bench:
            async with open_stage(bench, assignment()) as stage:
                return await _each(stage, globs)

    return asyncio.run(run())


def through(mediator: PlainMediator, *globs: str, answer_seconds: float = 5) -> Mapping[str, Performed]:
    """Carry out the cases that match against a mediator of a few lines, as its vendor would declare it."""

    async def run() -> Mapping[str, Performed]:
        with reserve("127.0.0.1", 0) as listening:
            async with serving(mediator), CallbackListener(socket=listening) as listener:
                mediator.provider = f"{listener.public_url}/counterparty/provider"
                limits = Limits(answer_seconds=answer_seconds, concurrency=64)
                async with Wire(Target(base_url=mediator.url, limits=limits)) as wire:
                    stage = Stage(
                        wire=wire,
                        listener=listener,
                        answers=assignment().answers(10),
                        fresh=Fresh(),
                        callback_seconds=2,
                        fixtures=FIXTURES,
                        counterparties=frozenset({"provider"}),
                        base_url=mediator.url,
                    )
                    return await _each(stage, globs)

    return asyncio.run(run())


async def _each(stage: Stage, globs: Collection[str]) -> Mapping[str, Performed]:
    chosen = cases(*globs)
    results = await asyncio.gather(*(perform(one, stage) for one in chosen))
    return {one.case.id.removeprefix(PREFIX): result for one, result in zip(chosen, results, strict=True)}


def codes(results: Mapping[str, Performed]) -> set[str]:
    """Give the codes of all findings that accuse."""
    return {one.code for result in results.values() for one in result.scene.findings if not one.advisory}
