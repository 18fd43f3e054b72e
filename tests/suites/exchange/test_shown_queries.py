"""A finding about a long query shows where it was cut."""

from dpi_conformance.catalogue.packs import Pack

BRIEF = Pack.builtin().load("suites.exchange.alike")._brief


def test_a_short_query_is_shown_whole() -> None:
    assert (BRIEF(""), BRIEF("?a=1")) == ("-", "?a=1")


def test_of_a_long_query_the_end_and_the_length_are_shown() -> None:
    whole, cut = BRIEF(f"?a={'x' * 7200}&z=last"), BRIEF(f"?a={'x' * 2000}")
    assert whole.endswith("&z=last (7210 characters)")
    assert cut.endswith("x (2003 characters)")
