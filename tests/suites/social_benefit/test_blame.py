"""Each block's mock in turn is replaced by one with a fault, and the right side is blamed each time."""

import ast
import asyncio
import functools
from collections.abc import Mapping

import pytest

from dpi_conformance.campaign.selftest import Proof, faults_of, prove
from dpi_conformance.catalogue.packs import Pack

PACK = Pack.builtin()
NAME = "social-benefit"
CHOSEN = (
    "identity/subject-by-login",
    "identity/refusal-gives-code",
    "exchange/answer-json-written-anew",
    "exchange/rights-not-enforced",
    "payments/authorised-in-float",
    "payments/pays-on-no",
)


@functools.cache
def proofs() -> Mapping[str, Proof]:
    faults = [fault for fault in faults_of(PACK, NAME) if fault.name in CHOSEN]

    async def proven() -> dict[str, Proof]:
        return {proof.fault.name if proof.fault else "": proof async for proof in prove(NAME, faults)}

    return asyncio.run(proven())


def test_the_three_mocks_together_are_accused_of_nothing() -> None:
    clean = proofs()[""]
    assert (clean.caught_by, clean.dragged, clean.trouble) == ((), (), None)
    assert clean.cases >= 6


@pytest.mark.parametrize("name", CHOSEN)
def test_the_side_that_has_the_fault_is_blamed_and_no_other(name: str) -> None:
    proof = proofs()[name]
    assert proof.fault is not None
    assert proof.fault.side == name.partition("/")[0]
    assert proof.caught_by, f"not caught; found instead: {proof.instead}; {proof.trouble}"
    assert proof.blamed == ()


def test_each_block_has_two_faults_and_each_rule_has_one() -> None:
    faults = faults_of(PACK, NAME)
    sides = [fault.side for fault in faults]
    assert {"identity", "exchange", "payments"} == set(sides)
    assert all(sides.count(side) >= 2 for side in sides)
    trees = [ast.parse(path.read_text("utf-8")) for path in PACK.suite_folder(NAME).glob("*.py")]
    given = [one.value for tree in trees for one in ast.walk(tree) if isinstance(one, ast.keyword)]
    codes = {
        one.value for one in given if isinstance(one, ast.Constant) and str(one.value).startswith("road.")
    }
    assert {fault.check for fault in faults} == codes
