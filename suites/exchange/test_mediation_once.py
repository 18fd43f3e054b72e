"""Where the provider is in trouble: nothing is sent twice, and the caller is told (property D7)."""

import asyncio
from collections.abc import Mapping
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.passage import Load
from dpi_conformance.wire.visits import Return

from .alike import hold, through
from .entering import entered, service_at
from .mediating import Call, called, control
from .returns import error

_JSON: Final = (("Content-Type", "application/json"),)
_LATER_SECONDS: Final = 0.3
"""A repetition comes before the caller's answer; one that comes after it is looked for so long."""
_ORDER: Final = Load(block=b'{"pay": 100}')
_TROUBLES: Final[Mapping[str, Return]] = {
    "503": error(503),
    "500": error(500),
    "closed": Return(close=True),
    "broken": Return(load=Load(block=b"x" * 20_000), break_after=9000),
    "silent": Return(silent=True),
}


@case("D7/once-503", clause="RFC 9110, 9.2.2", functions=["mediation"], given={"trouble": "503"})
@case("D7/once-500", clause="RFC 9110, 9.2.2", functions=["mediation"], given={"trouble": "500"})
@case("D7/once-closed", clause="RFC 9110, 9.2.2", functions=["mediation"], given={"trouble": "closed"})
@case("D7/once-broken", clause="RFC 9110, 9.2.2", functions=["mediation"], given={"trouble": "broken"})
@case("D7/once-silent", clause="RFC 9110, 9.2.2", functions=["mediation"], given={"trouble": "silent"})
async def test_once(scene: Scene, trouble: str) -> None:
    """A POST to a provider in trouble ({trouble}) is sent to it once, and the caller learns of the trouble."""
    await control(scene)
    mediated = await called(scene, Call(headers=_JSON, load=_ORDER), _TROUBLES[trouble])
    if through(scene, mediated) is None:
        return
    await asyncio.sleep(_LATER_SECONDS)
    hold(
        scene,
        mediated.visit.arrived == 1,
        code="mediation.once",
        expected="1 call",
        actual=f"{mediated.visit.arrived} calls",
        seen=mediated.visit.arrivals[-1].callback,
    )
    is_told = mediated.status >= 500 or (mediated.exchange.trouble is not None and trouble != "silent")
    if trouble == "silent" and mediated.exchange.trouble is not None:
        text = N_(
            "The mediator waits longer for a provider than limits.answer_seconds; whether it tells was not seen."
        )
        scene.remark = Message(text=text)
        return
    hold(
        scene,
        is_told,
        code="mediation.unreachable-told",
        expected="5xx",
        actual=mediated,
        seen=mediated.exchange,
    )


@case(
    "D7/unreachable-provider",
    clause="RFC 9110, 15.6.3; PR-REST 4.6",
    functions=["configuration"],
)
async def test_unreachable(scene: Scene) -> None:
    """A caller is told where nobody listens at the service's address."""
    await control(scene)
    async with scene.closed_address("nobody") as door:
        service = await entered(scene, door.address.url)
        mediated = await called(scene, Call(headers=_JSON, load=_ORDER), service=service)
    hold(
        scene,
        mediated.status >= 500,
        code="mediation.unreachable-told",
        expected="5xx",
        actual=mediated,
        seen=mediated.exchange,
    )


@case(
    "D7/tls-to-the-provider",
    clause="RFC 9325, 3.2; govstack-cfr-security#req-1",
    functions=["configuration"],
)
async def test_tls(scene: Scene) -> None:
    """Where the service's address asks for TLS and TLS does not succeed, nothing is sent in the clear."""
    await control(scene)
    plain = scene.listener.public_url
    if not plain.startswith("http://"):
        text = N_("The harness is reached by TLS itself, so that a failing handshake was not tried.")
        raise Prerequisite(Message(text=text))
    code, url = service_at(scene)
    service = await entered(scene, url.replace("http://", "https://", 1), code=code)
    mediated = await called(scene, Call(headers=_JSON, load=_ORDER), service=service)
    arrival = mediated.arrival
    hold(
        scene,
        arrival is None,
        code="mediation.tls-kept",
        expected="no call without TLS",
        actual=f"{mediated.visit.arrived} calls by http://",
        seen=arrival.callback if arrival else mediated.exchange,
    )
