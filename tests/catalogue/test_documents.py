"""The reader of documents: by content, with places, and never surprised."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpi_conformance.catalogue import documents
from dpi_conformance.catalogue.documents import Document, parse_document, read_document
from dpi_conformance.catalogue.trees import MAX_DEPTH
from dpi_conformance.errors import UsageError

_UNHURRIED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def _read(text: str | bytes) -> Document:
    return parse_document(text.encode() if isinstance(text, str) else text, "file.yaml")


def _reasons(document: Document) -> list[str]:
    return [f"{trouble.place}: {trouble.reason}" for trouble in document.troubles]


def _refused(text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        _read(text)
    return str(caught.value)


# --- what it is, is seen from the content ----------------------------------------------------------


def test_json_with_tabs_is_json() -> None:
    document = _read('{\n\t"a":\t[1,\n\t\t2.5, "x"]\n}')
    assert (document.kind, document.root) == ("JSON", {"a": [1, 2.5, "x"]})
    assert document.place(("a", 1)) == "/a/1 (line 3, column 3)"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_left_out_and_listed(encoding: str) -> None:
    document = _read('{"title": "été"}'.encode(encoding))
    assert document.root == {"title": "été"}
    (reason,) = _reasons(document)
    assert reason.startswith("line 1, column 1: The file begins with a byte order mark (UTF-")


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text("a: 1\n")
    assert read_document(path).kind == "YAML"


def test_yaml_in_a_fence_after_prose_keeps_its_lines() -> None:
    document = _read(
        "Here is the document:\r\n\r\n```yaml\r\nopenapi: 3.0.0\r\npaths: {}\r\n```\r\nThat's it."
    )
    assert document.kind == "YAML in a Markdown fence"
    assert document.root == {"openapi": "3.0.0", "paths": {}}
    assert document.place(("paths",)) == "/paths (line 5, column 8)"
    assert "Markdown fence" in _reasons(document)[0]


def test_a_fence_inside_a_description_is_text() -> None:
    document = _read("description: |\n  ```yaml\n  a: 1\n  ```\n")
    assert (document.kind, document.root) == ("YAML", {"description": "```yaml\na: 1\n```\n"})


def test_faulty_json_that_yaml_takes_is_used_and_listed() -> None:
    document = _read('{"a": 1, # why\n "b": [2,],}')
    assert (document.kind, document.root) == ("YAML", {"a": 1, "b": [2]})
    assert "Not JSON, but read as YAML" in _reasons(document)[0]


def test_json_that_nobody_takes_is_refused_where_json_breaks() -> None:
    message = _refused('{\n  "a": "x"\n  "b": "y"\n}')
    assert message.startswith(
        "file.yaml, line 3, column 3: “,” or the end of the list or mapping was expected"
    )


# --- scalars as YAML 1.2 has them -------------------------------------------------------------------


def test_plain_scalars_are_read_as_yaml_1_2() -> None:
    document = _read(
        "a: no\nb: on\nc: 012\nd: 0o17\ne: 0x1F\nf: 2026-11-24\ng: 12:30:00\nh: ~\ni: 1e3\nj: .5\n"
        "k: 'no'\nl: \"012\"\nm: 1_000\nn: +7\no: .inf\np: TRUE\nq: !!str 12\nr: 3.1.0\n"
    )
    assert document.root == {
        "a": "no",
        "b": "on",
        "c": 12,
        "d": 15,
        "e": 31,
        "f": "2026-11-24",
        "g": "12:30:00",
        "h": None,
        "i": 1000.0,
        "j": 0.5,
        "k": "no",
        "l": "012",
        "m": "1_000",
        "n": 7,
        "o": ".inf",
        "p": True,
        "q": "12",
        "r": "3.1.0",
    }
    assert document.written(("c",)) == "012"
    assert document.written(("k",)) is None
    assert [reason.partition(" ")[0] for reason in _reasons(document)] == ["/a", "/b", "/c", "/f", "/g", "/o"]


def test_a_date_in_an_example_is_no_trouble() -> None:
    assert _read("example:\n  at: 2022-06-06T13:24:50Z\n").troubles == ()


def test_numeric_status_keys_are_text_and_listed_once() -> None:
    document = _read("responses:\n  200: {}\n  404: {}\n")
    assert document.root == {"responses": {"200": {}, "404": {}}}
    (reason,) = _reasons(document)
    assert reason.startswith("/responses/200 (line 2, column 3): 2 status codes are numbers")


def test_keys_of_any_kind_become_text() -> None:
    assert _read("1: a\ntrue: b\n~: c\n1.0: d\n").root == {"1": "a", "true": "b", "~": "c", "1.0": "d"}


# --- duplicate keys, anchors, documents ---------------------------------------------------------------


def test_parameters_written_twice_are_read_as_one_list() -> None:
    document = _read("parameters:\n- name: a\n- name: b\nother: 1\nparameters:\n- name: c\n")
    assert [entry["name"] for entry in document.root["parameters"]] == ["a", "b", "c"]
    assert document.place(("parameters", 2, "name")) == "/parameters/2/name (line 6, column 9)"
    (reason,) = _reasons(document)
    assert reason.startswith("/parameters (line 6, column 1): “parameters” is written twice, first in line 2")


@pytest.mark.parametrize("text", ['{"a": 1,\n"a": 2}', "a: 1\na: 2\n"])
def test_of_other_duplicate_keys_the_later_counts(text: str) -> None:
    document = _read(text)
    assert document.root == {"a": 2}
    assert "“a” is written twice, first in line 1: the later one counts." in _reasons(document)[0]


def test_anchors_aliases_and_merge_keys() -> None:
    document = _read(
        "base: &base {type: string, maxLength: 3}\nmore: *base\nown:\n  <<: *base\n  maxLength: 5\n"
    )
    assert document.root["more"] == {"type": "string", "maxLength": 3}
    assert document.root["own"] == {"type": "string", "maxLength": 5}


def test_an_ordinary_json_key_of_two_angles_does_not_merge() -> None:
    assert _read('{"<<": {"a": 1}}').root == {"<<": {"a": 1}}


def test_only_the_first_of_several_yaml_documents_is_read() -> None:
    document = _read("a: 1\n---\nb: 2\n---\nc: 3\n")
    assert document.root == {"a": 1}
    assert _reasons(document) == [
        "/ (line 2, column 1): Another YAML document begins here; only the first is read."
    ]


def test_an_unknown_tag_is_left_out_and_listed() -> None:
    document = _read("a: !secret x\nb: !thing {c: 1}\n")
    assert document.root == {"a": "x", "b": {"c": 1}}
    assert len(document.troubles) == 2


# --- strings of JSON ---------------------------------------------------------------------------------


def test_bare_control_characters_and_half_surrogates_are_kept_or_replaced() -> None:
    document = _read('{"tab": "a\tb", "half": "\\ud800", "whole": "\\ud83d\\ude00"}')
    assert document.root == {"tab": "a\tb", "half": "\ufffd", "whole": "😀"}
    assert len(document.troubles) == 2


def test_numbers_beyond_all_bounds_are_text() -> None:
    assert _read('{"a": 1e999}').root == {"a": "1e999"}
    assert _read("a: 1e999\n").root == {"a": "1e999"}
    digits = "9" * 5000
    assert _read(f'{{"a": {digits}}}').root == {"a": digits}
    assert _read(f"a: {digits}\n").root == {"a": digits}


# --- hostile input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xff\xfe\x00\xd8", "is not UTF-16-LE text"),
        (b"a: \xff", "byte 3 is not UTF-8 text"),
        (b"\x7fELF\x02\x00\x00", "NUL"),
        (b"a: \x07", "not YAML"),
        (b"a: *b", "has no anchor before it"),
        (b"a: &b [*b]", "contains itself"),
        (b"? [a]\n: b", "cannot be a key"),
        (b"a:\n\t- b", "not YAML"),
        (b"<<: 1", "merges mappings only"),
        (b'{"a": "\\x"}', "not a JSON string"),
        (b'{"a": 1} x', "the end of the document was expected"),
        (b"{", "line 1, column 2: the file ends here, too early"),
        (b'{"a" 1}', "line 1, column 6: “:” was expected, not '1}'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(text: bytes, said: str) -> None:
    assert said in _refused(text)


@pytest.mark.parametrize("opening", ["[", '{"a":', "- ", "{a: "])
def test_deep_nesting_is_refused(opening: str) -> None:
    message = _refused(opening * 100_000)
    assert f"nested deeper than {MAX_DEPTH} levels" in message or "nesting depth" in message


def test_an_alias_bomb_is_refused_in_no_time() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    begun = time.perf_counter()
    assert "when its aliases are written out" in _refused("\n".join(lines))
    assert time.perf_counter() - begun < 2


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 1024**2)
    path = tmp_path / "large.json"
    path.write_bytes(b"[" + b"1," * 1024**2 + b"1]")
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        read_document(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        read_document(tmp_path / "absent.yaml")
    with pytest.raises(UsageError, match="is no ordinary file"):
        read_document(tmp_path)


def _outcome(content: bytes) -> str:
    """Read a document; anything but a document of JSON values or a UsageError escapes."""
    try:
        document = parse_document(content, "any")
    except UsageError as error:
        return "refused" if str(error) else "refused without a word"
    json.dumps(document.root, allow_nan=False).encode()
    return "read"


@_UNHURRIED
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert _outcome(content) in {"read", "refused"}


_WORDS = [
    ": ",
    "- ",
    "&x ",
    "*x",
    "!!int ",
    "!t ",
    "<<",
    "012",
    "no",
    "---",
    "0x",
    "1e9",
    "```yaml\n",
    "```\n",
]
_YAML_PIECES = st.sampled_from([*_WORDS, *"a[]{},>~?%#@=é|'\"\\\n\t\r "])


@_UNHURRIED
@given(st.lists(_YAML_PIECES, max_size=40).map("".join))
def test_any_yaml_is_read_or_refused(text: str) -> None:
    assert _outcome(text.encode()) in {"read", "refused"}


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@_UNHURRIED
@given(_JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_comes_back_as_it_was(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    if "\0" in text or not isinstance(value, (dict, list)):
        return
    document = parse_document(text.encode(), "any.json")
    assert (document.kind, document.root, document.troubles) == ("JSON", value, ())


@_UNHURRIED
@given(_JSON)
def test_every_value_has_its_place(value: Any) -> None:
    lines = json.dumps({"root": value}, indent=1).splitlines()
    document = parse_document("\n".join(lines).encode(), "any.json")
    for pointer, leaf in _leaves(document.root):
        mark = document.mark(pointer)
        assert mark is not None
        assert lines[mark.line - 1][mark.column - 1 :].rstrip(",") == json.dumps(leaf)


def _leaves(node: Any, at: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(node, dict) and node:
        return [leaf for key, value in node.items() for leaf in _leaves(value, (*at, key))]
    if isinstance(node, list) and node:
        return [leaf for index, value in enumerate(node) for leaf in _leaves(value, (*at, index))]
    return [(at, node)]
