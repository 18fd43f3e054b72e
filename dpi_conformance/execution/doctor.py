"""Judges the configuration against the living target, before any verdict: trouble here is never a non-conformance."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Protocol

import orjson

from dpi_conformance.catalogue.target import NoAuth, Target
from dpi_conformance.errors import TargetError
from dpi_conformance.execution import probes
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.execution.probes import Answered
from dpi_conformance.execution.reachability import reach
from dpi_conformance.execution.sampling import probe_request, probe_variants
from dpi_conformance.execution.slots import fill
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.model.spec import Spec
from dpi_conformance.model.vectors import Vector

__all__ = ["Examined", "examine"]

AskCallback = Callable[[], Awaitable[bool]]
"""Has the product send a callback, and tells whether it came; raises Prerequisite where it could not be asked."""


class Examined(Protocol):
    """What is asked of a block: its description, its specification, its frozen vectors."""

    @property
    def block(self) -> Block:
        """Give the block's description."""

    @property
    def spec(self) -> Spec:
        """Give the block's specification."""

    def vectors(self) -> Iterator[Vector]:
        """Stream the frozen vectors; the first positive control that asks for a callback is used."""


async def examine(
    stage: Stage, target: Target, work: Examined, *, ask_callback: AskCallback | None = None
) -> tuple[Observation, ...]:
    """Give one observation a probe, in order; what a trouble makes pointless is not probed.

    Takes at most ``limits.connect_seconds`` for each of name, connection and TLS, and ``limits.answer_seconds`` for
    each of few requests. A callback is asked for by ``ask_callback``, else by a positive control of the block.
    """
    return tuple([one async for one in _examined(stage, target, work, ask_callback)])


async def _examined(
    stage: Stage, target: Target, work: Examined, ask: AskCallback | None
) -> AsyncIterator[Observation]:
    sound = True
    async for observation in reach(target):
        yield observation
        sound = sound and observation.health is not Health.TROUBLE
    async for observation in _spoken(stage, target, work) if sound else _nothing():
        yield observation
        sound = sound and observation.health is not Health.TROUBLE
    callback = await _callback(stage, target, work, ask) if sound else None
    if callback is not None:
        yield callback


async def _nothing() -> AsyncIterator[Observation]:
    return
    yield


async def _spoken(stage: Stage, target: Target, work: Examined) -> AsyncIterator[Observation]:
    """Yield the probes over HTTP; stop at the first trouble that makes the later ones pointless."""
    try:
        invented = await _send(stage, Request(method="GET", url=work.block.canary), "canary")
        answered = await _asked(stage, target, work, invented)
    except TargetError as error:  # the authorization server gives no token
        yield Observation(probe="credentials", health=Health.TROUBLE, message=error.message)
        return
    if invented.response is not None:
        yield probes.clock(invented)
    place = probes.base_path(answered, invented, target.base_url)
    yield place
    if place.health is Health.TROUBLE:
        return
    known = [one for one in answered if one.status and not one.unknown(invented)]
    taken = probes.credentials(known, target.auth)
    yield taken
    if taken.health is not Health.TROUBLE:
        yield await _without_credentials(stage, target, known)
    yield probes.canary(invented, work.block.canary, refused=_refused(stage, invented))


async def _asked(stage: Stage, target: Target, work: Examined, invented: Exchange) -> list[Answered]:
    """Ask operations until one is there and takes the credentials; a dead product is asked once."""
    answered: list[Answered] = []
    for variant in probe_variants(work.block, work.spec, target.claims):
        one = Answered(variant, await _send(stage, probe_request(variant), f"probe-{variant.id}"))
        answered.append(one)
        good = 200 <= one.status < 300 or 400 <= one.status < 500
        settled = good and one.status not in {401, 403, 407} and not one.unknown(invented)
        if settled or one.exchange.trouble is not None:
            break
    return answered


async def _send(stage: Stage, request: Request, name: str, credentials: str = "own") -> Exchange:
    exchange = await stage.wire.send(request, credentials=credentials, exchange_id=f"doctor-{name}")
    stage.record(exchange, f"doctor-{name}")
    return exchange


async def _without_credentials(stage: Stage, target: Target, known: list[Answered]) -> Observation:
    if isinstance(target.auth, NoAuth):
        return probes.no_credentials(None)
    chosen = next((one for one in known if one.variant.secured), known[0])
    exchange = await _send(stage, probe_request(chosen.variant), "no-credentials", "none")
    return probes.no_credentials(replace(chosen, exchange=exchange))


def _refused(stage: Stage, exchange: Exchange) -> bool:
    """Tell whether the invented operation was refused in the block's own way."""
    if exchange.response is None:
        return False
    try:
        body = orjson.loads(exchange.response.body)
    except orjson.JSONDecodeError:
        body = None
    return stage.answers.rules.refuses("", exchange.response.status, body)


async def _callback(
    stage: Stage, target: Target, work: Examined, ask: AskCallback | None
) -> Observation | None:
    """Ask the product for a callback; None where no operation of the block is answered by one."""
    if ask is None and (control := _asking(target, work)) is None:
        return None
    try:
        came = await (ask() if ask is not None else _called_back(stage, control))
    except Prerequisite as trouble:
        advice = Message(text=N_("Whether callbacks arrive is not known; the run will show it."))
        return Observation(probe="callback", health=Health.WARNING, message=trouble.message, advice=advice)
    if came:
        return Observation(
            probe="callback",
            health=Health.OK,
            message=Message(text=N_("A callback that was asked for arrived.")),
        )
    values: dict[str, str | float] = {"url": stage.listener.public_url, "seconds": stage.callback_seconds}
    return Observation(
        probe="callback",
        health=Health.WARNING,
        message=Message(
            text=N_("A callback that was asked for did not arrive at {url} within {seconds} s."),
            values=values,
        ),
        advice=Message(
            text=N_(
                "A product on another machine or in a container cannot reach {url}: write callbacks.bind, callbacks.port "
                "and callbacks.public_url in product.yaml, the address by which it reaches this machine. If it can "
                "reach it, each missing callback will be a finding."
            ),
            values=values,
        ),
    )


def _asking(target: Target, work: Examined) -> Vector | None:
    """Find a positive control that is answered by a callback and needs nothing before it."""
    asking = {
        variant.id
        for variant in work.spec.variants
        if variant.callbacks and (not target.claims or variant.function in target.claims)
    }
    if not asking:
        return None
    return next(
        (one for one in work.vectors() if one.control and one.variant in asking and not one.needs), None
    )


async def _called_back(stage: Stage, control: Vector | None) -> bool:
    if control is None:
        return False
    address = stage.listener.address("doctor")
    exchange = await _send(stage, fill(control, stage.fresh, address.url, {}), "callback")
    if not stage.answers.served(control.variant, exchange):
        status = exchange.response.status if exchange.response else 0
        text = N_("The request that asks for a callback ({variant}) was not served (HTTP {status}).")
        raise Prerequisite(Message(text=text, values={"variant": control.variant, "status": status}))
    return bool(await address.wait(1, stage.callback_seconds))
