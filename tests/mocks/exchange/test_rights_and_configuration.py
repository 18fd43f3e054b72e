"""Rights, configuration and status of the exchange mock: what is ordered is done, shown and in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mocks.exchange.conftest import Message, Stage

    Play = Callable[..., Any]

ALLOW, DENY, CONFIG = "/api/v1/rights/allow", "/api/v1/rights/deny", "/api/v1/config"
BENEFITS = {"memberClass": "COM", "memberCode": "1234", "applicationId": "benefits"}
STATISTICS = {**BENEFITS, "applicationId": "statistics"}
ARCHIVE = "/r1/GOV/GOV/70000/registry/archive"


def order(service: str, *clients: dict[str, str]) -> list[dict[str, Any]]:
    provider = {"memberClass": "GOV", "memberCode": "70000", "applicationId": "registry"}
    return [{**provider, "serviceId": service, "rights": list(clients)}]


async def rights(stage: Stage, query: str = "") -> list[tuple[str, str]]:
    """Give each pair of a service and an application, page after page."""
    pairs, token = [], None
    while token != "":
        page = (
            await stage.manage("GET", f"{ALLOW}?{query}{f'&nextPageToken={token}' if token else ''}")
        ).json()
        for entry in page["allowList"]:
            pairs += [(entry["serviceId"], one["applicationId"]) for one in entry["rights"]]
        token = page.get("nextPageToken", "")
    return pairs


SEEDED = [
    ("addresses", "benefits"),
    ("addresses", "statistics"),
    ("archive", "insurance"),
    ("people", "benefits"),
]


def test_a_right_is_in_force_when_it_is_given_and_no_longer_when_it_is_taken(play: Play) -> None:
    async def steps(stage: Stage) -> list[Any]:
        seen = list[Any]()
        for path in (ALLOW, ALLOW, DENY, DENY):
            assert (await stage.manage("PATCH", path, order("archive", BENEFITS))).status == 200
            seen.append(
                (len(await rights(stage, "serviceId=archive")), (await stage.send("GET", ARCHIVE)).status)
            )
        return seen

    assert play(steps) == [(2, 200), (2, 200), (1, 403), (1, 403)]


def test_an_order_is_carried_out_whole_or_not_at_all(play: Play) -> None:
    async def steps(stage: Stage) -> tuple[int, int, list[Any]]:
        wrong = [*order("archive", BENEFITS), *order("nothing", BENEFITS)]
        nameless = order("archive", BENEFITS, {"memberClass": "COM"})
        first = (await stage.manage("PATCH", ALLOW, wrong)).status
        return first, (await stage.manage("PATCH", ALLOW, nameless)).status, await rights(stage)

    assert play(steps) == (400, 400, SEEDED)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_pages_of_rights_are_all_of_them_once(play: Play, size: int) -> None:
    async def steps(stage: Stage) -> list[Any]:
        return await rights(stage, f"pageSize={size}")

    assert play(steps) == SEEDED


def test_rights_are_filtered_and_pages_keep_their_filters(play: Play) -> None:
    async def steps(stage: Stage) -> list[Any]:
        first = (await stage.manage("GET", f"{ALLOW}?serviceId=addresses&pageSize=1")).json()
        token = first["nextPageToken"]
        rest = (await stage.manage("GET", f"{ALLOW}?nextPageToken={token}")).json()
        return [
            await rights(stage, "serviceId=addresses&pageSize=1"),
            await rights(stage, "applicationId=nobody"),
            await rights(stage, "memberClass=GOV&memberCode=70000&serviceId=people"),
            [entry["serviceId"] for entry in rest["allowList"]],
            (await stage.manage("GET", f"{ALLOW}?serviceId=people&nextPageToken={token}")).status,
            (await stage.manage("GET", f"{ALLOW}?nextPageToken=made-up")).status,
            (await stage.manage("GET", f"{ALLOW}?pageSize=0")).status,
            (await stage.manage("GET", f"{ALLOW}?pageSize=1.5")).status,
        ]

    assert play(steps) == [SEEDED[:2], [], SEEDED[3:], ["addresses"], 400, 400, 400, 400]


def described(instance: str = "T1", **more: Any) -> dict[str, Any]:
    return {"domain": "t.example.org", "instance": instance, **more}


def member(name: str, code: str, *services: dict[str, Any], application: str = "app") -> dict[str, Any]:
    applications = [{"id": application, "services": list(services)}]
    return {"name": name, "class": "GOV", "code": code, "applications": applications}


def service(name: str, url: str = "http://127.0.0.1:9/x", **more: Any) -> dict[str, Any]:
    return {"id": name, "specUrl": "http://127.0.0.1:9/s.json", "serviceUrl": url, **more}


def test_a_configuration_is_replaced_changed_and_read(play: Play) -> None:
    right = {"member": "Two", "application": "app"}
    whole = described(
        members=[member("One", "1", service("a", rights=[right]), service("b")), member("Two", "2")]
    )

    async def steps(stage: Stage) -> None:
        async def put(method: str, body: Any) -> Any:
            assert (await stage.manage(method, CONFIG, body)).status == 201
            return (await stage.manage("GET", CONFIG)).json()

        assert await put("POST", whole) == whole
        assert await put("PUT", whole) == whole
        change = member("One", "1", service("b", "http://127.0.0.1:9/new"), service("c"))
        changed = await put("PATCH", described(members=[change]))
        assert [one["id"] for one in changed["members"][0]["applications"][0]["services"]] == ["a", "b", "c"]
        assert changed["members"][0]["applications"][0]["services"][0] == service("a", rights=[right])
        assert changed["members"][0]["applications"][0]["services"][1]["serviceUrl"].endswith("/new")
        assert changed["members"][1] == member("Two", "2")
        assert await put("PATCH", described()) == changed
        smaller = described(members=[member("Two", "2")])
        assert await put("PUT", smaller) == smaller
        assert await put("PUT", described()) == described()
        assert (await stage.send()).status == 200, "another instance is left alone"

    play(steps)


@pytest.mark.parametrize(
    "wrong",
    [
        {"instance": "T1"},
        described(members=[{"name": "x", "class": "GOV", "code": 1}]),
        described(members=[member("One", "1"), member("Two", "1")]),
        described(members=[member("One", "1", service("a"), service("a"))]),
        described(members=[member("One", "1", service("a", "ftp://127.0.0.1/"))]),
        described(members=[member("One", "1", service("a", "http://127.0.0.1:99999/"))]),
    ],
)
def test_a_configuration_that_does_not_hold_together_is_refused(play: Play, wrong: Any) -> None:
    async def steps(stage: Stage) -> list[int]:
        return [(await stage.manage(method, CONFIG, wrong)).status for method in ("POST", "PATCH", "PUT")]

    assert play(steps) == [400, 400, 400]


YAML = """
domain: t.example.org
instance: "NO"
members:
- name: Größe
  class: NO
  code: '0123'
  applications: [{id: on, services: []}]
"""


@pytest.mark.parametrize("kind", ["text/yaml", "application/yaml", "text/yaml; charset=utf-8"])
def test_a_configuration_in_yaml_is_the_same_in_json(play: Play, kind: str) -> None:
    async def steps(stage: Stage) -> Any:
        assert (await stage.manage("PUT", CONFIG, YAML.encode(), kind)).status == 201
        return (await stage.manage("GET", CONFIG)).json()

    assert play(steps) == {
        "domain": "t.example.org",
        "instance": "NO",
        "members": [
            {"name": "Größe", "class": "NO", "code": "0123", "applications": [{"id": "on", "services": []}]}
        ],
    }


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n"
    for a, b in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    "wrong",
    [
        "domain: d",
        "a: [",
        "domain: d\ndomain: e\ninstance: x",
        "a: &a [*a]",
        BOMB,
        "- x",
        "\0",
        "domain: 1\ninstance: x",
    ],
)
def test_yaml_that_is_none_or_too_much_is_refused(play: Play, wrong: str) -> None:
    async def steps(stage: Stage) -> Message:
        got: Message = await stage.manage("PUT", CONFIG, wrong.encode(), "text/yaml")
        return got

    got = play(steps)
    assert (got.status, set(got.json())) == (400, {"type", "message"})


def test_the_status_is_true(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        before = (await stage.manage("GET", "/api/v1/status")).status
        await stage.manage("PUT", CONFIG, described("GOV"))
        return [before, (await stage.manage("GET", "/api/v1/status")).status]

    assert play(steps) == [200, 500]


def test_nothing_is_managed_without_the_token(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        paths = ["/api/v1/status", CONFIG, ALLOW, "/listClients", "/r1/GOV/GOV/70000/registry/listMethods"]
        return [(await stage.send("GET", path, token="")).status for path in paths]

    assert play(steps) == [401] * 3 + [200] * 2  # the directory asks for no proof (exchange-e001)


def test_members_of_one_name_are_told_apart_by_their_codes(play: Play) -> None:
    whole = described(
        "GOV", members=[member("Same", "1"), member("Same", "2"), member("P", "3", service("s"))]
    )

    async def steps(stage: Stage) -> Any:
        await stage.manage("PUT", CONFIG, whole)
        client = {"memberClass": "GOV", "memberCode": "2", "applicationId": "app"}
        provider = {"memberClass": "GOV", "memberCode": "3", "applicationId": "app", "serviceId": "s"}
        await stage.manage("PATCH", ALLOW, [{**provider, "rights": [client]}])
        again = (await stage.manage("GET", CONFIG)).json()
        assert (await stage.manage("PUT", CONFIG, again)).status == 201
        return (await stage.manage("GET", ALLOW)).json()["allowList"][0]["rights"]

    assert play(steps) == [{"memberClass": "GOV", "memberCode": "2", "applicationId": "app"}]
