"""No personal value reaches the journal, whatever holds it and however its key is spelt; all other text does, unharmed."""

import dataclasses
import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Exchange, Finding, Request, Response
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.journal import Journal
from dpi_conformance.wire.redaction import MOST_CHARACTERS, REDACTED, Redactor, personal

BLOCK_KEYS = frozenset({"payeeIdentity", "creditParty"})
Write = Callable[[str, str], str]

KEYS = [
    *(
        "payeeIdentity",
        "payee_identity",
        "payee-identity",
        "PAYEEIDENTITY",
        "PayeeIdentity",
        "Payee_Identity",
    ),
    *(
        "name",
        "Name",
        "fullName",
        "first_name",
        "iban",
        "IBAN",
        "payee_iban",
        "email",
        "e-mail",
        "emailAddress",
    ),
    *(
        "msisdn",
        "MSISDN",
        "phone",
        "phoneNumber",
        "mobile_number",
        "dateOfBirth",
        "national_id",
        "account-number",
    ),
]
SPACED = ["Payee Identity", "payee identity", "First Name", "Phone Number"]

BEGIN, END = "Qzj", "jzQ"
"""Each value begins and ends so: what is left of it is found, whatever was escaped in it."""


ALPHABET = (
    "abcxyzABCXYZ0123456789 -'.,@+/()&%#\"\\;:{}[]<>=|!?*~^`$_"
    "éßØñ\u0301\u00a0\u200b\u202eععमहाአማ中文\u2028\ufeff🙂𐀀👨‍👩‍👧"
)


def values(forbidden: str = "") -> st.SearchStrategy[str]:
    """Values with anything in them but what ends them in their container."""
    alphabet = st.sampled_from([char for char in ALPHABET if char not in forbidden])
    return st.text(alphabet, max_size=20).map(lambda inner: f"{BEGIN}{inner}{END}")


def _json(key: str, value: str) -> str:
    return json.dumps({"id": 1, key: value, "amount": 2.5})


def _json_utf8(key: str, value: str) -> str:
    return json.dumps([{"a": {key: value}}, {"b": None}], ensure_ascii=False, separators=(",", ":"))


def _pretty(key: str, value: str) -> str:
    return json.dumps({"list": [{key: [value, None]}], "z": "z"}, indent=4)


def _escaped_key(key: str, value: str) -> str:
    return json.dumps({"id": 1, "~": value}).replace("~", f"{key[:-1]}\\u{ord(key[-1]):04x}")


def _element(key: str, value: str) -> str:
    name = key.replace(" ", "_")
    return f"<?xml version='1.0'?><r><{name} xsi:type='s'>{escape(value)}</{name}><n>1</n></r>"


def _element_with_prefix(key: str, value: str) -> str:
    return f"<soap:Body><p:{key}>\n  <p:given> {escape(value)} </p:given>\n</p:{key}></soap:Body>"


def _cdata(key: str, value: str) -> str:
    return f"<r><{key}><![CDATA[{value}]]></{key}></r>"


def _attribute(key: str, value: str) -> str:
    return f"<r><one nr='1' {key}={quoteattr(value)} status='x'/></r>"


def _attribute_in_element(key: str, value: str) -> str:
    return f"<r><{key} value={quoteattr(value)}/></r>"


def _cell(key: str, value: str) -> str:
    return f"<table><tr><td>{key}</td><td>{html.escape(value)}</td></tr></table>"


def _representation(key: str, value: str) -> str:
    return f"KeyError in {({'id': 1, key: value, 'amount': None},)!r}"


def _representation_of_object(key: str, value: str) -> str:
    return f"Payee({key.replace('-', '_')}={value!r}, amount=Decimal('1.0')) is not valid"


def _form(key: str, value: str) -> str:
    return urlencode({"id": "1", key: value, "amount": "2"})


def _escaped_form(key: str, value: str) -> str:
    return f"a=1&{key[:2]}%{ord(key[2]):02x}{key[3:]}={quote(value, safe='')}&b=2"


def _bracketed_form(key: str, value: str) -> str:
    return f"payees[0][{key}]={quote(value, safe='')}&payees[1].{key}={quote(value, safe='')}&b=2"


def _query(key: str, value: str) -> str:
    return f"see https://pay.example/v1/x?id=1&{quote(key)}={quote(value, safe='')}&b=2 for more"


def _multipart(key: str, value: str) -> str:
    head = f'--b\r\nContent-Disposition: form-data; name="{key}"\r\nContent-Type: text/plain\r\n\r\n'
    return f"{head}{value}\r\n--b--\r\n"


def _entry(key: str, value: str) -> str:
    return json.dumps({"custom": [{"key": key, "value": value}, {"key": "amount", "value": "2"}]})


def _rejected(key: str, value: str) -> str:
    return json.dumps({"errors": [{"rejectedValue": value, "field": key, "message": "is wrong"}]})


ESCAPING: list[Write] = [
    *(
        _json,
        _json_utf8,
        _pretty,
        _escaped_key,
        _element,
        _element_with_prefix,
        _attribute,
        _attribute_in_element,
    ),
    *(_cell, _representation, _representation_of_object, _form, _escaped_form, _bracketed_form, _query),
    *(_entry, _rejected),
]
"""Containers that escape what a value must not hold, so that it may hold anything."""

WRAPPERS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: json.dumps({"code": "01", "message": text}),
    lambda text: json.dumps({"error": {"details": [text]}}, ensure_ascii=False).replace("/", "\\/"),
    lambda text: repr({"body": text}),
    lambda text: f"<fault><detail>{escape(text)}</detail></fault>",
    lambda text: f"id=1&data={quote(text)}&b=2",
    lambda text: f"2026-11-24T19:08:00Z ERROR could not store: {text}",
]


def journalled(folder: Path, body: str, header: tuple[str, str] = ("server", "x")) -> str:
    """Let a product answer so, find something wrong with it, and read the journal, as it is and unescaped."""
    path = folder / "journal.ndjson"
    path.unlink(missing_ok=True)
    request = Request(method="POST", url="http://it/x?page=1", body=b'{"requestID":"R1","amount":2.5}')
    response = Response(status=200, headers=(header,), body=body.encode())
    exchange = Exchange(id="e1", request=request, response=response)
    finding = Finding(
        code="content.schema",
        message=Message(text="{what}", values={"what": body[:300]}),
        expected="a number",
        actual=f"HTTP 200 {body[:120]}",
        clause="",
        exchange="e1",
    )
    with Journal(path, Redactor(["the-token"], personal=BLOCK_KEYS)) as journal:
        journal.exchange(exchange, case="c", vector="v", verdict=Verdict.FAIL, findings=[finding])
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private")


@settings(deadline=None, max_examples=300)
@given(
    write=st.sampled_from(ESCAPING),
    key=st.sampled_from(KEYS),
    value=values(),
    wraps=st.lists(st.sampled_from(WRAPPERS), max_size=2),
)
def test_no_value_of_a_personal_key_is_in_the_journal(
    write: Write, key: str, value: str, wraps: list[Callable[[str], str]], folder: Path
) -> None:
    body = write(key, value)
    for wrap in wraps:
        body = wrap(body)
    written = journalled(folder, body)
    assert BEGIN not in written, written
    assert END not in written, written
    assert "[personal data" in written


@settings(deadline=None, max_examples=100)
@given(key=st.sampled_from(KEYS + SPACED), value=values("]"), write=st.sampled_from([_cdata, _multipart]))
def test_sections_that_escape_nothing(key: str, value: str, write: Write, folder: Path) -> None:
    written = journalled(folder, write(key.replace(" ", "-"), value))
    assert BEGIN not in written, written
    assert END not in written, written


@settings(deadline=None, max_examples=150)
@given(
    key=st.sampled_from(KEYS + SPACED),
    value=values("=:&\n\r|<>\"';,"),
    line=st.sampled_from(
        [
            *("{key}={value}", "{key}: {value}", "{key} = {value}", "{key} : {value}", "{key} => {value}"),
            *("ERROR the {key}: {value}\nnext line", "a=1, {key}={value}, b=2", "{key}={value} b=2 c=3"),
            *(
                "Payee({key}={value}, amount=2)",
                "[id: 1, {key}: {value}, amount: 2]",
                "- {key}: {value}\n  id: 1",
            ),
            *('refused: "{key}={value}"', "{{id=1, {key}={value}}}", "Key ({key})=({value}) already exists."),
            '{{"message":"{key}: {value}","code":"01"}}',
        ]
    ),
)
def test_plain_lines(key: str, value: str, line: str, folder: Path) -> None:
    if line.startswith('{{"'):
        value = json.dumps(value)[1:-1]
    written = journalled(folder, line.format(key=key, value=value))
    assert BEGIN not in written, written
    assert END not in written, written


@settings(deadline=None, max_examples=60)
@given(key=st.sampled_from(KEYS), value=values())
def test_headers(key: str, value: str, folder: Path) -> None:
    body = "nothing here"
    for header in ((key, value), (f"X-{key}", value), ("x-debug", f"id=1; {key}={json.dumps(value)}")):
        written = journalled(folder, body, header)
        assert BEGIN not in written, written
        assert END not in written, written


ORDINARY_WORDS = """
requestID responseCode status message amount currency batch bill biller payment is was not the a voucher
http://pay.example/v1/vouchers?page=1&size=2 2026-11-24T19:08:00Z 12:30 50.25 EUR {} [] {"code":"01"} <b>bold</b>
a=1 b: 2 "quoted" 'so' 100% C:\\temp é \\u00e9 &amp; %2F fileName: x.csv hostname=pay-1 rename: x; namespace: a; pin-board
{"message":"requestID: is \\"too\\" long"} <status>ok</status> serial=1000000001 billerName="City Water" token_type=bearer
"""


@settings(deadline=None, max_examples=300)
@given(words=st.lists(st.sampled_from(ORDINARY_WORDS.split()), max_size=12))
def test_other_text_comes_through_unharmed(words: list[str]) -> None:
    text = " ".join(words)
    redactor = Redactor(["the-token"], personal=BLOCK_KEYS)
    assert redactor.cleaned().body(text.encode(), ours=False) == text


ORDINARY = [
    '{"responseCode":"01","responseDescription":"requestID: 13 characters, 12 allowed","requestID":"R1"}',
    '{"code":"01","message":"payeeIdentity must not be empty"}',
    '{"message":"payeeIdentity: must not be blank"}',
    '{"message":"Validation failed: name: size must be between 0 and 20, iban: is required"}',
    '{"errors":{"payeeIdentity":["This field may not be blank."],"amount":["A valid number is required."]}}',
    '{"billerName":"City Water","fileName":"batch-1.csv","hostname":"pay-1","namespace":"x","username_field":1}',
    '{"name":"payeeIdentity","in":"query","required":true}',
    '{"payeeIdentity":null,"name":"","iban":"-"}',
    "file name: report.csv",
    '<html><head><meta name="viewport" content="width=device-width"></head><body><form name="login"></form></html>',
    'Content-Disposition: form-data; name="file"; filename="batch.csv"\r\n\r\nid,amount\r\n',
    "Traceback (most recent call last): File \"/app/names.py\", line 3, in <module> KeyError: 'x'",
    "the rename: done; tokenize: yes; option=1&shipping=2",
    "https://pay.example/v1/names/12:30?phonebook=1",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_answers_come_through_unharmed(text: str) -> None:
    redactor = Redactor(["the-token"], personal=BLOCK_KEYS)
    assert redactor.cleaned().body(text.encode(), ours=False) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r'{"a":"{\"payeeIdentity\": \"Amina\"}","b":1}', r'{"a":"{\"payeeIdentity\": \"%s\"}","b":1}'),
        (r'{"a":"[\"{\\\"name\\\":\\\"Amina\\\"}\"]"}', r'{"a":"[\"{\\\"name\\\":\\\"%s\\\"}\"]"}'),
        ("<a:payeeIdentity id='Amina'>Amina</a:payeeIdentity>", "<a:payeeIdentity id='%s'>%s</a:payeeIdentity>"),
        ("{'payeeIdentity': 'Amina', 'n': 1}", "{'payeeIdentity': '%s', 'n': 1}"),
        ('{"payee\\u0049dentity":"Amina"}', '{"payee\\u0049dentity":"%s"}'),
        ("a=1&payee%5Fidentity=Amina&b=2", "a=1&payee%%5Fidentity=%s&b=2"),
        ('{"Payee Identity" : "Amina" }', '{"Payee Identity" : "%s" }'),
        ("name: Amina\nid: 1", "name: %s\nid: 1"),
        ("GET /x?phone=Amina&page=2 failed", "GET /x?phone=%s&page=2 failed"),
        ('{"name":"Amina","message":"Amina was not found"}', '{"name":"%s","message":"%s was not found"}'),
        ("%7B%22name%22%3A%22Amina%22%7D", "%%7B%%22name%%22%%3A%%22%s%%22%%7D"),
        ("&lt;name&gt;Amina&lt;/name&gt;", "&lt;name&gt;%s&lt;/name&gt;"),
    ],
)  # fmt: skip
def test_only_the_value_is_replaced(text: str, shown: str) -> None:
    redactor = Redactor(personal=BLOCK_KEYS)
    told = redactor.cleaned().body(text.encode(), ours=False)
    assert told == shown % ((personal("Amina"),) * shown.count("%s"))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ('{"name":"Amina \\"A\\" Diallo"}', 16),
        ('{"name":"Am\\u00e9lie"}', 6),
        ("name=Am%C3%A9lie+D&a=1", 8),
        ("<name>Tom &amp; Ann</name>", 9),
        (r'{"a":"{\"name\":\"Am\\u00e9lie\"}"}', 6),
    ],
)
def test_the_length_that_is_told_is_that_of_the_value_and_not_of_its_escapes(text: str, length: int) -> None:
    told = Redactor().cleaned().body(text.encode(), ours=False)
    assert f"[personal data, {length} characters]" in told


@pytest.mark.parametrize("write", ESCAPING)
def test_what_we_sent_ourselves_may_come_back_in_any_container(write: Write) -> None:
    redactor = Redactor(personal=BLOCK_KEYS)
    redactor.sent("/", json.dumps({"payeeIdentity": "Zoë O'Brien & 100%"}).encode())
    text = write("payeeIdentity", "Zoë O'Brien & 100%")
    assert redactor.cleaned().body(text.encode(), ours=False) == text


SENT = "Zoë مُحَمَّد 👨‍👩‍👧 Ⅷ"


@pytest.mark.parametrize(
    "came",
    ["Zoe محمد 👨‍👩‍👧 VIII", "Zoë محمد  Ⅷ", "ZOË مُحَمَّد 👨‍👩‍👧 Ⅷ", "Zoë مُحَ", "Zoë مُحَمَّد \ufffd", "??? ????"],
)  # fmt: skip
def test_what_became_of_a_text_of_ours_can_be_seen(came: str) -> None:
    redactor = Redactor(personal=BLOCK_KEYS)
    redactor.sent("/", json.dumps({"payeeIdentity": SENT}).encode())
    assert redactor.cleaned().body(_json("payeeIdentity", came).encode(), ours=False) == _json(
        "payeeIdentity", came
    )
    for other in ("Zo", "Zoé Muhammad", "محمد", "Amélie"):
        told = redactor.cleaned().body(_json("payeeIdentity", other).encode(), ours=False)
        assert ("personal data" in told) == (other != "Zo"), other


def test_a_finding_about_a_personal_field_shows_not_even_a_short_value() -> None:
    clean = Redactor(personal=BLOCK_KEYS).cleaned()
    clean.body(b'{"payeeIdentity":"Al","n":"Al"}', ours=False)
    about = Finding(
        code="c",
        message=Message(text="m"),
        expected="not Al",
        actual="Al",
        clause="",
        place="body.0.payeeIdentity",
    )
    assert (clean.finding(about).expected, clean.finding(about).actual) == (
        f"not {personal('Al')}",
        personal("Al"),
    )
    assert clean.finding(dataclasses.replace(about, place="body.n")).actual == "Al"


def test_a_voucher_that_works_is_in_no_evidence(folder: Path) -> None:
    redactor = Redactor(secret_keys={"voucherNumber"})
    clean = redactor.cleaned()
    sent = clean.body(b'{"voucherNumber":"77123456","serialNumber":"S1"}', ours=True)
    came = clean.body(b'{"message":"voucher 77123456 is spent","serialNumber":"S1"}', ours=False)
    assert sent == f'{{"voucherNumber":"{REDACTED}","serialNumber":"S1"}}'
    assert came == f'{{"message":"voucher {REDACTED} is spent","serialNumber":"S1"}}'


def test_a_value_that_was_cut_off_in_a_finding_is_taken_out_too() -> None:
    clean = Redactor().cleaned()
    name = "Amina Diallo of the very long name " * 20
    clean.body(json.dumps({"name": name}).encode(), ours=False)
    assert "Amina" not in clean.text(f'"{name[:150]}')


@example("{" * 5000)
@example('{"name":' * 700)
@example('"name\\' * 900)
@example("name=" * 1000)
@example("<name>" * 900)
@example("<name a='" * 600)
@example("%25" * 2000)
@example("\\\\" * 3000 + '"name":"x"')
@example("name: '" * 800)
@example('name: "a" b ' * 500)
@example(">iban</a> <b>" * 400)
@example('"key":"iban","value":"' * 250)
@example('form-data; name="iban"\n' * 300)
@example("&amp;" * 1000)
@settings(max_examples=50, deadline=2000)
@given(st.text(max_size=200).map(lambda text: (text + ' "name": ') * 40))
def test_hostile_texts_cost_little(text: str) -> None:
    told = Redactor(["the-token"], personal=BLOCK_KEYS).cleaned().body(text.encode(), ours=False)
    assert len(told) <= MOST_CHARACTERS * 8 + 1
