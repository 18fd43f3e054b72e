"""A building block's description: read whole, and each fault named with its place."""

from pathlib import Path

import pytest

from dpi_conformance.campaign.order import claimed
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import Target
from dpi_conformance.errors import PackError
from dpi_conformance.model.block import CANARY, Named, RefusalBody

_LEAST = "id: water\ntitle: Water\nspecification: Water BB\n"


def _file(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "water"
    folder.mkdir(exist_ok=True)
    path = folder / "block.yaml"
    path.write_text(text)
    return path


def test_what_is_not_written_is_empty(tmp_path: Path) -> None:
    block = load_block(_file(tmp_path, _LEAST))
    assert (block.id, block.title, block.specification) == ("water", "Water", "Water BB")
    assert (block.functions, block.counterparties, block.bodies, block.echo) == ({}, {}, (), {})
    assert (block.personal, block.secret, block.undeclared, block.probe, block.canary) == (
        frozenset(),
        frozenset(),
        frozenset(),
        "",
        CANARY,
    )


def test_everything_is_read(tmp_path: Path) -> None:
    block = load_block(
        _file(
            tmp_path,
            f"{_LEAST}functions: {{taps: Taps}}\ncounterparties: {{well: The well}}\n"
            "refusal:\n  bodies:\n  - {fields: [code], values: ['01'], statuses: [200], variants: [open]}\n"
            "  - {fields: [status], values: ['9']}\n"
            "  success_fields: {code: ['00']}\n  undeclared: [401, 404]\n"
            "fixtures: {room.id: {title: The room, example: GOV/A/B/C}}\ndeclares: {unit: {title: The unit, example: s}}\n"
            "echo: {id: [requestId, requestID]}\npersonal: [name]\nsecret: [code]\ndoctor: {probe: open, canary: /none}\n",
        )
    )
    assert block.functions == {"taps": "Taps"}
    assert block.counterparties == {"well": "The well"}
    assert block.fixtures == {"room.id": Named(title="The room", example="GOV/A/B/C")}
    assert block.declares == {"unit": Named(title="The unit", example="s")}
    assert block.bodies == (
        RefusalBody(
            fields=frozenset({"code"}),
            values=frozenset({"01"}),
            statuses=frozenset({200}),
            variants=frozenset({"open"}),
        ),
        RefusalBody(fields=frozenset({"status"}), values=frozenset({"9"}), statuses=frozenset({200, 202})),
    )
    assert block.success_fields == {"code": frozenset({"00"})}
    assert block.undeclared == frozenset({401, 404})
    assert block.echo == {"id": frozenset({"requestId", "requestID"})}
    assert (block.personal, block.secret) == (frozenset({"name"}), frozenset({"code"}))
    assert (block.probe, block.canary) == ("open", "/none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: water\ntitle: Water\n", "/ (line 1, column 1): the key “specification” is missing."),
        (
            f"{_LEAST}refusals: {{}}\n",
            "/refusals (line 4, column 11): there is no key “refusals”; write one of: id, ",
        ),
        (_LEAST.replace("water", "fire"), "/id (line 1, column 5): the id is that of the folder, “water”."),
        (
            _LEAST.replace("Water BB", "3"),
            "/specification (line 3, column 16): a text belongs here, not 3; put it in",
        ),
        (f"{_LEAST}functions: [a]\n", "/functions (line 4, column 12): a mapping belongs here, not ['a']."),
        (f"{_LEAST}personal: name\n", "/personal (line 4, column 11): a list belongs here, not 'name'."),
        (
            f"{_LEAST}refusal: {{bodies: [{{values: [a]}}]}}\n",
            "/refusal/bodies/0 (line 4, column 20): the key “fields”",
        ),
        (f"{_LEAST}refusal: {{undeclared: ['401']}}\n", "a status from 100 to 599 belongs here, not '401'."),
        (f"{_LEAST}refusal: {{undeclared: [99]}}\n", "a status from 100 to 599 belongs here, not 99."),
        (
            f"{_LEAST}refusal: {{success_fields: {{code: [00]}}}}\n",
            "“00” without quotes loses its leading zero",
        ),
        (f"{_LEAST}doctor: {{canary: none}}\n", "/doctor/canary (line 4, column 18): a canary is a path"),
        (f"{_LEAST}id: water\n", "“id” is written twice"),
        ("- id\n", "a mapping belongs here"),
        ("a: [", "line 2, column 1: not YAML"),
    ],
)
def test_each_fault_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(PackError) as caught:
        load_block(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="There is no file .*block.yaml"):
        load_block(tmp_path / "block.yaml")


def test_every_block_of_the_builtin_pack_is_read() -> None:
    pack = Pack.builtin()
    blocks = [load_block(pack.spec(name, "block.yaml")) for name in pack.blocks]
    assert [block.id for block in blocks] == list(pack.blocks)


def test_functions_that_must_be_claimed_are_functions(tmp_path: Path) -> None:
    functions = f"{_LEAST}functions: {{taps: Taps, wells: Wells}}\n"
    assert load_block(_file(tmp_path, f"{functions}optional: [wells]\n")).optional == {"wells"}
    with pytest.raises(PackError, match=r"optional.*“pipes”"):
        load_block(_file(tmp_path, f"{functions}optional: [pipes]\n"))


def test_what_must_be_claimed_binds_only_those_who_claim_it(tmp_path: Path) -> None:
    functions = f"{_LEAST}functions: {{taps: Taps, wells: Wells}}\noptional: [wells]\n"
    block = load_block(_file(tmp_path, functions))
    target = Target(base_url="http://127.0.0.1:1")
    assert claimed(target, block) == ("taps",)
    assert tuple(claimed(target.model_copy(update={"claims": ("wells",)}), block)) == ("wells",)
