"""The steps of data exchange against its mock: everything that a vector needs is created, or it is said why not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import BearerAuth, Target
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import NotServed, Prerequisite, Resource, Stage
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.vectors.knowledge import load_knowledge
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener, reserve

PACK = Pack.builtin()
STEPS = PACK.load("suites.exchange.steps").STEPS
PARTIES = PACK.load("suites.exchange.parties")
CONFIGURING = PACK.load("suites.exchange.configuring")
KNOWLEDGE = load_knowledge(PACK.suite("exchange", "knowledge.yaml"))
ANSWERS = Answers(spec=load_spec(PACK.spec("exchange", "openapi.yaml")), rules=RefusalRules())
MOCK: Mapping[str, Any] = PACK.load("mocks.exchange.declared").target("", "")
FIXTURES: Mapping[str, str] = {"room.id": "GOV/GOV/90000/civil-events", **MOCK["fixtures"]}
CREATED = ["configuration", "configuration-repeatable", "description", "offer", "offer-arabic", "offer-nul"]
if "pubsub-pull" in MOCK["claims"]:
    CREATED += ["event-type", "event-type-known", "event", "event-arabic", "subscription", "event-waiting"]
NAMED = ["consumer", "provider", "manager", "publisher", "subscriber", "room"]
TOKEN = "t0ken"
Result = TypeVar("Result")


def on_stage(act: Callable[[Stage], Awaitable[Result]], *, token: str = TOKEN, **changes: Any) -> Result:
    """Start a mock and act on a stage before it."""

    async def acted(listening: Any, url: str) -> Result:
        target = Target(base_url=url, auth=BearerAuth(type="bearer", token=token))
        async with Wire(target) as wire, CallbackListener(socket=listening) as listener:
            stage = Stage(
                wire=wire,
                listener=listener,
                answers=ANSWERS,
                fresh=Fresh(),
                callback_seconds=1,
                fixtures=FIXTURES,
                declared={"config-create.repeatable": "yes"},
            )
            return await act(replace(stage, **changes))

    with reserve("127.0.0.1", 0) as listening:
        mock = MockProcess.start("exchange", pack=PACK, token=TOKEN)
        try:
            return asyncio.run(acted(listening, mock.url))
        finally:
            mock.stop()


def made(resource: str, count: int, **changes: Any) -> Sequence[Resource | Prerequisite]:
    return on_stage(lambda stage: STEPS[resource](stage, count), **changes)


@pytest.fixture(scope="module")
def everything() -> Mapping[str, Sequence[Resource | Prerequisite]]:
    """Three of each resource, created beside each other."""

    async def act(stage: Stage) -> Mapping[str, Sequence[Resource | Prerequisite]]:
        names = [*CREATED, *NAMED]
        created = await asyncio.gather(*(STEPS[name](stage, 3) for name in names))
        return dict(zip(names, created, strict=True))

    return on_stage(act)


@pytest.mark.parametrize("resource", [*CREATED, *NAMED])
def test_each_resource_has_all_the_fields_that_vectors_name(
    everything: Mapping[str, Sequence[Resource | Prerequisite]], resource: str
) -> None:
    sample = resource if resource in KNOWLEDGE.resources else resource.partition("-")[0]
    assert len(everything[resource]) == 3
    for one in everything[resource]:
        assert isinstance(one, Mapping)
        assert {name.partition(".")[0] for name in one} == {resource}
        assert KNOWLEDGE.resources[sample].keys() <= {name.partition(".")[2] for name in one}
        assert all(isinstance(value, str) and value for value in one.values())


def test_each_offer_is_another_application_that_the_consumer_may_use() -> None:
    async def act(stage: Stage) -> tuple[Sequence[Resource], str]:
        offers = await STEPS["offer"](stage, 3)
        return offers, str(await CONFIGURING.configuration(stage))

    offers, shown = on_stage(act)
    assert len({one["offer.application"] for one in offers}) == 3
    for one in offers:
        assert one["offer.application"] in shown
    assert "'member': 'Ministry of Social Affairs', 'application': 'benefits'" in shown


@pytest.mark.parametrize("resource", [*NAMED, "offer"])
def test_whoever_is_not_named_is_asked_for_by_name(resource: str) -> None:
    with pytest.raises(Prerequisite, match=r"fixtures in product\.yaml"):
        made(resource, 1, fixtures={})


@pytest.mark.parametrize(
    "text", ["benefits", "GOV/COM/1234", "GOV/COM/1234/benefits/x", "GOV//1234/benefits"]
)
def test_what_is_no_identifier_is_told_with_its_form(text: str) -> None:
    with pytest.raises(Prerequisite, match="INSTANCE/CLASS/MEMBER/APPLICATION"):
        made("consumer", 1, fixtures={**FIXTURES, "consumer.client": text})


def test_parts_of_an_identifier_are_encoded_one_by_one() -> None:
    read = PARTIES.Application.read("GOV/COM/12%2F34/ä%20b")
    assert (read.member, read.code) == ("12/34", "ä b")
    assert str(read) == "GOV/COM/12%2F34/%C3%A4%20b"
    assert read.path == "/r1/GOV/COM/12%2F34/%C3%A4%20b"


def test_setting_up_once_more_is_only_tried_where_it_is_declared() -> None:
    with pytest.raises(Prerequisite, match=r"config-create\.repeatable"):
        made("configuration-repeatable", 1, declared={})


def test_a_change_that_never_shows_is_told() -> None:
    """A mediator that acknowledges a member and does not enter it."""

    async def act(stage: Stage) -> None:
        known = await CONFIGURING.configuration(stage)
        member = {"name": "n", "class": "GOV", "code": "somebody"}

        async def read(_stage: Stage) -> Any:
            return known

        patched = pytest.MonkeyPatch()
        patched.setattr(CONFIGURING, "configuration", read)
        try:
            assert CONFIGURING.member_of(known, "GOV", "70000") == "Ministry of the Interior"
            await CONFIGURING.changed(stage, [member])
        finally:
            patched.undo()

    with pytest.raises(Prerequisite, match="do not show"):
        on_stage(act, callback_seconds=0.5)


def test_steps_say_what_the_product_answered() -> None:
    with pytest.raises(NotServed, match=r"config-read.*HTTP 401"):
        on_stage(lambda stage: STEPS["configuration"](stage, 1), token="another")
