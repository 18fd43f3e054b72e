"""One tab of the browser: lets it go nowhere that it may not, tells when it has come to rest, and what is on the page."""

import asyncio
import base64
import contextlib
import time
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from dpi_conformance.login.landing import Diary
from dpi_conformance.login.pages import Control, Document, Form, Link
from dpi_conformance.login.places import Places, answers_at
from dpi_conformance.model.evidence import Exchange, Request, Response

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page
    from playwright.async_api import Request as Sent

__all__ = ["Tab"]

_QUIET_SECONDS = 0.25
_MOST_UNREST_SECONDS = 5.0
_TOLD = frozenset({"document", "xhr", "fetch"})
_BODY_BYTES = 1_048_576


class Tab:
    """A page of the browser that is watched."""

    def __init__(self, page: "Page", places: Places, redirect_uri: str, diary: Diary) -> None:
        """Take a new page, where it may go, and whose redirect it waits for; nothing is loaded yet."""
        self.page = page
        self.exchanges: list[Exchange] = []
        self.url = ""
        self.posted: tuple[tuple[str, str], ...] = ()
        self.left = ""
        self.status = 0
        self._places = places
        self._redirect_uri = redirect_uri
        self._diary = diary
        self._under_way: set[Sent] = set()
        self._active_at = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self._devtools: CDPSession | None = None

    @property
    def ended(self) -> bool:
        """Tell whether the product led to the client, or to somewhere else."""
        return bool(self.url or self.left)

    async def open(self) -> None:
        """Have every request asked for, those of redirects too, which Playwright's own routes do not see."""
        self._devtools = await self.page.context.new_cdp_session(self.page)
        self._devtools.on("Fetch.requestPaused", lambda event: self._beside(self._paused(event)))
        await self._devtools.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        self.page.on("request", self._began)
        self.page.on("requestfinished", self._finished)
        self.page.on("requestfailed", self._failed)
        self.page.on("framenavigated", lambda _: self.stirred())

    async def close(self) -> None:
        """Close the tab, when its last exchanges are written down."""
        for task in tuple(self._tasks):
            with contextlib.suppress(Exception):
                await asyncio.wait_for(task, 1)
        with contextlib.suppress(Exception):
            await self.page.close()

    async def rest(self) -> None:
        """Wait until nothing has moved for a quarter of a second, five seconds at most, or the tab was led away."""
        began = time.monotonic()
        while not self.ended and time.monotonic() - began < _MOST_UNREST_SECONDS:
            if not self._under_way and time.monotonic() - self._active_at > _QUIET_SECONDS:
                return
            await asyncio.sleep(0.02)

    async def read(self) -> Document:
        """Give what a person sees; an empty page while it is being replaced by another."""
        from playwright.async_api import Error  # noqa: PLC0415 -- loaded by now

        try:
            seen: Mapping[str, Any] = await self.page.evaluate(_SNAPSHOT)
        except Error:
            self.stirred()
            return Document(url=self.page.url)
        return Document(
            url=self.page.url,
            forms=tuple(
                Form(
                    action=self.page.url,
                    method="POST",
                    encoding="",
                    controls=tuple(Control(**one) for one in form),
                )
                for form in seen["forms"]
            ),
            links=tuple(Link(**one) for one in seen["links"]),
            said=" ".join(seen["said"].split()),
            error=self.status >= 400,
        )

    async def _paused(self, event: Mapping[str, Any]) -> None:
        """Let a request go, or end it: at the client's redirect URI, and wherever it may not go."""
        request, known = event["request"], {"requestId": event["requestId"]}
        url = request["url"] + request.get("urlFragment", "")
        main = event["resourceType"] == "Document"
        if main and answers_at(url, self._redirect_uri):
            self.url = self.url or url
            self.posted = _posted(request)
            await self._devtool("Fetch.fulfillRequest", {**known, "responseCode": 204})
        elif self._places.may_go(url) or url.startswith(("data:", "blob:", "about:")):
            await self._devtool("Fetch.continueRequest", known)
        else:
            self.left = self.left or (url if main else "")
            await self._devtool("Fetch.failRequest", {**known, "errorReason": "BlockedByClient"})

    async def _devtool(self, name: str, parameters: dict[str, Any]) -> None:
        if self._devtools is not None:
            with contextlib.suppress(Exception):  # the page is gone
                await self._devtools.send(name, parameters)

    def _began(self, request: "Sent") -> None:
        self._under_way.add(request)
        self.stirred()

    def _failed(self, request: "Sent") -> None:
        self._under_way.discard(request)
        self.stirred()

    def _finished(self, request: "Sent") -> None:
        self._under_way.discard(request)
        self.stirred()
        if request.resource_type in _TOLD:
            self._beside(self._written(request))

    async def _written(self, request: "Sent") -> None:
        """Write an exchange down, as far as the browser still knows it."""
        response = await request.response()
        if response is None or answers_at(request.url, self._redirect_uri):
            return
        if request.resource_type == "document" and request.frame == self.page.main_frame:
            self.status = response.status
        body = b""
        with contextlib.suppress(Exception):  # a redirect has none, and a page that was left neither
            body = await response.body() if not 300 <= response.status < 400 else b""
        exchange = Exchange(
            id=self._diary.number(),
            request=Request(
                method=request.method,
                url=request.url,
                headers=tuple(request.headers.items()),
                body=request.post_data_buffer or b"",
            ),
            response=Response(
                status=response.status,
                headers=tuple((name.lower(), value) for name, value in response.headers.items()),
                body=body[:_BODY_BYTES],
                truncated=len(body) > _BODY_BYTES,
            ),
            elapsed_ms=max(float(request.timing["responseEnd"]), 0.0),
        )
        self.exchanges.append(exchange)
        self._diary.seen(exchange)

    def stirred(self) -> None:
        """Take note that something moved just now."""
        self._active_at = time.monotonic()

    def _beside(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _posted(request: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    entries = request.get("postDataEntries", ())
    body = b"".join(base64.b64decode(one.get("bytes", "")) for one in entries).decode("utf-8", "replace")
    return tuple(parse_qsl(body or request.get("postData", ""), keep_blank_values=True))


_SNAPSHOT = (files(__package__ or "") / "snapshot.js").read_text("utf-8")
