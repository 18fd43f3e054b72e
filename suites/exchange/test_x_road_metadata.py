"""X-Road's metadata services: clients, methods and documents (M1 to M4)."""

from collections.abc import Mapping
from typing import Any, Final

from dpi_conformance.execution.answer import plainly
from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange

from .advice import ADVICE
from .alike import hold
from .configuring import content
from .directory import codes, endpoints, entries, identifier, part
from .documents import missing, read, troubles
from .parties import application, fixture
from .x_road import asked

_METADATA: Final = frozenset({"listMethods", "allowedMethods", "getOpenAPI"})
_XROAD: Final = frozenset({"member_class", "member_code", "xroad_instance"})
_GOVSTACK: Final = frozenset({"memberClass", "memberCode", "instanceId"})


def _served(exchange: Exchange) -> Any:
    """Give the JSON of an answer; raises Prerequisite where it is none."""
    body = content(exchange)
    if exchange.response is not None and exchange.response.status == 200 and body is not None:
        return body
    status = exchange.response.status if exchange.response else 0
    text = N_("A metadata service did not answer in JSON: HTTP {status}.")
    raise Prerequisite(Message(text=text, values={"status": status}))


async def _methods(scene: Scene, name: str) -> tuple[Exchange, Any]:
    exchange = await asked(scene, f"{application(scene, 'provider.application').path}/{name}")
    return exchange, _served(exchange)


@case("M1/methods", clause="PR-MREST 4", functions=["x-road"])
async def test_methods(scene: Scene) -> None:
    """listMethods has what the subsystem offers, allowedMethods a part of it, and neither the metadata services."""
    exchange, body = await _methods(scene, "listMethods")
    seen, may_body = await _methods(scene, "allowedMethods")
    offer, may = set(codes(body)), set(codes(may_body))
    known = set(fixture(scene, "provider.service").split())
    forbidden = set(scene.fixtures.get("provider.service-not-allowed", "").split())
    scene.expect(
        known | forbidden | may <= offer | _METADATA,
        code="directory.offers-all",
        message=Message(
            text=N_("A service that the application offers is not among those that it is said to offer.")
        ),
        expected=sorted(known | forbidden | may),
        actual=sorted(offer),
        seen=exchange,
        advice=ADVICE["directory.offers-all"],
    )
    scene.expect(
        known <= may and not forbidden & may,
        code="directory.allowed-only",
        message=Message(
            text=N_("The services that the caller may use are not those that are listed as such.")
        ),
        expected=sorted(known),
        actual=sorted(may),
        seen=seen,
        advice=ADVICE["directory.allowed-only"],
    )
    for one, listed in ((exchange, offer), (seen, may)):
        hold(
            scene,
            not listed & _METADATA,
            code="xroad.metadata-hidden",
            expected="without the metadata services",
            actual=sorted(listed & _METADATA),
            seen=one,
        )


@case("M2/documents", clause="PR-MREST 5", functions=["x-road"])
async def test_documents(scene: Scene) -> None:
    """getOpenAPI hands out a service's document, which describes the endpoints that are listed; else 400."""
    _, body = await _methods(scene, "listMethods")
    base = f"{application(scene, 'provider.application').path}/getOpenAPI"
    code = fixture(scene, "provider.service").split()[0]
    listed = next((one for one in entries(body) if part(one, "service") == code), None)
    exchange = await asked(scene, f"{base}?serviceCode={code}", "*/*")
    found = read(exchange.response.body) if exchange.response else None
    wrong = list(troubles(found))
    scene.expect(
        not wrong,
        code="directory.document-readable",
        message=Message(text=N_("What is handed out as a service's description is no OpenAPI document.")),
        expected="an OpenAPI document in JSON or YAML",
        actual=", ".join(wrong),
        seen=exchange,
        advice=ADVICE["directory.document-readable"],
    )
    lacking = missing(endpoints(listed), found) if isinstance(found, Mapping) else []
    scene.expect(
        not lacking,
        code="directory.endpoints-described",
        message=Message(text=N_("Endpoints are listed that the service's own document does not have.")),
        expected="endpoints of the document",
        actual=", ".join(lacking[:5]),
        seen=exchange,
        advice=ADVICE["directory.endpoints-described"],
    )
    for query in ("", f"?serviceCode=no-{scene.fresh.identifier(10)}"):
        refused = await asked(scene, f"{base}{query}", "*/*")
        status = refused.response.status if refused.response else 0
        marked = refused.response is not None and refused.response.header("x-road-error") is not None
        scene.expect(
            400 <= status < 500 or (marked and status >= 500),
            code="directory.unknown-service-refused",
            message=Message(text=N_("A document was handed out for a service that does not exist.")),
            expected="400, or 500 with X-Road-Error",
            actual=status,
            seen=refused,
            advice=ADVICE["directory.unknown-service-refused"],
        )


@case("M3/clients", clause="PR-MREST 2", functions=["x-road"])
async def test_clients(scene: Scene) -> None:
    """listClients names the subsystem that asks."""
    own = application(scene, "consumer.client")
    exchange = await asked(scene, f"/listClients?xRoadInstance={own.instance}")
    listed = [identifier(one) for one in entries(_served(exchange))]
    scene.expect(
        (own.instance, own.member_class, own.member, own.code) in listed,
        code="directory.own-client-listed",
        message=Message(text=N_("The application that asks is not in the list of clients.")),
        expected=own,
        actual=f"{len(listed)} clients without it",
        seen=exchange,
        advice=ADVICE["directory.own-client-listed"],
    )


@case("M4/forms", clause="PR-MREST A, B", functions=["x-road"])
async def test_forms(scene: Scene) -> None:
    """The metadata services answer in one of the two forms that X-Road's documents have."""
    for name in ("listMethods", "allowedMethods"):
        exchange, body = await _methods(scene, name)
        listed = entries(body)
        names = [set(one) for one in listed if isinstance(one, Mapping)]
        forms = {form for form, keys in (("annex A", _XROAD), ("annex B", _GOVSTACK)) if _all(names, keys)}
        hold(
            scene,
            bool(listed) and len(names) == len(listed) and bool(forms),
            code="xroad.metadata-form",
            expected="service or member, a list of objects with X-Road's names",
            actual=plainly(body)[:300],
            seen=exchange,
            place="body",
        )
        spelt = ", ".join(sorted(forms))
        scene.remark = Message(text=N_("The answers have the names of {forms}."), values={"forms": spelt})


def _all(names: list[set[str]], keys: frozenset[str]) -> bool:
    return all(keys <= one for one in names)
