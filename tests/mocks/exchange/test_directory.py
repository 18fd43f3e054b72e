"""The directory of the exchange mock, in GovStack's words and in X-Road's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from openapi_spec_validator import validate

if TYPE_CHECKING:
    from tests.mocks.exchange.conftest import Message, Stage

    Play = Callable[..., Any]

ROOM = "/r1/GOV/GOV/70000/registry"
ENDPOINTS = [
    ("GET", "/{0}"),
    ("POST", "/{0}"),
    ("GET", "/{0}/{{id}}"),
    ("PUT", "/{0}/{{id}}"),
    ("DELETE", "/{0}/{{id}}"),
]


def test_clients_are_members_and_applications_each_once(play: Play) -> None:
    async def steps(stage: Stage) -> tuple[Any, Any, int, int]:
        plain = (await stage.send("GET", "/listClients")).json()["member"]
        named = (await stage.send("GET", "/listClients?instanceId=GOV")).json()["member"]
        unknown = (await stage.send("GET", "/listClients?instanceId=XX")).status
        return plain, named, unknown, (await stage.x_road("GET", "/listClients?xRoadInstance=XX")).status

    plain, named, unknown, x_road = play(steps)
    assert plain == named
    assert {
        "name": "Ministry of Social Affairs",
        "id": {
            "objectType": "APPLICATION",
            "instanceId": "GOV",
            "memberClass": "COM",
            "memberCode": "1234",
            "applicationCode": "benefits",
        },
    } in plain
    assert len({str(one["id"]) for one in plain}) == len(plain) == 11
    assert (unknown, x_road) == (400, 400)


def test_what_is_allowed_is_part_of_what_is_offered(play: Play) -> None:
    async def steps(stage: Stage) -> list[Any]:
        answers = [
            await stage.send("GET", f"{ROOM}/{path}")
            for path in ("listMethods", "allowedMethods", "listMethods?serviceId=archive")
        ]
        return [[one["serviceCode"] for one in answer.json()["member"]] for answer in answers]

    assert play(steps) == [["people", "addresses", "archive"], ["people", "addresses"], ["archive"]]


def test_each_service_has_a_document_that_describes_its_endpoints(play: Play) -> None:
    async def steps(stage: Stage) -> None:
        for one in (await stage.send("GET", f"{ROOM}/listMethods")).json()["member"]:
            code = one["serviceCode"]
            got = await stage.send("GET", f"{ROOM}/getOpenAPI?serviceCode={code}")
            validate(got.json())
            assert (got.value("content-type"), got.json()["info"]["title"]) == ("application/json", code)
            listed = [(e["method"], e["path"]) for e in one["endpointList"]["member"]]
            assert listed == [(method, path.format(code)) for method, path in ENDPOINTS]

    play(steps)


def _give(raw: bytes, _seen: Message) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(raw), raw)


def test_a_document_comes_from_its_address_as_it_is_now(play: Play) -> None:
    documents = [
        b"openapi: 3.0.0\npaths:\n  /x: {get: {responses: {200: {description: y}}}}\n",
        b"no document",
    ]

    async def steps(stage: Stage) -> list[Any]:
        service = {
            "id": "people",
            "specUrl": f"{stage.provider_url}/s.yaml?v=1",
            "serviceUrl": "http://127.0.0.1:9/",
        }
        member = {"name": "Ministry of the Interior", "class": "GOV", "code": "70000"}
        application = {"id": "registry", "services": [service]}
        change = {"domain": "d", "instance": "GOV", "members": [{**member, "applications": [application]}]}
        assert (await stage.manage("PATCH", "/api/v1/config", change)).status == 201
        got = []
        for raw in documents:
            stage.answer = partial(_give, raw)
            answer = await stage.send("GET", f"{ROOM}/getOpenAPI?serviceCode=people")
            listed = (await stage.send("GET", f"{ROOM}/listMethods?serviceId=people")).json()["member"][0]
            got.append((answer.status, answer.value("content-type"), listed["endpointList"]["member"]))
        assert stage.seen[0].target == "/s.yaml?v=1"
        return got

    assert play(steps) == [
        (200, "text/yaml", [{"method": "GET", "path": "/x"}]),
        (500, "application/json", []),
    ]


def test_what_is_not_there_is_refused(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        targets = [
            f"{ROOM}/getOpenAPI?serviceCode=nothing",
            f"{ROOM}/getOpenAPI",
            f"{ROOM}/listMethods?serviceId=nothing",
            "/r1/GOV/GOV/70000/nothing/listMethods",
            "/r1/XX/GOV/70000/registry/allowedMethods",
        ]
        plain = [(await stage.send("GET", target)).status for target in targets]
        plain += [
            (await stage.send("GET", f"{ROOM}/listMethods", client=who)).status
            for who in ("", "x", "A/B/C/D")
        ]
        x_road = [(await stage.x_road("GET", target)).status for target in targets[:2]]
        return [*plain, *x_road, (await stage.x_road("POST", f"{ROOM}/listMethods")).status]

    assert play(steps) == [400] * 10 + [405]


def test_x_roads_metadata_services_answer_in_its_words(play: Play) -> None:
    async def steps(stage: Stage) -> list[Any]:
        clients = (await stage.x_road("GET", "/listClients?xRoadInstance=GOV")).json()
        offered = (await stage.x_road("GET", f"{ROOM}/listMethods")).json()
        allowed = (await stage.x_road("GET", f"{ROOM}/allowedMethods?serviceCode=people")).json()
        document = await stage.x_road("GET", f"{ROOM}/getOpenAPI?serviceCode=archive")
        return [clients["member"], offered["service"], allowed["service"], document.json()["info"]["title"]]

    clients, offered, allowed, title = play(steps)
    own = {
        "member_class": "GOV",
        "member_code": "70000",
        "xroad_instance": "GOV",
        "subsystem_code": "registry",
    }
    assert {"id": {**own, "object_type": "SUBSYSTEM"}, "name": "Ministry of the Interior"} in clients
    assert [one["service_code"] for one in offered] == ["people", "addresses", "archive"]
    assert allowed == [
        {
            **own,
            "object_type": "SERVICE",
            "service_code": "people",
            "service_type": "OPENAPI",
            "endpoint_list": [
                {"method": method, "path": path.format("people").replace("{id}", "*")}
                for method, path in ENDPOINTS
            ],
        }
    ]
    assert title == "archive"
