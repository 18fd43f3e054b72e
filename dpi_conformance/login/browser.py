"""The driver ``browser``: goes through a product's pages in Chromium, as those must be that need JavaScript."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dpi_conformance.catalogue.login import Login
from dpi_conformance.catalogue.target import Target
from dpi_conformance.i18n import N_
from dpi_conformance.login.choices import Choices, Move
from dpi_conformance.login.chromium import Chromium
from dpi_conformance.login.landing import Diary, Hop, Landing, Page, Session, Wish, short, too_long, trouble
from dpi_conformance.login.pages import Control
from dpi_conformance.login.places import Places
from dpi_conformance.login.progress import Progress
from dpi_conformance.login.tab import Tab

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

__all__ = ["BrowserDriver"]

_AT_ONCE = 4
_MOST_MOVES = 20
_LATE_SECONDS = 2.0
"""A page that is at rest may still show a form by itself so much later."""
_GLANCE_SECONDS = 0.1
_KEY = "browser"


class BrowserDriver:
    """Fills in what is to be seen on the pages, and presses it; a session is a browser window of its own."""

    def __init__(self, login: Login, target: Target) -> None:
        """Take how one logs in, and where; nothing is started yet."""
        self._login = login
        self._target = target
        self._chromium = Chromium(login, target)
        self._places = Places(base_url=target.base_url, hosts=login.hosts)
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def land(
        self, url: str, redirect_uri: str, wish: Wish, session: Session | None = None, *, diary: Diary
    ) -> Landing:
        """Follow an authorization request to its end; raises LoginError where it has none."""
        choices = Choices(self._login, wish)
        if not self._places.may_go(url):
            return Landing(left=url)
        async with self._room:
            window = await self._window(session, wish)
            try:
                tab = Tab(await window.new_page(), self._places, redirect_uri, diary)
                return await self._landed(_Visit(tab=tab, progress=Progress(choices=choices, wish=wish)), url)
            finally:
                if session is None:
                    await window.close()

    async def aclose(self) -> None:
        """End the browser."""
        await self._chromium.aclose()

    async def _window(self, session: Session | None, wish: Wish) -> "BrowserContext":
        if session is not None and _KEY in session.kept:
            window: BrowserContext = session.kept[_KEY]
            return window
        browser = await self._chromium.browser()
        window = await browser.new_context(
            ignore_https_errors=not self._target.tls.verify, locale=wish.ui_locale.split(",")[0] or "en"
        )
        if session is not None:
            session.kept[_KEY] = window
        return window

    async def _landed(self, visit: "_Visit", url: str) -> Landing:
        from playwright.async_api import Error  # noqa: PLC0415 -- loaded by now

        patience = self._login.patience
        try:
            async with asyncio.timeout(patience):
                await visit.tab.open()
                await visit.go(url)
                await visit.proceed()
                return await visit.landing()
        except TimeoutError:
            raise too_long(patience, short(visit.tab.page.url)) from None
        except Error as error:  # it crashed, or its page went away under our hands
            text = N_("The browser did not come to the end of the login ({last}): {reason}")
            reason = str(error).splitlines()[0][:200]
            raise trouble(text, last=short(visit.tab.page.url), reason=reason) from error
        finally:
            await visit.tab.close()


@dataclass(kw_only=True)
class _Visit:
    """One way through the pages."""

    tab: Tab
    progress: Progress

    async def go(self, url: str) -> None:
        """Open the first page; raises LoginError where none comes."""
        from playwright.async_api import Error  # noqa: PLC0415 -- loaded by now

        try:
            await self.tab.page.goto(url, wait_until="commit")
        except Error as error:
            await self.tab.rest()
            if not self.tab.ended:
                detail = str(error).splitlines()[0][:200]
                text = N_("A page of the login did not come ({last}): {detail}.")
                raise trouble(text, last=f"GET {short(url)}", detail=detail) from None

    async def proceed(self) -> None:
        """Do what each page asks for, until the tab is led away or nothing more is asked."""
        for _ in range(_MOST_MOVES):
            await self.tab.rest()
            if self.tab.ended or (move := await self._move()) is None:
                return
            await self._do(move)
        text = N_(
            "The login does not come to its end: {count} pages were answered, the last of them {last}. If they go round "
            "in circles, the product does not keep the login, or the consent."
        )
        raise trouble(text, count=_MOST_MOVES, last=short(self.tab.page.url))

    async def landing(self) -> Landing:
        """Give where it came to."""
        tab = self.tab
        text = "" if tab.ended else await tab.page.content()
        page = None if tab.ended else Page(status=tab.status, url=tab.page.url, text=text)
        hops = (
            Hop(
                method=one.request.method,
                url=one.request.url,
                status=one.response.status if one.response else 0,
            )
            for one in tab.exchanges
        )
        return Landing(
            url=tab.url,
            posted=tab.posted,
            left=tab.left,
            page=page,
            asked=tuple(self.progress.asked),
            refused=self.progress.refused,
            offered=self.progress.offered,
            hops=tuple(hops),
            exchanges=tuple(tab.exchanges),
        )

    async def _move(self) -> Move | None:
        """Give what the person does on the page as it is; None where it is the end."""
        until = time.monotonic() + (_LATE_SECONDS if self.tab.status < 400 else 0)
        while not self.tab.ended:
            page = await self.tab.read()
            if move := self.progress.choices.move(page):
                return self.progress.taken(move, page)
            if time.monotonic() > until:
                self.progress.see_that_nothing_is_asked(page)
                break
            await asyncio.sleep(_GLANCE_SECONDS)
        return None

    async def _do(self, move: Move) -> None:
        """Fill in and press; what is gone meanwhile is looked for again on the next page."""
        from playwright.async_api import Error  # noqa: PLC0415 -- loaded by now

        with contextlib.suppress(Error):
            for control in move.controls:
                await self._fill(control)
            if move.pressed is not None:
                await self.tab.page.click(_at(move.pressed.mark), timeout=2000, no_wait_after=True)
            elif move.asked:
                await self.tab.page.keyboard.press("Enter")
        self.tab.stirred()

    async def _fill(self, control: Control) -> None:
        if not control.visible:
            return
        place = self.tab.page.locator(_at(control.mark))
        match control.kind:
            case "checkbox" | "radio":
                if await place.is_checked() != control.checked and (
                    control.checked or control.kind == "checkbox"
                ):
                    await place.set_checked(control.checked, timeout=2000)
            case "select":
                await place.select_option(control.value, timeout=2000)
            case _:
                if await place.input_value() != control.value:
                    await place.fill(control.value, timeout=2000)


def _at(mark: str) -> str:
    return f'[data-dpi-mark="{mark}"]'
