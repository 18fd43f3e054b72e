"""The configuration as the suite reads and changes it, in JSON."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dpi_conformance.execution.steps import Prerequisite, Stage, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.bodies import json_in_unicode
from dpi_conformance.model.evidence import Exchange, Request

__all__ = ["CONFIG", "RIGHTS", "change", "changed", "configuration", "content", "member_of"]

CONFIG: Final = "/api/v1/config"
RIGHTS: Final = "/api/v1/rights"
_PAUSE_SECONDS = 0.2
Member = dict[str, Any]


def content(exchange: Exchange) -> Any:
    """Give the JSON of an answer's body; None if it is none."""
    try:
        return json_in_unicode(exchange.response.body) if exchange.response else None
    except ValueError:
        return None


async def configuration(stage: Stage) -> Mapping[str, Any]:
    """Read the configuration; raises Prerequisite where the answer is none."""
    read = content(await stage.call("config-read", Request(method="GET", url=CONFIG)))
    if (
        isinstance(read, Mapping)
        and isinstance(read.get("domain"), str)
        and isinstance(read.get("instance"), str)
    ):
        return read
    raise Prerequisite(
        Message(
            text=N_(
                "The product's configuration has no domain and instance, so nothing can be changed in it."
            )
        )
    )


def change(known: Mapping[str, Any], members: Sequence[Member]) -> Request:
    """Make the request that enters members into a configuration, or changes them."""
    described = {"domain": known["domain"], "instance": known["instance"], "members": list(members)}
    return json_request("PATCH", CONFIG, described)


async def changed(stage: Stage, members: Sequence[Member]) -> Mapping[str, Any]:
    """Enter members into the configuration, and wait until it shows them; gives the configuration before.

    A change has only begun when it is answered, so that the configuration is asked again until it shows it. Raises
    Prerequisite where it does not within limits.callback_seconds.
    """
    known = await configuration(stage)
    await stage.call("config-change", change(known, members))
    end = time.monotonic() + stage.callback_seconds
    wanted = {(one["class"], one["code"]) for one in members}
    while not wanted <= _entered(await configuration(stage)):
        if time.monotonic() > end:
            raise Prerequisite(
                Message(
                    text=N_(
                        "Members that were entered into the configuration do not show in it within {seconds} s."
                    ),
                    values={"seconds": f"{stage.callback_seconds:g}"},
                )
            )
        await asyncio.sleep(_PAUSE_SECONDS)
    return known


def member_of(known: Mapping[str, Any], member_class: str, code: str) -> str | None:
    """Give the name of a member by its class and code; None where the configuration has no such member."""
    for one in known.get("members") or ():
        if isinstance(one, Mapping) and (one.get("class"), str(one.get("code"))) == (member_class, code):
            return str(one.get("name"))
    return None


def _entered(known: Mapping[str, Any]) -> set[tuple[str, str]]:
    members = known.get("members")
    listed = members if isinstance(members, list) else []
    return {(str(one.get("class")), str(one.get("code"))) for one in listed if isinstance(one, Mapping)}
