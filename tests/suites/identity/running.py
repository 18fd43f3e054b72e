"""The identity suite against the built-in mock, without the frozen vectors: only the cases that a test names."""

import asyncio
import fnmatch
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
from dpi_conformance.execution.behaviour import Performed, SuiteCase, perform, suite_cases
from dpi_conformance.model.vectors import Profile

PACK = Pack.builtin()
PREFIX = "identity/suite/"


def cases(*globs: str) -> list[SuiteCase]:
    """Give the suite's cases whose names match."""
    files = sorted((PACK.root / "suites" / "identity").glob("test_*.py"))
    modules = [PACK.load(f"suites.identity.{path.stem}") for path in files]
    every = suite_cases("identity", modules, Profile.STANDARD)
    names = [f"{PREFIX}{glob}" for glob in globs]
    return [one for one in every if any(fnmatch.fnmatch(one.case.id, name) for name in names)]


def assignment() -> Assignment:
    """Give the block's content without vectors."""
    return Assignment(
        pack=PACK,
        block=load_block(PACK.spec("identity", "block.yaml")),
        spec=load_spec(PACK.spec("identity", "openapi.yaml")),
        requirements=load_requirements(PACK.spec("identity", "requirements.yaml")),
        cases=(),
        profile=Profile.STANDARD,
        digests={},
        frozen=Path(),
    )


async def _performed(globs: Collection[str], faults: Collection[str]) -> Mapping[str, Performed]:
    order = Order(blocks=("identity",), profile=Profile.STANDARD, faults=frozenset(faults))
    work = assignment()
    with make_bench(order, PACK, "identity") as bench:
        async with open_stage(bench, work) as stage:
            chosen = cases(*globs)
            results = await asyncio.gather(*(perform(one, stage) for one in chosen))
    return {one.case.id.removeprefix(PREFIX): result for one, result in zip(chosen, results, strict=True)}


def performed(*globs: str, faults: Collection[str] = ()) -> Mapping[str, Performed]:
    """Carry out the cases that match against a fresh mock with these faults; by the case's name."""
    return asyncio.run(_performed(globs, faults))
