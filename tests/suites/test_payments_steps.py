"""The steps of payments against its mock: everything that a vector needs is created, or it is said why not."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import pytest

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import BearerAuth, Target
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import BodyRefusal, RefusalRules
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import NotCalledBack, NotServed, Prerequisite, Resource, Stage, Step
from dpi_conformance.i18n import Message
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.model.evidence import Exchange, Request, Response
from dpi_conformance.model.vectors import Profile
from dpi_conformance.vectors.knowledge import load_knowledge
from dpi_conformance.vectors.store import VECTORS, read_vectors
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener, reserve

PACK = Pack.builtin()
STEPS = PACK.load("suites.payments.steps")
KNOWLEDGE = load_knowledge(PACK.suite("payments", "knowledge.yaml"))
ANSWERS = Answers(
    spec=load_spec(PACK.spec("payments", "openapi.yaml")),
    rules=RefusalRules(bodies=(BodyRefusal(fields=frozenset({"responseCode"}), values=frozenset({"01"})),)),
    echo=load_block(PACK.spec("payments", "block.yaml")).echo,
)
PARTIES = frozenset({"payer-bank", "biller", "payer-fi", "source-bb"})
SHARED = {"participant", "batch-known", "voucher-known", "request-to-pay-known"}
PLAYED = {
    "batch-awaiting-validation": "payer-bank",
    "batch-awaiting-authorization": "payer-bank",
    "bill-inquiry-pending": "biller",
    "payment-pending": "biller",
    "request-to-pay-pending": "payer-fi",
}
TOKEN = "t0ken"
Result = TypeVar("Result")


def on_stage(
    act: Callable[[Stage], Awaitable[Result]],
    *,
    parties: frozenset[str] = PARTIES,
    token: str = TOKEN,
    **changes: Any,
) -> Result:
    """Start a mock that knows these counterparties, and act on a stage before it."""

    async def acted(listening: Any, url: str) -> Result:
        target = Target(base_url=url, auth=BearerAuth(type="bearer", token=token))
        async with Wire(target) as wire, CallbackListener(socket=listening) as listener:
            stage = Stage(
                wire=wire,
                listener=listener,
                answers=ANSWERS,
                fresh=Fresh(),
                callback_seconds=3,
                counterparties=parties,
            )
            return await act(replace(stage, **changes))

    with reserve("127.0.0.1", 0) as listening:
        host, port = listening.getsockname()[:2]
        counterparties = {name: f"http://{host}:{port}/counterparty/{name}" for name in parties}
        mock = MockProcess.start("payments", pack=PACK, token=TOKEN, counterparties=counterparties)
        try:
            return asyncio.run(acted(listening, mock.url))
        finally:
            mock.stop()


def made(resource: str, count: int, **changes: Any) -> Sequence[Resource | Prerequisite]:
    return on_stage(lambda stage: STEPS.STEPS[resource](stage, count), **changes)


@pytest.fixture(scope="module")
def everything() -> Mapping[str, Sequence[Resource | Prerequisite]]:
    """Three of each resource, created beside each other."""

    async def act(stage: Stage) -> Mapping[str, Sequence[Resource | Prerequisite]]:
        created = await asyncio.gather(*(step(stage, 3) for step in STEPS.STEPS.values()))
        return dict(zip(STEPS.STEPS, created, strict=True))

    return on_stage(act)


@pytest.mark.parametrize("resource", sorted(STEPS.STEPS))
def test_each_resource_is_created_with_all_its_fields(
    everything: Mapping[str, Sequence[Resource | Prerequisite]], resource: str
) -> None:
    sample = next(
        name for name in sorted(KNOWLEDGE.resources, key=len, reverse=True) if resource.startswith(name)
    )
    created = everything[resource]
    assert len(created) == 3
    for one in created:
        assert isinstance(one, Mapping)
        assert {name.partition(".")[2] for name in one} == KNOWLEDGE.resources[sample].keys()
        assert {name.partition(".")[0] for name in one} == {resource}
        assert all(isinstance(value, str) and value for value in one.values())
    assert len({str(one) for one in created}) == (1 if resource in SHARED else 3)


def test_whatever_the_frozen_vectors_need_has_a_step() -> None:
    vectors = read_vectors(PACK.suite("payments", f"vectors/{VECTORS}"), Profile.FULL)
    assert {need.partition(":")[0] for vector in vectors for need in vector.needs} <= STEPS.STEPS.keys()


@pytest.mark.parametrize(("resource", "who"), PLAYED.items())
def test_a_counterparty_that_is_not_configured_is_named(resource: str, who: str) -> None:
    with pytest.raises(Prerequisite, match=who):
        made(resource, 1, parties=frozenset())


def test_without_a_biller_of_ours_the_products_own_has_to_know_the_bill() -> None:
    (bill,) = made("bill-inquired", 1, parties=frozenset())
    assert isinstance(bill, Mapping)
    assert bill["bill-inquired.bill"].startswith("BILL")


def test_a_request_that_is_not_served_is_said_with_its_answer() -> None:
    with pytest.raises(Prerequisite, match=r"voucher-create.*HTTP 401"):
        made("voucher-created", 1, token="wrong")
    with pytest.raises(Prerequisite, match=r"batch-submit.*HTTP 401"):
        made("batch-submitted", 2, token="wrong")


def test_the_vendors_names_take_the_place_of_ours() -> None:
    (names,) = made("participant", 1, fixtures={"participant.institution": "AGENCY-7"})
    assert isinstance(names, Mapping)
    assert names["participant.institution"] == "AGENCY-7"
    assert names["participant.tenant"] == "TENANT-1"


def test_prepared_vouchers_and_beneficiaries_are_used_in_turn() -> None:
    vouchers = {"serial": "1 2", "secret": "aa bb", "batch": "B B"}
    fixtures = {f"voucher-active.{name}": value for name, value in vouchers.items()}
    taken = made("voucher-active", 3, fixtures=fixtures)
    assert [one["voucher-active.serial"] for one in taken if isinstance(one, Mapping)] == ["1", "2", "1"]
    people = {"beneficiary.identity": "ID-1", "beneficiary.address": "ACC-1"}
    assert made("beneficiary", 2, fixtures=people) == [people, people]


def test_the_doctor_gets_its_callback() -> None:
    assert on_stage(STEPS.ask_callback) is True


def test_what_is_refused_is_not_told_as_a_callback_that_does_not_arrive() -> None:
    with pytest.raises(Prerequisite) as refused:
        on_stage(STEPS.ask_callback, token="wrong")
    assert "No request that asks for a callback was served" in str(refused.value)
    assert "register-beneficiary: HTTP 401" in str(refused.value)
    assert "voucher-create: HTTP 401" in str(refused.value)


REFUSED = NotServed(Message(text="{variant} {answer}", values={"variant": "v", "answer": "HTTP 403"}))
SILENT = NotCalledBack(Message(text="nothing came"))
WRONG = Prerequisite(Message(text="came, with failedCases"))


@pytest.mark.parametrize(
    ("first", "second", "came"),
    [
        (SILENT, SILENT, False),
        (REFUSED, SILENT, False),
        (SILENT, REFUSED, False),
        (REFUSED, None, True),
        (SILENT, WRONG, True),
    ],
)
def test_a_callback_came_or_not(
    monkeypatch: pytest.MonkeyPatch, first: Prerequisite | None, second: Prerequisite | None, *, came: bool
) -> None:
    def step(end: Prerequisite | None) -> Step:
        async def ended(_stage: Stage, _count: int) -> Sequence[Resource]:
            if end is not None:
                raise end
            return [{}]

        return ended

    ways = {"g2p": step(first), "vouchers": step(second)}
    monkeypatch.setattr(STEPS, "_ASKING", ways)
    assert asyncio.run(STEPS.ask_callback(None, tuple(ways))) is came


def test_only_what_is_claimed_is_asked() -> None:
    assert asyncio.run(STEPS.ask_callback(None, ("p2g",))) is None


def _page(listed: Sequence[bytes]) -> tuple[Resource, int]:
    """Let a batch be known by a product whose details are these, one answer after the other; count the questions."""
    asked = 0

    async def call(variant: str, request: Request) -> Exchange:
        nonlocal asked
        body = b'{"BatchID":"b-1"}'
        if variant == "batch-details":
            assert "batchId=b-1" in request.url
            body = listed[min(asked, len(listed) - 1)]
            asked += 1
        else:
            assert len(json.loads(request.body)) == 2
        return Exchange(id="e", request=request, response=Response(status=200, body=body))

    async def work() -> Resource:
        async with CallbackListener() as listener:
            stage = Stage(
                wire=cast("Wire", None),
                listener=listener,
                answers=ANSWERS,
                fresh=Fresh(),
                callback_seconds=0.2,
            )
            stage.call = call  # type: ignore[method-assign]
            (known,) = await STEPS.STEPS["batch-known"](stage, 1)
            return cast("Resource", known)

    return asyncio.run(work()), asked


@pytest.mark.parametrize(
    ("listed", "asked"),
    [([b'[{"status":"x"}]'], 1), ([b"[]", b"[]", b"[{}]"], 3), ([b"[]"], 4)],
)
def test_a_batch_is_known_when_the_product_shows_it_or_time_is_up(listed: list[bytes], asked: int) -> None:
    known, questions = _page(listed)
    assert known["batch-known.batch"] == "b-1"  # given under another spelling
    assert questions == asked
