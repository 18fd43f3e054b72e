"""Calls and questions as X-Road's message protocol has them (PR-REST, PR-MREST)."""

from collections.abc import Mapping
from typing import Any, Final

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.wire.passage import NOTHING, Load

from .configuring import content
from .mediating import X_ROAD_CLIENT, Call, control
from .parties import application

__all__ = ["ERROR_TYPES", "asked", "error_of", "plain", "road"]

ERROR_TYPES: Final = ("Client", "Server.ClientProxy", "Server.ServerProxy")
"""How the types of errors begin (PR-REST 4.6)."""
Headers = tuple[tuple[str, str], ...]


def road(  # noqa: PLR0913 -- a call, by keyword
    *,
    method: str = "POST",
    below: str = "",
    query: str | None = None,
    headers: Headers = (),
    load: Load = NOTHING,
    client: str | None = None,
    without: frozenset[str] = frozenset(),
) -> Call:
    """Make a call whose caller is named by X-Road-Client."""
    return Call(
        method=method,
        below=below,
        query=query,
        headers=headers,
        load=load,
        client=client,
        without=without,
        client_header=X_ROAD_CLIENT,
    )


async def plain(scene: Scene) -> None:
    """See that a plain call is mediated at all; raises Prerequisite where it is not."""
    await control(scene, road())


async def asked(scene: Scene, target: str, accept: str = "application/json") -> Exchange:
    """Put a question to a metadata service; raises Prerequisite where no answer came."""
    headers = ((X_ROAD_CLIENT, str(application(scene, "consumer.client"))), ("Accept", accept))
    request = Request(method="GET", url=target, headers=headers)
    exchange = await scene.wire.send(request, exchange_id=scene._next_id())  # noqa: SLF001
    scene.seen.append(exchange)
    if exchange.response is None:
        text = N_("The metadata services did not answer: {trouble}.")
        trouble = exchange.trouble.detail if exchange.trouble else "-"
        raise Prerequisite(Message(text=text, values={"trouble": trouble}))
    return exchange


def error_of(exchange: Exchange) -> Mapping[str, Any]:
    """Give the object in an error's body; empty if it is none."""
    body = content(exchange)
    return body if isinstance(body, Mapping) else {}
