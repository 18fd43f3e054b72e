"""The drivers ``command`` and ``manual``: somebody else logs in, and says where it came to."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from dpi_conformance.catalogue.login import Login
from dpi_conformance.login.command import CommandDriver
from dpi_conformance.login.landing import Diary, Landing, LoginError, Session, Wish
from dpi_conformance.login.manual import ManualDriver

URL = "https://idp.example/authorize?client_id=c"
CLIENT = "https://client.example/cb"
DIARY = Diary(number=lambda: "step-1", seen=lambda _: None)
PERSONS = {
    "alice": {"username": "alice", "password": "correct horse 9"},
    "bob": {"username": "bob", "pin": "1234"},
}


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Login]:
    """Give a login whose program has this Python body; ``given`` is what it was told."""

    def made(body: str, **keys: Any) -> Login:
        path = tmp_path / "login.py"
        path.write_text(
            f"#!{sys.executable}\nimport json, os, sys, time\ngiven = json.load(sys.stdin)\n{body}\n"
        )
        path.chmod(0o755)
        described = {"driver": "command", "persons": PERSONS, "command": ["./login.py", "--flag"], **keys}
        return Login.model_validate(described, context={"folder": tmp_path})

    return made


def land(login: Login, wish: Wish | None = None, sessions: list[Session] | None = None) -> list[Landing]:
    async def landed() -> list[Landing]:
        driver = CommandDriver(login)
        try:
            return [
                await driver.land(URL, CLIENT, wish or Wish(), session, diary=DIARY)
                for session in sessions or [Session()]
            ]
        finally:
            await driver.aclose()

    return asyncio.run(landed())


def told(login: Login, wish: Wish | None = None) -> str:
    with pytest.raises(LoginError) as error:
        land(login, wish)
    return str(error.value)


def test_a_program_prints_the_redirect(program: Any) -> None:
    login = program(
        f"print('logging in'); print('{CLIENT}?code=' + sys.argv[2].split('=')[-1] + '&n=' + sys.argv[1])"
    )
    (landing,) = land(login)
    assert landing.url == f"{CLIENT}?code=c&n=--flag"
    assert landing.page is None
    assert landing.exchanges == ()


def test_a_program_is_told_everything(program: Any) -> None:
    login = program("print(json.dumps(given))")
    wish = Wish(person="bob", claims=frozenset({"email"}), wrong_secret=True, ui_locale="fr")
    (landing,) = land(login, wish)
    assert landing.page is not None
    given = json.loads(landing.page.text)
    pin = given["values"].pop("pin")
    assert pin != "1234"
    assert pin.isdigit()
    assert len(pin) == 4
    assert Path(given.pop("session")).name.startswith("dpi-conformance-login-")
    assert given == {
        "url": URL,
        "redirect_uri": CLIENT,
        "person": "bob",
        "values": {"username": "bob"},
        "refuse": False,
        "cancel": False,
        "claims": ["email"],
        "wrong_secret": True,
        "ui_locale": "fr",
    }


def test_a_session_is_a_folder_that_goes_with_the_run(program: Any) -> None:
    body = "path = given['session'] + '/n'; n = len(open(path).read()) if os.path.exists(path) else 0"
    login = program(f"{body}; open(path, 'a').write('x'); print('{CLIENT}?code=' + str(n) + '&at=' + path)")
    one, other = Session(), Session()
    landings = land(login, sessions=[one, one, other])
    assert [landing.get("code") for landing in landings] == ["0", "1", "0"]
    assert not Path(landings[0].get("at")).exists()


def test_another_address_is_where_it_left_to(program: Any) -> None:
    (landing,) = land(program("print('https://evil.example/?code=1')"))
    assert landing.url == ""
    assert landing.left == "https://evil.example/?code=1"


def test_a_program_that_fails_is_told_without_the_secret(program: Any) -> None:
    said = told(program("sys.exit('no such user: ' + given['values']['password'])"))
    assert "exit code 1" in said
    assert "no such user: …" in said
    assert "correct horse" not in said


@pytest.mark.parametrize(("script", "said"), [("exit 0", ""), ("echo no >&2; exit 3", "exit code 3")])
def test_a_program_that_ends_at_once_need_not_read(tmp_path: Path, script: str, said: str) -> None:
    """In the run's own loop, where writing to a program that has ended is no ConnectionError."""
    path = tmp_path / "login.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    described = {"driver": "command", "persons": PERSONS, "command": ["./login.sh"]}
    login = Login.model_validate(described, context={"folder": tmp_path})

    async def landed() -> list[str]:
        driver, came = CommandDriver(login), []
        for _ in range(12):
            try:
                landing = await driver.land(URL, CLIENT, Wish(), Session(), diary=DIARY)
                came.append(landing.page.text if landing.page else landing.url)
            except LoginError as error:
                came.append(str(error))
        await driver.aclose()
        return came

    assert all(said in one for one in uvloop.run(landed()))


def test_what_is_no_text_is_no_address(program: Any) -> None:
    (landing,) = land(program(r"sys.stdout.buffer.write(b'K:\x1a\xff\n' + b'x:y\n' + b'ab:\xfe\x00')"))
    assert landing.left == ""
    assert landing.page is not None


def test_a_program_that_never_ends_is_ended_with_all_that_it_started(program: Any, tmp_path: Path) -> None:
    beside = tmp_path / "alive"
    child = f"import time; time.sleep(2.5); open({str(beside)!r}, 'w')"
    login = program(
        f"import subprocess; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)", seconds=1
    )
    assert "login.seconds" in told(login)
    time.sleep(2.5)
    assert not beside.exists()


def test_a_program_that_says_too_much_is_cut(program: Any) -> None:
    (landing,) = land(program("print('x' * 5_000_000)"))
    assert landing.page is not None
    assert len(landing.page.text) == 1_000_000


def by_hand(answers: list[str], wish: Wish, session: Session | None = None) -> tuple[Landing, list[str]]:
    asked: list[str] = []

    async def ask(text: str) -> str:
        asked.append(text)
        return answers.pop(0)

    async def landed() -> Landing:
        driver = ManualDriver(Login.model_validate({"driver": "manual", "persons": PERSONS}), ask)
        return await driver.land(URL, CLIENT, wish, session, diary=DIARY)

    return asyncio.run(landed()), asked


def test_a_person_at_the_terminal_pastes_the_redirect() -> None:
    landing, (asked,) = by_hand([f"  {CLIENT}?code=7&state=s \n"], Wish(claims=frozenset({"email"})))
    assert landing.get("code") == "7"
    assert URL in asked
    assert "as alice, who consents to these voluntary claims only: email" in asked
    assert "correct horse" not in asked


def test_what_a_page_says_is_written_in_its_place() -> None:
    landing, (asked,) = by_hand(["Name or password is wrong"], Wish(wrong_secret=True), Session())
    assert landing.page is not None
    assert landing.page.text == "Name or password is wrong"
    assert "gives a wrong secret once" in asked
    assert "number 1" in asked


def test_nothing_pasted_is_no_answer() -> None:
    with pytest.raises(LoginError, match="Nothing was pasted"):
        by_hand([""], Wish())


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    driver = ManualDriver(Login.model_validate({"driver": "manual", "persons": PERSONS}))

    def landed() -> Awaitable[Landing]:
        return driver.land(URL, CLIENT, Wish(), diary=DIARY)

    with pytest.raises(LoginError, match="needs a terminal"):
        asyncio.run(landed())  # type: ignore[arg-type]


def test_nobody_answers_in_time() -> None:
    async def silence(_: str) -> str:
        await asyncio.sleep(30)
        return ""

    async def landed() -> None:
        login = Login.model_validate({"driver": "manual", "persons": PERSONS, "seconds": 1})
        await ManualDriver(login, silence).land(URL, CLIENT, Wish(), diary=DIARY)

    with pytest.raises(LoginError, match=r"login\.seconds"):
        asyncio.run(landed())
