"""The driver ``form``: goes through a product's pages as a browser without scripts does."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import httpx

from dpi_conformance.catalogue.login import Login
from dpi_conformance.i18n import N_
from dpi_conformance.login.choices import Choices, Move
from dpi_conformance.login.cookies import Cookies
from dpi_conformance.login.landing import Diary, Hop, Landing, Page, Session, Wish, short, trouble
from dpi_conformance.login.pages import Document, read_page
from dpi_conformance.login.places import Places, answers_at, resolved
from dpi_conformance.login.progress import Progress
from dpi_conformance.model.evidence import Exchange, Request, Response
from dpi_conformance.wire.client import Wire

__all__ = ["FormDriver"]

_MOST_STEPS = 40
"""So many requests a login may take; the longest known takes 14."""
_MOVED = frozenset({301, 302, 303, 307, 308})
_REPEATING = frozenset({307, 308})
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
_FORM = "application/x-www-form-urlencoded"


class FormDriver:
    """Fills in HTML forms by the fields that product.yaml declares, follows redirects, and keeps cookies.

    It goes to the product's own address and to ``login.hosts``, and nowhere else: a redirect to another place is given
    back and not followed. None of the harness's credentials go along.
    """

    def __init__(self, login: Login, wire: Wire, base_url: str) -> None:
        """Take how one logs in, and the way to the product."""
        self._login = login
        self._wire = wire
        self._places = Places(base_url=base_url, hosts=login.hosts)
        self._base_url = base_url

    async def land(
        self, url: str, redirect_uri: str, wish: Wish, session: Session | None = None, *, diary: Diary
    ) -> Landing:
        """Follow an authorization request to its end; raises LoginError where it has none."""
        walk = _Walk(
            progress=Progress(choices=Choices(self._login, wish), wish=wish),
            redirect_uri=redirect_uri,
            cookies=Cookies(session or Session(), self._base_url),
            places=self._places,
            wire=self._wire,
            diary=diary,
        )
        try:
            async with asyncio.timeout(self._login.seconds):
                return await walk.land(url)
        except TimeoutError:
            text = N_(
                "The login took longer than login.seconds in product.yaml ({seconds} s); last seen: {last}."
            )
            raise trouble(text, seconds=f"{self._login.seconds:g}", last=walk.last) from None

    async def aclose(self) -> None:
        """Do nothing: the wire is not ours."""


@dataclass(kw_only=True)
class _Walk:
    """One way through the pages."""

    progress: Progress
    redirect_uri: str
    cookies: Cookies
    places: Places
    wire: Wire
    diary: Diary
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def last(self) -> str:
        """Name the latest request, for a message."""
        return (
            f"{self.exchanges[-1].request.method} {short(self.exchanges[-1].request.url)}"
            if self.exchanges
            else "-"
        )

    async def land(self, url: str) -> Landing:
        """Go on until the redirect to the client, a page that is the end, or somewhere that one may not go."""
        move, referrer = Move(action=url), ""
        for _ in range(_MOST_STEPS):
            address = resolved(referrer or url, move.action)
            if there := next(
                (one for one in (move.action, address) if answers_at(one, self.redirect_uri)), ""
            ):
                posted = move.fields if move.method == "POST" else ()
                return self._landed(url=_with_query(move, there), posted=posted)
            if not self.places.may_go(address):
                return self._landed(left=move.action)
            exchange = await self._visited(
                _request(move, address, referrer, self.cookies, self.progress.wish)
            )
            response = self._answered(exchange)
            referrer = exchange.request.url
            if response.status in _MOVED and response.header("location"):
                move = _moved(move, response)
                continue
            page = read_page(referrer, response)
            following = self._move(page)
            if following is None:
                return self._landed(page=_page(referrer, response))
            move = following
        text = N_(
            "The login does not come to its end: {count} requests, the last of them {last}. If its pages go round in "
            "circles, the product does not keep the login, or the consent."
        )
        raise trouble(text, count=_MOST_STEPS, last=self.last)

    def _move(self, page: Document) -> Move | None:
        """Give what the person does on a page; None where it is the end."""
        move = self.progress.choices.move(page)
        if move is not None:
            return self.progress.taken(move, page)
        self.progress.see_that_nothing_is_asked(page)
        if page.scripted and not (page.error or page.forms or self.progress.asked):
            text = N_(
                "The page at {url} has no form, and scripts: it needs a browser. Write “driver: browser” under login in "
                "product.yaml. It says: “{said}”"
            )
            raise trouble(text, url=short(page.url), said=page.said)
        return None

    async def _visited(self, request: Request) -> Exchange:
        exchange = await self.wire.visit(request, exchange_id=self.diary.number())
        self.exchanges.append(exchange)
        self.diary.seen(exchange)
        self.cookies.take(exchange)
        return exchange

    def _answered(self, exchange: Exchange) -> Response:
        """Give the whole answer; raises LoginError where none came, or one that never ends."""
        if exchange.response is None:
            detail = f"{exchange.trouble.kind}: {exchange.trouble.detail}" if exchange.trouble else "-"
            raise trouble(
                N_("A page of the login did not come ({last}): {detail}."), last=self.last, detail=detail
            )
        if exchange.response.truncated:
            text = N_(
                "A page of the login is longer than limits.response_bytes in product.yaml allows ({last}: more than "
                "{count} bytes)."
            )
            raise trouble(text, last=self.last, count=len(exchange.response.body))
        return exchange.response

    def _landed(
        self,
        *,
        url: str = "",
        posted: tuple[tuple[str, str], ...] = (),
        left: str = "",
        page: Page | None = None,
    ) -> Landing:
        hops = (
            Hop(
                method=one.request.method,
                url=one.request.url,
                status=one.response.status if one.response else 0,
            )
            for one in self.exchanges
        )
        return Landing(
            url=url,
            posted=posted,
            left=left,
            page=page,
            asked=tuple(self.progress.asked),
            refused=self.progress.refused,
            offered=self.progress.offered,
            hops=tuple(hops),
            exchanges=tuple(self.exchanges),
        )


def _moved(move: Move, response: Response) -> Move:
    """Follow a redirect (RFC 9110, 15.4): 307 and 308 keep method and body, all others become GET."""
    location = response.header("location") or ""
    repeats = response.status in _REPEATING and move.method == "POST"
    if not repeats:
        return Move(action=location)
    return Move(action=location, method=move.method, encoding=move.encoding, fields=move.fields)


def _with_query(move: Move, address: str) -> str:
    """Give an address with what a GET form puts into it."""
    if move.method == "POST" or not move.fields:
        return address
    return f"{address.partition('#')[0].partition('?')[0]}?{urlencode(move.fields)}"


def _request(move: Move, address: str, referrer: str, cookies: Cookies, wish: Wish) -> Request:
    url = _with_query(move, address).partition("#")[0]
    headers = [("Accept", _ACCEPT), ("Accept-Language", wish.ui_locale or "en")]
    body = b""
    if move.method == "POST":
        body, kind = _body(move)
        headers += [("Content-Type", kind), ("Origin", _origin(referrer or url))]
    if referrer:
        headers.append(
            ("Referer", referrer if _origin(referrer) == _origin(url) else f"{_origin(referrer)}/")
        )
    if cookie := cookies.header(move.method, url):
        headers.append(("Cookie", cookie))
    return Request(method=move.method, url=url, headers=tuple(headers), body=body)


def _body(move: Move) -> tuple[bytes, str]:
    """Give a form's body and its media type."""
    if move.encoding != "multipart/form-data":
        return urlencode(move.fields).encode(), _FORM
    files = [(name, (None, value)) for name, value in move.fields]
    message = httpx.Request("POST", move.action, files=files)
    return message.read(), message.headers["content-type"]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _page(url: str, response: Response) -> Page:
    return Page(status=response.status, url=url, text=response.body.decode("utf-8", "replace"))
