"""product.yaml's keys login and clients: what they may hold, what is told of them, and what is hidden."""

import sys
from pathlib import Path

import pytest

from dpi_conformance.catalogue.product import Target, load_product
from dpi_conformance.errors import UsageError

HEAD = (
    'product: {vendor: V, name: N, version: "1"}\nblocks:\n  identity:\n    base_url: https://idp.example\n'
)
PERSON = "persons: {alice: {username: alice, password: correct-horse, pin: '1234'}}"


def loaded(folder: Path, block: str) -> Target:
    indented = "".join(f"    {line}\n" for line in block.splitlines())
    (folder / "product.yaml").write_text(HEAD + indented)
    return load_product(folder / "product.yaml", environment={}).blocks["identity"]


def told(folder: Path, block: str) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(folder, block)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_login_with_every_key(tmp_path: Path) -> None:
    program = tmp_path / "login.sh"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    block = f"""login:
  driver: command
  {PERSON}
  fields: {{uin: username, challenge: pin}}
  submit: [Sign in]
  consent: {{accept: [Allow], refuse: [Deny], claims: claim}}
  hosts: [login.example, "pages.example:8443"]
  command: [./login.sh, --test]
  seconds: 5"""
    login = loaded(tmp_path, block).login
    assert login is not None
    assert login.command == (str(program.resolve()), "--test")
    assert (login.patience, login.consent.refuse) == (5, ("Deny",))
    assert login.proofs("alice") == ("password", "pin")
    assert login.secret_keys() == {"password", "pin", "challenge"}


def test_the_time_of_a_login_depends_on_who_logs_in(tmp_path: Path) -> None:
    for driver, seconds in (("form", 30), ("browser", 30), ("manual", 300)):
        login = loaded(tmp_path, f"login: {{driver: {driver}, {PERSON}}}").login
        assert login is not None
        assert login.patience == seconds


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ("login: {driver: form}", "login.persons is missing; write it."),
        (
            "login: {driver: from, persons: {a: {b: c}}}",
            "login.driver: “from” does not do; write one of: form, browser",
        ),
        (
            "login: {driver: command, persons: {a: {b: c}}}",
            "login: driver is command; name the program under command",
        ),
        (
            "login: {driver: command, command: [./no.sh], persons: {a: {b: c}}}",
            "login.command: there is no program no.sh that can be run",
        ),
        ("login: {persons: {}}", "login.persons: is empty; write at least one entry below it."),
        ("login: {persons: {alice: {pin: 1234}}}", "login.persons.alice.pin: the value given is a number"),
        (
            "login: {persons: {alice: {user: a}}, fields: {uin: number}}",
            "login: alice has no “number”, which fields or secret names; write it.",
        ),
        (
            "login: {persons: {a: {b: c}}, hosts: ['https://x.example/y']}",
            "login.hosts.0: “https://x.example/y” does not have the form asked for",
        ),
        ("login: {persons: {a: {b: c}}, person: x}", "there is no “person” here; did you mean “persons”?"),
        (
            "login: {persons: {a: {b: c}}, seconds: 0}",
            "login.seconds: “0” does not do; write a number from 1 to 3600.",
        ),
        (
            "clients: {c: {client_id: x, redirect_uris: [https://c.example/cb]}}",
            "name the key's file under private_key",
        ),
        (
            "clients: {c: {client_id: x, redirect_uris: [/cb], token_endpoint_auth_method: none}}",
            "clients.c.redirect_uris.0: “/cb” does not have the form asked for",
        ),
        (
            "clients: {c: {client_id: x, redirect_uris: ['https://c.example/#f'], token_endpoint_auth_method: none}}",
            "redirect_uris.0",
        ),
        (
            "clients: {c: {client_id: x, redirect_uris: [https://c/], token_endpoint_auth_method: client_secret_post}}",
            "token_endpoint_auth_method is client_secret_post; write its client_secret.",
        ),
        (
            "clients: {c: {client_id: x, redirect_uris: [https://c/], private_key: no.jwk}}",
            "private_key: the file no.jwk cannot be read",
        ),
        (
            "clients: {c: {client_id: x, redirect_uris: [https://c/], token_endpoint_auth_method: basic}}",
            "“basic” does not do; write one of: private_key_jwt",
        ),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write(tmp_path: Path, block: str, sentence: str) -> None:
    assert sentence in told(tmp_path, block)


def test_no_complaint_shows_what_a_person_knows(tmp_path: Path) -> None:
    said = told(tmp_path, "login: {persons: {alice: {password: [hunter2-hunter2]}}, seconds: 0}")
    assert "login.persons.alice.password" in said
    assert "hunter2" not in said


def test_secrets_are_known_and_left_out_of_what_is_shown(tmp_path: Path) -> None:
    client = "{client_id: x, redirect_uris: [https://c/], token_endpoint_auth_method: client_secret_basic"
    target = loaded(tmp_path, f"login: {{{PERSON}}}\nclients: {{c: {client}, client_secret: s-e-c-r-e-t}}}}")
    assert target.secrets() == {"correct-horse", "s-e-c-r-e-t"}
    assert target.secret_keys() == {"password", "pin"}
    shown = str(target.public())
    for hidden in ("correct-horse", "1234", "s-e-c-r-e-t"):
        assert hidden not in shown
    assert "alice" in shown
    assert "correct-horse" not in repr(target)
    assert "s-e-c-r-e-t" not in repr(target)


def test_a_secret_in_the_file_is_warned_about(tmp_path: Path) -> None:
    indented = f"    login: {{{PERSON}}}\n"
    (tmp_path / "product.yaml").write_text(HEAD + indented)
    warnings = [str(one) for one in load_product(tmp_path / "product.yaml", environment={}).warnings]
    assert sum("login.persons.alice.password: a secret stands in the file" in one for one in warnings) == 1


def test_a_program_by_its_name_alone(tmp_path: Path) -> None:
    name = Path(sys.executable).name
    login = loaded(tmp_path, f"login: {{driver: command, command: [sh, {name}], {PERSON}}}").login
    assert login is not None
    assert login.command == ("sh", name)
