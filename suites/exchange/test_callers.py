"""Who calls whom: a call that does not say so, or says it of somebody who is not there, is refused (property D8)."""

from dataclasses import replace
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.wire.passage import Load

from .alike import hold
from .mediating import Call, Mediated, Offered, called, control, offered
from .parties import Application, application, fixture

_WHO: Final = "GovStack IM 8.2 (X-GovStack-Client)"
_ORDER: Final = Call(headers=(("Content-Type", "application/json"),), load=Load(block=b"{}"))


def expect_refusal(scene: Scene, mediated: Mediated, *, code: str) -> None:
    """Expect a 4xx, or X-Road's own error, and nothing at the provider."""
    hold(
        scene,
        mediated.refused,
        code=code,
        expected="4xx, or an error with X-Road-Error, and nothing at the provider",
        actual=f"{mediated}; {mediated.visit.arrived} calls at the provider",
        seen=mediated.exchange,
    )


@case("D8/no-client", clause=_WHO, functions=["mediation"])
async def test_no_client(scene: Scene) -> None:
    """A call without the header that names the caller is refused."""
    await control(scene)
    expect_refusal(scene, await called(scene, replace(_ORDER, client="")), code="mediation.client-required")


@case("D8/malformed-client", clause=_WHO, functions=["mediation"])
async def test_malformed_client(scene: Scene) -> None:
    """A call whose caller's identifier cannot be read is refused."""
    await control(scene)
    one = application(scene, "consumer.client")
    for text in (
        one.instance,
        f"{one.instance}//{one.member}/{one.code}",
        f"{one}/further/parts",
        f"%ZZ{one}",
        f"{one}%FF",
        "!",
    ):
        expect_refusal(
            scene, await called(scene, replace(_ORDER, client=text)), code="mediation.client-well-formed"
        )


@case("D8/unknown-client", clause=_WHO, functions=["mediation"], given={"part": "client"})
@case("D8/unknown-service", clause="GovStack IM 8.2.1", functions=["mediation"], given={"part": "service"})
@case(
    "D8/unknown-application",
    clause="GovStack IM 8.2.1",
    functions=["mediation"],
    given={"part": "application"},
)
@case("D8/unknown-member", clause="GovStack IM 8.2.1", functions=["mediation"], given={"part": "member"})
@case("D8/unknown-instance", clause="GovStack IM 8.2.1", functions=["mediation"], given={"part": "instance"})
async def test_unknown(scene: Scene, part: str) -> None:
    """A call whose {part} does not exist is refused."""
    await control(scene)
    there = offered(scene)
    nobody = f"no-{scene.fresh.identifier(10)}"
    call, service = _ORDER, there
    if part == "client":
        call = replace(_ORDER, client=str(replace(application(scene, "consumer.client"), code=nobody)))
    elif part == "service":
        service = replace(there, code=nobody)
    else:
        service = replace(there, provider=_other(there, part, nobody))
    expect_refusal(scene, await called(scene, call, service=service), code="mediation.unknown-refused")


def _other(there: Offered, part: str, nobody: str) -> Application:
    match part:
        case "application":
            return replace(there.provider, code=nobody)
        case "member":
            return replace(there.provider, member=nobody)
        case _:
            return replace(there.provider, instance=nobody)


@case("D8/foreign-client", clause="GovStack IM 6.2; CWE-290", functions=["mediation"])
async def test_foreign_client(scene: Scene) -> None:
    """A call in the name of an application of another member's mediator is refused, though that one has the right."""
    foreign = application(scene, "consumer.foreign")
    service = offered(scene, fixture(scene, "provider.service-of-foreign").split()[0])
    await control(scene)
    mediated = await called(scene, replace(_ORDER, client=str(foreign)), service=service)
    hold(
        scene,
        mediated.arrival is None and not 200 <= mediated.status < 400,
        code="mediation.client-own",
        expected="refused, and nothing at the provider",
        actual=f"{mediated}; {mediated.visit.arrived} calls at the provider",
        seen=mediated.exchange,
    )
