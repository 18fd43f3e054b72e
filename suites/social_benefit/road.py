"""One application for a benefit on its road through the blocks, and between whom it may break."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

__all__ = [
    "ANSWER",
    "BANK",
    "LOGIN",
    "MAPPER",
    "ORDER",
    "QUERY",
    "REPORT",
    "RIGHTS",
    "Road",
    "leg",
    "road",
    "say",
]

LOGIN: Final = "identity → programme"
QUERY: Final = "programme → exchange → registry"
ANSWER: Final = "registry → exchange → programme"
RIGHTS: Final = "programme → exchange"
MAPPER: Final = "programme → payments (account mapper)"
ORDER: Final = "programme → payments"
BANK: Final = "payments → payer-bank"
REPORT: Final = "payments → programme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """The blocks of one application, and the name that no other application has."""

    identity: Scene
    exchange: Scene
    payments: Scene
    application: str


def road(scene: Scene) -> Road:
    """Begin an application."""
    return Road(
        identity=scene.stages["identity"],
        exchange=scene.stages["exchange"],
        payments=scene.stages["payments"],
        application=scene.fresh.identifier(16),
    )


def say(text: str, **values: str | int) -> Message:
    """Give a sentence; the text is marked with N_ where it is written."""
    return Message(text=text, values=values)


@contextlib.contextmanager
def leg(interface: str, side: str) -> Iterator[None]:
    """Name the interface, and the block that was asked, where a step of the road could not be taken."""
    try:
        yield
    except Prerequisite as missing:
        text = N_("The road ended at “{interface}”, where {side} was asked: {reason}")
        values = {"interface": interface, "side": side, "reason": str(missing.message)}
        raise Prerequisite(Message(text=text, values=values)) from missing
