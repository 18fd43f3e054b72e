"""The driver ``manual``: says which address to open, and waits for the redirect to be pasted."""

import asyncio
import itertools
import sys
import threading
from collections.abc import Awaitable, Callable

import click

from dpi_conformance.catalogue.login import Login
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.command import landed
from dpi_conformance.login.landing import Diary, Landing, Session, Wish, too_long, trouble
from dpi_conformance.login.people import person_for

__all__ = ["ManualDriver"]

Ask = Callable[[str], Awaitable[str]]
"""Shows a text, and gives the next line that is typed; empty at the end of the input."""

_KEY = "window"
_REQUEST = N_(
    "\nLog in by hand, in {window}: as {person}, who {behaviour}. Open\n\n  {url}\n\n"
    "and paste the address that the browser is sent to ({redirect_uri}…), though nothing answers there. If a page is "
    "shown instead, write in a line what it says."
)


class ManualDriver:
    """Asks the one who sits at the terminal; one login after the other."""

    def __init__(self, login: Login, ask: Ask | None = None) -> None:
        """Take how one logs in; ``ask`` stands in for the terminal."""
        self._login = login
        self._ask = ask
        self._one = asyncio.Lock()
        self._windows = itertools.count(1)

    async def land(
        self, url: str, redirect_uri: str, wish: Wish, session: Session | None = None, *, diary: Diary
    ) -> Landing:
        """Ask for one login; raises LoginError without a terminal, or where nobody answers in time."""
        del diary  # the browser is not seen
        who = person_for(self._login, wish)
        asked = Message(
            text=_REQUEST,
            values={
                "window": self._window(session),
                "person": who.name,
                "behaviour": _behaviour(wish),
                "url": url,
                "redirect_uri": redirect_uri,
            },
        )
        async with self._one:
            ask = self._ask or self._terminal()
            try:
                async with asyncio.timeout(self._login.patience):
                    said = await ask(str(asked))
            except TimeoutError:
                raise too_long(self._login.patience, "-") from None
        if not said.strip():
            raise trouble(N_("Nothing was pasted for a login by hand."))
        return landed(said, url, redirect_uri, wish)

    async def aclose(self) -> None:
        """Do nothing."""

    def _window(self, session: Session | None) -> str:
        """Name the window to use: one that knows nobody, or the one of this session."""
        if session is None:
            return "a new private window"
        if _KEY not in session.kept:
            session.kept[_KEY] = next(self._windows)
            return f"a new private window, to be kept as number {session.kept[_KEY]}"
        return f"private window number {session.kept[_KEY]}"

    def _terminal(self) -> Ask:
        if not sys.stdin.isatty():
            text = N_(
                "A login by hand needs a terminal, and there is none; choose another login.driver in product.yaml."
            )
            raise trouble(text)
        self._ask = _Terminal().ask
        return self._ask


class _Terminal:
    """Reads lines in a thread of its own, which may wait for ever; what was typed before a question is not its answer."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="login-by-hand", daemon=True).start()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        for line in itertools.chain(sys.stdin, [""]):
            loop.call_soon_threadsafe(self._lines.put_nowait, line)

    async def ask(self, text: str) -> str:
        while not self._lines.empty():
            self._lines.get_nowait()
        click.echo(text, err=True)
        return await self._lines.get()


def _behaviour(wish: Wish) -> str:
    if wish.cancel:
        return "cancels on the first page"
    if wish.wrong_secret:
        return "gives a wrong secret once"
    if wish.refuse:
        return "refuses consent"
    if wish.claims is None:
        return "consents to everything"
    return f"consents to these voluntary claims only: {', '.join(sorted(wish.claims)) or 'none'}"
