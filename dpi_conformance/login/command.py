"""The driver ``command``: a program of the vendor's is given a URL, and prints where the login came to."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

import orjson

from dpi_conformance.catalogue.login import Login
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Diary, Hop, Landing, Page, Session, Wish, short, too_long, trouble
from dpi_conformance.login.people import Person, person_for
from dpi_conformance.login.places import answers_at

__all__ = ["CommandDriver", "landed"]

_MOST_BYTES = 1_000_000
_SAID = 300
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[^\s\x00-\x1f\x7f-\x9f\ufffd]+")
"""An address on a line of its own; bytes that are no text, as of an image, are none."""
_KEY = "folder"


class CommandDriver:
    """Runs the program of ``login.command`` once for each login.

    The URL is its last argument. On its standard input stands one JSON object: ``url``, ``redirect_uri``, ``person``,
    ``values`` (the person's, or wrong ones), ``refuse``, ``cancel``, ``claims``, ``wrong_secret``, ``ui_locale``, and
    ``session``, a folder that is the same for all logins of one person's browser. It prints the redirect and does not
    follow it; what it prints instead is taken as the page that was shown.
    """

    def __init__(self, login: Login) -> None:
        """Take how one logs in."""
        self._login = login
        self._folders: list[Path] = []

    async def land(
        self, url: str, redirect_uri: str, wish: Wish, session: Session | None = None, *, diary: Diary
    ) -> Landing:
        """Run the program; raises LoginError where it fails or takes too long."""
        del diary  # what the program sends is not seen
        who = person_for(self._login, wish)
        given = orjson.dumps(_given(url, redirect_uri, wish, who, self._folder(session or Session())))
        said = await self._run(url, given, who)
        return landed(said, url, redirect_uri, wish)

    async def aclose(self) -> None:
        """Remove what the sessions kept."""
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, session: Session) -> Path:
        if _KEY not in session.kept:
            session.kept[_KEY] = Path(tempfile.mkdtemp(prefix="dpi-conformance-login-"))
            self._folders.append(session.kept[_KEY])
        folder: Path = session.kept[_KEY]
        return folder

    async def _run(self, url: str, given: bytes, who: Person) -> str:
        words = (*(self._login.command or ()), url)
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *words, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, limit=_MOST_BYTES
            )
        except OSError as error:
            text = N_("The program under login.command in product.yaml cannot be run ({reason}).")
            raise trouble(text, reason=error.strerror or str(error)) from error
        try:
            async with asyncio.timeout(self._login.patience):
                out, complaint = await _talked(process, given)
        except TimeoutError:
            raise too_long(self._login.patience, words[0]) from None
        finally:
            with contextlib.suppress(ProcessLookupError):  # it, and whatever it started
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if process.returncode:
            text = N_(
                "The program under login.command in product.yaml ended with exit code {code}. It says: “{said}”"
            )
            raise trouble(text, code=process.returncode, said=_hidden(complaint or out, who, self._login))
        return out


async def _talked(process: asyncio.subprocess.Process, given: bytes) -> tuple[str, str]:
    """Hand over what is given, and read what it says until it ends: at most a megabyte of each."""
    assert process.stdin is not None  # noqa: S101 -- asked for as pipes
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    with contextlib.suppress(
        ConnectionError, RuntimeError
    ):  # it need not read, or has ended: uvloop's RuntimeError
        process.stdin.write(given)
        await process.stdin.drain()
    process.stdin.close()
    out, complaint = await asyncio.gather(_read(process.stdout), _read(process.stderr))
    await process.wait()
    return out, complaint


async def _read(stream: asyncio.StreamReader) -> str:
    kept = bytearray()
    while piece := await stream.read(65_536):
        if len(kept) < _MOST_BYTES:
            kept += piece
    return bytes(kept[:_MOST_BYTES]).decode("utf-8", "replace")


def _given(url: str, redirect_uri: str, wish: Wish, who: Person, folder: Path) -> dict[str, object]:
    return {
        "url": url,
        "redirect_uri": redirect_uri,
        "person": who.name,
        "values": dict(who.values),
        "refuse": wish.refuse,
        "cancel": wish.cancel,
        "claims": None if wish.claims is None else sorted(wish.claims),
        "wrong_secret": wish.wrong_secret,
        "ui_locale": wish.ui_locale,
        "session": str(folder),
    }


def _hidden(said: str, who: Person, login: Login) -> str:
    """Give the end of what a program said, without the person's secrets."""
    for proof in login.proofs(who.name):
        said = said.replace(who.values[proof], "…")
    return " ".join(said.split())[-_SAID:]


def landed(said: str, url: str, redirect_uri: str, wish: Wish) -> Landing:
    """Read where a login came to off what was printed, or pasted: the redirect, another address, or a page's text."""
    lines = [line.strip() for line in said.splitlines()]
    found = next((line for line in lines if answers_at(line, redirect_uri)), "")
    left = "" if found else next((line for line in lines if _URL.fullmatch(line)), "")
    shown = Page(status=0, url=short(url), text=said.strip())
    return Landing(
        url=found,
        left=left,
        page=None if found or left else shown,
        refused=wish.refuse or wish.cancel,
        hops=(Hop(method="GET", url=url, status=0),),
    )
