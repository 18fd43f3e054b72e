"""Documents: every command that they show exists, every command is shown, every link leads somewhere."""

import ast
import fnmatch
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.checks.callbacks import OUTBOUND_CHECKS
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.cli import group
from dpi_conformance.execution.behaviour import suite_cases
from dpi_conformance.model.vectors import Profile

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md"))
)
COMMANDS_PAGE = ROOT / "docs" / "commands.md"
_COMMAND = re.compile(r"\bdpi-conformance ([a-z][^`|#\n]*)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"[a-z0-9-]+\.[a-z][a-z0-9-]+")
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")


def shown(path: Path) -> Iterator[str]:
    """Give the commands that a document shows as code."""
    text = path.read_text()
    for block in _FENCE.findall(text):
        for line in block.splitlines()[1:-1]:
            yield from _COMMAND.findall(re.split(r"\s{2,}(?=[a-z])|\s+\(|&&|>>", line.replace("$ ", ""))[0])
    for inline in re.findall(r"`([^`]+)`", _FENCE.sub("", text)):
        yield from _COMMAND.findall(" ".join(inline.split()))


def leaves(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give every command that is no group, with its words."""
    context = click.Context(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))
    else:
        yield path, command


LEAVES = dict(leaves(group))


def found(words: list[str]) -> tuple[click.Command, list[str]]:
    """Give the command that words name, and the words behind its name."""
    command: click.Command = group
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        below = command.get_command(click.Context(command), words[0])
        assert below is not None, f"there is no command {words[0]}"
        command, words = below, words[1:]
    return command, words


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_shown_exists(document: Path) -> None:
    for line in shown(document):
        words = [word for word in shlex.split(line.replace("…", " ")) if word.strip("[]")]
        command, rest = found(words)
        options = [word.strip("[]").partition("=")[0] for word in rest if word.strip("[]").startswith("-")]
        known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
        assert set(options) <= known, f"{document.name}: {line}"


def test_the_documents_show_commands() -> None:
    assert sum(1 for document in DOCUMENTS for _ in shown(document)) > 20


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_and_option_is_documented(words: tuple[str, ...]) -> None:
    page = COMMANDS_PAGE.read_text()
    section = re.search(rf"^## `{' '.join(words)}[ `].*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section is not None, f"docs/commands.md has no section on {' '.join(words)}"
    for parameter in LEAVES[words].params:
        if isinstance(parameter, click.Option):
            assert f"| `{parameter.opts[-1]}" in section[0]
        else:
            assert (parameter.metavar or parameter.name or "").upper().strip("[]….") in section[0].upper()
    rows = re.findall(r"^\| `(--[a-z-]+)", section[0], re.MULTILINE)
    options = {name for parameter in LEAVES[words].params for name in parameter.opts}
    assert set(rows) <= options, "a row about an option that is not there"
    assert rows == sorted(rows)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    text = _FENCE.sub("", document.read_text())
    for link in _LINK.findall(text):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{document.name} links to {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{document.name} links to {link}"


def anchors(document: Path) -> set[str]:
    """Give the anchors that a Markdown page has by its headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_changelog_speaks_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings
    assert headings[0] in {"Unreleased", version}


def test_no_file_names_a_package_registry() -> None:
    hosts = [
        ".".join(parts)
        for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
    ]
    for path in tracked():
        content = path.read_bytes()
        assert not [host for host in hosts if host.encode() in content], path


def tracked() -> list[Path]:
    """Give the files under version control; without git, the test has nothing to say."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, timeout=30, check=True)
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_the_lock_file_covers_what_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text()
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE)}
    assert len(locked) > 40
    missing = {normal(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in declared} - locked
    assert not missing
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry.split("\n")[0])


def normal(name: str) -> str:
    """Give a distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


BLOCKS = ("payments", "identity", "exchange")
_ADVISORY = "advisory: it never decides, so a mock that has it is still conformant"
NO_FAULT = {
    "payments": {
        "refusal.names-field": _ADVISORY,
        "status.method-refusal": _ADVISORY,
        "header.declared": "no operation of payments declares a response header as required; tests/checks proves it",
    },
    "identity": {
        "refusal.names-field": _ADVISORY,
        "status.method-refusal": _ADVISORY,
        "header.declared": "no operation of identity declares a response header as required; tests/checks proves it",
        "refusal.contradiction": "no field of identity says success; payments proves the check",
    },
    "exchange": {
        "refusal.names-field": _ADVISORY,
        "status.method-refusal": _ADVISORY,
        "header.declared": "no operation of exchange declares a response header as required; tests/checks proves it",
        "refusal.contradiction": "no field of exchange says success; payments proves the check",
        "body.echo": "no answer of exchange gives a request's identifier back; payments proves the check",
        "body.utc": "no answer of exchange has a time; payments proves the check",
        "status.redirect": "the doctor meets the fault first, and says so; payments proves the check",
    },
}
"""Checks that no fault of a block's mock can break, each with its reason."""


_UNPUBLISHED = "how an event is pushed is published nowhere, so its form is not judged (exchange-e031)"
CODES_WITHOUT_FAULT: dict[str, dict[str, str]] = {
    "payments": {},
    "identity": {},
    "exchange": {check.id: _UNPUBLISHED for check in OUTBOUND_CHECKS},
}
"""Codes of a block's suite that no fault of its mock shows, each with its reason."""


def _suite_codes(block: str) -> set[str]:
    """Give every code that a case of the suite can find: ``code="…"``, or one handed to a helper of the same file."""
    nodes = [one for tree in _suite_trees(block) for one in ast.walk(tree)]
    given = [one.value for one in nodes if isinstance(one, ast.keyword) and one.arg == "code"]
    calls = (one for one in nodes if isinstance(one, ast.Call) and isinstance(one.func, ast.Name))
    handed = (argument for one in calls if one.func.id.startswith("_") for argument in one.args)  # type: ignore[attr-defined]
    codes = {str(one.value) for one in given if isinstance(one, ast.Constant)}
    texts = (str(one.value) for one in handed if isinstance(one, ast.Constant))
    return codes | {text for text in texts if _CODE.fullmatch(text)}


def _suite_trees(block: str) -> list[ast.Module]:
    folder = Pack.builtin().root / "suites" / block
    return [ast.parse(path.read_text("utf-8")) for path in folder.glob("*.py")]


def _properties_with_cases(block: str) -> set[str]:
    """Give the properties that some case of the suite is about: the faults of another one still wait for theirs."""
    pack = Pack.builtin()
    files = sorted((pack.root / "suites" / block).glob("test_*.py"))
    modules = [pack.load(f"suites.{block}.{path.stem}") for path in files]
    return {one.case.id.split("/")[2] for one in suite_cases(block, modules, Profile.FULL)}


def test_every_block_is_looked_at() -> None:
    assert set(BLOCKS) == set(Pack.builtin().blocks)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_code_of_the_suite_is_claimed_by_a_fault(block: str) -> None:
    pack = Pack.builtin()
    faults = [one for one in pack.load(f"mocks.{block}.faults").FAULTS if "/suite/" in one.cases]
    written = _properties_with_cases(block)
    faults = [one for one in faults if fnmatch.filter(written, one.cases.split("/")[2])]
    calls = load_spec(pack.spec(block, "openapi.yaml")).outbounds
    codes = _suite_codes(block) | ({check.id for check in OUTBOUND_CHECKS} if calls else set())
    assert {fault.check for fault in faults} == codes - set(CODES_WITHOUT_FAULT[block])


@pytest.mark.parametrize("block", BLOCKS)
def test_every_check_is_claimed_by_a_fault(block: str) -> None:
    ids = [check.id for check in ANSWER_CHECKS] + ["transport.answered"]
    assert len(set(ids)) == len(ids)
    faults = Pack.builtin().load(f"mocks.{block}.faults").FAULTS
    assert len({fault.name for fault in faults}) == len(faults) >= 15
    claimed = {fault.check for fault in faults if fault.cases.startswith(f"{block}/contract/")}
    assert claimed <= set(ids), "a fault names a check that is not there"
    assert set(ids) - claimed == set(NO_FAULT[block])
