"""The identity block's steps: keys that nobody has, transactions found on a page, prepared data that is named."""

import asyncio
import base64
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.model.evidence import Exchange, Request, Response

PACK = Pack.builtin()
moduli = PACK.load("suites.identity.moduli")
linked_steps = PACK.load("suites.identity.linked_steps")
prepared = PACK.load("suites.identity.prepared_steps")
steps = PACK.load("suites.identity.steps")


def test_moduli_are_whole_odd_and_never_the_same() -> None:
    async def take() -> list[str]:
        pool = moduli.Moduli()
        return [*await pool.take(20), *await pool.take(15)]

    taken = asyncio.run(take())
    numbers = [int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big") for text in taken]
    assert len(set(numbers)) == 35
    assert {number.bit_length() for number in numbers} == {2048}
    assert all(number % 2 and number % 65537 for number in numbers)


def test_moduli_are_taken_side_by_side_without_twins() -> None:
    async def take() -> list[list[str]]:
        pool = moduli.Moduli()
        return list(await asyncio.gather(*(pool.take(10) for _ in range(4))))

    taken = [one for part in asyncio.run(take()) for one in part]
    assert len(set(taken)) == 40


def test_every_resource_of_the_knowledge_has_a_step() -> None:
    from dpi_conformance.vectors.knowledge import load_knowledge

    knowledge = load_knowledge(PACK.suite("identity", "knowledge.yaml"))
    assert set(knowledge.resources) == set(steps.STEPS)
    assert set(knowledge.shared) <= steps.FREE <= set(steps.STEPS)


def _stage(**more: Any) -> Stage:
    return cast("Stage", SimpleNamespace(**{"fixtures": {}, "declared": {}, "kept": {}, **more}))


def test_prepared_data_that_lacks_is_named() -> None:
    with pytest.raises(
        Prerequisite, match=r"wallet\.individual, wallet\.factor, wallet\.format, wallet\.secret"
    ):
        asyncio.run(prepared.wallet(_stage(), 1))
    with pytest.raises(Prerequisite, match=r"partner\.api-key"):
        asyncio.run(prepared.partner(_stage(fixtures={"partner.id": "p"}), 1))


def test_prepared_data_is_given_to_all_alike() -> None:
    stage = _stage(fixtures={"spare.individual": "1"})
    assert asyncio.run(prepared.spare(stage, 2)) == [{"spare.individual": "1"}] * 2


@pytest.mark.parametrize("written", ["", "transaction", "(a)(b)", "(unclosed"])
def test_a_pattern_that_finds_nothing_is_asked_for_by_its_name(written: str) -> None:
    stage = _stage(declared={"linked-wallet.transaction": written})
    with pytest.raises(Prerequisite, match=r"linked-wallet\.transaction"):
        linked_steps._pattern(stage)


def _page(status: int, body: str = "", *headers: tuple[str, str]) -> Exchange:
    return Exchange(
        id="x",
        request=Request(method="GET", url="/"),
        response=Response(status=status, headers=headers, body=body.encode()),
    )


def test_a_transaction_is_found_behind_a_redirect_and_keeps_the_cookies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = [
        _page(302, "", ("location", "/ui"), ("set-cookie", "session=s1; Path=/; HttpOnly")),
        _page(200, '<input name="t" value="T-7">', ("set-cookie", "XSRF-TOKEN=x1; Secure")),
    ]
    asked: list[Request] = []

    async def visit(request: Request, _name: str) -> Exchange:
        asked.append(request)
        return pages[len(asked) - 1]

    async def client(_stage: Stage) -> Any:
        return SimpleNamespace(id="rp", redirect_uri="https://rp.example/back")

    monkeypatch.setattr(linked_steps, "contract_client", client)
    stage = _stage(
        visit=visit,
        base_url="http://127.0.0.1:9",
        fresh=SimpleNamespace(identifier=lambda length: "F" * length),
        declared={"linked-wallet.transaction": 'name="t" value="([^"]+)"'},
    )
    one = asyncio.run(linked_steps.begun(stage))
    assert (one.id, one.xsrf) == ("T-7", "x1")
    assert one.cookie == "session=s1; XSRF-TOKEN=x1"
    assert [request.url for request in asked][1] == "http://127.0.0.1:9/ui"
    assert dict(asked[1].headers)["Cookie"] == "session=s1"


def test_a_transaction_is_not_looked_for_on_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit(request: Request, _name: str) -> Exchange:
        assert request.url.startswith("http://127.0.0.1:9/")
        return _page(302, "", ("location", "http://elsewhere.example/ui"))

    async def client(_stage: Stage) -> Any:
        return SimpleNamespace(id="rp", redirect_uri="https://rp.example/back")

    monkeypatch.setattr(linked_steps, "contract_client", client)
    stage = _stage(
        visit=visit,
        base_url="http://127.0.0.1:9",
        fresh=SimpleNamespace(identifier=lambda length: "F" * length),
        declared={"linked-wallet.transaction": "t=([a-z]+)"},
    )
    with pytest.raises(Prerequisite, match=re.escape("t=([a-z]+)")):
        asyncio.run(linked_steps.begun(stage))
