"""Bodies are laid out, never changed."""

import json

import pytest

from dpi_conformance.reporting.bodies import laid_out


def test_json_is_indented_and_keeps_every_token() -> None:
    body = '{"a":1.00,"a":[],"b":{"c":"x, {y}: \\u0000"},"d":[1,2e5,{ }]}'
    shown = laid_out(body)
    assert shown.splitlines() == [
        "{",
        '  "a": 1.00,',
        '  "a": [],',
        '  "b": {',
        '    "c": "x, {y}: \\u0000"',
        "  },",
        '  "d": [',
        "    1,",
        "    2e5,",
        "    { }",
        "  ]",
        "}",
    ]
    assert json.loads(shown) == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        '{"cut": "off',
        '{"a":1}}',
        "[" * 100 + "]" * 100,
        "[" * 50_000 + "]" * 50_000,
        "12",
        '"text"',
    ],
)
def test_anything_else_stays_as_it_is(body: str) -> None:
    assert laid_out(body) == body
