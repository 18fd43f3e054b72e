"""A person's login on a stage: what is undecided without one, what the doctor says of it, and how time stands still."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dpi_conformance.catalogue.target import Target
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.execution.logins import look_at_login
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.execution.patience import Patience
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.login.drivers import login_driver
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.model.spec import Spec
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener
from tests.login.vendor import CLIENT, Answer, Vendor, page, to, vendor

FORM = "<form method=post action=/login><input name=username><input type=password name=password></form>"
GOOD: dict[str, Answer] = {
    "/authorize": lambda _: page(FORM),
    "/login": lambda _: to(f"{CLIENT}?code=c-1"),
}


@contextlib.asynccontextmanager
async def staged(target: Target, record: list[Exchange]) -> AsyncIterator[Stage]:
    async with Wire(target) as wire, CallbackListener() as listener, login_driver(target, wire) as login:
        stage = Stage(
            wire=wire,
            listener=listener,
            answers=Answers(spec=Spec(title="t", version="1", variants=()), rules=RefusalRules()),
            fresh=Fresh(),
            callback_seconds=0.3,
            login=login,
            base_url=target.base_url,
        )
        stage.record = lambda exchange, _: record.append(exchange)
        yield stage


def looked(pages: dict[str, Answer], **keys: Any) -> tuple[Observation, list[Exchange]]:
    async def look() -> tuple[Observation, list[Exchange]]:
        record: list[Exchange] = []
        async with vendor(pages) as product, staged(product.target(**keys), record) as stage:

            async def ask(_: Stage) -> tuple[str, str]:
                return f"{product.url}/authorize", CLIENT

            return await look_at_login(stage, ask), record

    return asyncio.run(look())


def test_the_doctor_logs_in_once_and_says_what_it_saw() -> None:
    seen, record = looked(GOOD)
    assert (seen.probe, seen.health) == ("login", Health.OK)
    assert str(seen.message) == "A person logs in: 2 requests, pages answered: login, and a code came."
    assert [one.id for one in record] == ["step-000001", "step-000002"]


@pytest.mark.parametrize(
    ("pages", "sentence"),
    [
        (
            {"/authorize": lambda _: to(f"{CLIENT}?error=invalid_scope&error_description=no")},
            "invalid_scope no",
        ),
        ({"/authorize": lambda _: page("sorry", status=400)}, "ended at a page, not at the client"),
        ({"/authorize": lambda _: to("https://evil.example/x")}, "leads from 127.0.0.1"),
        (
            {"/authorize": lambda _: page(FORM), "/login": lambda _: page(FORM)},
            "does not take what login.persons.alice",
        ),
    ],
)
def test_a_login_that_does_not_succeed_is_a_warning_with_advice(pages: Any, sentence: str) -> None:
    seen, _ = looked(pages)
    assert seen.health is Health.WARNING
    assert sentence in str(seen.message)
    assert "docs/login.md" in str(seen.advice)


def test_without_a_way_to_log_in_nothing_is_sent_and_the_doctor_says_what_to_write() -> None:
    async def look() -> tuple[Observation, Vendor]:
        async with vendor(GOOD) as product, staged(Target(base_url=product.url), []) as stage:

            async def ask(_: Stage) -> tuple[str, str]:
                raise AssertionError("nothing is to be asked for")

            with pytest.raises(Prerequisite, match=r"docs/login\.md"):
                await stage.land(f"{product.url}/authorize", CLIENT)
            return await look_at_login(stage, ask), product

    seen, product = asyncio.run(look())
    assert (seen.health, str(seen.message)) == (
        Health.WARNING,
        "Nothing says how a person logs in: write login in product.yaml.",
    )
    assert product.seen == []


def test_a_stray_redirect_is_given_back_to_who_asks_for_it() -> None:
    async def landed() -> str:
        pages: dict[str, Answer] = {"/authorize": lambda _: to("https://evil.example/x")}
        async with vendor(pages) as product, staged(product.target(), []) as stage:
            url = f"{product.url}/authorize"
            with pytest.raises(Prerequisite, match=r"https://evil\.example/x"):
                await stage.land(url, CLIENT)
            return (await stage.land(url, CLIENT, stray=True)).left

    assert asyncio.run(landed()) == "https://evil.example/x"


def test_a_visit_goes_without_the_targets_credentials() -> None:
    async def visited() -> Vendor:
        async with vendor(GOOD) as product:
            target = product.target(auth={"type": "bearer", "token": "our-own-token"}, headers={"X-Key": "k"})
            async with staged(target, []) as stage:
                exchange = await stage.visit(Request(method="GET", url=f"{product.url}/authorize?a=%2f"))
                assert exchange.response is not None
                assert exchange.request.url == f"{product.url}/authorize?a=%2f"
            return product

    (seen,) = asyncio.run(visited()).seen
    assert not {"authorization", "x-key"} & seen.headers.keys()


def test_a_cases_time_stands_still_while_somebody_logs_in() -> None:
    async def worked(*, paused: bool) -> float:
        patience, began = Patience(), time.monotonic()
        async with patience.within(0.2):
            await asyncio.sleep(0.05)
            with patience.paused() if paused else contextlib.nullcontext():
                with patience.paused():
                    await asyncio.sleep(0.2 if paused else 0)
                await asyncio.sleep(0.2)
        return time.monotonic() - began

    assert asyncio.run(worked(paused=True)) > 0.4
    with pytest.raises(TimeoutError):
        asyncio.run(worked(paused=False))


def test_time_goes_on_after_a_login() -> None:
    async def worked() -> None:
        patience = Patience()
        async with patience.within(0.1):
            with patience.paused():
                await asyncio.sleep(0.2)
            await asyncio.sleep(5)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(worked())
    assert time.monotonic() - began < 2
