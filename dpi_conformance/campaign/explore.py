"""Fresh random vectors and walks for as long as it is told: what it finds is to be looked at, and never decides."""

import asyncio
import dataclasses
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dpi_conformance.campaign.assignment import Assignment, read_assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage, redactor_for, try_cases
from dpi_conformance.campaign.examination import examined, require_judgeable
from dpi_conformance.campaign.order import Order
from dpi_conformance.campaign.replay import send_again
from dpi_conformance.campaign.walking import Walked, walk
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import Target
from dpi_conformance.execution.observer import Observer
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.model.evidence import Finding
from dpi_conformance.model.vectors import Profile, Vector
from dpi_conformance.vectors.compiling import Drawn, build
from dpi_conformance.vectors.freezing import keep
from dpi_conformance.vectors.store import VECTORS, read_vectors
from dpi_conformance.wire.journal import Journal, read_journal
from dpi_conformance.wire.redaction import Redactor
from dpi_conformance.wire.showing import shown

__all__ = ["Explored", "Round", "explore"]

_REPLAYS = 3
_EXAMPLES = 30
"""Cases drawn at random for each variant and mode, in each round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """One thing that a fresh vector showed, and in how many of three replays it came again."""

    vector: Vector
    finding: Finding
    again: int

    @property
    def repeats(self) -> bool:
        """Tell whether it came every time; what does not is inconclusive."""
        return self.again == _REPLAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: its seed, which makes the same vectors again with the same release, and what it found."""

    seed: int
    vectors: int
    explored: tuple[Explored, ...] = field(default=())
    walked: tuple[Walked, ...] = field(default=())
    """What the stateful models came to."""


async def explore(
    order: Order, folder: Path, seconds: float, observer: Observer, told: Callable[[Round], None]
) -> None:
    """Build fresh vectors and send them, round after round until the time is up; tells each round as it ends.

    A round that has begun is finished, so there is at least one; its journal lies in ``folder``. Raises TargetError
    where the target cannot be judged, or is lost.
    """
    (block,), pack, ends = order.blocks, Pack.builtin(), time.monotonic() + seconds
    with make_bench(order, pack, block) as bench:
        frozen = read_assignment(pack, block, Profile.QUICK)
        async with open_stage(bench, frozen) as stage:
            observations = await examined(stage, bench.target(), frozen)
            for observation in observations:
                observer.observed(observation)
            require_judgeable(observations)
            told(await _round(stage, bench.target(), order, folder, observer))
            while time.monotonic() < ends:
                told(await _round(stage, bench.target(), order, folder, observer))


async def _round(stage: Stage, target: Target, order: Order, folder: Path, observer: Observer) -> Round:
    """Build fresh vectors, send them, and replay what fails."""
    (block,), seed = order.blocks, secrets.randbelow(2**31)
    redactor = redactor_for([target], [read_assignment(Pack.builtin(), block, Profile.QUICK)])
    redactor.watch(lambda: stage.wire.secrets)
    walked = await walk(stage, block, seed, folder, redactor)
    with tempfile.TemporaryDirectory(prefix="dpi-explore-") as fresh:
        # Beside the loop, which has to stay open for Ctrl-C.
        stop = threading.Event()
        try:
            work = await asyncio.to_thread(_fresh, Pack.builtin(), block, Path(fresh), seed, order, stop)
        finally:
            stop.set()
        journal = folder / f"explored-{seed}.ndjson"
        with Journal(journal, redactor) as writer:
            await try_cases(stage, target, work, writer, observer)
        vectors, explored = await _looked_at(stage, work, journal, redactor)
        return Round(seed=seed, vectors=vectors, explored=explored, walked=walked)


def _fresh(
    pack: Pack, block: str, frozen: Path, seed: int, order: Order, stop: threading.Event
) -> Assignment:
    """Build vectors from a fresh seed, and keep those that the block's frozen set does not have."""
    drawn = Drawn(seed, _EXAMPLES)
    build(
        pack.spec(block, "openapi.yaml"), pack.suite(block, "knowledge.yaml"), frozen, drawn=drawn, stop=stop
    )
    known = {vector.id for vector in read_vectors(pack.suite(block, f"vectors/{VECTORS}"))}
    keep(frozen, block, lambda vector: vector.control or vector.id not in known)
    return read_assignment(pack, block, Profile.FULL, order.only, frozen=frozen)


async def _looked_at(
    stage: Stage, work: Assignment, journal: Path, redactor: Redactor
) -> tuple[int, tuple[Explored, ...]]:
    """Count a round's vectors, and replay those that failed."""
    failed = {
        line["vector"]
        for line in read_journal(journal)
        if line["type"] == "exchange" and line["verdict"] == "FAIL" and line["vector"]
    }
    clauses = {case.id: case.clause for case in work.cases}
    explored: list[Explored] = []
    count = 0
    for vector in work.vectors():
        count += 1
        if vector.id in failed:
            explored += await _again(stage, work, vector, clauses[vector.case], redactor)
    return count, tuple(explored)


async def _again(
    stage: Stage, work: Assignment, vector: Vector, clause: str, redactor: Redactor
) -> list[Explored]:
    """Replay a failing vector three times; count how often each finding comes."""
    seen: dict[tuple[str, str], Explored] = {}
    for _ in range(_REPLAYS):
        try:
            sent, exchange = await send_again(stage, work, vector)
        except Prerequisite:
            continue
        _, found, _ = shown(redactor, [exchange], stage.answers.check(sent, exchange, clause=clause))
        for finding in {(one.code, one.place): one for one in found if not one.advisory}.values():
            key = finding.code, finding.place
            before = seen.get(key, Explored(vector=vector, finding=finding, again=0))
            seen[key] = dataclasses.replace(before, again=before.again + 1)
    return list(seen.values())
