"""``report.html``: one file, no script, no reference; hostile text is inert; every sentence is translatable."""

import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import html

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.judge import judge
from dpi_conformance.model.report import Report
from dpi_conformance.reporting import ENGLISH, Language, render
from dpi_conformance.reporting.extraction import texts

JOURNALS = Path(__file__).parent.parent / "journals"
ALL = ["conformant", "failing", "inconclusive", "killed", "resumed", "hostile", "behaviour"]
CSS = Pack.builtin().root / "reports" / "templates" / "report.css"


@functools.cache
def report(name: str) -> Report:
    return judge(orjson.loads(line) for line in (JOURNALS / f"{name}.ndjson").read_bytes().splitlines())


@functools.cache
def page(name: str, language: Language = ENGLISH) -> str:
    return render(report(name), language, Pack.builtin(), form="html").decode()


def tree(name: str) -> Any:
    return parsed(page(name))


def parsed(page: str) -> Any:
    return html.document_fromstring(page)


@functools.cache
def on_the_list() -> frozenset[str]:
    return frozenset(
        part for text in texts(Pack.builtin()) for part in ([text] if isinstance(text, str) else text)
    )


def text_of(element: Any) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("name", ALL)
class TestEveryPage:
    def test_stands_alone(self, name: str) -> None:
        root = tree(name)
        assert not root.xpath("//script|//link|//img|//iframe|//object|//embed|//base|//form|//*[@src]")
        assert all(href.startswith("#") for href in root.xpath("//@href"))
        assert not re.search(r"url\(|@import", page(name).partition("</style>")[0])
        assert not [name for name in root.xpath("//@*") if str(name).lower().startswith("javascript:")]
        assert not [a for element in root.iter() for a in element.attrib if a.lower().startswith("on")]

    def test_links_lead_somewhere_and_ids_are_unique(self, name: str) -> None:
        root = tree(name)
        ids = root.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert {href[1:] for href in root.xpath("//@href")} <= set(ids)

    def test_says_its_language_and_direction(self, name: str) -> None:
        root = tree(name)
        assert (root.get("lang"), root.get("dir")) == ("en", "ltr")
        assert root.xpath("//meta[@charset='utf-8']")
        assert root.xpath("//meta[@name='viewport']")

    def test_adds_up(self, name: str) -> None:
        counts = [int(number.text.replace(",", "")) for number in tree(name).xpath("//ul[@class='sum']//b")]
        assert counts[0] == sum(counts[1:])
        assert counts[0] == len(tree(name).xpath("//section[@aria-labelledby='cases']//li"))

    def test_shows_every_requirement(self, name: str) -> None:
        shown = [text_of(code) for code in tree(name).xpath("//*[@class='req']//*[@class='meta']/code")]
        assert sorted(shown) == sorted(own.id for own in report(name).requirements)

    def test_is_the_same_each_time(self, name: str) -> None:
        assert page(name) == page(name)

    def test_headings_step_down_by_one(self, name: str) -> None:
        levels = [int(heading.tag[1]) for heading in tree(name).xpath("//h1|//h2|//h3|//h4")]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [("conformant", "yes", "Yes."), ("failing", "no", "No."), ("killed", "maybe", "Cannot say.")],
)
def test_the_verdict_comes_first(name: str, kind: str, answer: str) -> None:
    root = tree(name)
    (cover,) = root.xpath("//header[contains(@class, 'cover')]")
    assert cover.get("class") == f"cover {kind}"
    assert text_of(cover.xpath(".//h1")[0]) == answer
    assert "GovStack Payments BB" in text_of(cover.xpath(".//*[@class='says']")[0])
    assert "November 24, 2026, 19:08 UTC" in text_of(cover)


def test_a_finding_holds_all_that_a_vendor_needs() -> None:
    (group,) = tree("failing").xpath("//article[@id='group-failure-status.refused']")
    shown = text_of(group)
    for text in (
        "A request that breaks a constraint is refused.",
        "Check this constraint before acting, and refuse.",
        "body.requestID: at most 12 characters.",
        "13 characters where 12 are allowed",
        "refused: HTTP 4xx",
        'HTTP 200 application/json {"ResponseCode":"00"}',
        "GovStack Payments 8.2",
        "payments-api#voucher-create",
        "POST https://pay.zawadi.example/api/vouchers",
        "dpi-conformance replay . F0001",
    ):
        assert text in shown
    (command,) = (
        pre.text_content() for pre in group.xpath(".//pre") if pre.text_content().startswith("curl ")
    )
    assert '''--header 'Authorization: Bearer '"$TOKEN"''' in command
    assert """--data-binary '{"requestID":"ABCDEFGHIJKLM","it'\\''s":1.00}\'""" in command


class TestConversations:
    """How a suite's case came to its findings."""

    def told(self) -> Any:
        (talk,) = tree("behaviour").xpath(
            "//article[@id='group-failure-voucher.spent-once']//details[@class='talk']"
        )
        return talk

    def test_each_step_in_order_and_the_one_that_shows_it_marked(self) -> None:
        talk = self.told()
        assert text_of(talk[0]) == "How it came to this: 12 requests and callbacks, in order"
        steps = [text_of(step) for step in talk.xpath("./ol/li/details/summary")]
        assert len(steps) == 12
        assert steps[0] == "POST /vouchers → HTTP 200 · after 0 s"
        assert steps[1].startswith("The product calls: POST /")
        assert [" shows F" in step for step in steps] == [False] * 11 + [True]
        assert len(talk.xpath("./ol/li[@class='shows']")) == 1

    def test_the_whole_case_is_replayed_and_no_curl_line_promises_it(self) -> None:
        talk = text_of(self.told())
        assert "Carry the whole case out again" in talk
        assert "dpi-conformance replay . F0002" in talk
        assert "one request alone would not repeat the steps before it" in talk
        assert "curl --include" not in page("behaviour")

    def test_a_conversation_stands_once_and_its_other_findings_lead_to_it(self) -> None:
        root = tree("behaviour")
        talks = root.xpath("//details[@class='talk']")
        assert len(talks) == len({case.id for case in report("behaviour").cases if case.steps}) == 3
        (first,) = root.xpath("//article[@id='group-failure-voucher.secret-checked']")
        assert len(first.xpath(".//li[@class='shows']")) == 2

    def test_what_one_exchange_shows_has_its_curl_line_and_its_replay(self) -> None:
        journal = _lines("behaviour")
        sent = [line["id"] for line in journal if line["type"] == "exchange" and line.get("findings")]
        alone = [line for line in journal if not line.get("request") or line["id"] == sent[0]]
        written = render(judge(alone), ENGLISH, Pack.builtin(), form="html").decode()
        (group,) = parsed(written).xpath("//article[.//span[@class='id']='F0001']")
        assert "curl --include" in text_of(group)
        assert "It repeats this one request, and none of those that prepared it." in text_of(group)
        assert "dpi-conformance replay . F0001" in text_of(group)
        assert "How it came to this" not in text_of(group)

    def test_a_page_holds_so_many_steps_at_most(self) -> None:
        short = report("behaviour")
        case = next(case for case in short.cases if len(case.steps) == 12)
        many = [case.model_copy(update={"id": f"{case.id}-{number}"}) for number in range(200)]
        long = short.model_copy(update={"cases": many, "requirements": []})
        root = parsed(render(long, ENGLISH, Pack.builtin(), form="html").decode())
        assert 1 <= len(root.xpath("//details[@class='talk']")) <= 800 // 12

    def test_a_property_is_named_with_what_it_is_about(self) -> None:
        (group,) = tree("behaviour").xpath("//article[@id='group-failure-voucher.spent-once']")
        assert "properties: 1" in text_of(group)
        (head,) = group.xpath(".//details[@class='op']/summary")
        assert text_of(head).startswith("V6 A voucher is paid out once, and whole · cases: 1")
        named = {text_of(b) for b in tree("behaviour").xpath("//section[@aria-labelledby='cases']//b")}
        assert "V6 A voucher is paid out once, and whole" in named
        assert not any(name == "payments" for name in named)

    def test_how_long_a_case_took_and_how_much_it_sent(self) -> None:
        listed = [text_of(li) for li in tree("behaviour").xpath("//section[@aria-labelledby='cases']//li")]
        (race,) = (line for line in listed if "simultaneous-redemptions" in line)
        assert re.search(r"simultaneous-redemptions · 12 · 0\.\d+ s", race)

    def test_what_to_declare_can_be_copied(self) -> None:
        (block,) = tree("behaviour").xpath("//section[@aria-labelledby='undecided']//pre")
        written = block.text_content()
        assert written.splitlines()[:3] == ["blocks:", "  payments:", "    declares:"]
        assert '      voucher.short-lived-programme: "…"   # 2 cases wait for it' in written


def _lines(name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (JOURNALS / f"{name}.ndjson").read_bytes().splitlines()]


def test_why_a_requirement_is_not_tested_is_said() -> None:
    (requirement,) = tree("conformant").xpath("//*[@class='req'][.//code='govstack-payments-5.1.1#1']")
    assert "documents show it, nothing at the interface does" in text_of(requirement)


def test_the_digest_of_the_journal_is_shown() -> None:
    (digest,) = tree("failing").xpath("//tr[th='Journal digest']/td")
    assert text_of(digest) == report("failing").run.journal_digest
    assert len(text_of(digest)) == 64


def test_hidden_characters_are_shown_and_named() -> None:
    marks = {(mark.text, mark.get("title")) for mark in tree("failing").xpath("//span[@class='hid']")}
    assert ("U+202E", "U+202E RIGHT-TO-LEFT OVERRIDE") in marks
    assert ("U+200D", "U+200D ZERO WIDTH JOINER") in marks


def test_hostile_text_is_inert_and_whole() -> None:
    written = page("hostile")
    assert "<script" not in written
    assert "onerror=alert(2)&gt;" in written
    assert "{{ 7*7 }}" in written
    assert "\u202e" not in written
    assert "\x00" not in written
    title = tree("hostile").xpath("//title")[0].text
    assert title == "Not conformant: <script>alert(9)</script> ⟨U+202E⟩1.0 (<b>V</b>)"


def test_a_language_from_right_to_left_turns_the_page() -> None:
    root = parsed(page("failing", Language(code="ar")))
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")


def test_the_style_is_written_for_both_directions() -> None:
    style = re.sub(r"pre \{[^}]*\}", "", CSS.read_text())  # code runs from left to right in every language
    assert not re.search(r"(margin|padding|border|inset)-(left|right)|text-align: (left|right)|float:", style)


class TestContrast:
    """WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 to 1 with what is behind it."""

    PAIRS = (
        [
            ("ink", "paper"),
            ("soft", "paper"),
            ("ink", "card"),
            ("soft", "card"),
            ("link", "paper"),
            ("link", "card"),
        ]
        + [(hue, f"{hue}-wash") for hue in ("yes", "no", "maybe", "idle")]
        + [
            ("no", "card"),
            ("maybe", "paper"),
            ("yes", "paper"),
            ("no", "paper"),
            ("idle", "paper"),
            ("soft", "code"),
            ("ink", "code"),
        ]
    )

    @pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
    @pytest.mark.parametrize(("front", "behind"), PAIRS)
    def test_pairs(self, scheme: int, front: str, behind: str) -> None:
        blocks = re.findall(r":root \{(.*?)\}", CSS.read_text(), re.DOTALL)
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", blocks[scheme]))
        light, dark = sorted((_luminance(colours[front]), _luminance(colours[behind])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class TestTranslation:
    """Every sentence goes through the catalogue: in a language of brackets, no English is left outside of them."""

    PSEUDO = Language(
        code="en",
        gettext=lambda text: f"⟦{text}⟧",
        ngettext=lambda one, many, count: f"⟦{one if count == 1 else many}⟧",
    )
    SYMBOLS = frozenset({"HTTP", "UTC", "ms", "sha", "November", "replay", "RUN", "DIR"})
    """Units, what the locale writes of a date, and a command."""

    @pytest.mark.parametrize(
        "name", ["conformant", "failing", "inconclusive", "killed", "resumed", "behaviour"]
    )
    @pytest.mark.parametrize("form", ["html", "markdown", "junit"])
    def test_nothing_is_left_in_english(self, form: str, name: str) -> None:
        written = render(report(name), self.PSEUDO, Pack.builtin(), form=form).decode()
        left = _words(_outside_brackets(_shown(form, written)))
        assert left - _words(" ".join(_data(report(name).model_dump(mode="json")))) - self.SYMBOLS == set()

    @pytest.mark.parametrize("form", ["html", "markdown", "junit"])
    def test_every_sentence_is_on_the_translators_list(self, form: str) -> None:
        written: set[str] = set()

        def note(text: str) -> str:
            written.add(text)
            return text

        of_the_run: set[str] = set()
        for name in ("failing", "behaviour"):
            of_the_run |= set(_sentences(report(name).model_dump(mode="json")))
            render(report(name), Language(gettext=note), Pack.builtin(), form=form)
        assert written - on_the_list() - of_the_run == set()
        assert len(written & on_the_list()) > 10


def _shown(form: str, written: str) -> str:
    """What a person reads of a page: no tags, no style, no code."""
    if form == "markdown":
        return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", " ", written)
    if form == "junit":
        text = re.sub(r"<properties>.*?</properties>", " ", written, flags=re.DOTALL)
        text = re.sub(r'<[^>]*?(?:message="([^"]*)")?[^>]*>', r" \1 ", text)
        return str(parsed(f"<p>{text}</p>").text_content())
    root = parsed(written)
    labels = root.xpath("//@aria-label")
    for hidden in root.xpath("//style|//pre|//code"):
        hidden.drop_tree()
    return " ".join([*labels, *root.itertext()])


def _outside_brackets(text: str) -> str:
    depth, left = 0, []
    for char in text:
        depth += (char == "⟦") - (char == "⟧")
        left.append(char if depth == 0 else " ")
    assert depth == 0
    return "".join(left)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z][A-Za-z-]+", text.replace("⟧", " ")))


_SPOKEN = {"text", "expected", "actual", "note", "tested", "verdict", "health", "kind", "ended"}
"""Keys whose values are shown in words of the catalogue."""


def _data(value: Any, key: str = "") -> Iterator[str]:
    """Everything in a report that is data: what the vendor, the product or the specification named."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if key in {"digests", "versions", "payments"}:
                yield name
            yield from _data(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _data(inner, key)
    elif key not in _SPOKEN:
        yield str(value)


def _sentences(value: Any, key: str = "") -> Iterator[str]:
    """The texts that a report's journal brought along."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _sentences(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner, key)
    else:
        yield str(value)
