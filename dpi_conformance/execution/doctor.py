"""Judges the configuration against the living target, before any verdict: trouble here is never a non-conformance."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Protocol

from dpi_conformance.catalogue.target import NoAuth, Target
from dpi_conformance.errors import TargetError
from dpi_conformance.execution import probes
from dpi_conformance.execution.logins import AskLogin, look_at_login
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.execution.probes import Answered
from dpi_conformance.execution.reachability import reach, speaks_tls
from dpi_conformance.execution.sampling import Unlisted, probe_request, probe_variants
from dpi_conformance.execution.slots import fill
from dpi_conformance.execution.steps import Prerequisite, Stage, Steps
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.bodies import json_in_unicode
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.model.spec import Spec
from dpi_conformance.model.vectors import Vector

__all__ = ["Examined", "examine"]

AskCallback = Callable[[], Awaitable[bool | None]]
"""Has the product send a callback, and tells whether it came (None: nothing that is claimed has one).

Raises Prerequisite where the product does not serve what asks for it.
"""


_UNASKED = Message(
    text=N_(
        "So whether callbacks arrive is not known. See why the product refuses this request: it has to take the "
        "credentials (auth), to know whom it names (fixtures), and to serve what is claimed (claims; all in product.yaml)."
    )
)


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

    def steps(self) -> Steps:
        """Give the block's steps, which create what that control needs."""


async def examine(
    stage: Stage,
    target: Target,
    work: Examined,
    *,
    ask_callback: AskCallback | None = None,
    ask_login: AskLogin | None = None,
    unlisted: Unlisted | None = None,
) -> tuple[Observation, ...]:
    """Give one observation a probe, in order; what a trouble makes pointless is not probed.

    Takes at most ``limits.connect_seconds`` for each of name, connection and TLS, and ``limits.answer_seconds`` for
    each of few requests. A callback is asked for by ``ask_callback``, else by a positive control of the block. A person
    logs in where ``ask_login`` says how that is asked for. ``unlisted`` is asked where nothing that is claimed has an
    operation in the specification.
    """
    spoken = _spoken(stage, target, work, unlisted)
    return tuple([one async for one in _examined(stage, target, work, spoken, ask_callback, ask_login)])


async def _examined(
    stage: Stage,
    target: Target,
    work: Examined,
    spoken: AsyncIterator[Observation],
    ask: AskCallback | None,
    ask_login: AskLogin | None,
) -> AsyncIterator[Observation]:
    sound = True
    async for observation in reach(target):
        yield observation
        sound = sound and observation.health is not Health.TROUBLE
    async for observation in spoken if sound else _nothing():
        yield observation
        sound = sound and observation.health is not Health.TROUBLE
    callback = await _callback(stage, target, work, ask) if sound else None
    if callback is not None:
        yield callback
    if sound and ask_login is not None:
        yield await look_at_login(stage, ask_login)


async def _nothing() -> AsyncIterator[Observation]:
    return
    yield


async def _spoken(
    stage: Stage, target: Target, work: Examined, unlisted: Unlisted | None
) -> AsyncIterator[Observation]:
    """Yield the probes over HTTP; stop at the first trouble that makes the later ones pointless."""
    try:
        invented = await _send(stage, Request(method="GET", url=work.block.canary), "canary")
        misspoken = await speaks_tls(target) if _perhaps_misspoken(invented) else None
        if misspoken is not None:
            yield misspoken
            return
        answered = await _asked(stage, target, work, unlisted)
    except TargetError as error:  # the authorization server gives no token
        yield Observation(probe="credentials", health=Health.TROUBLE, message=error.message)
        return
    except Prerequisite as missing:
        yield Observation(probe="base-path", health=Health.TROUBLE, message=missing.message)
        return
    if invented.response is not None:
        yield probes.clock(invented)
    place = probes.base_path(answered, target.base_url)
    yield place
    if place.health is Health.TROUBLE:
        return
    known = [one for one in answered if one.known]
    taken = probes.credentials(known, target.auth)
    yield taken
    if taken.health is not Health.TROUBLE:
        yield await _without_credentials(stage, target, known)
    yield probes.canary(invented, work.block.canary, refused=_refused(stage, invented))


def _perhaps_misspoken(invented: Exchange) -> bool:
    """Tell whether this may be how a port that speaks TLS answers plain HTTP: by an alert, by closing, or with 400."""
    if invented.trouble is not None:
        return invented.trouble.kind in {"cut-off", "protocol"}
    return invented.response is not None and invented.response.status == 400


async def _asked(stage: Stage, target: Target, work: Examined, unlisted: Unlisted | None) -> list[Answered]:
    """Ask operations until one is there and takes the credentials; a dead product is asked once."""
    answered: list[Answered] = []
    for variant in probe_variants(work.block, work.spec, target.claims, unlisted):
        request = probe_request(variant)
        exchange = await _send(stage, request, f"probe-{variant.id}")
        known = await _known(stage, request, exchange, work.block.canary)
        answered.append(Answered(variant, exchange, known))
        status = exchange.response.status if exchange.response else 0
        settled = (200 <= status < 300 or 400 <= status < 500) and status not in {401, 403, 407}
        if (settled and known) or exchange.trouble is not None:
            break
    return answered


async def _known(stage: Stage, request: Request, exchange: Exchange, canary: str) -> bool:
    """Tell whether an operation is there: its answer is not that of its twin below an invented path.

    A product may say the same of an unknown path and of an unknown voucher: then another method tells them apart.
    """
    if exchange.response is None:
        return False
    media_type = (exchange.response.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type == "text/html":
        return False
    if exchange.response.status not in {404, 405, 501}:
        return True
    twin = replace(request, url="?".join((canary, *request.url.split("?")[1:])))
    for method in (request.method, "PATCH"):
        asked = await _send(stage, replace(request, method=method), f"there-{method}")
        invented = await _send(stage, replace(twin, method=method), f"nowhere-{method}")
        if not probes.alike(asked, invented):
            return True
    return False


async def _send(stage: Stage, request: Request, name: str, credentials: str = "own") -> Exchange:
    exchange = await stage.wire.send(request, credentials=credentials, exchange_id=f"doctor-{name}")
    stage.record(exchange, f"doctor-{name}")
    return exchange


async def _without_credentials(stage: Stage, target: Target, known: list[Answered]) -> Observation:
    if isinstance(target.auth, NoAuth):
        return probes.no_credentials(None)
    chosen = next((one for one in known if stage.answers.asks_for_proof(one.variant.id)), None)
    if chosen is None:
        return probes.open_to_everybody()
    request = probe_request(chosen.variant)
    exchange = await _send(stage, request, "no-credentials", "none")
    bad_request = exchange.response is not None and exchange.response.status == 400  # nginx's word for it
    closing = (exchange.closed or bad_request) and "none" in target.closing()
    if (
        closing
    ):  # a product that is down closes as well, and one that asks for no certificate may answer 400 to all
        again = (await _send(stage, request, "credentials-again")).response
        closing = again is not None and (exchange.closed or again.status != 400)
    return probes.no_credentials(replace(chosen, exchange=exchange), closing=closing)


def _refused(stage: Stage, exchange: Exchange) -> bool:
    """Tell whether the invented operation was refused in the block's own way."""
    if exchange.response is None:
        return False
    try:
        body = json_in_unicode(exchange.response.body)
    except ValueError:
        body = None
    return stage.answers.rules.refuses("", exchange.response.status, body)


async def _callback(
    stage: Stage, target: Target, work: Examined, ask: AskCallback | None
) -> Observation | None:
    """Ask the product for a callback; None where no operation of the block is answered by one."""
    if ask is None and (control := _asking(target, work)) is None:
        return None
    try:
        came = await (ask() if ask is not None else _called_back(stage, work.steps(), control))
    except Prerequisite as trouble:
        return Observation(probe="callback", health=Health.WARNING, message=trouble.message, advice=_UNASKED)
    if came is None:
        return None
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
                "reach it, what needs a callback cannot be decided."
            ),
            values=values,
        ),
    )


def _asking(target: Target, work: Examined) -> Vector | None:
    """Find the first positive control that is answered by a callback."""
    asking = {
        variant.id
        for variant in work.spec.variants
        if variant.callbacks and (not target.claims or variant.function in target.claims)
    }
    if not asking:
        return None
    return next((one for one in work.vectors() if one.control and one.variant in asking), None)


async def _called_back(stage: Stage, steps: Steps, control: Vector | None) -> bool:
    """Send the control and wait for what the product sends back; raises Prerequisite if it is not served."""
    if control is None:
        return False
    made: dict[str, str] = {}
    for need in control.needs:
        (resource,) = await steps[need](stage, 1)
        if isinstance(resource, Prerequisite):
            raise resource
        made.update(resource)
    address = stage.listener.address("doctor")
    exchange = await _send(stage, fill(control, stage.fresh, address.url, made), "callback")
    if not stage.answers.served(control.variant, exchange):
        status = exchange.response.status if exchange.response else 0
        text = N_("The request that asks for a callback ({variant}) was not served (HTTP {status}).")
        raise Prerequisite(Message(text=text, values={"variant": control.variant, "status": status}))
    return bool(await address.wait(1, stage.callback_seconds))
