"""What a product serves beside its specification: pages, forms, cookies, long polls, and refusals of its own kind."""

import asyncio
from typing import Any

import httpx
import pytest

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.reading import Unreadable, read_form
from dpi_conformance.mockkit.refusals import Spellings
from dpi_conformance.mockkit.requests import Arrival
from dpi_conformance.mockkit.service import Operation, Page, Service
from dpi_conformance.mockkit.serving import serve_app
from dpi_conformance.mockkit.settings import MockSettings
from dpi_conformance.model.spec import BodyDeclared, Parameter, Spec, Variant

SPELLINGS = Spellings(
    code=("code",), description=("text",), request_id=("id",), success={}, failure={"code": "1"}
)
LOOK = Variant(
    id="look",
    method="get",
    path="/look",
    parameters=(Parameter(name="at", location="query", required=True, schema={"type": "string"}),),
)
SEND = Variant(
    id="send",
    method="post",
    path="/send",
    body=BodyDeclared(
        schema={"type": "object", "required": ["a"]}, media_type="application/x-www-form-urlencoded"
    ),
)


def said(call: Call) -> Answer:
    return Answer(status=200, body={"body": call.body, "query": dict(call.query), "trouble": call.trouble})


def asked(
    *requests: tuple[str, str, dict[str, Any]], operations: dict[str, Operation] | None = None, **service: Any
) -> list[httpx.Response]:
    """Send requests to a product with these parts and give the answers."""
    own: dict[str, Operation] = {"look": said, "send": said, **(operations or {})}
    spec = Spec(title="t", version="1", variants=(LOOK, SEND))
    app = serve_app(Service(spec=spec, operations=own, spellings=SPELLINGS, **service), MockSettings())

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            return [await client.request(method, path, **more) for method, path, more in requests]

    return asyncio.run(run())


def test_a_page_has_its_route_its_cookies_and_its_media_type() -> None:
    def page(call: Call) -> Answer:
        cookies = ("a=1; Path=/", "b=2; Path=/")
        return Answer(status=200, body=call.cookie("c").encode(), media_type="text/html", cookies=cookies)

    (answer,) = asked(
        ("GET", "/page", {"headers": {"Cookie": "x=1; c=seen; y"}}),
        pages=(Page(id="page", method="get", path="/page", operation=page),),
    )
    assert (answer.text, answer.headers["content-type"]) == ("seen", "text/html")
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]


def test_a_page_may_share_a_path_of_the_specification() -> None:
    answers = asked(
        ("POST", "/look", {"data": {"x": "é"}}),
        ("GET", "/look?at=1", {}),
        ("PUT", "/look", {}),
        pages=(Page(id="look-posted", method="post", path="/look", operation=said),),
    )
    assert answers[0].json()["body"] == {"x": "é"}
    assert answers[1].json()["query"] == {"at": "1"}
    assert (answers[2].status_code, answers[2].headers["allow"]) == (405, "GET, POST")


def test_an_operation_may_wait() -> None:
    async def waits(call: Call) -> Answer:
        await asyncio.sleep(0)
        return said(call)

    (answer,) = asked(("GET", "/look?at=1", {}), operations={"look": waits})
    assert answer.status_code == 200


def test_a_form_is_held_to_the_specification() -> None:
    form = "application/x-www-form-urlencoded"
    answers = asked(
        ("POST", "/send", {"data": {"a": "1", "b": ""}}),
        ("POST", "/send", {"data": {"b": "1"}}),
        ("POST", "/send", {"json": {"a": "1"}}),
        ("POST", "/send", {"content": b"a=%ff", "headers": {"Content-Type": form}}),
    )
    assert answers[0].json()["body"] == {"a": "1", "b": ""}
    assert [answer.status_code for answer in answers[1:]] == [400, 415, 400]
    assert "a is missing" in answers[1].json()["text"]


def test_a_product_refuses_and_admits_in_its_own_way() -> None:
    def refuse(refusal: Refused, variant: Variant | None, arrived: Arrival) -> Answer:
        name = variant.id if variant else ""
        return Answer(status=200, body={"errors": [refusal.place, refusal.code, name, arrived.method]})

    def admit(arrived: Arrival, _variant: Variant) -> None:
        if "authorization" not in arrived.headers:
            raise Refused("who?", status=401, code="nobody")

    answers = asked(
        ("GET", "/look", {}),
        ("GET", "/look", {"headers": {"Authorization": "x"}}),
        ("GET", "/nothing", {}),
        refuse=refuse,
        admit=admit,
    )
    assert [answer.json()["errors"] for answer in answers] == [
        ["", "nobody", "look", "GET"],
        ["query.at", "", "look", "GET"],
        ["", "", "", "GET"],
    ]


def test_an_operation_may_check_by_itself() -> None:
    (answer,) = asked(("GET", "/look?a=1&a=2", {}), self_checking=frozenset({"look"}))
    assert answer.json()["trouble"] == "query.a came twice."


def test_a_form_with_several_values_is_told_apart() -> None:
    assert read_form(b"a=1&a=2&b=%C3%A9+x&a=3") == {"a": ["1", "2", "3"], "b": "é x"}


@pytest.mark.parametrize("raw", [b"a=%ff", "a=é".encode(), b"a=%00", b"&".join([b"a=1"] * 1001)])
def test_a_form_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_form(raw)
