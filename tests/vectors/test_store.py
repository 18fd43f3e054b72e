"""Frozen files are read as they were written, a profile at a time, and refused if they are not what was frozen."""

import gzip
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dpi_conformance.errors import PackError
from dpi_conformance.i18n import Message
from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.vectors.freezing import Frozen, freeze, write
from dpi_conformance.vectors.knowledge import Knowledge
from dpi_conformance.vectors.rules import subjects, trials
from dpi_conformance.vectors.store import (
    CASES,
    MANIFEST,
    VECTORS,
    Manifest,
    read_cases,
    read_manifest,
    read_vectors,
    vector_line,
)
from tests.vectors.conftest import SPEC


@pytest.fixture
def frozen(knowledge: Knowledge) -> Frozen:
    return freeze(
        "shop", [(subject, trial) for subject in subjects(SPEC, knowledge) for trial in trials(subject)]
    )


@pytest.fixture
def folder(tmp_path: Path, frozen: Frozen) -> Path:
    write(tmp_path, frozen, Manifest(block="shop", digests=frozen.digests, seed=1, counts=frozen.counts))
    return tmp_path


def test_the_same_content_gives_the_same_bytes(
    folder: Path, frozen: Frozen, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = tmp_path_factory.mktemp("again")
    write(again, frozen, read_manifest(folder / MANIFEST))
    for name in (VECTORS, CASES, MANIFEST):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_variants_keep_their_order_and_begin_with_their_control(folder: Path) -> None:
    vectors = list(read_vectors(folder / VECTORS))
    assert list(dict.fromkeys(v.variant for v in vectors)) == ["create", "cancel", "read"]
    for variant in ("create", "cancel", "read"):
        own = [v for v in vectors if v.variant == variant]
        assert [v.control for v in own] == [True, *[False] * (len(own) - 1)]
        assert [v.case for v in own[1:]] == sorted(v.case for v in own[1:])


def test_each_profile_holds_the_one_before(folder: Path) -> None:
    sizes = [[v.id for v in read_vectors(folder / VECTORS, profile)] for profile in Profile]
    quick, standard, full = map(set, sizes)
    assert quick < full
    assert quick <= standard <= full
    assert len(full) == len(sizes[2])


@pytest.mark.parametrize("profile", list(Profile))
def test_cases_add_up_to_the_vectors_of_the_profile(folder: Path, profile: Profile) -> None:
    cases = read_cases(folder / CASES, profile, "shop")
    counted = Counter(v.case for v in read_vectors(folder / VECTORS, profile))
    assert {case.id: case.vectors for case in cases} == counted
    assert {case.block for case in cases} == {"shop"}


def test_every_case_says_its_purpose_and_clause(folder: Path) -> None:
    for case in read_cases(folder / CASES, Profile.FULL, "shop"):
        assert not re.search(r"\{[a-z_]+\}", str(case.purpose))
        assert str(case.purpose).startswith(case.variant)
        assert case.id.startswith(f"shop/contract/{case.variant}/")
        assert case.kind == "contract"
        assert case.clause


def test_a_published_limit_is_its_cases_clause(folder: Path) -> None:
    clauses = {case.id: case for case in read_cases(folder / CASES, Profile.FULL, "shop")}
    case = clauses["shop/contract/create/boundary/body.note/maxLength"]
    assert case.clause == "Order.yml: note maxLength 50; Orders 1.1"
    assert case.functions == ("orders",)
    assert clauses["shop/contract/create/protocol/not-a-number"].clause == "RFC 8259, 6"


def test_an_open_case_promises_nothing(folder: Path) -> None:
    cases = {case.id: str(case.purpose) for case in read_cases(folder / CASES, Profile.FULL, "shop")}
    decided = {v.case for v in read_vectors(folder / VECTORS) if v.expect is not Expectation.EITHER}
    for case in cases.keys() - decided:
        assert "answered well" in cases[case]


def test_ids_are_digests_of_the_content_and_never_repeat(folder: Path) -> None:
    ids = [v.id for v in read_vectors(folder / VECTORS)]
    assert len(set(ids)) == len(ids)
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in ids)


def test_a_vector_survives_writing_and_reading(tmp_path: Path) -> None:
    vector = Vector(
        id="0123456789abcdef",
        case="t/contract/v/text/body.a/nul",
        variant="v",
        method="POST",
        target="/{{a.b}}",
        expect=Expectation.UNHARMED,
        headers=(("A", "1"), ("A", "2")),
        body='{"a":"\\u0000{{id:4}}"}',
        repeat=(("@", "x", 3),),
        needs=("a",),
        echo=(("ü", "/a"),),
        credentials="none",
        profile=Profile.STANDARD,
        shows=("/0", "/a"),
        note=Message(text="{count} of {name}", values={"count": 3, "name": "a"}),
    )
    one = Frozen(vectors=vector_line(vector), cases=b"", counts={})
    write(tmp_path, one, Manifest(block="t", digests=one.digests))
    assert list(read_vectors(tmp_path / VECTORS)) == [vector]
    assert list(read_vectors(tmp_path / VECTORS, Profile.QUICK)) == []


def test_vectors_that_were_changed_are_refused_before_one_is_sent(folder: Path) -> None:
    content = gzip.decompress((folder / VECTORS).read_bytes()).replace(b'"POST"', b'"HEAD"', 1)
    (folder / VECTORS).write_bytes(gzip.compress(content))
    with pytest.raises(PackError, match="not what was frozen"):
        read_vectors(folder / VECTORS, Profile.QUICK)


@pytest.mark.parametrize("name", [VECTORS, CASES])
def test_a_torn_or_missing_file_is_refused(folder: Path, name: str) -> None:
    read = read_vectors if name == VECTORS else lambda path: read_cases(path, Profile.FULL, "shop")
    (folder / name).write_bytes((folder / name).read_bytes()[:-9])
    with pytest.raises(PackError, match=name):
        read(folder / name)
    (folder / name).unlink()
    with pytest.raises(PackError, match=name):
        read(folder / name)


@pytest.mark.parametrize("content", ["", "[]", '{"block": "x"}', '{"nonsense": 1}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: str) -> None:
    (folder / MANIFEST).write_text(content)
    with pytest.raises(PackError, match=MANIFEST):
        read_manifest(folder / MANIFEST)


def test_reading_takes_nothing_that_only_a_build_needs() -> None:
    program = (
        "import sys, dpi_conformance.vectors.store; "
        "print([m for m in ('schemathesis', 'hypothesis', 'pydantic', 'ruamel.yaml', 'jsonschema_rs') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
