"""The scenario with a provider and a mediator that are not ours: honest ones are not accused, others are blamed."""

import asyncio
import contextlib
import dataclasses
import functools
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import ClientSession

from dpi_conformance.campaign.assignment import read_assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.target import Limits, Target
from dpi_conformance.execution.behaviour import Performed, perform
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Stage
from dpi_conformance.model.vectors import Profile
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener, reserve
from tests.suites.exchange import plain_mediator
from tests.suites.exchange import running as mediators
from tests.suites.exchange.plain_mediator import PlainMediator
from tests.suites.identity import plain_provider
from tests.suites.identity import running as providers
from tests.suites.identity.plain_provider import PlainProvider

NAME = "social-benefit"


@contextlib.asynccontextmanager
async def _identity(provider: PlainProvider) -> AsyncIterator[Stage]:
    async with plain_provider.serving(provider) as url, ClientSession() as browser:
        with reserve("127.0.0.1", 0) as listening:
            target = Target(base_url=url, clients=providers.configured())
            async with Wire(target) as wire, CallbackListener(socket=listening) as listener:
                yield Stage(
                    wire=wire,
                    listener=listener,
                    answers=providers.assignment().answers(10),
                    fresh=Fresh(),
                    callback_seconds=3,
                    login=plain_provider.Walker(fetch=functools.partial(providers.fetched, browser)),
                    clients=target.clients,
                    base_url=url,
                    claims=frozenset(providers.PLAIN),
                )


@contextlib.asynccontextmanager
async def _exchange(mediator: PlainMediator) -> AsyncIterator[Stage]:
    with reserve("127.0.0.1", 0) as listening:
        async with plain_mediator.serving(mediator), CallbackListener(socket=listening) as listener:
            mediator.provider = f"{listener.public_url}/counterparty/provider"
            async with Wire(Target(base_url=mediator.url, limits=Limits(concurrency=64))) as wire:
                yield Stage(
                    wire=wire,
                    listener=listener,
                    answers=mediators.assignment().answers(10),
                    fresh=Fresh(),
                    callback_seconds=3,
                    fixtures=mediators.FIXTURES,
                    counterparties=frozenset({"provider"}),
                    base_url=mediator.url,
                )


async def _walked(mediator: PlainMediator, *globs: str) -> Mapping[str, Performed]:
    pack = mediators.PACK
    work = read_assignment(pack, NAME, Profile.STANDARD, [f"{NAME}/suite/{glob}" for glob in globs])
    payments = next(part for part in work.parts if part.block.id == "payments")
    with make_bench(Order(blocks=(NAME,)), pack, "payments") as bench:
        async with (
            open_stage(bench, payments) as paying,
            _identity(PlainProvider()) as identity,
            _exchange(mediator) as exchange,
        ):
            parts = {"identity": identity, "exchange": exchange, "payments": paying}
            stage = dataclasses.replace(identity, parts=parts, callback_seconds=paying.callback_seconds)
            results = await asyncio.gather(*(perform(one, stage) for one in work.suite))
    return {one.case.id: result for one, result in zip(work.suite, results, strict=True)}


def test_honest_products_that_are_not_ours_are_accused_of_nothing() -> None:
    results = asyncio.run(_walked(PlainMediator(), "*"))
    assert {name: one.scene.findings for name, one in results.items() if one.scene.findings} == {}
    undecided = {name.split("/", 2)[2]: str(one.reason) for name, one in results.items() if one.reason}
    assert set(undecided) <= {"R4/consent-refused", "R5/right-taken"}, undecided
    assert all(one.verdict in {Verdict.PASS, Verdict.INCONCLUSIVE} for one in results.values())
    assert all("where exchange was asked" in one for name, one in undecided.items() if name.startswith("R5"))


@pytest.mark.parametrize(
    ("way", "case", "code"),
    [
        ("reordered", "R1/whole-road", "road.request-unchanged"),
        ("truncated", "R1/whole-road", "road.answer-unchanged"),
        ("twice", "R1/registry-out-of-order", "road.registry-asked-once"),
        ("served-by-itself", "R8/*", "road.registry-asked-in-time"),
    ],
)
def test_a_mediator_that_goes_wrong_is_blamed_and_nobody_else(way: str, case: str, code: str) -> None:
    (result,) = asyncio.run(_walked(PlainMediator(way=way), case)).values()
    assert code in {one.code for one in result.scene.findings}
    assert {one.side for one in result.scene.findings} == {"exchange"}
