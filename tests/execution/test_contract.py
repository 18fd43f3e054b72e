"""The contract tier against a product in memory: order, controls, steps, throttling, loss, and what is journaled."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.errors import TargetError
from dpi_conformance.execution.contract import ContractTier
from dpi_conformance.execution.observer import Silent
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Steps
from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.evidence import Exchange, Finding, Request, Response, TransportTrouble
from dpi_conformance.model.spec import BodyDeclared, ResponseDeclared, Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.journal import Journal
from dpi_conformance.wire.listener import CallbackListener

SPEC = Spec(
    title="things",
    version="1",
    variants=(
        Variant(
            id="create",
            method="post",
            path="/things",
            body=BodyDeclared(schema={"type": "object"}),
            responses=(ResponseDeclared(status="200", content={"application/json": {"type": "object"}}),),
        ),
        Variant(
            id="replace",
            method="put",
            path="/things",
            body=BodyDeclared(schema={"type": "object"}),
            responses=(ResponseDeclared(status="200", content={"application/json": {"type": "object"}}),),
        ),
    ),
)

Product = Callable[[Request, str], Exchange]


def answered(request: Request, status: int) -> Exchange:
    headers = (("content-type", "application/json"),)
    return Exchange(id="", request=request, response=Response(status=status, headers=headers, body=b"{}"))


def strict(request: Request, _credentials: str) -> Exchange:
    """Serve what has a name, refuse the rest."""
    return answered(request, 200 if "name" in json.loads(request.body) else 400)


@dataclass
class MemoryWire:
    """A product in memory that keeps what it was sent."""

    product: Product
    sent: list[Request] = field(default_factory=list)

    async def send(
        self, request: Request, *, credentials: str = "own", scheme: str | None = "", exchange_id: str
    ) -> Exchange:
        await asyncio.sleep(0)
        self.sent.append(request)
        return replace(self.product(request, credentials), id=exchange_id)


@dataclass
class MemoryJournal:
    """Keeps what was journaled."""

    results: dict[str, CaseResult] = field(default_factory=dict)
    exchanges: list[tuple[str, str, Verdict]] = field(default_factory=list)

    def exchange(
        self,
        exchange: Exchange,
        *,
        case: str,
        vector: str,
        verdict: Verdict,
        findings: Sequence[Finding],
        **_: Any,
    ) -> None:
        self.exchanges.append((exchange.id, case, verdict))

    def outcome(self, result: CaseResult) -> None:
        assert result.case not in self.results
        self.results[result.case] = result


class MemoryListener:
    """Hands out addresses that nobody calls."""

    def address(self, name: str, *, lasting: bool = False) -> Any:
        return type("Address", (), {"url": f"http://127.0.0.1/{name}"})()


def vector(number: int, case: str, *, good: bool, **changes: Any) -> Vector:
    made = Vector(
        id=f"v{number:03}",
        case=f"t/contract/create/{case}",
        variant="create",
        method="POST",
        target="/things",
        expect=Expectation.ACCEPTED if good else Expectation.REFUSED,
        headers=(("Content-Type", "application/json"),),
        body='{"name": "n"}' if good else "{}",
    )
    return replace(made, **changes)


CONTROL = vector(0, "positive/minimal", good=True, control=True)
MISSING = vector(1, "required/body.name", good=False)


def run(
    product: Product, vectors: Sequence[Vector], *, steps: Steps | None = None, **changes: Any
) -> MemoryJournal:
    journal, wire, listener = MemoryJournal(), MemoryWire(product), MemoryListener()
    answers = Answers(spec=SPEC, rules=RefusalRules(undeclared=frozenset({400})))
    done = changes.pop("done", ())
    names = dict.fromkeys(v.case for v in vectors)
    cases = {
        name: Case(
            id=name,
            block="t",
            kind="contract",
            purpose=Message(text="p"),
            variant="create",
            vectors=sum(v.case == name for v in vectors),
        )
        for name in names
    }
    stage = Stage(
        wire=cast("Wire", wire),
        listener=cast("CallbackListener", listener),
        answers=answers,
        fresh=Fresh(),
        callback_seconds=1,
    )
    tier = ContractTier(
        journal=cast("Journal", journal),
        stage=stage,
        steps=steps or {},
        cases={name: case for name, case in cases.items() if name not in done},
        observer=Silent(),
        concurrency=4,
        **changes,
    )
    asyncio.run(tier.run(vectors))
    return journal


def verdicts(journal: MemoryJournal) -> dict[str, Verdict]:
    return {
        case.removeprefix("t/contract/create/"): result.verdict for case, result in journal.results.items()
    }


def test_a_product_that_serves_and_refuses_passes() -> None:
    assert verdicts(run(strict, [CONTROL, MISSING])) == {
        "positive/minimal": Verdict.PASS,
        "required/body.name": Verdict.PASS,
    }


def test_a_product_that_refuses_everything_proves_nothing() -> None:
    journal = run(lambda request, _: answered(request, 400), [CONTROL, MISSING])
    assert verdicts(journal) == {
        "positive/minimal": Verdict.FAIL,
        "required/body.name": Verdict.INCONCLUSIVE,
    }


def test_a_product_that_serves_everything_fails_only_the_constraint() -> None:
    journal = run(lambda request, _: answered(request, 200), [CONTROL, MISSING])
    assert verdicts(journal) == {"positive/minimal": Verdict.PASS, "required/body.name": Verdict.FAIL}


def test_a_served_control_of_the_wrong_form_is_a_finding_and_leaves_nothing_else_undecided() -> None:
    def created(request: Request, credentials: str) -> Exchange:
        exchange = strict(request, credentials)
        assert exchange.response is not None
        response = (
            replace(exchange.response, status=201) if exchange.response.status == 200 else exchange.response
        )
        return replace(exchange, response=response)

    assert verdicts(run(created, [CONTROL, MISSING])) == {
        "positive/minimal": Verdict.FAIL,
        "required/body.name": Verdict.PASS,
    }


def test_refusals_after_which_the_valid_form_is_no_longer_served_prove_nothing() -> None:
    calls = 0

    def dies_after_one(request: Request, _credentials: str) -> Exchange:
        nonlocal calls
        calls += 1
        return answered(request, 200 if calls == 1 else 400)

    assert verdicts(run(dies_after_one, [CONTROL, MISSING]))["required/body.name"] is Verdict.INCONCLUSIVE


def test_a_case_is_finished_when_its_last_vector_is_and_one_failure_does_not_stop_it() -> None:
    many = [CONTROL, *(vector(n, "type/body.name", good=n % 2 == 0) for n in range(1, 400))]
    journal = run(lambda request, _: answered(request, 200), many)
    assert journal.results["t/contract/create/type/body.name"].exchanges == 399
    assert verdicts(journal)["type/body.name"] is Verdict.FAIL


def test_a_failed_step_makes_its_vectors_inconclusive_and_is_not_tried_for_ever() -> None:
    tries = 0

    async def no_thing(_stage: Stage, _count: int) -> Sequence[Resource]:
        nonlocal tries
        tries += 1
        raise Prerequisite(Message(text="no callback came"))

    needy = [vector(n, "type/body.name", good=True, needs=("thing",)) for n in range(1, 1000)]
    journal = run(strict, [CONTROL, *needy], steps={"thing": no_thing})
    result = journal.results["t/contract/create/type/body.name"]
    assert (result.verdict, str(result.reason), result.exchanges) == (
        Verdict.INCONCLUSIVE,
        "no callback came",
        0,
    )
    assert 2 <= tries <= 4


def test_without_credentials_their_absence_is_not_judged() -> None:
    missing = vector(2, "credentials/missing", good=True, credentials="none", expect=Expectation.UNAUTHORIZED)
    assert (
        verdicts(run(strict, [CONTROL, missing], proves=lambda _scheme: False))["credentials/missing"]
        is Verdict.INCONCLUSIVE
    )
    assert verdicts(run(strict, [CONTROL, missing]))["credentials/missing"] is Verdict.FAIL


def test_a_product_that_is_gone_ends_the_run_with_one_clear_error() -> None:
    def gone(request: Request, _credentials: str) -> Exchange:
        trouble = TransportTrouble(kind="refused", detail="127.0.0.1:9 refused the connection")
        return Exchange(id="", request=request, response=None, trouble=trouble)

    with pytest.raises(TargetError, match="lost during the run: 127.0.0.1:9 refused"):
        run(gone, [CONTROL, *(vector(n, "type/body.name", good=True) for n in range(1, 200))])


def test_a_finished_case_is_not_sent_again_but_its_control_is() -> None:
    journal = run(strict, [CONTROL, MISSING], done=(CONTROL.case,))
    assert verdicts(journal) == {"required/body.name": Verdict.PASS}


def test_what_changes_the_ground_of_all_others_is_sent_when_they_are_done() -> None:
    methods: list[str] = []

    def noting(request: Request, credentials: str) -> Exchange:
        methods.append(request.method)
        return strict(request, credentials)

    ours: dict[str, Any] = {"variant": "replace", "method": "PUT"}
    first = [replace(CONTROL, id="p0", case="t/contract/replace/positive/control", **ours)]
    first += [vector(n, "type/body", good=n % 2 == 0, **ours) for n in range(500, 700)]
    others = [CONTROL, *(vector(n, "type/body.name", good=n % 2 == 0) for n in range(1, 300))]
    journal = run(noting, [*first, *others], last=("replace",))
    assert methods.index("PUT") == methods.count("POST") > 300
    assert methods.count("PUT") > 200
    assert len(journal.results) == 4
