"""What can be written under ``fixtures`` and ``declares`` is what the suites read, and all of it is documented."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack

ROOT = Path(__file__).parents[2]
BLOCKS = {"exchange": ("exchange", "social_benefit"), "payments": ("payments",), "identity": ("identity",)}
"""The blocks that list their names, and the suites that read them."""


def _calls(suite: str) -> Iterator[ast.Call]:
    for path in sorted((ROOT / "suites" / suite).glob("*.py")):
        yield from (
            node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
        )


def _read(suites: Iterable[str], *askers: str) -> set[str]:
    """Give the texts that are the first argument of these functions."""
    calls = [call for suite in suites for call in _calls(suite) if ast.unparse(call.func).endswith(askers)]
    texts = [[one.value for one in call.args if isinstance(one, ast.Constant)] for call in calls]
    return {str(first) for first, *_ in filter(None, texts)} - {""}


@pytest.mark.parametrize("block", BLOCKS)
def test_each_declaration_that_a_suite_reads_can_be_written(block: str) -> None:
    known = load_block(Pack.builtin().spec(block, "block.yaml"))
    read = _read([block], ".declares", ".declared.get")
    assert len(read) > 2
    assert read <= set(known.declares)


def test_each_fixture_that_the_suites_of_exchange_read_can_be_written() -> None:
    known = load_block(Pack.builtin().spec("exchange", "block.yaml"))
    read = _read(BLOCKS["exchange"], "fixture", "application", ".fixtures.get")
    assert len(read) > 10
    assert read <= set(known.fixtures)


def _written(name: str, code: str) -> bool:
    """Tell whether a name is in the code, whole or as what is read of a resource: ``"participant"``, ``"tenant"``."""
    resource, _, field = name.partition(".")
    parts = (f'"{resource}"', f'"{field}"', f'f"{resource}.')
    return f'"{name}"' in code or sum(part in code for part in parts) >= 2


@pytest.mark.parametrize("block", BLOCKS)
def test_each_name_that_can_be_written_is_read_and_explained(block: str) -> None:
    known = load_block(Pack.builtin().spec(block, "block.yaml"))
    folders = [ROOT / "suites" / suite for suite in BLOCKS[block]]
    code = "".join(path.read_text("utf-8") for folder in folders for path in sorted(folder.glob("*.py")))
    names = [name for name in (*known.fixtures, *known.declares) if not name.startswith("voucher-status.")]
    assert [name for name in names if not _written(name, code)] == []
    product, suites = (
        (ROOT / "docs" / f"{page}.md").read_text("utf-8") for page in ("product-yaml", "suites")
    )
    assert [name for name in known.fixtures if f"`{name}`" not in product] == []
    lacking = [name for name in known.declares if f"`{name}`" not in suites]
    assert [name for name in lacking if f"`.{name.rpartition('.')[2]}`" not in suites] == []


@pytest.mark.parametrize("block", BLOCKS)
def test_what_the_mock_writes_can_be_written(block: str) -> None:
    known = load_block(Pack.builtin().spec(block, "block.yaml"))
    declared = Pack.builtin().load(f"mocks.{block}.declared")
    assert set(declared.DECLARED) <= set(known.declares)
    further = declared.target("http://127.0.0.1:1", "token") if hasattr(declared, "target") else {}
    assert set(further.get("fixtures", {})) <= set(known.fixtures)
