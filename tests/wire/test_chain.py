"""The chain: a line that was edited, removed, inserted or moved is named; a cut at the end is a killed run."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpi_conformance.errors import JournalError
from dpi_conformance.model.cases import CaseResult
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.chain import last_link
from dpi_conformance.wire.journal import Journal, read_journal
from dpi_conformance.wire.redaction import Redactor
from tests.chained import chained

Edit = Callable[[list[bytes]], list[bytes]]


def _written(path: Path, count: int = 6, first: int = 0) -> list[bytes]:
    with Journal(path, Redactor()) as journal:
        for number in range(first, count):
            journal.outcome(CaseResult(case=f"case-{number}", verdict=Verdict.FAIL))
    return path.read_bytes().splitlines(keepends=True)


def test_anybody_can_follow_the_chain(tmp_path: Path) -> None:
    """As the documentation describes it, without a line of ours."""
    before = ""
    for line in _written(tmp_path / "journal.ndjson"):
        link = json.loads(line)["chain"]
        own = line.decode().replace(f',"chain":"{link}"', "").removesuffix("\n")
        assert hashlib.sha256((before + own).encode()).hexdigest() == link
        before = link


@pytest.mark.parametrize(
    ("edit", "number"),
    [
        (lambda lines: [*lines[:2], lines[2].replace(b"FAIL", b"PASS"), *lines[3:]], 3),
        (lambda lines: [*lines[:2], *lines[3:]], 3),
        (lambda lines: [*lines[:4], lines[1], *lines[4:]], 5),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: lines[1:], 1),
        (lambda lines: [*lines, chained([{"type": "end", "ended": "complete"}])], 7),
        (lambda lines: [*lines, b'{"type":"end","ended":"complete"}\n'], 7),
        (lambda lines: [line[:-78] + b'"}\n' if n == 1 else line for n, line in enumerate(lines)], 2),
        (lambda lines: [line.replace(b":", b": ", 1) for line in lines], 1),
        (lambda lines: [line.replace(b'"}\n', b'","chain":"x"}\n') for line in lines], 1),
        (lambda lines: [*lines[:3], lines[3].replace(b'"chain":"', b'"chain":"\xff')[:-3], b'"}\n', *lines[4:]], 4),
    ],
    ids=[
        *("changed", "removed", "copied", "moved", "without-start", "other-end", "unlinked-end"),
        *("link-removed", "formatted", "linked-twice", "broken-link"),
    ],
)  # fmt: skip
def test_an_edit_is_named_by_its_line(edit: Edit, number: int, tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_bytes(b"".join(edit(_written(path))))
    with pytest.raises(JournalError, match=rf"^Line {number} of .*journal\.ndjson"):
        list(read_journal(path))


@settings(deadline=None)
@given(data=st.data())
def test_no_byte_can_be_changed(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("chain") / "journal.ndjson"
    journal = b"".join(_written(path, 3))
    at = data.draw(st.integers(0, len(journal) - 2))  # without the last line feed the last line is a torn one
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != journal[at]))
    path.write_bytes(journal[:at] + bytes([byte]) + journal[at + 1 :])
    with pytest.raises(JournalError, match=r"^Line [123] of "):
        list(read_journal(path))


@settings(deadline=None)
@given(cut=st.integers(min_value=0))
def test_a_cut_at_the_end_is_read_and_gone_on_with(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("chain") / "journal.ndjson"
    journal = b"".join(_written(path, 4))
    kept = journal[: cut % (len(journal) + 1)]
    path.write_bytes(kept)
    whole = kept.count(b"\n")
    assert len(list(read_journal(path))) == whole
    _written(path, 6, first=whole)
    assert [line["case"] for line in read_journal(path)] == [f"case-{number}" for number in range(6)]
    assert len(last_link(path)) == 64


def test_a_journal_without_a_chain_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_bytes(b'{"type":"start"}\n')
    for _ in range(2):  # the lock is given back
        with pytest.raises(JournalError, match="The last line of .* has no chain"):
            Journal(path, Redactor())
    assert path.read_bytes() == b'{"type":"start"}\n'
    with pytest.raises(JournalError, match="cannot be read: No such file"):
        last_link(tmp_path / "none")
