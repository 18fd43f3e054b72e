"""Services of the harness's own, entered into the product's configuration for one case, and waits for what changes."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from dpi_conformance.execution.scene import Scene
from dpi_conformance.wire.reactions import Reaction

from .configuring import changed, configuration, member_of
from .mediating import Offered
from .parties import Application, application

__all__ = ["Entry", "alone", "document_at", "entered", "entry", "right", "service_at", "until"]

_LOCK: Final = "exchange.configuration"
_PAUSE_SECONDS: Final = 0.2
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member of one application, as a configuration describes it."""

    application: Application
    services: tuple[dict[str, Any], ...]

    @property
    def described(self) -> dict[str, Any]:
        """Give it as it stands in a configuration."""
        one = self.application
        services = [dict(service) for service in self.services]
        own = {"id": one.code, "connection": "https", "services": services}
        return {"name": one.member, "class": one.member_class, "code": one.member, "applications": [own]}

    def offered(self, number: int = 0) -> Offered:
        """Give one of its services to call."""
        service = self.services[number]
        return Offered(
            provider=self.application, code=service["id"], base=urlsplit(service["serviceUrl"]).path
        )

    def with_services(self, *services: dict[str, Any]) -> "Entry":
        """Give the same application with other services."""
        return replace(self, services=services)


@contextlib.asynccontextmanager
async def alone(scene: Scene) -> AsyncIterator[None]:
    """Change the configuration while no other case does; the case's own time stands still while it waits."""
    lock: asyncio.Lock = scene.kept.setdefault(_LOCK, asyncio.Lock())
    with scene.patience.paused():
        await lock.acquire()
    try:
        yield
    finally:
        lock.release()


def service_at(scene: Scene, code: str | None = None) -> tuple[str, str]:
    """Give the code of a new service, and its address at the harness."""
    name = code or scene.fresh.identifier(10)
    return name, f"{scene.listener.public_url}/counterparty/provider/{quote(name, safe='')}"


def document_at(scene: Scene, title: str) -> str:
    """Give an address of the harness at which a document of this title is."""
    answers = {"responses": {"200": {"description": "Done."}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0"},
        "paths": {f"/{title}": {"get": answers, "post": answers}},
    }
    address = scene.listener.address(f"{scene.case.id}/document", lasting=True)
    address.answer = Reaction(status=200, body=json.dumps(document).encode())
    return address.url


async def right(scene: Scene, name: str = "consumer.client") -> dict[str, str]:
    """Give an application's right as a configuration writes it: by its member's name."""
    one = application(scene, name)
    known = await configuration(scene)
    member = member_of(known, one.member_class, one.member)
    return {"member": member or one.member, "application": one.code}


def entry(scene: Scene, count: int, rights: Sequence[dict[str, str]]) -> Entry:
    """Describe a new member with so many services that these applications may use."""
    consumer = application(scene, "consumer.client")
    code = scene.fresh.identifier(10)
    own = Application(consumer.instance, consumer.member_class, code, scene.fresh.identifier(10))
    services = []
    for _ in range(count):
        service, url = service_at(scene)
        services.append(
            {"id": service, "specUrl": document_at(scene, service), "serviceUrl": url, "rights": list(rights)}
        )
    return Entry(application=own, services=tuple(services))


async def entered(scene: Scene, url: str, code: str | None = None) -> Offered:
    """Enter a service at an address, which the consumer may use."""
    async with alone(scene):
        one = entry(scene, 1, [await right(scene)])
        service = {**one.services[0], "serviceUrl": url, **({"id": code} if code else {})}
        there = one.with_services(service)
        await changed(scene, [there.described])
    return there.offered()


async def until(scene: Scene, ask: Callable[[], Awaitable[_Value]], met: Callable[[_Value], bool]) -> _Value:
    """Ask again until the answer is as wanted, or limits.callback_seconds are over; give the last answer.

    A change has only begun when it is answered: no document says that it is in force at once.
    """
    began = time.perf_counter()
    while not met(value := await ask()):
        if time.perf_counter() - began > scene.callback_seconds:
            scene.timed(began)
            break
        await asyncio.sleep(_PAUSE_SECONDS)
    return value
