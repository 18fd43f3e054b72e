"""A JSON body is read strictly, and what is wrong with it is named."""

import json
from decimal import Decimal

import pytest

from dpi_conformance.mockkit.calls import encode
from dpi_conformance.mockkit.reading import MAX_DEPTH, Unreadable, first_trouble, read_json


def test_numbers_keep_every_digit() -> None:
    value = read_json(b'{"a":12.50,"b":9007199254740993,"c":0.1}')
    assert value == {"a": Decimal("12.50"), "b": 9007199254740993, "c": Decimal("0.1")}
    assert encode(value) == b'{"a":12.50,"b":9007199254740993,"c":0.1}'
    assert encode({"a": [10**40, Decimal("1E+3")]}) == b'{"a":[' + str(10**40).encode() + b",1000]}"


@pytest.mark.parametrize(
    ("raw", "kind", "named"),
    [
        (b"", "malformed", "JSON"),
        (b"\xef\xbb\xbf{}", "malformed", "JSON"),
        (b'"\xff"', "malformed", "UTF-8"),
        (b'"\xed\xa0\x80"', "malformed", "UTF-8"),
        (b"[1,]", "malformed", "JSON"),
        (b"[1] 2", "malformed", "JSON"),
        (b"[01]", "malformed", "JSON"),
        (b'["\n"]', "malformed", "JSON"),
        (b"[-Infinity]", "malformed", "-Infinity"),
        (b"[1e401]", "malformed", "proportion"),
        (b"[1e-99999999]", "malformed", "proportion"),
        (b"[" + b"9" * 5000 + b"]", "malformed", "JSON"),
        (b'{"a":{"b":1,"b":2}}', "duplicate", "name b twice"),
        (b'{"a":["\\u0000"]}', "nul", "body.a.0"),
        (b'{"\\u0000":1}', "nul", "body (a name)"),
        (b'["\\udc00\\ud800"]', "surrogate", "body.0"),
        (b"[" * 65 + b"]" * 65, "deep", "64"),
        (b"[" * 1_000_000, "deep", "64"),
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(raw: bytes, kind: str, named: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_json(raw)
    assert refused.value.kind == kind
    assert named in refused.value.text


@pytest.mark.parametrize(
    "raw",
    [
        b"null",
        b'"\\ud83d\\ude00"',
        b'"\\\\u0000"',
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b"[" + b"[]," * 500 + b"[]]",
        "\u00e9e\u0301\u200f".encode().join([b'"', b'"']),
        b"[1e400]",
    ],
)
def test_what_is_only_unusual_is_read(raw: bytes) -> None:
    assert json.loads(encode(read_json(raw))) is not Ellipsis
    assert first_trouble(read_json(raw)) is None


def test_text_is_not_normalised() -> None:
    assert read_json('"e\u0301"'.encode()) == "e\u0301"
