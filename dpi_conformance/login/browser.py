"""The driver ``browser``: goes through a product's pages in Chromium, as those must be that need JavaScript."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dpi_conformance.catalogue.login import Login
from dpi_conformance.catalogue.target import Target
from dpi_conformance.i18n import N_
from dpi_conformance.login.choices import Choices, Move, controls_of
from dpi_conformance.login.chromium import Chromium
from dpi_conformance.login.landing import Diary, Hop, Landing, Page, Session, Wish, short, too_long, trouble
from dpi_conformance.login.pages import Control, Document
from dpi_conformance.login.places import Places
from dpi_conformance.login.tab import Tab

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

__all__ = ["BrowserDriver"]

_AT_ONCE = 4
_MOST_MOVES = 20
_LATE_SECONDS = 2.0
"""A page that is at rest may still show a form by itself so much later."""
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
                return await self._landed(_Visit(tab=tab, choices=choices, wish=wish), url)
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
        patience = self._login.patience
        try:
            async with asyncio.timeout(patience):
                await visit.tab.open()
                await visit.go(url)
                await visit.proceed()
                return await visit.landing()
        except TimeoutError:
            raise too_long(patience, short(visit.tab.page.url)) from None
        finally:
            await visit.tab.close()


@dataclass(kw_only=True)
class _Visit:
    """One way through the pages."""

    tab: Tab
    choices: Choices
    wish: Wish
    asked: list[str] = field(default_factory=list)
    filled: set[frozenset[str]] = field(default_factory=set)
    refused: bool = False
    offered: frozenset[str] | None = None

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
            asked=tuple(self.asked),
            refused=self.refused,
            offered=self.offered,
            hops=tuple(hops),
            exchanges=tuple(tab.exchanges),
        )

    async def _move(self) -> Move | None:
        """Give what the person does on the page as it is; None where it is the end."""
        until = time.monotonic() + (_LATE_SECONDS if self.tab.status < 400 else 0)
        while True:
            page = await self.tab.read()
            move = self.choices.move(page)
            if move is not None or self.tab.ended:
                return self._answered(move, page) if move is not None else None
            if time.monotonic() > until:
                break
            await asyncio.sleep(0.1)
        if self.tab.status < 400:
            _see_that_nothing_is_asked(page, self.choices.declared)
        return None

    def _answered(self, move: Move, page: Document) -> Move | None:
        if move.asked and move.asked in self.filled:
            if self.wish.wrong_secret:
                return None
            text = N_(
                "The product does not take what login.persons.{person} in product.yaml says: {url} asks for it again. It "
                "says: “{said}”"
            )
            raise trouble(text, person=self.choices.person, url=short(page.url), said=page.said)
        if move.asked:
            self.filled.add(move.asked)
        if move.answers:
            self.asked.append(move.answers)
        self.refused = self.refused or move.refuses
        self.offered = move.offered if move.offered is not None else self.offered
        return move

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


def _see_that_nothing_is_asked(page: Document, declared: str) -> None:
    """Raise LoginError where a page waits for something that nobody declared."""
    fields = sorted({one.name for form in page.forms for one in form.controls if one.visible and one.name})
    if fields:
        text = N_(
            "The page at {url} asks for {fields}; none of these is declared. Write under login.fields in product.yaml "
            "which of a person's values belongs into which field. (Declared: {declared}.)"
        )
        raise trouble(text, url=short(page.url), fields=", ".join(fields), declared=declared)
    if any(form.buttons for form in page.forms):
        text = N_(
            "The page at {url} waits for a button, and which one is not declared: write it under login.consent.accept "
            "in product.yaml. It has: {controls}."
        )
        raise trouble(text, url=short(page.url), controls=controls_of(page))
