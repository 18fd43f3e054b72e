"""No secret and no person reaches evidence, whatever form a product gives them back in."""

import base64
import json
import re
from urllib.parse import quote, quote_plus

import pytest

from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Finding
from dpi_conformance.wire.redaction import (
    INVENTED,
    MOST_CHARACTERS,
    PROTECTED_HEADERS,
    REDACTED,
    Redactor,
    personal,
)

SECRET = "pä/ss+w&rd “1”=42"
AMINA = personal("Amina")
PERSONAL_KEYS = frozenset({"payeeIdentity", "creditParty", "payeePartyIds"})


def _body(redactor: Redactor, text: str | bytes, *, ours: bool = False) -> str:
    return redactor.cleaned().body(text.encode() if isinstance(text, str) else text, ours=ours)


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"client:{SECRET}".encode()).decode(),
        base64.b64encode(f"a:{SECRET}:b".encode()).decode(),
    ],
)
def test_a_secret_is_found_in_every_form(shown: str) -> None:
    redactor = Redactor([SECRET])
    told = _body(redactor, f"you sent <{shown}> to us")
    assert REDACTED in told
    assert shown not in told
    # What is left of a longer base64 text is not enough to tell the secret from.
    assert len(told) < len("you sent <> to us") + len(REDACTED) + 16


def test_a_bearer_and_a_basic_header_are_known_by_their_parts() -> None:
    basic = "Basic " + base64.b64encode(b"clerk:open sesame").decode()
    redactor = Redactor(["Bearer eyJhbGciOi.long", basic])
    assert _body(redactor, "token=eyJhbGciOi.long") == f"token={REDACTED}"
    assert _body(redactor, "the password open sesame is wrong") == f"the password {REDACTED} is wrong"


def test_a_secret_of_three_characters_does_not_eat_the_evidence() -> None:
    assert _body(Redactor(["abc"]), "abc, the alphabet") == "abc, the alphabet"


@pytest.mark.parametrize("name", sorted(PROTECTED_HEADERS))
def test_headers_that_prove_who_calls_are_always_redacted(name: str) -> None:
    (shown,) = Redactor().cleaned().headers(((name.title(), "whatever it is"),), ours=True)
    assert shown == [name.title(), REDACTED]


def test_a_header_keeps_its_scheme_and_a_configured_one_is_redacted_too() -> None:
    clean = Redactor(headers=frozenset({"X-Pass"})).cleaned()
    shown = clean.headers((("Authorization", "Bearer abc"), ("x-pass", "1"), ("Accept", "a/b")), ours=True)
    assert shown == [["Authorization", f"Bearer {REDACTED}"], ["x-pass", REDACTED], ["Accept", "a/b"]]


@pytest.mark.parametrize(
    ("own", "made_up"),
    [
        ("Bearer s3cret-token", "Bearer x9zqvb-kwpma"),
        ("Bearer abc", "Bearer xyz"),
        ("Basic bWU6b3BlbiBzZXNhbWU=", "Basic bWU6cXdlcnR5dWlvcGFz"),
    ],
)
def test_credentials_of_ours_are_told_from_those_that_were_made_up(own: str, made_up: str) -> None:
    scheme, _, secret = own.partition(" ")
    for known in (own, secret):
        clean = Redactor([known]).cleaned()
        sent = (("Authorization", own), ("Authorization", made_up))
        shown = [["Authorization", f"{scheme} {REDACTED}"], ["Authorization", f"{scheme} {INVENTED}"]]
        assert clean.headers(sent, ours=True) == shown
        assert clean.headers(sent) == [shown[0]] * 2, "what a product sends is nobody's to show"


def test_without_a_secret_nothing_is_called_made_up() -> None:
    shown = Redactor().cleaned().headers((("Authorization", "Bearer abc"),), ours=True)
    assert shown == [["Authorization", f"Bearer {REDACTED}"]]


def test_a_secret_is_taken_out_of_urls_and_other_headers() -> None:
    clean = Redactor([SECRET]).cleaned()
    assert (
        clean.url(f"http://a/b?key={quote(SECRET, safe='')}&x=1", ours=True)
        == f"http://a/b?key={REDACTED}&x=1"
    )
    assert (
        clean.url("http://a/b?access_token=zzz&x=1", ours=True) == f"http://a/b?access_token={REDACTED}&x=1"
    )
    assert clean.headers((("Location", f"/x?y={quote_plus(SECRET)}"),), ours=False) == [
        ["Location", f"/x?y={REDACTED}"]
    ]


def test_keys_that_are_secrets_by_their_name_are_redacted_in_requests_too() -> None:
    body = (
        '{"voucherSecretNumber": "123456", "access_token":"t", "pin" : 42, "spinning": "top", "secret": null}'
    )
    assert _body(Redactor(), body, ours=True) == (
        f'{{"voucherSecretNumber": "{REDACTED}", "access_token":"{REDACTED}", "pin" : {REDACTED}, '
        '"spinning": "top", "secret": null}'
    )


def test_the_blocks_own_secret_keys_are_redacted() -> None:
    redactor = Redactor(secret_keys=frozenset({"voucherNumber"}))
    assert _body(redactor, '{"voucherNumber": "V1", "serialNumber": "S1"}', ours=True) == (
        f'{{"voucherNumber": "{REDACTED}", "serialNumber": "S1"}}'
    )


def test_personal_values_in_answers_are_replaced_unless_we_sent_them() -> None:
    redactor = Redactor(personal=PERSONAL_KEYS)
    redactor.sent("http://a/b?payeeIdentity=OURS2", b'{"payeeIdentity": "OURS1"}')
    answer = '{"payeeIdentity": "OURS1", "b": {"PayeeIdentity":"Amina"}, "c": {"payeeIdentity": "OURS2"}, "n": 1.0}'
    assert _body(redactor, answer) == answer.replace("Amina", personal("Amina"))
    assert _body(redactor, answer, ours=True) == answer


def test_all_below_a_personal_key_is_replaced_and_the_rest_stays_to_the_character() -> None:
    redactor = Redactor(personal=PERSONAL_KEYS)
    answer = (
        '{ "creditParty":[ {"key":"account","value":77},\n{"value":"x, ]\\" y"} ] ,'
        '"amount": 1.50,"payeePartyIds":["a"]}'
    )
    account, number, text, one = map(personal, ("account", "77", 'x, ]" y', "a"))
    assert _body(redactor, answer) == (
        f'{{ "creditParty":[ {{"key":"{account}","value":{number}}},\n{{"value":"{text}"}} ] ,'
        f'"amount": 1.50,"payeePartyIds":["{one}"]}}'
    )


@pytest.mark.parametrize(
    ("broken", "shown"),
    [
        ('{"payeeIdentity": "Ami', f'{{"payeeIdentity": "{personal("Ami")}'),
        ('{"payeeIdentity": "Amina", oops', f'{{"payeeIdentity": "{AMINA}", oops'),
        ('{"creditParty": [{"key": "Amina"', f'{{"creditParty": [{{"key": "{personal("Amina")}"'),
        ('"payeeIdentity":Amina}', f'"payeeIdentity":{AMINA}}}'),
        ('{"payeeIdentity":', '{"payeeIdentity":'),
        ('<p>{"payeeIdentity":"Amina"}</p>', f'<p>{{"payeeIdentity":"{AMINA}"}}</p>'),
    ],
)
def test_broken_json_is_redacted_as_far_as_it_goes(broken: str, shown: str) -> None:
    assert _body(Redactor(personal=PERSONAL_KEYS), broken) == shown


def test_personal_query_parameters_of_what_the_product_calls_are_replaced() -> None:
    clean = Redactor(personal=PERSONAL_KEYS).cleaned()
    assert (
        clean.url("http://us/x?payeeIdentity=Amina&n=1", ours=False)
        == f"http://us/x?payeeIdentity={AMINA}&n=1"
    )
    assert (
        clean.url("http://it/x?payeeIdentity=Amina&n=1", ours=True) == "http://it/x?payeeIdentity=Amina&n=1"
    )


def test_a_finding_shows_nothing_that_was_taken_out_of_its_answer() -> None:
    clean = Redactor([SECRET], personal=PERSONAL_KEYS).cleaned()
    clean.body(b'{"payeeIdentity": "Amina"}', ours=False)
    finding = Finding(
        code="content.schema",
        message=Message(text="{what} is wrong", values={"what": "Amina"}),
        expected="a number",
        actual=f'"Amina" is not a number; HTTP 200 {{"payeeIdentity":"Amina"}} {SECRET}',
        clause="c",
        advice=Message(text="see {seen}", values={"seen": SECRET}),
    )
    shown = clean.finding(finding)
    assert shown.actual == f'"{AMINA}" is not a number; HTTP 200 {{"payeeIdentity":"{AMINA}"}} {REDACTED}'
    assert str(shown.message) == f"{AMINA} is wrong"
    assert str(shown.advice) == f"see {REDACTED}"


def test_the_beginning_of_a_secret_at_the_end_of_an_excerpt_goes_too() -> None:
    clean = Redactor(["tokentokentoken"]).cleaned()
    assert clean.text("HTTP 200 you sent tokentokento") == f"HTTP 200 you sent {REDACTED}"
    assert clean.text("HTTP 200 you sent toys") == "HTTP 200 you sent toys"


def test_a_body_is_cut_and_no_half_secret_is_left_at_the_cut() -> None:
    redactor = Redactor([SECRET])
    for shift in range(-80, 40):
        filler = "x" * (MOST_CHARACTERS + shift)
        told = _body(redactor, f"{filler}{SECRET}{filler}")
        assert len(told) <= MOST_CHARACTERS + 1
        assert told.endswith("…")
        assert not re.search("p|ä", told.replace(REDACTED, ""))


def test_a_body_of_the_limit_is_whole_and_one_more_is_cut() -> None:
    assert _body(Redactor(), "é" * MOST_CHARACTERS) == "é" * MOST_CHARACTERS
    assert _body(Redactor(), "é" * (MOST_CHARACTERS + 1)) == "é" * MOST_CHARACTERS + "…"


def test_bytes_that_are_no_text_are_shown_as_replaced() -> None:
    assert _body(Redactor([SECRET]), b"\xff\x00{") == "�\x00{"


def test_tokens_learned_later_and_watched_sources_count() -> None:
    tokens: set[str] = set()
    redactor = Redactor()
    redactor.watch(lambda: tokens)
    assert _body(redactor, "access granted: tok-1234") == "access granted: tok-1234"
    tokens.add("tok-1234")
    assert _body(redactor, "access granted: tok-1234") == f"access granted: {REDACTED}"
    redactor.learn(["tok-5678"])
    assert _body(redactor, "tok-5678") == REDACTED


def test_what_was_sent_is_remembered_within_limits_and_forgotten_on_the_safe_side() -> None:
    redactor = Redactor(personal=PERSONAL_KEYS)
    for number in range(3000):
        redactor.sent("/", f'{{"payeeIdentity": "ID{number}"}}'.encode())
    assert not redactor.is_ours("ID0")
    assert redactor.is_ours("ID2999")


def test_hostile_bodies_are_redacted_in_time() -> None:
    redactor = Redactor([SECRET], personal=PERSONAL_KEYS)
    for hostile in (
        '"' * 9000,
        '{"payeeIdentity":' * 600,
        "[" * 9000,
        '"a' * 4000,
        "?a=" * 3000,
        '\\"' * 4000,
    ):
        assert len(_body(redactor, hostile * 20)) <= MOST_CHARACTERS + 1


@pytest.mark.parametrize(
    "form",
    [
        r"s3cr3t-T0ken+\/x=",
        r"s3cr3t-T0ken\u002B/x=",
        r"s3cr3t-T0ken\u002b\/x\u003d",
        r"s3cr3t-T0ken+\\/x=",
        r"s3cr3t-T0ken\\u002b\\u002fx=",
        "s3cr3t-T0ken&#43;/x=",
        "s3cr3t-T0ken&#x2B;&#x2F;x=",
    ],
)
def test_a_secret_is_found_as_other_languages_write_it(form: str) -> None:
    redactor = Redactor(secrets=["s3cr3t-T0ken+/x="])
    shown = redactor.cleaned().body(f'{{"said":"{form}"}}'.encode(), ours=False)
    assert "s3cr3t" not in shown
    assert "[redacted]" in shown
