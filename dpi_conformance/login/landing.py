"""What a login is asked to do, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from dpi_conformance.errors import DpiError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange

__all__ = [
    "Diary",
    "Hop",
    "Landing",
    "LoginDriver",
    "LoginError",
    "Page",
    "Session",
    "Wish",
    "short",
    "too_long",
    "trouble",
]


class LoginError(DpiError):
    """A login did not come to its end; that is no verdict about the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who logs in, and what that person does on the pages."""

    person: str = ""
    """A name from ``login.persons``; empty: the first."""
    refuse: bool = False
    """Logs in, and refuses consent; ``Landing.refused`` tells whether there was a page to refuse on."""
    cancel: bool = False
    """Refuses on the first page that can be refused on, and does not log in."""
    claims: frozenset[str] | None = None
    """The voluntary claims that are consented to; None: all that are offered."""
    wrong_secret: bool = False
    """Gives a wrong password, PIN or the like; the landing is the page that says so."""
    ui_locale: str = ""
    """The language that the person's browser asks for (RFC 9110, 12.5.4); empty: English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that was shown."""

    status: int
    """HTTP status; 0 where the driver cannot tell."""
    url: str
    text: str
    """The page's HTML, or what a program said in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request on the way."""

    method: str
    url: str
    status: int
    """0: no answer came, or the driver cannot tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where an authorization request came to: a redirect to the client, a page, or a redirect to somewhere else."""

    url: str = ""
    """The redirect to the client's redirect URI as it was written, not fetched; empty if there was none."""
    posted: tuple[tuple[str, str], ...] = ()
    """What a form would post to the redirect URI (``response_mode=form_post``); ``url`` is its action then."""
    left: str = ""
    """Where the product led to that is neither the client nor a host of the login; not fetched."""
    page: Page | None = None
    """The last page that was shown, where there was no redirect."""
    asked: tuple[str, ...] = ()
    """What was answered on the way, in order: ``login``, ``consent``."""
    refused: bool = False
    """The person refused, or cancelled."""
    offered: frozenset[str] | None = None
    """The voluntary claims that the consent page offered; None: none was shown, or none could be read off it."""
    hops: tuple[Hop, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    """The same with all that was sent and came, where the driver sees it."""

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Give the parameters that the client gets: of the query and of the fragment, or posted; in order."""
        parts = urlsplit(self.url)
        own = (*parse_qsl(parts.query, keep_blank_values=True), *self.posted)
        return (*own, *parse_qsl(parts.fragment, keep_blank_values=True))

    def get(self, name: str) -> str:
        """Give the first parameter of this name; empty without one."""
        return next((value for key, value in self.parameters if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Give every value of this name."""
        return tuple(value for key, value in self.parameters if key == name)


@dataclass(slots=True)
class Session:
    """One person's browser: cookies stay in it from one login to the next. A fresh one knows nobody."""

    kept: dict[str, Any] = field(default_factory=dict)
    """What a driver keeps; its own business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """Numbers and takes down the exchanges of a login, whether it comes to its end or not."""

    number: Callable[[], str]
    """Gives the id of the next exchange."""
    seen: Callable[[Exchange], None]


class LoginDriver(Protocol):
    """Takes a person through the product's pages."""

    async def land(
        self, url: str, redirect_uri: str, wish: Wish, session: Session | None = None, *, diary: Diary
    ) -> Landing:
        """Follow an authorization request to its end; raises LoginError where it has none."""

    async def aclose(self) -> None:
        """Let go of whatever was started."""


def trouble(text: str, **values: str | int | float) -> LoginError:
    """Make a LoginError from a marked text and its values."""
    return LoginError(Message(text=text, values=values))


def short(url: str) -> str:
    """Give a URL without its query, for a message."""
    return url.partition("?")[0].partition("#")[0][:200]


def too_long(seconds: float, last: str) -> LoginError:
    """Say that a login took longer than it may; ``last``: what was seen last."""
    text = N_("The login took longer than login.seconds in product.yaml ({seconds} s); last seen: {last}.")
    return trouble(text, seconds=f"{seconds:g}", last=last)
