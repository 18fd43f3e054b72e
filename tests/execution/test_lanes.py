"""Vectors that must not use up what they refer to share it; the control proves that it was left untouched."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.execution.answering import Answered, Answering
from dpi_conformance.execution.lanes import in_lane, lanes_of
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Resource, Stage
from dpi_conformance.model.evidence import Exchange, Request, Response
from dpi_conformance.model.spec import ResponseDeclared, Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener

SPEC = Spec(
    title="vouchers",
    version="1",
    variants=(
        Variant(
            id="redeem",
            method="post",
            path="/redeem",
            responses=(ResponseDeclared(status="200"), ResponseDeclared(status="400")),
        ),
    ),
)


@dataclass
class Vouchers:
    """A product whose vouchers can be redeemed once; ``burns`` lists bodies that it refuses and consumes all the same."""

    accepts: frozenset[str] = frozenset({"good"})
    burns: frozenset[str] = frozenset()
    consumed: set[str] = field(default_factory=set)
    made: int = 0
    sent: list[str] = field(default_factory=list)

    async def send(
        self, request: Request, *, credentials: str = "own", scheme: str | None = "", exchange_id: str
    ) -> Exchange:
        await asyncio.sleep(0)
        body = json.loads(request.body)
        self.sent.append(exchange_id)
        good = body["how"] in self.accepts and body["voucher"] not in self.consumed
        if good or body["how"] in self.burns:
            self.consumed.add(body["voucher"])
        response = Response(status=200 if good else 400)
        return Exchange(id=exchange_id, request=request, response=response)

    async def voucher(self, _stage: Stage, count: int) -> Sequence[Resource]:
        self.made += count
        return [{"voucher.serial": f"V{self.made - number}"} for number in range(count)]


class NoListener:
    def address(self, name: str, *, lasting: bool = False) -> object:
        return type("Address", (), {"url": f"http://127.0.0.1/{name}"})()


def _vector(name: str, how: str, expect: Expectation) -> Vector:
    return Vector(
        id=name,
        case=f"t/contract/redeem/{name}",
        variant="redeem",
        method="POST",
        target="/redeem",
        expect=expect,
        body=json.dumps({"how": how, "voucher": "{{voucher.serial}}"}),
        needs=("voucher",),
        control=how == "good",
    )


CONTROL = _vector("control", "good", Expectation.ACCEPTED)
WRONG = [_vector(f"wrong-{number}", f"wrong-{number}", Expectation.REFUSED) for number in range(5)]


def _run(product: Vouchers) -> list[Answered]:
    async def work() -> list[Answered]:
        stage = Stage(
            wire=cast("Wire", product),
            listener=cast("CallbackListener", NoListener()),
            answers=Answers(spec=SPEC, rules=RefusalRules()),
            fresh=Fresh(),
            callback_seconds=1,
        )
        steps = {"voucher": product.voucher}
        answering = Answering(stage=stage, steps=steps, cases={}, concurrency=4, proves=lambda _scheme: True)
        return await in_lane(answering, WRONG, CONTROL)

    return asyncio.run(work())


def _verdicts(answered: list[Answered]) -> dict[str, Verdict]:
    return {one.vector.id: one.judged.verdict for one in answered}


def test_one_voucher_serves_a_lane_and_is_redeemed_at_its_end() -> None:
    product = Vouchers()
    answered = _run(product)
    assert set(_verdicts(answered).values()) == {Verdict.PASS}
    assert product.made == 1
    assert product.sent[-1].startswith("control.control-")


def test_a_vector_that_is_wrongly_served_fails_and_the_next_gets_another_voucher() -> None:
    product = Vouchers(accepts=frozenset({"good", "wrong-2"}))
    verdicts = _verdicts(_run(product))
    assert verdicts.pop("wrong-2") is Verdict.FAIL
    assert set(verdicts.values()) == {Verdict.PASS}
    assert product.made == 2


def test_a_voucher_that_a_refusal_consumed_proves_nothing_and_each_vector_is_sent_again_with_its_own() -> (
    None
):
    product = Vouchers(burns=frozenset({"wrong-1"}))
    answered = _run(product)
    assert sorted(_verdicts(answered)) == sorted(vector.id for vector in WRONG)
    assert product.made == 1 + len(WRONG)


def test_only_must_refuse_vectors_with_the_controls_needs_share() -> None:
    either = _vector("either", "odd", Expectation.EITHER)
    lanes, alone = lanes_of([*WRONG, either], CONTROL, ())
    assert sorted(vector.id for lane in lanes for vector in lane) == sorted(vector.id for vector in WRONG)
    assert alone == [either]
    assert lanes_of(WRONG, CONTROL, ("voucher",)) == ([], WRONG)
