"""One run from order to journal: the mock where no product is named, the doctor, then the contract tier."""

import asyncio
import contextlib
import dataclasses
import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path

from dpi_conformance.campaign.assignment import Assignment, read_assignment
from dpi_conformance.campaign.bench import Bench
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.examination import examined, require_judgeable
from dpi_conformance.campaign.ground import Ground, make_ground
from dpi_conformance.campaign.order import Order, claimed
from dpi_conformance.campaign.preamble import write_preamble
from dpi_conformance.campaign.resuming import require_unchanged
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import Target
from dpi_conformance.errors import DpiError, TargetError
from dpi_conformance.execution.contract import ContractTier
from dpi_conformance.execution.observer import Observer
from dpi_conformance.execution.selection import applicable, needed
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Stage
from dpi_conformance.execution.suite_tier import SuiteTier
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.drivers import login_driver
from dpi_conformance.model.cases import Case
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.journal import Journal, held
from dpi_conformance.wire.listener import CallbackListener
from dpi_conformance.wire.pulse import Pulse
from dpi_conformance.wire.redaction import Redactor

__all__ = ["certify", "open_ground", "open_stage", "redactor_for", "try_cases"]


_APART = 1_000_000
"""So far apart are the numbers of steps and callbacks of two blocks, or of a run and what resumes it."""


async def certify(
    order: Order, folder: Path, observer: Observer, *, done: frozenset[str] | None = None
) -> None:
    """Run an order into its folder's journal; ``done`` (a resumed run) names cases not to send again.

    Raises TargetError where the target cannot be judged; what was seen until then is in the journal.
    """
    pack = Pack.builtin()
    with contextlib.ExitStack() as stack:
        # Before the listener's port, which the run that writes to the folder may hold.
        lock = None if done is None else stack.enter_context(held(folder / JOURNAL))
        grounds = [stack.enter_context(make_ground(order, pack, block)) for block in order.blocks]
        # Beside the loop: selftest has other runs in it, which must not wait for this one's mock.
        work = [
            await asyncio.to_thread(read_assignment, pack, block, order.profile, order.only)
            for block in order.blocks
        ]
        targets = {
            place: await asyncio.to_thread(bench.target)
            for ground in grounds
            for place, bench in ground.benches.items()
        }
        sessions = 0 if done is None else require_unchanged(folder / JOURNAL, order, work, targets)
        journal = stack.enter_context(Journal(folder / JOURNAL, redactor_for(targets.values(), work), lock))
        stack.enter_context(_ended(journal))
        if done is None:
            write_preamble(journal, order, work, targets)
        else:
            journal.resumed()
        first = 1 + _APART * sessions * len(targets)
        for ground, assignment in zip(grounds, work, strict=True):
            await _certify_block(ground, assignment, journal, observer, done or frozenset(), first)
            await asyncio.to_thread(ground.close)
            first += _APART * len(ground.benches)


async def _certify_block(
    ground: Ground, work: Assignment, journal: Journal, observer: Observer, done: frozenset[str], first: int
) -> None:
    async with open_ground(ground, work, first) as (stage, stages):
        journal.redactor.watch(lambda: frozenset[str]().union(*(one.wire.secrets for one in stages.values())))
        for one in (stage, *stages.values()):
            one.record = lambda exchange, step: journal.exchange(
                exchange, case="", vector="", verdict=Verdict.NONE, findings=(), step=step
            )
        for place, one in stages.items():
            await _doctor(one, ground.benches[place].target(), work.places[place], place, journal, observer)
        await try_cases(stage, ground.lead.target(), work, journal, observer, done=done)


@contextlib.asynccontextmanager
async def open_ground(
    ground: Ground, work: Assignment, first: int = 1
) -> AsyncIterator[tuple[Stage, Mapping[str, Stage]]]:
    """Open the stage that cases are given, and those of the places that it has: in a scenario one for each block.

    Each place has numbers of its own, so that no step or callback is called like another's.
    """
    async with contextlib.AsyncExitStack() as stack:
        stages: dict[str, Stage] = {}
        for number, (place, part) in enumerate(work.places.items()):
            opened = open_stage(ground.benches[place], part, first + number * _APART)
            stages[place] = await stack.enter_async_context(opened)
        lead = next(iter(stages.values()))
        if work.parts:
            longest = max(one.callback_seconds for one in stages.values())
            parts = {part.block.id: stages[place] for place, part in work.places.items()}
            lead = dataclasses.replace(lead, parts=parts, callback_seconds=longest)
        yield lead, stages


@contextlib.asynccontextmanager
async def open_stage(bench: Bench, work: Assignment, first: int = 1) -> AsyncIterator[Stage]:
    """Open the wire to the product and the callback listener, for as long as the stage is used.

    Steps and callbacks are numbered from ``first``.
    """
    target = bench.target()
    async with (
        Wire(target) as wire,
        login_driver(target, wire) as login,
        CallbackListener(
            socket=bench.socket, public_url=target.callbacks.public_url, first=first
        ) as listener,
        Pulse() as pulse,
    ):
        yield Stage(
            wire=wire,
            listener=listener,
            answers=work.answers(target.limits.answer_seconds),
            fresh=Fresh(),
            callback_seconds=target.limits.callback_seconds,
            fixtures=target.fixtures,
            counterparties=frozenset(target.counterparties),
            declared=target.declares,
            claims=frozenset(claimed(target, work.block)),
            login=login,
            persons=tuple(target.login.persons) if target.login is not None else (),
            clients=target.clients,
            base_url=target.base_url,
            closing=target.closing(),
            pulse=pulse,
            _numbers=itertools.count(first),
        )


async def try_cases(
    stage: Stage,
    target: Target,
    work: Assignment,
    journal: Journal,
    observer: Observer,
    *,
    done: frozenset[str] = frozenset(),
) -> None:
    """Try what the vendor claims and an earlier session of the run has not finished: vectors first, then the suite."""
    claims = claimed(target, work.block)
    left = {case.id: case for case in work.cases if applicable(case, claims) and case.id not in done}
    observer.planned(tuple(left.values()), sum(case.vectors for case in left.values()))
    suite = [one for one in work.suite if one.case.id in left]
    written = {one.case.id for one in suite}
    vectors = {name: case for name, case in left.items() if name not in written}
    if vectors:
        await _send_vectors(stage, target, work, vectors, journal, observer)
    await SuiteTier(journal=journal, stage=stage, observer=observer).run(suite)


async def _send_vectors(
    stage: Stage,
    target: Target,
    work: Assignment,
    cases: Mapping[str, Case],
    journal: Journal,
    observer: Observer,
) -> None:
    tier = ContractTier(
        journal=journal,
        stage=stage,
        steps=work.steps(),
        free=work.free(),
        last=work.last(),
        cases=cases,
        observer=observer,
        concurrency=target.limits.concurrency,
        proves=target.proves,
    )
    await tier.run(needed(work.vectors(), cases))


async def _doctor(
    stage: Stage, target: Target, work: Assignment, place: str, journal: Journal, observer: Observer
) -> None:
    """Judge the configuration first; raises TargetError with the first trouble and its advice."""
    observations = await examined(stage, target, work)
    for observation in observations:
        journal.observation(place, observation)
        observer.observed(observation)
    require_judgeable(observations)


def redactor_for(targets: Iterable[Target], work: Iterable[Assignment]) -> Redactor:
    """Give a redactor that knows these targets' secrets and these blocks' private keys."""
    targets = tuple(targets)
    secrets = frozenset[str]().union(*(target.secrets() for target in targets))
    blocks = [part.block for one in work for part in one.places.values()]
    personal = frozenset[str]().union(*(block.personal for block in blocks))
    told = (target.secret_keys() for target in targets)
    secret_keys = frozenset[str]().union(*(block.secret for block in blocks), *told)
    return Redactor(secrets=secrets, personal=personal, secret_keys=secret_keys)


@contextlib.contextmanager
def _ended(journal: Journal) -> Iterator[None]:
    """Journal how the run ended, whatever ended it."""
    try:
        yield
    except (asyncio.CancelledError, KeyboardInterrupt):
        journal.end("interrupted", Message(text=N_("The run was interrupted before all cases were tried.")))
        raise
    except TargetError as error:
        journal.end("lost", error.message)
        raise
    except DpiError as error:
        journal.end("error", error.message)
        raise
    except Exception as error:
        text = N_("The harness itself failed: {error}")
        journal.end("error", Message(text=text, values={"error": f"{type(error).__name__}: {error}"}))
        raise
    else:
        journal.end("complete")
