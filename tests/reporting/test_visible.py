"""Hidden characters are shown; everything else stays as it is."""

import pytest

from dpi_conformance.reporting.visible import name_of, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ASCII, 100 %", "plain ASCII, 100 %"),
        ("مساعدة የአማርኛ é 👩 中文　", "مساعدة የአማርኛ é 👩 中文　"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("\x1b[31mred", "⟨U+001B⟩[31mred"),
        ("a\u202eb\ufeff", "a⟨U+202E⟩b⟨U+FEFF⟩"),
        ("non\u00a0breaking", "non⟨U+00A0⟩breaking"),
        ("\ud800", "⟨U+D800⟩"),
        ("\uffff\ue000", "⟨U+FFFF⟩⟨U+E000⟩"),
        ("\r\n", "⟨U+000D⟩\n"),
        ("", ""),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_names() -> None:
    assert name_of("\u202e") == "U+202E RIGHT-TO-LEFT OVERRIDE"
    assert name_of("\x00") == "U+0000"
