"""The wheel: what is in it, and that it works installed, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
PACK = "dpi_conformance/_packs/govstack"
MUST_HOLD = {
    "dpi_conformance/py.typed",
    "dpi_conformance/schemas/product.schema.json",
    "dpi_conformance/schemas/report.schema.json",
    "dpi_conformance/cli/product.template.yaml",
    "dpi_conformance/cli/block.template.yaml",
    "dpi_conformance/login/snapshot.js",
    f"{PACK}/specs/payments/block.yaml",
    f"{PACK}/specs/payments/openapi.yaml",
    f"{PACK}/specs/payments/errata.yaml",
    f"{PACK}/specs/payments/requirements.yaml",
    f"{PACK}/suites/payments/steps.py",
    f"{PACK}/suites/payments/knowledge.yaml",
    f"{PACK}/suites/payments/vectors/vectors.ndjson.gz",
    f"{PACK}/suites/payments/vectors/cases.ndjson",
    f"{PACK}/suites/payments/vectors/manifest.json",
    f"{PACK}/mocks/payments/app.py",
    f"{PACK}/mocks/payments/faults.py",
    f"{PACK}/reports/html.py",
    f"{PACK}/reports/templates/report.html.j2",
    f"{PACK}/reports/templates/report.css",
    f"{PACK}/reports/locale/messages.pot",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the backend itself; nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    build = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return folder / done.stdout.split()[-1]


def test_its_content(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {PurePosixPath(name).parts[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dpi_conformance"}
    assert len(tops) == 2
    assert names >= MUST_HOLD
    strays = [name for name in names if "tests/" in name or "__pycache__" in name or name.endswith(".pyc")]
    assert not strays
    engine = {f"dpi_conformance/{p.relative_to(ROOT / 'dpi_conformance').as_posix()}" for p in _sources()}
    assert engine <= names


def _sources() -> list[Path]:
    tracked = subprocess.run(
        ["git", "ls-files", "dpi_conformance"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return [ROOT / line for line in tracked.stdout.splitlines() if (ROOT / line).is_file()]


def test_it_works_installed(wheel: Path, tmp_path: Path) -> None:
    place, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    offline = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *offline, "--target", place, wheel], timeout=120, check=True
    )

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=elsewhere,
            env={**os.environ, "PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    where = run("-c", "from dpi_conformance.catalogue.packs import Pack; print(Pack.builtin().root)")
    assert where.stdout.strip() == str(place / PACK), where.stderr
    listed = run("-m", "dpi_conformance", "list", "blocks")
    assert "\npayments\t" in f"\n{listed.stdout}", listed.stderr
    only = ("--only", "payments/contract/voucher-create/required/*")
    ran = run("-m", "dpi_conformance", "run", "payments", *only, "--out", "run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (elsewhere / "run" / "report.html").is_file()
