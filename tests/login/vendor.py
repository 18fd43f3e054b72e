"""A product's login pages, served on a free port: what a test says of each path, and what was sent there."""

import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from dpi_conformance.catalogue.target import Target
from dpi_conformance.login.drivers import login_driver
from dpi_conformance.login.landing import Diary, Landing, Session, Wish
from dpi_conformance.model.evidence import Exchange
from dpi_conformance.wire.client import Wire

CLIENT = "https://client.example/cb"
Answer = Callable[["Seen"], Awaitable[web.StreamResponse] | web.StreamResponse]


@dataclass(frozen=True)
class Seen:
    """One request that came."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, list[str]]
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes = b""


@dataclass
class Vendor:
    """A running product."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    def target(self, login: dict[str, Any] | None = None, **keys: Any) -> Target:
        given = {"persons": {"alice": {"username": "alice", "password": "correct horse 9"}}, **(login or {})}
        return Target.model_validate({"base_url": self.url, "login": given, **keys})

    async def land(
        self,
        path: str = "/authorize?state=a%2Fb",
        *,
        wish: Wish | None = None,
        session: Session | None = None,
        redirect_uri: str = CLIENT,
        login: dict[str, Any] | None = None,
        **keys: Any,
    ) -> Landing:
        """Log in once, over a wire of its own."""
        given = {"wish": wish, "redirect_uri": redirect_uri, "login": login, **keys}
        (landing,) = await self.lands([session], [0], path, **given)
        return landing

    async def lands(
        self,
        sessions: list[Session] | list[Session | None],
        order: list[int],
        path: str = "/authorize?state=a%2Fb",
        *,
        wish: Wish | None = None,
        redirect_uri: str = CLIENT,
        login: dict[str, Any] | None = None,
        **keys: Any,
    ) -> list[Landing]:
        """Log in several times with one driver, each time in one of the sessions."""
        target = self.target(login, **keys)
        numbers = iter(range(10_000))
        diary = Diary(number=lambda: f"step-{next(numbers)}", seen=self.exchanges.append)
        url = path if "://" in path else self.url + path
        async with Wire(target) as wire, login_driver(target, wire) as driver:
            assert driver is not None
            return [
                await driver.land(url, redirect_uri, wish or Wish(), sessions[one], diary=diary)
                for one in order
            ]


@contextlib.asynccontextmanager
async def vendor(pages: dict[str, Answer], *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Vendor]:
    """Serve pages by path."""
    product = Vendor()

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        posted = await request.post()
        body = b"" if posted else await request.read()
        form: dict[str, list[str]] = {}
        for name, value in posted.items():
            form.setdefault(name, []).append(str(value))
        seen = Seen(
            request.method,
            request.path,
            dict(request.query),
            form,
            {name.lower(): value for name, value in request.headers.items()},
            dict(request.cookies),
            body,
        )
        product.seen.append(seen)
        page = pages.get(request.path)
        answer = web.Response(status=404, text="nothing here") if page is None else page(seen)
        return answer if isinstance(answer, web.StreamResponse) else await answer

    runner = web.ServerRunner(web.Server(serve, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        product.url = f"{'https' if tls else 'http'}://{host}:{port}"
        yield product
    finally:
        await runner.cleanup()


def page(
    body: str, *, status: int = 200, head: str = "", cookies: dict[str, str] | None = None
) -> web.Response:
    """Give a page of HTML."""
    answer = web.Response(
        status=status,
        text=f"<!DOCTYPE html><html><head><title>t</title>{head}</head><body>{body}</body></html>",
        content_type="text/html",
    )
    for name, value in (cookies or {}).items():
        answer.set_cookie(name, value, path="/")
    return answer


def to(location: str, *, status: int = 302, cookies: dict[str, str] | None = None) -> web.Response:
    """Give a redirect."""
    answer = web.Response(status=status, headers={"Location": location})
    for name, value in (cookies or {}).items():
        answer.set_cookie(name, value, path="/")
    return answer
