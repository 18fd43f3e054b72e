"""The reader's language: catalogue, numbers, times; and the list of texts that translators get."""

from pathlib import Path

import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import PackError, UsageError
from dpi_conformance.i18n import Message
from dpi_conformance.reporting.extraction import catalogue_template, texts
from dpi_conformance.reporting.language import ENGLISH, Language, languages, load_language

FRENCH = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "{count} cases of {block}"
msgstr "{count} cas de {block}"

msgid "Fuzzy"
msgstr "Flou"

#, fuzzy
msgid "Uncertain"
msgstr "Incertain"

msgid "Broken {name}"
msgstr "Cassé {nom}"

msgid "%(n)s case"
msgid_plural "%(n)s cases"
msgstr[0] "%(n)s cas seul"
msgstr[1] "%(n)s cas"
"""


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    folder = tmp_path / "reports" / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(FRENCH, encoding="utf-8")
    return Pack(name="french", root=tmp_path)


def test_english_needs_no_catalogue(tmp_path: Path) -> None:
    empty = Pack(name="empty", root=tmp_path)
    assert load_language("en", empty) is ENGLISH
    assert languages(empty) == ("en",)


def test_a_language_without_a_catalogue_names_those_that_there_are(pack: Pack) -> None:
    with pytest.raises(UsageError, match=r"--lang ar: .* write one of: en, fr") as caught:
        load_language("ar", pack)
    assert caught.value.exit_code == 2


def test_the_built_in_pack_says_that_it_speaks_english_only() -> None:
    with pytest.raises(UsageError, match="--lang fr"):
        load_language("fr", Pack.builtin())


def test_a_language_that_climbs_out_of_its_folder_is_none(pack: Pack) -> None:
    with pytest.raises(UsageError):
        load_language("../locale/fr", pack)


def test_texts_are_translated_and_filled(pack: Pack) -> None:
    french = load_language("fr", pack)
    message = Message(text="{count} cases of {block}", values={"count": 3, "block": "payments"})
    assert french.translate(message) == "3 cas de payments"
    assert french.text("Not in the catalogue") == "Not in the catalogue"
    assert french.text("") == ""


def test_uncertain_translations_are_not_shown(pack: Pack) -> None:
    french = load_language("fr", pack)
    assert (french.text("Fuzzy"), french.text("Uncertain")) == ("Flou", "Uncertain")


def test_a_translation_that_names_another_value_does_not_break_the_report(pack: Pack) -> None:
    french = load_language("fr", pack)
    assert french.translate(Message(text="Broken {name}", values={"name": "x"})) == "Cassé {nom}"


def test_plurals_follow_the_language(pack: Pack) -> None:
    french = load_language("fr", pack)
    assert french.ngettext("%(n)s case", "%(n)s cases", 0) == "%(n)s cas seul"
    assert french.ngettext("%(n)s case", "%(n)s cases", 2) == "%(n)s cas"
    assert ENGLISH.ngettext("case", "cases", 0) == "cases"


def test_a_damaged_catalogue_is_named(pack: Pack) -> None:
    path = pack.root / "reports/locale/fr/LC_MESSAGES/messages.po"
    path.write_bytes(b'msgid "a\xff"\nmsgstr "b"\n')
    with pytest.raises(PackError, match="messages.po cannot be read"):
        load_language("fr", pack)


def test_hidden_characters_in_values_are_shown() -> None:
    message = Message(text="The answer was {text}.", values={"text": "a\u202eb"})
    assert ENGLISH.translate(message) == "The answer was a⟨U+202E⟩b."


def test_values_keep_their_direction_in_a_sentence_from_right_to_left() -> None:
    message = Message(text="{product} {count}", values={"product": "Pay (x)", "count": 3})
    assert Language(code="ar").translate(message) == "\u2068Pay (x)\u2069 3"
    assert ENGLISH.translate(message) == "Pay (x) 3"


def test_a_value_that_is_a_text_of_the_catalogue_is_translated_too(pack: Pack) -> None:
    message = Message(text="{count} cases of {block}", values={"count": 2, "block": "Fuzzy"})
    french = load_language("fr", pack)
    assert french.translate(message) == "2 cas de Fuzzy"  # data stay as they are
    named = Message(text="of {block_text}", values={"block_text": "Fuzzy"})
    assert french.translate(named) == "of Flou"
    unknown = Message(text="of {block_text}", values={"block_text": "a\u202eb"})
    assert "\u202e" not in french.translate(unknown)


def test_a_template_cannot_reach_into_its_values() -> None:
    message = Message(text="{text.__class__.__mro__[9]}", values={"text": "a"})
    assert ENGLISH.translate(message) == message.text


@pytest.mark.parametrize(
    ("code", "number", "percent", "direction"),
    [
        ("en", "12,345.5", "99.9%", "ltr"),
        ("fr", "12\u202f345,5", "99,9\u00a0%", "ltr"),
        ("ar", "12,345.5", "99.9%", "rtl"),
        ("xx-unknown", "12,345.5", "99.9%", "ltr"),
    ],
)
def test_numbers_and_direction(code: str, number: str, percent: str, direction: str) -> None:
    language = Language(code=code)
    assert language.number(12345.5) == number
    assert language.percent(99.9) == percent
    assert language.direction == direction
    assert language.percent(None) == "–"


def test_moments_are_in_utc_and_in_the_language() -> None:
    assert ENGLISH.moment("2026-11-24T22:08:00+03:00") == "November 24, 2026, 19:08 UTC"
    assert Language(code="fr").moment("2026-11-24T19:08:00Z") == "24 novembre 2026, 19:08 UTC"
    assert ENGLISH.moment(None) == "–"
    assert ENGLISH.moment("yesterday\u200b") == "yesterday⟨U+200B⟩"


def test_the_list_of_texts_is_current() -> None:
    pack = Pack.builtin()
    published = (pack.root / "reports" / "locale" / "messages.pot").read_bytes()
    assert published == catalogue_template(pack), "run: python -m dpi_conformance.reporting.extraction"


def test_the_list_holds_texts_of_every_kind() -> None:
    found = set(texts(Pack.builtin()))
    assert "There is no building block “{block}”; write one of: {blocks}." in found  # a message of the engine
    assert "What to do next" in found  # a template
    assert ("and %(number)s more, under “All cases”", "and %(number)s more, under “All cases”") in found
    assert "Identifying people is left to other systems." not in found  # data of a test


def test_the_list_holds_the_sentences_of_specifications(tmp_path: Path) -> None:
    folder = tmp_path / "specs" / "parks"
    folder.mkdir(parents=True)
    (folder / "requirements.yaml").write_text(
        "requirements:\n  - {id: 'p#1', text: Gates open., untestable: Nobody sees it.}\n", encoding="utf-8"
    )
    (folder / "block.yaml").write_text(
        "title: Parks\nfunctions: {gates: Gates and fences}\n", encoding="utf-8"
    )
    found = set(texts(Pack(name="parks", root=tmp_path)))
    assert {"Gates open.", "Nobody sees it.", "Parks", "Gates and fences"} <= found
