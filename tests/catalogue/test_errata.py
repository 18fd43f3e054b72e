"""Errata are read from their file, and each fault in it is named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import PackError
from dpi_conformance.model.errata import Accepts, Cover, DefectKind

GOOD: dict[str, Any] = {
    "id": "water-e001",
    "file": "Tap.yml",
    "place": "open-tap, query parameter how far",
    "kind": "selector",
    "published": "Any text.",
    "ours": "wide.",
    "reason": "The description leaves no other value.",
    "accepts": "as published",
    "covers": ['Tap.yml open-tap query.how far#enum -> [ "wide" ]'],
}


def _file(folder: Path, *rows: object) -> Path:
    path = folder / "errata.yaml"
    path.write_text(yaml.safe_dump({"errata": list(rows)}), encoding="utf-8")
    return path


def test_an_erratum_is_read_whole(tmp_path: Path) -> None:
    (erratum,) = load_errata(_file(tmp_path, GOOD))
    assert erratum.id == "water-e001"
    assert erratum.files == ("Tap.yml",)
    assert erratum.kind is DefectKind.SELECTOR
    assert erratum.accepts is Accepts.AS_PUBLISHED
    assert erratum.covers == (
        Cover(file="Tap.yml", operation="open-tap", fact="query.how far#enum", ours='["wide"]'),
    )


def test_spellings_and_several_files_are_read(tmp_path: Path) -> None:
    row = GOOD | {"file": ["Tap.yml", "Sink.yml"], "accepts": {"alias": ["wide", "Wide"]}, "covers": []}
    (erratum,) = load_errata(_file(tmp_path, row))
    assert erratum.files == ("Tap.yml", "Sink.yml")
    assert (erratum.accepts, erratum.aliases) == (Accepts.ALIAS, ("wide", "Wide"))
    assert erratum.covers == ()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "e1"}, "the id “e1” is not like payments-e001"),
        ({"id": 7}, "“id” must be a text"),
        ({"reason": " "}, "water-e001: “reason” must be a text"),
        ({"kind": "ugly"}, "kind “ugly” is unknown; write one of: not-yaml, "),
        ({"file": []}, "“file” must be a list of texts"),
        ({"file": {"name": "Tap.yml"}}, "“file” must be a list of texts"),
        ({"accepts": "anything"}, "accepts “anything” is unknown"),
        (
            {"accepts": "alias"},
            "“accepts” must be one of: as published, ours only, either; or alias: with a list",
        ),
        ({"accepts": {"alias": []}}, "“accepts” must be one of"),
        ({"accepts": {"alias": [1]}}, "“alias” must be a list of texts"),
        ({"accepts": None}, "“accepts” must be one of"),
        ({"covers": ["Tap.yml open-tap"]}, "the cover “Tap.yml open-tap” must be one of the erratum's files"),
        (
            {"covers": ["Sink.yml open-tap path -> 1"]},
            "the cover “Sink.yml open-tap path -> 1” must be one of",
        ),
        ({"covers": ["Tap.yml open-tap path"]}, "the cover “Tap.yml open-tap path” must be one of"),
        ({"covers": ["Tap.yml open-tap path -> /tap"]}, "“Tap.yml open-tap path -> /tap” is not JSON"),
        ({"covers": "Tap.yml open-tap path"}, "“covers” must be a list of texts"),
        ({"severity": "high"}, "unknown key “severity”"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PackError, match=complaint.replace("(", r"\(")) as caught:
        load_errata(_file(tmp_path, GOOD | change))
    assert str(tmp_path / "errata.yaml") in str(caught.value)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    row = {key: value for key, value in GOOD.items() if key != "published"}
    with pytest.raises(PackError, match="water-e001: “published” must be a text"):
        load_errata(_file(tmp_path, row))


def test_an_entry_that_is_no_mapping_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="#2: not a mapping"):
        load_errata(_file(tmp_path, GOOD, "oops"))


def test_an_id_is_never_there_twice(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="the id water-e001 is there twice"):
        load_errata(_file(tmp_path, GOOD, GOOD | {"covers": []}))


def test_two_errata_never_cover_one_fact(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="water-e002: “Tap.yml open-tap .*” is covered by water-e001 already"):
        load_errata(_file(tmp_path, GOOD, GOOD | {"id": "water-e002"}))


@pytest.mark.parametrize("text", ["errata: [", "errata: {}", "- 1", "", "\tx: 1"])
def test_a_file_that_holds_no_errata_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "errata.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="errata.yaml"):
        load_errata(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"errata\.yaml cannot be read"):
        load_errata(tmp_path / "errata.yaml")


def test_the_errata_of_payments_are_numbered_without_a_gap() -> None:
    errata = load_errata(Pack.builtin().spec("payments", "errata.yaml"))
    assert [erratum.id for erratum in errata] == [f"payments-e{n:03d}" for n in range(1, len(errata) + 1)]
    assert {erratum.kind for erratum in errata} == set(DefectKind)
