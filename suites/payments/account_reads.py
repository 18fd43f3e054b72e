"""Lookups that are asked again: no document says that a lookup shows at once what a registration or an update wrote."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from dpi_conformance.execution.scene import Scene

from .accounts import Account, Listing, look_up, look_up_all
from .participants import together

__all__ = ["all_shown_together", "each_shown", "shown_as", "shows", "until"]

_TURN_SECONDS = 0.1


async def shown_as(scene: Scene, wanted: Account, *, institution: str = "") -> Listing:
    """Look a beneficiary up until they are shown once and as ``wanted``, or for a while; gives the last answer."""
    return await until(
        scene,
        lambda: look_up(scene, wanted.identity, institution=institution),
        lambda now: shows(now, wanted),
    )


async def each_shown(scene: Scene, people: Sequence[Account]) -> list[Listing]:
    """Look several up, each by itself, as ``shown_as`` does."""
    return await together(*(shown_as(scene, person) for person in people))


async def all_shown_together(
    scene: Scene, people: Sequence[Account], beside: Sequence[Account] = ()
) -> Listing:
    """Look several up in one request, and others ``beside`` them who are not registered, until all are shown."""
    asked = [one.identity for one in (*people[:2], *beside, *people[2:])]
    return await until(
        scene, lambda: look_up_all(scene, asked), lambda now: all(shows(now, one) for one in people)
    )


async def until(
    scene: Scene,
    ask: Callable[[], Awaitable[Listing]],
    enough: Callable[[Listing], bool],
    seconds: float | None = None,
) -> Listing:
    """Ask until the answer is ``enough``, or until one that was asked for after ``seconds``; gives the last.

    By default as long as one waits for what must not come. An answer that is no list is not asked for again, unless it
    says that there is no such person.
    """
    began = perf_counter()
    end = began + (scene.quiet_seconds if seconds is None else seconds)
    while True:
        asked = perf_counter()
        now = await ask()
        if enough(now) or not (now.answer.served or now.answer.refused):
            return now
        if asked >= end:
            scene.timed(began)
            return now
        await asyncio.sleep(min(_TURN_SECONDS, max(end - perf_counter(), 0)))


def shows(listing: Listing, wanted: Account) -> bool:
    """Tell whether an answer gives a beneficiary once, and as wanted."""
    found = listing.of(wanted.identity)
    return len(found) == 1 and not wanted.differences(found[0])
