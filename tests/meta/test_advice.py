"""Each finding of data exchange says what to look at; what the engine says is about no block."""

import ast
import re
from pathlib import Path

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.checks.table import ANSWER_CHECKS

SUITE = Path(__file__).parents[2] / "suites" / "exchange"
TOLD = {"expect", "expect_served", "expect_refused"}


def _named() -> list[tuple[str, ast.Call]]:
    return [
        (path.name, node)
        for path in sorted(SUITE.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TOLD
        and any(word.arg == "code" for word in node.keywords)
    ]


def test_each_thing_that_must_hold_comes_with_an_advice() -> None:
    calls = _named()
    assert len(calls) > 50
    bare = [
        f"{name}:{call.lineno}"
        for name, call in calls
        if "advice" not in {word.arg for word in call.keywords}
    ]
    assert bare == []


def test_each_sentence_has_its_advice() -> None:
    pack = Pack.builtin()
    sentences = pack.load("suites.exchange.sentences").SENTENCES
    advice = pack.load("suites.exchange.advice").ADVICE
    assert set(sentences) <= set(advice)
    assert all(one.text.endswith(".") for one in advice.values())


def test_no_check_of_the_engine_speaks_of_one_block() -> None:
    folder = Path(__file__).parents[2] / "dpi_conformance" / "checks"
    texts = [
        node.value
        for path in sorted(folder.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]
    assert len(texts) > len(ANSWER_CHECKS)
    words = re.compile(r"\b(pay|pays|paid|payment|money|voucher|bank|biller|beneficiary)s?\b", re.IGNORECASE)
    assert [text for text in texts if words.search(text)] == []
