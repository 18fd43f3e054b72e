"""Codes and tokens that expire while a case waits, as far as the product declares how to get them."""

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .clients import Client, own_client, shared_client
from .sentences import say

__all__ = ["MOST_SECONDS", "short_lived"]

PREFIX = "short-lived.client-prefix"
LIFE = "short-lived.seconds"
MOST_SECONDS = 30.0
"""A case waits no longer."""


async def short_lived(scene: Scene, name: str) -> tuple[Client, float]:
    """Give a client and after how many seconds what it gets expires; raises Prerequisite.

    Either clients whose identifiers begin as declared get what is short-lived, or the declaration ``name`` says how
    short-lived it is for all. The published documents give no way to ask for it.
    """
    if PREFIX in scene.declared and "client-management" in scene.claims:
        seconds = _seconds(scene, LIFE)
        identifier = scene.declared[PREFIX] + scene.fresh.identifier(16).lower()
        return await own_client(scene, clientId=identifier), seconds
    return await shared_client(scene), _seconds(scene, name)


def _seconds(scene: Scene, name: str) -> float:
    written = scene.declares(name)
    try:
        seconds = float(written)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= MOST_SECONDS:
        text = N_(
            "declares: {name} is {written}; to wait for it, it has to be a number of at most {most} seconds."
        )
        raise Prerequisite(say(text, name=name, written=written[:40], most=MOST_SECONDS))
    return seconds
