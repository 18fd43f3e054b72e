"""``spec lint``: what each file is, what can be used, and the exit code that says so."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dpi_conformance.catalogue import openapi_validator
from dpi_conformance.catalogue.documents import parse_document
from dpi_conformance.catalogue.lint import Outcome, lint_path
from dpi_conformance.catalogue.openapi_validator import validator_troubles
from dpi_conformance.cli import group
from dpi_conformance.errors import UsageError

_SOUND: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Sound", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"200": {"description": "Fine."}}}}},
}
_FAULTY = {**_SOUND, "openapi": "3.0.0", "headers": {}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay out a sound document, a faulty one, other files, and one in a hidden folder."""
    files = {
        "sound.json": _SOUND,
        "below/faulty.yaml": _FAULTY,
        "other.json": {"a": 1},
        ".git/x.json": _FAULTY,
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "broken.yml").write_text("a: [")
    (tmp_path / "notes.md").write_text("# Notes")
    return tmp_path


def _lint(*arguments: Path | str) -> Result:
    return CliRunner().invoke(group, ["spec", "lint", *map(str, arguments)])


def _validated(document: dict[str, Any]) -> list[str]:
    troubles = validator_troubles(parse_document(json.dumps(document).encode(), "file"))
    return [f"{trouble.place}: {trouble.reason}" for trouble in troubles]


def test_a_folder_is_examined_in_a_fixed_order(folder: Path) -> None:
    found = [(Path(linted.file).name, linted.outcome) for linted in lint_path(folder)]
    assert found == [
        ("faulty.yaml", Outcome.OPENAPI),
        ("broken.yml", Outcome.UNREADABLE),
        ("other.json", Outcome.OTHER),
        ("sound.json", Outcome.OPENAPI),
    ]


def test_troubles_are_the_loaders_and_then_the_validators(folder: Path) -> None:
    (linted,) = lint_path(folder / "below" / "faulty.yaml")
    loader, validator = linted.troubles
    assert "“headers” does not belong at the top" in str(loader.reason)
    assert str(validator.reason).startswith("openapi-spec-validator: Additional properties are not allowed")


def test_a_path_with_nothing_to_examine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is nothing at"):
        lint_path(tmp_path / "absent")
    with pytest.raises(UsageError, match="There is no .json, .yaml or .yml file below"):
        lint_path(tmp_path)


# --- openapi-spec-validator ------------------------------------------------------------------------------


def test_lost_references_do_not_stop_the_validator() -> None:
    answer = {
        "description": "-",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/None"}}},
    }
    document = _SOUND | {"paths": {"/a": {"get": {"responses": {"200": answer, "404": {}}}}}}
    (said,) = _validated(document)
    assert said.startswith("/paths/~1a/get/responses/404")


def test_external_references_are_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    monkeypatch.setattr("urllib.request.urlopen", lambda *call, **_options: opened.append(call))
    monkeypatch.setattr("requests.get", lambda *call, **_options: opened.append(call))
    there = {"$ref": "http://127.0.0.1:9/schema.json"}
    answer = {"description": "-", "content": {"application/json": {"schema": there}}}
    assert _validated(_SOUND | {"paths": {"/a": {"get": {"responses": {"200": answer}}}}}) == []
    assert opened == []


@pytest.mark.parametrize(
    "error", [RecursionError("deep"), KeyError("x"), TypeError("y"), AttributeError("z")]
)
def test_a_validator_that_breaks_is_a_trouble(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    import openapi_spec_validator

    def breaking(_self: object) -> Iterator[None]:
        raise error
        yield

    monkeypatch.setattr(openapi_spec_validator.OpenAPIV31SpecValidator, "iter_errors", breaking)
    (said,) = _validated(_SOUND)
    assert f"openapi-spec-validator stopped here with {type(error).__name__}" in said


def test_a_long_complaint_is_cut_to_what_is_wrong() -> None:
    schema = {"properties": {f"p{n}": {"type": "string"} for n in range(50)}, "type": "banana"}
    content = {"application/json": {"schema": schema}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"description": "-"}}}
    said = _validated(_SOUND | {"openapi": "3.0.0", "paths": {"/a": {"post": operation}}})
    assert said
    assert all(len(line) < 300 for line in said)


def test_loading_a_specification_does_not_import_the_validator() -> None:
    import subprocess

    program = (
        "import sys; import dpi_conformance.catalogue.openapi, dpi_conformance.catalogue.blocks; "
        "print([name for name in sys.modules if name.partition('.')[0] in "
        "{'openapi_spec_validator', 'ruamel', 'hypothesis', 'jsonschema_rs', 'rich', 'click'}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert openapi_validator.__doc__


# --- the command -------------------------------------------------------------------------------------------


def test_a_sound_document_ends_with_0(folder: Path) -> None:
    result = _lint(folder / "sound.json")
    assert result.exit_code == 0
    assert "OpenAPI 3.1, JSON, “Sound”: 1 of 1 operations usable, 0 troubles" in result.output


def test_a_faulty_document_ends_with_1_and_names_the_place(folder: Path) -> None:
    result = _lint(folder / "below" / "faulty.yaml")
    assert result.exit_code == 1
    assert "✗ /headers (line 1, column " in result.output
    assert "it is left out" in result.output


@pytest.mark.parametrize("name", ["other.json", "broken.yml", "absent.yaml"])
def test_what_is_no_readable_openapi_ends_with_2(folder: Path, name: str) -> None:
    result = _lint(folder / name)
    assert result.exit_code == 2
    assert name in result.output


def test_a_folder_ends_with_the_worst_of_its_openapi_documents(folder: Path) -> None:
    result = _lint(folder)
    assert result.exit_code == 1
    assert (
        "4 files: 2 OpenAPI documents with 2 troubles, 1 other files, 1 that cannot be read." in result.output
    )
    (folder / "broken.yml").unlink()
    (folder / "below" / "faulty.yaml").unlink()
    assert _lint(folder).exit_code == 0
    (folder / "sound.json").unlink()
    assert _lint(folder).exit_code == 2


def test_of_several_paths_the_worst_decides(folder: Path) -> None:
    assert _lint(folder / "sound.json", folder / "absent.yaml").exit_code == 2
    assert _lint(folder / "sound.json", folder / "below").exit_code == 1


def test_json_says_the_same(folder: Path) -> None:
    result = _lint("--json", folder / "below", folder / "other.json")
    faulty, other = json.loads(result.stdout)["documents"]
    assert (faulty["outcome"], faulty["openapi"], faulty["operations"], faulty["usable"]) == (
        "openapi",
        "3.0",
        1,
        1,
    )
    assert [trouble["used"] for trouble in faulty["troubles"]] == [False, True]
    assert faulty["sha256"]
    assert (other["outcome"], other["troubles"]) == ("other", [])
    assert "it has no key “openapi”" in other["reason"]
    assert result.exit_code == 2


def test_square_brackets_in_a_document_are_no_markup(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**_SOUND, "[bold red]": 1, "info": {"title": "[/x]", "version": "1"}}))
    result = _lint(path)
    assert "“[bold red]” does not belong" in result.output
    assert "“[/x]”" in result.output
