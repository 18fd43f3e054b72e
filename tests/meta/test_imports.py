"""Modules: each imports alone, says what it offers, keeps its floor, and loads nothing that it does not need."""

import ast
import importlib
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "dpi_conformance"
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in ENGINE.rglob("*.py")
    if path.name != "__main__.py" and "_packs" not in path.parts
)
ROOMS = {
    f"dpi_conformance.{room}"
    for room in (
        "campaign",
        "catalogue",
        "checks",
        "execution",
        "login",
        "mockkit",
        "model",
        "testing",
        "vectors",
        "wire",
    )
}
"""Packages that only gather modules, and offer nothing themselves."""
COMES_WITH = {
    "cryptography": "authlib",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "referencing": "openapi-spec-validator",
    "requests": "schemathesis",
    "uvloop": "uvicorn",
    "yarl": "aiohttp",
}
"""What is imported and not declared by itself, and the declared package that requires it."""
DISTRIBUTIONS = {"ruamel": "ruamel-yaml", "yaml": "pyyaml"}
HEAVY = {"schemathesis", "hypothesis", "pytest", "_pytest", "lxml", "openapi_spec_validator", "requests"}


def python(code: str, timeout: float = 120) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_module_imports_alone() -> None:
    """Forked before anything of ours is loaded, so that no module lives on what another one has imported."""
    assert len(MODULES) > 100
    alone = f"""
import importlib, os, sys, traceback
import aiohttp.web, click, httpx, jsonschema_rs, orjson, pydantic, rich.console, rich.progress
import starlette.applications, uvicorn, uvloop, yaml  # ready-made for every child; none of ours
failed = []
for name in {MODULES!r}:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if name.endswith("._schemathesis"):
                import warnings
                warnings.simplefilter("default")  # its dependencies' own
            importlib.import_module(name)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        failed.append(name)
assert not [name for name in sys.modules if name.startswith("dpi_conformance")]
print(",".join(failed))
"""
    assert python(alone).strip() == ""


@pytest.mark.parametrize("name", [name for name in MODULES if name not in ROOMS])
def test_what_a_module_offers_is_there_and_sorted(name: str) -> None:
    """Sorted as ruff does: constants, then classes, then the rest."""
    path = ROOT.joinpath(*name.split("."))
    source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()
    (offered,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]
    )
    assert offered == sorted(offered, key=lambda one: (not one.isupper(), not one[:1].isupper(), one))
    assert len(set(offered)) == len(offered)
    if not name.endswith("_schemathesis"):
        module = importlib.import_module(name)
        assert not [one for one in offered if not hasattr(module, one)]


def test_rooms_offer_nothing_themselves() -> None:
    for room in ROOMS:
        body = ast.parse((ROOT.joinpath(*room.split(".")) / "__init__.py").read_text()).body
        assert len(body) == 1, room


def test_imports_go_down_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_imported_is_declared() -> None:
    declared = {_name(line) for line in requires("dpi-conformance") or ()}
    for package, bringer in COMES_WITH.items():
        assert bringer in declared
        brought = [bringer, *(_name(line) for line in requires(bringer) or ())]
        assert package.replace("_", "-") in {_name(line) for name in brought for line in _required(name)}
    known = declared | {name.replace("_", "-") for name in COMES_WITH}
    for path in (
        path for folder in ("dpi_conformance", "mocks", "suites", "reports") for path in _python(folder)
    ):
        for package in _imported(path) - set(sys.stdlib_module_names) - {"dpi_conformance"}:
            name = DISTRIBUTIONS.get(package, package).replace("_", "-")
            assert name in known, f"{path} imports {package}, which pyproject.toml does not declare"


def _required(distribution: str) -> list[str]:
    try:
        return requires(distribution) or []
    except PackageNotFoundError:  # an extra that is not installed here
        return []


def _python(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _name(requirement: str) -> str:
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_help_imports_no_command() -> None:
    code = """
import sys
from dpi_conformance.cli import main
try:
    main(["--help"])
except SystemExit as ended:
    assert not ended.code
print(sorted(name for name in sys.modules if name.startswith("dpi_conformance")))
assert not {"rich", "httpx", "aiohttp", "pydantic", "jsonschema_rs", "starlette"} & set(sys.modules)
"""
    said = python(code).splitlines()
    assert "Commands:" in said
    loaded = ast.literal_eval(said[-1])
    assert not [name for name in loaded if name.count(".") > 1 or name.endswith("_")], loaded
    assert len(loaded) < 8


def test_a_run_loads_no_generator_and_no_test_runner(tmp_path: Path) -> None:
    only = "payments/contract/voucher-create/required/*"
    code = f"""
import sys
from dpi_conformance.cli import main
try:
    main(["run", "payments", "--only", {only!r}, "--out", {str(tmp_path / "run")!r}])
except SystemExit as ended:
    assert ended.code == 0, ended.code
print(sorted({HEAVY!r} & set(sys.modules)))
"""
    assert python(code).splitlines()[-1] == "[]"
    assert (tmp_path / "run" / "report.html").is_file()
