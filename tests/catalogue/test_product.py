"""product.yaml: what it may hold, and that each thing wrong with it is told once, clearly, and without secrets."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from dpi_conformance.catalogue.environment import MalformedError, UnsetError, expand, is_literal
from dpi_conformance.catalogue.product import ProductFile, Target, load_product, product_at, target_at
from dpi_conformance.catalogue.product_schema import published_schema, schema_text
from dpi_conformance.catalogue.target import ApiKeyAuth, BearerAuth, NoAuth, OAuth2Auth
from dpi_conformance.errors import UsageError

SHIPPED = Path(__file__).parents[2] / "dpi_conformance" / "schemas" / "product.schema.json"
REFERENCE = Path(__file__).parents[2] / "docs" / "product-yaml.md"
HEAD = 'product: {vendor: V, name: N, version: "1"}\nblocks:\n  payments:\n'


@dataclass
class Known:
    """A block that there is."""

    functions: dict[str, str]
    counterparties: dict[str, str]
    fixtures: tuple[str, ...] = ()
    declares: tuple[str, ...] = ()


KNOWN = {
    "payments": Known({"g2p": "", "vouchers": ""}, {"payer-bank": "", "biller": ""}),
    "identity": Known({"login": ""}, {}),
    "exchange": Known({"mediation": ""}, {}, ("consumer.client", "room.id"), ("push.delivery",)),
}


def _written(folder: Path, text: str | bytes) -> Path:
    path = folder / "product.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _load(folder: Path, block: str, **environment: str) -> Target:
    """Load a file whose one block has these lines besides its base URL."""
    lines = f"base_url: https://it.example.org/api/\n{block}"
    indented = "".join(f"    {line}\n" for line in lines.splitlines())
    path = _written(folder, HEAD + indented)
    return load_product(path, known=KNOWN, environment=environment).blocks["payments"]


def _complaint(folder: Path, text: str | bytes, **environment: str) -> str:
    with pytest.raises(UsageError) as caught:
        load_product(_written(folder, text), known=KNOWN, environment=environment)
    assert caught.value.exit_code == 2
    return str(caught.value).replace(f"{folder}/", "")


def _block_complaint(folder: Path, block: str, **environment: str) -> str:
    with pytest.raises(UsageError) as caught:
        _load(folder, block, **environment)
    return str(caught.value).replace(f"{folder}/", "")


# What it holds.


def test_the_least_file_has_every_default(tmp_path: Path) -> None:
    target = _load(tmp_path, "")
    assert target.base_url == "https://it.example.org/api"
    assert isinstance(target.auth, NoAuth)
    assert (target.limits.connect_seconds, target.limits.answer_seconds, target.limits.callback_seconds) == (
        5,
        10,
        10,
    )
    assert (target.limits.requests_per_second, target.limits.concurrency) == (None, 32)
    assert target.limits.response_bytes == 1_048_576
    assert (target.callbacks.bind, target.callbacks.port, target.callbacks.public_url) == (
        "127.0.0.1",
        0,
        None,
    )
    assert (target.claims, target.headers, target.fixtures, target.counterparties) == ((), {}, {}, {})


def test_every_key_arrives_as_it_was_written(tmp_path: Path) -> None:
    for name in ("ca.pem", "us.pem", "us.key"):
        (tmp_path / name).write_text("pem")
    target = _load(
        tmp_path,
        """
auth: {type: oauth2_client_credentials, token_url: "https://login/token", client_id: me, client_secret: "${SECRET}",
       scope: a b, audience: it, client_auth: post}
headers: {X-Road-Client: a/b/c}
tls: {ca_file: ca.pem, client_certificate: us.pem, client_key: ./us.key, verify: false}
limits: {connect_seconds: 1, answer_seconds: 2.5, callback_seconds: 3, requests_per_second: 50, concurrency: 4,
         response_bytes: 2048}
callbacks: {bind: 0.0.0.0, port: 8900, public_url: "http://us:8900/"}
counterparties: {biller: {identifier: BILLER01}}
claims: [vouchers, g2p]
fixtures: {bill: "0001"}
""",
        SECRET="s3cret",
    )
    assert isinstance(target.auth, OAuth2Auth)
    assert (target.auth.client_secret, target.auth.client_auth, target.auth.scope) == (
        "s3cret",
        "post",
        "a b",
    )
    assert target.tls.ca_file == (tmp_path / "ca.pem").resolve()
    assert target.tls.client_key == (tmp_path / "us.key").resolve()
    assert target.limits.requests_per_second == 50
    assert target.callbacks.public_url == "http://us:8900"
    assert target.counterparties["biller"].identifier == "BILLER01"
    assert (target.claims, target.fixtures) == (("vouchers", "g2p"), {"bill": "0001"})


@pytest.mark.parametrize(
    ("auth", "kind"),
    [
        ("{type: none}", "none"),
        ("{type: headers, headers: {X-A: '${S}'}}", "headers"),
        ("{type: bearer, token: '${S}'}", "bearer"),
        ("{type: api_key, name: k, in: query, value: '${S}'}", "api_key"),
        ("{type: api_key, value: '${S}'}", "api_key"),
    ],
)
def test_each_kind_of_authentication_loads(tmp_path: Path, auth: str, kind: str) -> None:
    target = _load(tmp_path, f"auth: {auth}", S="s3cret")
    assert target.auth.type == kind
    assert target.secrets() == (frozenset() if kind == "none" else {"s3cret"})


def test_a_key_without_a_value_counts_as_left_out(tmp_path: Path) -> None:
    target = _load(tmp_path, "limits:\ncallbacks:\n  port:\nclaims:\nauth:")
    assert (target.limits.concurrency, target.callbacks.port, target.claims) == (32, 0, ())


def test_a_target_cannot_be_changed() -> None:
    target = Target(base_url="http://127.0.0.1")
    with pytest.raises(ValidationError, match="frozen"):
        target.base_url = "http://other"  # type: ignore[misc]


def test_files_of_a_windows_editor_load(tmp_path: Path) -> None:
    path = _written(
        tmp_path, b"\xef\xbb\xbf" + (HEAD + "    base_url: http://x\n").replace("\n", "\r\n").encode()
    )
    assert load_product(path).product.name == "N"


# The environment.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${A}", "1"),
        ("x${A}y${B}z", "x1y2z"),
        ("${NO:-default}", "default"),
        ("${NO:-}", ""),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY}", ""),
        ("${A:-default}", "1"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$$$$", "$$"),
        ("pa$word$", "pa$word$"),
        ("${NO:-a $ b}", "a $ b"),
    ],
)
def test_references_are_expanded_as_a_shell_does(text: str, value: str) -> None:
    assert expand(text, {"A": "1", "B": "2", "EMPTY": ""}) == value


def test_a_value_from_the_environment_is_not_read_as_yaml_or_expanded_again(tmp_path: Path) -> None:
    target = _load(tmp_path, "fixtures: {a: '${A}'}", A="{b: [${C}], #")
    assert target.fixtures == {"a": "{b: [${C}], #"}


@pytest.mark.parametrize("text", ["${", "${1A}", "${A", "${A-b}", "${}", "a${ A }"])
def test_a_broken_reference_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        expand(text, {"A": "1"})


def test_an_unset_variable_is_named() -> None:
    with pytest.raises(UnsetError, match="NO"):
        expand("${NO}", {})


def test_numbers_and_switches_may_come_from_the_environment(tmp_path: Path) -> None:
    target = _load(tmp_path, "limits: {concurrency: '${N}'}\ntls: {verify: '${V}'}", N="7", V="false")
    assert (target.limits.concurrency, target.tls.verify) == (7, False)


@pytest.mark.parametrize(
    ("text", "literal"),
    [("abc", True), ("${A}", False), ("${A:-}", False), ("${A:-abc}", True), ("$$", True)],
)
def test_a_literal_is_told_from_a_reference(text: str, *, literal: bool) -> None:
    assert is_literal(text) is literal


# What is wrong with the file as a whole.


def test_a_missing_file_leads_to_init(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"There is no file .*nowhere.yaml; run “dpi-conformance init .*nowhere.yaml”"
    ):
        load_product(tmp_path / "nowhere.yaml")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; name the file in it"):
        load_product(tmp_path)


def test_what_might_never_end_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (Path("/dev/zero"), pipe):
        with pytest.raises(UsageError, match=f"^{path} is no regular file"):
            load_product(path)
    assert "ca_file: " in (told := _block_complaint(tmp_path, "tls: {ca_file: pipe}"))
    assert "is no regular file" in told


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 36)  # sparse: takes no room on the disk, but would in memory
    with pytest.raises(UsageError, match="far more than a product's description"):
        load_product(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "product: {name: N}".encode("utf-16"),
            "byte 0xff is not UTF-8; save the file with the encoding UTF-8.",
        ),
        ("product: {name: N}".encode("utf-16-le"), "this is not YAML: unacceptable character"),
        (b"\x7fELF\x02\x01\x01\x00", "this is not YAML: unacceptable character"),
        (b"", "product.yaml is empty; run “dpi-conformance init”"),
        (b"# only a comment\n", "product.yaml is empty"),
        (
            b"product:\n  name: caf\xe9\n",
            "product.yaml:2: byte 0xe9 is not UTF-8; save the file with the encoding UTF-8.",
        ),
        (b"product: {name: N\nblocks: 1\n", "product.yaml:2:7: this is not YAML: "),
        (b"product:\n\tname: N\n", "product.yaml:2:1: this is not YAML: found character '\\t'"),
        (
            b"a: 1\n---\nb: 2\n",
            "product.yaml:2:1: this is not YAML: expected a single document in the stream, but found another",
        ),
        (b"a: !!python/object x\n", "product.yaml:1:4: this is not YAML: could not determine a constructor"),
        (b"a: *nowhere\n", "product.yaml:1:4: this is not YAML: found undefined alias 'nowhere'"),
        (b"a: \x07\n", "this is not YAML: unacceptable character"),
        (b"[" * 5000, "nested too deep"),
        (b"a: b\n" * 300_000, "far more than a product's description"),
        (
            b"just text",
            "product.yaml:1: a value stands where keys are asked for; write below it some of: product, blocks.",
        ),
        (b"- a\n", "product.yaml:1: a value stands where keys are asked for"),
    ],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else "",
)
def test_a_file_that_cannot_be_read_is_one_message(tmp_path: Path, text: bytes, complaint: str) -> None:
    assert complaint in _complaint(tmp_path, text)


def test_a_bomb_of_aliases_ends_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    started = time.monotonic()
    assert "far more than a product's description" in _complaint(tmp_path, "\n".join(lines))
    assert time.monotonic() - started < 5


def test_a_key_that_stands_twice_is_named_without_its_value(tmp_path: Path) -> None:
    told = _complaint(
        tmp_path, HEAD + "    auth: {type: bearer, token: first-secret, token: second-secret}\n"
    )
    assert 'found duplicate key "token"' in told
    assert "secret" not in told


# What is wrong with one key.


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (
            "limit: {}",
            "product.yaml:5: blocks.payments.limit: there is no “limit” here; did you mean “limits”?",
        ),
        (
            "limits: {}\nfoo: 1",
            "product.yaml:6: blocks.payments.foo: there is no “foo” here; write one of: auth, base_url",
        ),
        (
            "limits: 5",
            "limits: a value stands where keys are asked for; write below it some of: connect_seconds,",
        ),
        (
            "limits: {concurrency: many}",
            "concurrency: “many” does not do; write a whole number from 1 to 256.",
        ),
        ("limits: {concurrency: 1.5}", "concurrency: “1.5” does not do; write a whole number from 1 to 256."),
        ("limits: {concurrency: 0}", "concurrency: “0” does not do; write a whole number from 1 to 256."),
        (
            "limits: {answer_seconds: soon}",
            "answer_seconds: “soon” does not do; write a number from 0.1 to 600.",
        ),
        (
            "limits: {answer_seconds: .nan}",
            "answer_seconds: “.nan” does not do; write a number from 0.1 to 600.",
        ),
        (
            "limits: {requests_per_second: 0}",
            "requests_per_second: “0” does not do; write a number from 0.01 to 100000.",
        ),
        (
            "callbacks: {port: 70000}",
            "callbacks.port: “70000” does not do; write a whole number from 0 to 65535.",
        ),
        ("callbacks: {port: -1}", "callbacks.port: “-1” does not do; write a whole number from 0 to 65535."),
        ("callbacks: {bind: 0.0.0.0}", "callbacks: nobody can call 0.0.0.0; write public_url"),
        (
            "callbacks: {public_url: us:80}",
            "callbacks.public_url: “us:80” is no web address; write it in full",
        ),
        ("tls: {verify: maybe}", "tls.verify: “maybe” does not do; write true or false."),
        ("tls: {ca_file: ca.pem}", "tls.ca_file: the file"),
        ("tls: {client_key: product.yaml}", "tls: there is a client_key; name its client_certificate too."),
        ("auth: {type: mutual_tls}", "blocks.payments: auth.type is mutual_tls; name our certificate under"),
        ("auth: {type: beaer, token: x}", "auth.type: there is no “beaer” here; did you mean “bearer”?"),
        (
            "auth: {token: x}",
            "auth: write “type:” below it, with one of: api_key, bearer, headers, mutual_tls, none,",
        ),
        ("auth: s3cret", "auth: write “type:” below it"),
        ("auth: {type: bearer}", "auth.token is missing; write it. (The token, without the word Bearer.)"),
        ("auth: {type: bearer, token: ''}", "auth.token: is empty; write its value"),
        (
            "auth: {type: bearer, token: 12345}",
            "auth.token: the value given is a number, a date or true/false",
        ),
        ("auth: {type: bearer, token: {a: b}}", "auth.token: one text is asked for"),
        ("auth: {type: headers, headers: {}}", "auth.headers: is empty; write at least one entry"),
        (
            "auth: {type: api_key, in: cookie, value: x}",
            "auth.in: “cookie” does not do; write one of: header, query.",
        ),
        ("auth: {type: api_key, name: 'a b', value: x}", "does not have the form asked for"),
        ("headers: {X A: b}", "headers: “X A” is no header name (RFC 9110, 5.1)"),
        (
            "headers: {Content-Length: '1'}",
            "headers: Content-Length is worked out for each request; leave it out.",
        ),
        ('headers: {A: "b\\nc"}', "headers.A: the value given cannot be sent"),
        ("headers: {A: 'é'}", "headers.A: the value given cannot be sent; write visible ASCII characters"),
        ("headers: {A: 1}", "headers.A: the value given is a number"),
        ("headers: {1: a}", "headers.1: this key is a number for YAML; put it in quotes."),
        ("3: x", "payments.3: this key is a number for YAML; put it in quotes."),
        (
            "headers: [a]",
            "headers: a value stands where entries are asked for; write “name: value” lines below it.",
        ),
        ("claims: []", "claims: write a list with at least one entry, or leave the key out."),
        ("claims: g2p", "claims: write a list with at least one entry, or leave the key out."),
        (
            "claims: [g2p, voucher]",
            "claims.1: there is no “voucher” here; did you mean “vouchers”? (One of: g2p, vouchers.)",
        ),
        ("counterparties: {payer_bank: {}}", "there is no “payer_bank” here; did you mean “payer-bank”?"),
        ("counterparties: {zzz: {}}", "there is no “zzz” here; write one of: biller, payer-bank."),
        (
            "fixtures: {a: 1}",
            "fixtures.a: the value given is a number, a date or true/false for YAML; put it in quotes",
        ),
        (
            "fixtures: {a: '${NOPE}'}",
            "fixtures.a: the environment variable NOPE is not set; set it (export NOPE=…), or write ${NOPE:-…}",
        ),
        (
            "fixtures: {a: '${NOPE'}",
            "fixtures.a: “${” opens no reference; write ${NAME}, ${NAME:-default}, or $${",
        ),
    ],
)
def test_a_wrong_key_says_what_to_write_instead(tmp_path: Path, block: str, complaint: str) -> None:
    assert complaint in _block_complaint(tmp_path, block)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("payments.example.org", "“payments.example.org” is no web address; write it in full"),
        ("ftp://x", "is no web address"),
        ("http://", "is no web address"),
        ("http://a b", "is no web address"),
        ("http://x:99999", "is no URL (Port out of range 0-65535)"),
        ("http://[::1", "is no URL (Invalid IPv6 URL)"),
        ("https://me:s3cret@x", "the address holds credentials; write them under auth"),
        ("https://x/?a=s", "holds a query or fragment"),
        ("https://x/#a", "holds a query or fragment"),
    ],
)
def test_a_wrong_url_says_what_to_write_instead(tmp_path: Path, url: str, complaint: str) -> None:
    told = _complaint(tmp_path, HEAD + f"    base_url: '{url}'\n")
    assert f"product.yaml:4: blocks.payments.base_url: {complaint}" in told or complaint in told
    assert "s3cret" not in told


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("product: {name: N}\n", "product.yaml:1: blocks is missing; write it."),
        ("product: {name: N}\nblocks: {}\n", "product.yaml:2: blocks: is empty; write at least one entry"),
        ("blocks: {payments: {base_url: http://x}}\n", "product.yaml:1: product is missing"),
        (
            "product: {}\nblocks: {payments: {base_url: http://x}}\n",
            "product.name is missing; write it. (What the",
        ),
        (
            "product: {name: N, version: 1.10}\nblocks: {payments: {base_url: http://x}}\n",
            "version: “1.10” is a number",
        ),
        (
            "product: {name: N, build: 2026-11-24}\nblocks: {payments: {base_url: http://x}}\n",
            "“2026-11-24” is a number, a date",
        ),
        (
            "product: {name: N, adaptor: natve}\nblocks: {payments: {base_url: http://x}}\n",
            "write one of: native, adaptor.",
        ),
        (
            "product: {name: N}\nblocks: {payment: {base_url: http://x}}\n",
            "did you mean “payments”? (One of: exchange, identity, payments.)",
        ),
        (
            "product: {name: N}\nblocks: {payments: }\n",
            "blocks.payments: nothing stands below it; write there some of: base_url, auth",
        ),
    ],
)
def test_a_wrong_head_says_what_to_write_instead(tmp_path: Path, text: str, complaint: str) -> None:
    assert complaint in _complaint(tmp_path, text)


def test_several_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = _block_complaint(tmp_path, "headers: {A: '${NO}'}\nlimits: {concurrency: x}\ncallbacks: {port: y}")
    first, *others = told.splitlines()
    assert first == "product.yaml has 3 problems:"
    assert [line.partition(": ")[0].strip() for line in others] == [
        f"product.yaml:{line}" for line in (5, 6, 7)
    ]


def test_an_unset_variable_is_not_complained_about_twice(tmp_path: Path) -> None:
    told = _block_complaint(tmp_path, "limits: {concurrency: '${NO}'}")
    assert "problems" not in told
    assert "the environment variable NO is not set" in told


def test_an_empty_variable_is_named_where_its_value_must_not_be_empty(tmp_path: Path) -> None:
    told = _block_complaint(tmp_path, "auth: {type: bearer, token: '${EMPTY}'}", EMPTY="")
    assert "auth.token: the environment variable EMPTY is empty; set it" in told


def test_unknown_names_are_told_together_with_malformed_keys(tmp_path: Path) -> None:
    told = _block_complaint(
        tmp_path,
        "limits: {concurrency: many}\nclaims: [g2q, 7]\ncounterparties: {payer-bnk: {}, 8: {}}\nauth: {type: '${NO}'}",
    )
    assert told.splitlines()[0] == "product.yaml has 6 problems:"
    for part in ("“many”", "“g2q”", "“7”", "“payer-bnk”", "counterparties.8", "variable NO is not set"):
        assert told.count(part) == 1


def test_a_key_that_must_be_there_is_not_advised_to_be_left_out(tmp_path: Path) -> None:
    told = _complaint(tmp_path, "product: {name: ''}\nblocks: {}\n")
    assert "leave the key out" not in told
    assert "product.name: is empty; write its value. (What the product is called.)" in told
    assert "blocks: is empty; write at least one entry below it. (How each building block" in told


def test_what_is_malformed_as_a_whole_is_no_trouble_for_the_search_of_names(tmp_path: Path) -> None:
    for text in (
        "product: {name: N}\nblocks: [payments]\n",
        "product: {name: N}\nblocks: {payments: 5, 7: {}}\n",
    ):
        assert "product.yaml:2: blocks" in _complaint(tmp_path, text)


@pytest.mark.parametrize(
    "block",
    [
        "auth: {type: bearer, token: 's3cret\u00e9'}",
        "auth: {type: bearer, tokn: s3cret}",
        "auth: {type: bearer, token: [s3cret]}",
        "auth: bearer s3cret",
        "auth: [s3cret]",
        "auth: {type: oauth2_client_credentials, token_url: x, client_id: a, client_secret: ' s3cret'}",
        "headers: {Authorization: 's3cret\u00e9'}",
        "headers: s3cret",
    ],
)
def test_no_complaint_shows_a_secret(tmp_path: Path, block: str) -> None:
    assert "s3cret" not in _block_complaint(tmp_path, block)


# Warnings.


def _warnings(folder: Path, block: str, url: str = "http://127.0.0.1:8080", **environment: str) -> list[str]:
    lines = "".join(f"    {line}\n" for line in (f"base_url: {url}", *block.splitlines()))
    product = load_product(_written(folder, HEAD + lines), known=KNOWN, environment=environment)
    return [str(warning).replace(f"{folder}/", "") for warning in product.warnings]


@pytest.mark.parametrize(
    ("block", "place"),
    [
        ("auth: {type: bearer, token: abcdef}", "product.yaml:5: blocks.payments.auth.token"),
        ("auth:\n  type: bearer\n  token: ${T:-abcdef}", "product.yaml:7: blocks.payments.auth.token"),
        ("auth: {type: api_key, value: abcdef}", "product.yaml:5: blocks.payments.auth.value"),
        ("auth: {type: headers, headers: {X: abcdef}}", "product.yaml:5: blocks.payments.auth.headers.X"),
        ("headers: {X-Api-Key: abcdef}", "product.yaml:5: blocks.payments.headers.X-Api-Key"),
    ],
)
def test_a_secret_in_the_file_is_warned_about_and_not_shown(tmp_path: Path, block: str, place: str) -> None:
    assert _warnings(tmp_path, block) == [
        f"{place}: a secret stands in the file; write ${{NAME}} and set NAME in the environment."
    ]


@pytest.mark.parametrize(
    ("block", "url"),
    [
        ("auth: {type: bearer, token: '${T}'}\nheaders: {X-Tenant: abc}", "http://127.0.0.1"),
        ("callbacks: {bind: 0.0.0.0, port: 8900, public_url: http://us:8900}", "https://it.example.org"),
    ],
)
def test_a_good_file_has_no_warnings(tmp_path: Path, block: str, url: str) -> None:
    assert _warnings(tmp_path, block, url, T="abcdef") == []


def test_what_will_not_work_well_is_warned_about(tmp_path: Path) -> None:
    assert "cannot call back to 127.0.0.1" in _warnings(tmp_path, "", "https://it.example.org")[0]
    assert "certificate is not checked" in _warnings(tmp_path, "tls: {verify: false}")[0]
    assert (
        "public_url is fixed and the port is not"
        in _warnings(tmp_path, "callbacks: {public_url: http://us}")[0]
    )
    path = _written(tmp_path, "product: {name: N}\nblocks: {payments: {base_url: http://127.0.0.1}}\n")
    told = [str(warning) for warning in load_product(path).warnings]
    assert [("product.vendor is empty" in told[0]), ("product.version is empty" in told[1])] == [True, True]


# Secrets.


def test_the_public_form_of_a_target_holds_no_secret() -> None:
    auth = ApiKeyAuth(type="api_key", value="s3cret")
    target = Target(base_url="http://x", auth=auth, headers={"Cookie": "s3cret", "X-Tenant": "t1"})
    assert target.secrets() == {"s3cret"}
    shown = target.public()
    assert "s3cret" not in json.dumps(shown)
    assert shown["auth"] == {"type": "api_key", "name": "X-Api-Key", "in": "header", "value": "[redacted]"}
    assert shown["headers"] == {"Cookie": "[redacted]", "X-Tenant": "t1"}
    assert "s3cret" not in repr(target.auth)


def test_what_a_prepared_voucher_is_paid_out_for_is_a_secret() -> None:
    fixtures = {"voucher-active.serial": "S1 S2", "voucher-active.secret": "482913 771204"}
    target = Target(base_url="http://x", fixtures=fixtures)
    assert target.secrets() == {"482913", "771204"}
    assert target.public()["fixtures"] == {
        "voucher-active.serial": "S1 S2",
        "voucher-active.secret": "[redacted]",
    }
    assert target.fixtures == fixtures


# --target URL.


def test_what_a_target_url_leaves_open_is_said() -> None:
    known = {"payments": KNOWN["payments"], "identity": KNOWN["identity"]}
    product = product_at("http://127.0.0.1:80/api", known, {})
    assert (product.product.name, set(product.blocks)) == ("127.0.0.1:80", {"payments", "identity"})
    (warning,) = map(str, product.warnings)
    assert "whom “payments” asks (payer-bank, biller)" in warning
    assert "dpi-conformance init" in warning


def test_a_target_url_takes_its_token_from_the_environment() -> None:
    assert isinstance(target_at("http://x", {}).auth, NoAuth)
    assert target_at("http://x/", {"DPI_CONFORMANCE_TOKEN": "t"}).auth == BearerAuth(type="bearer", token="t")
    with pytest.raises(UsageError, match="^--target: “x:80” is no web address; write it in full"):
        target_at("x:80", {})
    with pytest.raises(UsageError, match="^DPI_CONFORMANCE_TOKEN: the value given cannot be sent") as caught:
        target_at("http://x", {"DPI_CONFORMANCE_TOKEN": "s3cret\n"})
    assert "s3cret" not in str(caught.value)


# The schema.


def test_the_shipped_schema_is_current() -> None:
    assert SHIPPED.read_text("utf-8") == schema_text(ProductFile), (
        "write it anew: python -m dpi_conformance.catalogue.product_schema > dpi_conformance/schemas/product.schema.json"
    )


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"limits": {"concurrency": "${N}"}}, True),
        ({"limits": {"concurrency": "many"}}, False),
        ({"limit": {}}, False),
        ({"auth": {"type": "bearer", "token": "${T}"}}, True),
        ({"auth": {"type": "bearer"}}, False),
        ({"auth": {"type": "api_key", "value": "x", "in": "cookie"}}, False),
        ({"tls": {"verify": "${V:-true}"}}, True),
    ],
)
def test_editors_are_told_the_same_as_users(change: dict[str, Any], *, valid: bool) -> None:
    document = {"product": {"name": "N"}, "blocks": {"payments": {"base_url": "http://x", **change}}}
    assert jsonschema_rs.Draft202012Validator(published_schema(ProductFile)).is_valid(document) is valid


def _keys(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_keys, schema))
    if not isinstance(schema, dict):
        return set()
    own = schema.get("properties", {})
    return set(own) | set().union(*map(_keys, schema.values()))


def test_every_key_of_the_schema_is_described_and_in_the_reference() -> None:
    schema = published_schema(ProductFile)
    text = REFERENCE.read_text("utf-8")
    keys = _keys(schema)
    assert {"base_url", "client_secret", "public_url", "in"} <= keys
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []
    for part in (schema, *schema["$defs"].values()):
        lacking = [
            key
            for key, child in part.get("properties", {}).items()
            if key != "type" and "description" not in child
        ]
        assert lacking == []


# The start.


def test_neither_the_yaml_parser_nor_descriptions_are_loaded_before_they_are_needed() -> None:
    program = (
        "import sys, dpi_conformance.catalogue.product;"
        "print([m for m in sys.modules if m.split('.')[0] in {'ruamel', 'yaml', 'httpx', 'jsonschema_rs', 'rich'}])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_misspelt_fixture_or_declaration_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    text = f"""{HEAD.replace("payments:", "exchange:")}    base_url: https://it.example.org
    fixtures:
      consumer.cleint: GOV/COM/1234/benefits
      room.id: GOV/GOV/70000/events
    declares:
      push.delivry: once
      header.X-GovStack-Client: X-Road-Client
"""
    told = _complaint(tmp_path, text)
    assert (
        "blocks.exchange.fixtures.consumer.cleint: there is no “consumer.cleint” here; did you mean “consumer.client”?"
        in told
    )
    assert (
        "blocks.exchange.declares.push.delivry: there is no “push.delivry” here; did you mean “push.delivery”?"
        in told
    )
    assert "room.id:" not in told
    assert "header." not in told


def test_a_block_that_lists_no_names_takes_any(tmp_path: Path) -> None:
    target = _load(tmp_path, "fixtures: {anything.at-all: x}\ndeclares: {whatever: y}")
    assert (target.fixtures, target.declares) == ({"anything.at-all": "x"}, {"whatever": "y"})
