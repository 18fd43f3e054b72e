"""Each fault of the identity mock breaks what it names; without it the same request is answered well.

Those of E1 to E16 are met by the suite's own cases (tests/suites/identity); those of E17 to E28 are probed here.
"""

import re
from collections.abc import Callable, Iterator

import pytest

from dpi_conformance.catalogue.packs import Pack
from tests.mocks.identity.conftest import Product
from tests.mocks.identity.probes import PROBES

Play = Callable[..., None]
PACK = Pack.builtin()
FAULTS = PACK.load("mocks.identity.faults").FAULTS


def _places() -> Iterator[str]:
    """Give the texts of the product's files that are no lists of faults, and of the kit's."""
    for folder in (PACK.root / "mocks" / "identity", PACK.root / "dpi_conformance" / "mockkit"):
        yield from (path.read_text() for path in folder.glob("*.py") if not path.stem.endswith("faults"))


def test_each_fault_has_one_name_and_a_place() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names)
    text = "\n".join(_places())
    assert [name for name in names if f'"{name}"' not in text] == []


def test_each_switch_of_the_product_is_a_fault() -> None:
    folder = PACK.root / "mocks" / "identity"
    used = {
        name
        for path in folder.glob("*.py")
        if not path.stem.endswith("faults")
        for name in re.findall(r'_on\(\s*"([a-z0-9-]+)"', path.read_text())
    }
    assert used - {fault.name for fault in FAULTS} == set()


def test_at_least_45_breaches_are_caught_by_the_suite() -> None:
    assert len([fault for fault in FAULTS if "/suite/" in fault.cases]) >= 45


@pytest.mark.parametrize("name", PROBES)
def test_a_fault_breaks_what_it_names_and_nothing_is_broken_without_it(
    play: Play, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PACK.load("mocks.identity.linked_operations"), "POLL_SECONDS", 0.05)
    probe, seen = PROBES[name], []

    async def steps(product: Product) -> None:
        seen.append(await probe(product))

    play(steps)
    play(steps, name)
    assert seen == [False, True]
