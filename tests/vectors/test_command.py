"""``dpi-conformance vectors build``: what it says, writes and exits with."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.vectors_ import command
from dpi_conformance.errors import HarnessError, UsageError
from dpi_conformance.vectors import compiling
from dpi_conformance.vectors.store import MANIFEST, VECTORS, Manifest, read_manifest

FOLDER = Pack.builtin().suite("payments", f"vectors/{VECTORS}").parent
FROZEN = read_manifest(FOLDER / MANIFEST)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["build", *arguments])


def test_a_set_that_rebuilds_to_the_same_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "build", lambda *_: FROZEN)
    result = run("payments", "--check")
    assert result.exit_code == 0
    assert FROZEN.digests["vectors"] in result.output


def test_a_set_that_rebuilds_to_another_fails_and_says_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(FROZEN, digests={**FROZEN.digests, "vectors": "0" * 64}, versions={"hypothesis": "1"})
    before = (FOLDER / VECTORS).read_bytes()
    monkeypatch.setattr(compiling, "build", lambda *_: other)
    result = run("payments", "--check")
    assert result.exit_code == 1
    assert f"vectors: {'0' * 64} / {FROZEN.digests['vectors']}" in result.output
    assert f"hypothesis: 1 / {FROZEN.versions['hypothesis']}" in result.output
    assert (FOLDER / VECTORS).read_bytes() == before


def test_a_part_is_written_elsewhere_and_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def build(openapi: Path, knowledge: Path, folder: Path, only: tuple[str, ...]) -> Manifest:
        asked.extend([openapi.name, knowledge.name, folder, only])
        return FROZEN

    monkeypatch.setattr(compiling, "build", build)
    result = run("payments", "--out", str(tmp_path), "--variant", "voucher-status")
    assert asked == ["openapi.yaml", "knowledge.yaml", tmp_path, ("voucher-status",)]
    assert str(FROZEN.counts["profiles"]["full"]) in result.output


def test_a_part_never_takes_the_place_of_the_whole() -> None:
    result = run("payments", "--variant", "voucher-status")
    assert result.exit_code == 2
    assert "--out" in result.output


def test_an_unknown_block_or_variant_is_the_users_to_mend(tmp_path: Path) -> None:
    assert isinstance(run("no-such-block").exception, UsageError)
    result = run("payments", "--out", str(tmp_path), "--variant", "no-such-variant")
    assert isinstance(result.exception, UsageError)
    assert "no-such-variant" in str(result.exception)


def test_a_build_that_fails_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "knowledge.yaml"
    broken.write_text("block: [")
    openapi = Pack.builtin().spec("payments", "openapi.yaml")
    with pytest.raises(HarnessError, match=r"knowledge\.yaml"):
        compiling.build(openapi, broken, tmp_path / "out")
