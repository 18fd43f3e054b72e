"""How a value reads in a finding."""

import pytest

from dpi_conformance.execution.answer import plainly


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("text", "text"),
        (3, "3"),
        ({"name": ("é", None, True)}, '{"name": ["é", null, true]}'),
        ({"b", "a"}, '["a", "b"]'),
        ([], "[]"),
    ],
)
def test_a_value_reads_as_json_and_not_as_code(value: object, text: str) -> None:
    assert plainly(value) == text
