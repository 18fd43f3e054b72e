"""A pack is a folder: found, mounted by path, and clear about what it lacks."""

from pathlib import Path

import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import PackError, UsageError


def _pack(root: Path, name: str, value: int) -> Pack:
    (root / "suites" / "water").mkdir(parents=True)
    (root / "specs" / "water").mkdir(parents=True)
    (root / "specs" / "water" / "block.yaml").write_text("id: water\n")
    (root / "suites" / "water" / "flow.py").write_text(
        f"from .steps import VALUE\nANSWER = VALUE + {value}\n"
    )
    (root / "suites" / "water" / "steps.py").write_text("VALUE = 40\n")
    return Pack(name=name, root=root)


def test_relative_imports_work_and_two_packs_never_collide(tmp_path: Path) -> None:
    first, second = _pack(tmp_path / "a", "first", 1), _pack(tmp_path / "b", "second", 2)
    assert first.load("suites.water.flow").ANSWER == 41
    assert second.load("suites.water.flow").ANSWER == 42


def test_blocks_are_found_by_their_description(tmp_path: Path) -> None:
    assert _pack(tmp_path, "third", 0).blocks == ("water",)


def test_an_unknown_block_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no building block “fire”; write one of: water"):
        _pack(tmp_path, "fourth", 0).require("fire")


def test_what_is_neither_block_nor_scenario_names_both(tmp_path: Path) -> None:
    pack = _pack(tmp_path, "named", 0)
    (tmp_path / "specs" / "flood").mkdir()
    (tmp_path / "specs" / "flood" / "scenario.yaml").write_text("id: flood\n")
    assert [pack.require_judged(name) for name in ("flood", "water")] == ["flood", "water"]
    with pytest.raises(UsageError, match="block or scenario “fire”; write one of: water, flood"):
        pack.require_judged("fire")


def test_a_missing_file_or_module_is_named(tmp_path: Path) -> None:
    pack = _pack(tmp_path, "fifth", 0)
    with pytest.raises(PackError, match="lacks the file .*openapi.yaml"):
        pack.spec("water", "openapi.yaml")
    with pytest.raises(PackError, match="has no mocks/water/app"):
        pack.load("mocks.water.app")


def test_an_error_inside_a_pack_module_is_not_hidden(tmp_path: Path) -> None:
    pack = _pack(tmp_path, "sixth", 0)
    (tmp_path / "suites" / "water" / "broken.py").write_text("import a_library_that_is_not_there\n")
    with pytest.raises(ModuleNotFoundError, match="a_library_that_is_not_there"):
        pack.load("suites.water.broken")


def test_the_builtin_pack_is_the_checkout() -> None:
    assert (Pack.builtin().root / "specs").is_dir()
