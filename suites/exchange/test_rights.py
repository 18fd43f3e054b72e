"""Rights: a call is mediated if it is allowed and only then, from when it is given until it is taken (D4, D5)."""

import asyncio
from collections.abc import Callable
from typing import Final

from dpi_conformance.execution.answer import Answer
from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.passage import Load

from .advice import ADVICE
from .alike import answer_alike, hold, request_alike
from .configuring import changed
from .entering import Entry, alone, entry, right, until
from .mediating import Call, Mediated, called, control, offered
from .parties import application, fixture
from .returns import GREETING
from .rights import Page, change, filters, page

_USE: Final = "GovStack IM 6.3, 8.6 (rights)"
_ALLOW: Final = "GovStack IM 8.6 (setAllowed)"
_DENY: Final = "GovStack IM 8.6 (setDenied)"
_CONFIGURED: Final = ("configuration",)
_MINE, _OTHER = "consumer.client", "consumer.other"
_ORDER: Final = Call(headers=(("Content-Type", "application/json"),), load=Load(block=b'{"id": 7}'))


@case("D4/allowed", clause=_USE, functions=["mediation"])
async def test_allowed(scene: Scene) -> None:
    """A call that is allowed reaches the service's provider, and its answer comes back."""
    mediated = await called(scene, _ORDER, GREETING)
    request_alike(scene, mediated)
    if mediated.arrival is not None:
        answer_alike(scene, mediated, GREETING)


@case("D4/not-allowed", clause=_USE, functions=["mediation"])
async def test_not_allowed(scene: Scene) -> None:
    """A call to a service that is offered and not allowed does not reach its provider."""
    code = fixture(scene, "provider.service-not-allowed").split()[0]
    await control(scene)
    _kept_out(scene, await called(scene, _ORDER, service=offered(scene, code)), "rights.refused-without")


@case("D4/other-application-of-the-member", clause=_USE, functions=_CONFIGURED)
async def test_other_application(scene: Scene) -> None:
    """A right of one application is none of its member's other applications."""
    async with alone(scene):
        one = await _entered(scene, _MINE)
    await _until_served(scene, one, _MINE)
    _kept_out(scene, await _call(scene, one, _OTHER), "rights.refused-without")


def _kept_out(scene: Scene, mediated: Mediated, code: str) -> None:
    """Expect that a call was not served and did not reach the provider."""
    hold(
        scene,
        mediated.arrival is None and not 200 <= mediated.status < 400,
        code=code,
        expected="refused, and nothing at the provider",
        actual=f"{mediated}; {mediated.visit.arrived} calls at the provider",
        seen=mediated.exchange,
    )


async def _entered(scene: Scene, *clients: str, count: int = 1) -> Entry:
    one = entry(scene, count, [await right(scene, client) for client in clients])
    await changed(scene, [one.described])
    return one


async def _call(scene: Scene, one: Entry, client: str, number: int = 0) -> Mediated:
    who = str(application(scene, client))
    call = Call(headers=_ORDER.headers, load=_ORDER.load, client=who)
    return await called(scene, call, GREETING, service=one.offered(number))


async def _until_served(scene: Scene, one: Entry, client: str, number: int = 0) -> Mediated:
    """Call until it goes through; raises Prerequisite where it never does."""
    mediated = await _until_call(scene, one, client, lambda tried: tried.arrival is not None, number)
    if mediated.arrival is None:
        text = N_("A service that was entered with a right for the caller is not mediated: {answer}.")
        raise Prerequisite(Message(text=text, values={"answer": str(mediated)}))
    return mediated


async def _until_call(
    scene: Scene, one: Entry, client: str, met: Callable[[Mediated], bool], number: int = 0
) -> Mediated:
    return await until(scene, lambda: _call(scene, one, client, number), met)


async def _listed(scene: Scene, one: Entry) -> Page:
    return await page(scene, filters(one.application))


def _pair(scene: Scene, one: Entry, client: str) -> tuple[str, str, str]:
    return one.application.code, one.services[0]["id"], application(scene, client).code


async def _changed(scene: Scene, variant: str, one: Entry, *clients: str) -> Answer:
    """Give or take rights; raises Prerequisite where the order is not carried out."""
    answer = await change(scene, variant, one, one.services[0]["id"], *clients)
    if answer.served:
        return answer
    text = N_("A preparing request ({variant}) was not served: {answer}.")
    raise Prerequisite(Message(text=text, values={"variant": variant, "answer": str(answer)}))


@case("D5/allow", clause=_ALLOW, functions=_CONFIGURED)
async def test_allow(scene: Scene) -> None:
    """A right that is given stands in the list of rights, and the call goes through."""
    async with alone(scene):
        one = await _entered(scene)
        _kept_out(scene, await _call(scene, one, _MINE), "rights.refused-without")
        answer = await _changed(scene, "rights-allow", one, _MINE)
        wanted = _pair(scene, one, _MINE)
        listed, mediated = await asyncio.gather(
            until(scene, lambda: _listed(scene, one), lambda got: wanted in got.pairs),
            _until_call(scene, one, _MINE, lambda tried: tried.arrival is not None),
        )
    shown, served = wanted in listed.pairs, mediated.arrival is not None
    scene.expect(
        shown and served,
        code="rights.allow-effective",
        message=Message(text=N_("A right was given, and the answer said so; it is not in force.")),
        expected="in the list of rights, and the call mediated",
        actual=f"in the list: {shown}, mediated: {served} ({mediated})",
        seen=answer,
        advice=ADVICE["rights.allow-effective"],
    )


@case("D5/deny", clause=_DENY, functions=_CONFIGURED)
async def test_deny(scene: Scene) -> None:
    """A right that is taken is gone from the list of rights, and the call is refused."""
    async with alone(scene):
        one = await _entered(scene, _MINE)
        await _until_served(scene, one, _MINE)
        await _changed(scene, "rights-deny", one, _MINE)
        gone = _pair(scene, one, _MINE)
        listed, mediated = await asyncio.gather(
            until(scene, lambda: _listed(scene, one), lambda got: gone not in got.pairs),
            _until_call(scene, one, _MINE, lambda tried: tried.arrival is None),
        )
    scene.expect(
        gone not in listed.pairs and mediated.arrival is None,
        code="rights.deny-effective",
        message=Message(
            text=N_("A right was taken, and the answer said so; whoever had it can use it still.")
        ),
        expected="neither in the list of rights nor mediated",
        actual=f"in the list: {gone in listed.pairs}, mediated: {mediated.arrival is not None}",
        seen=mediated.exchange,
        advice=ADVICE["rights.deny-effective"],
    )


@case("D5/allow-several", clause=_ALLOW, functions=["configuration"])
async def test_allow_several(scene: Scene) -> None:
    """An order that gives a service to two applications gives it to both."""
    async with alone(scene):
        one = await _entered(scene)
        wanted = {_pair(scene, one, client) for client in (_MINE, _OTHER)}
        await _changed(scene, "rights-allow", one, _MINE, _OTHER)
        listed = await until(scene, lambda: _listed(scene, one), lambda got: wanted <= set(got.pairs))
    missing = sorted(wanted - set(listed.pairs))
    scene.expect(
        not missing,
        code="rights.allow-effective",
        message=Message(text=N_("A right was given, and the answer said so; it is not in force.")),
        expected="both applications in the list of rights",
        actual=f"missing: {missing}",
        seen=listed.answer,
        advice=ADVICE["rights.allow-effective"],
    )


@case("D5/allow-twice", clause=f"{_ALLOW}; GovStack IM 5.1.1", functions=["configuration"])
async def test_allow_twice(scene: Scene) -> None:
    """A right that is given twice is there once, and one denial takes it."""
    async with alone(scene):
        one = await _entered(scene)
        wanted = _pair(scene, one, _MINE)
        for _ in range(2):
            await _changed(scene, "rights-allow", one, _MINE)
            listed = await until(scene, lambda: _listed(scene, one), lambda got: wanted in got.pairs)
        count = listed.pairs.count(wanted)
        scene.expect(
            count == 1,
            code="rights.once",
            message=Message(text=N_("A right that was given twice does not stand in the list exactly once.")),
            expected="1",
            actual=count,
            seen=listed.answer,
            advice=ADVICE["rights.once"],
        )
        await _changed(scene, "rights-deny", one, _MINE)
        listed = await until(scene, lambda: _listed(scene, one), lambda got: wanted not in got.pairs)
    scene.expect(
        wanted not in listed.pairs,
        code="rights.once",
        message=Message(text=N_("A right that was given twice is still there after it was taken.")),
        expected="0",
        actual=listed.pairs.count(wanted),
        seen=listed.answer,
        advice=ADVICE["rights.once"],
    )


@case("D5/others-kept", clause=f"{_ALLOW}; {_DENY}", functions=["configuration"])
async def test_others_kept(scene: Scene) -> None:
    """To give or take one application's right changes nobody else's."""
    async with alone(scene):
        one = await _entered(scene, _MINE)
        mine, other = _pair(scene, one, _MINE), _pair(scene, one, _OTHER)
        await _changed(scene, "rights-allow", one, _OTHER)
        listed = await until(scene, lambda: _listed(scene, one), lambda got: other in got.pairs)
        _expect_kept(scene, listed, mine)
        await _changed(scene, "rights-allow", one, _MINE)
        await _changed(scene, "rights-deny", one, _OTHER)
        listed = await until(scene, lambda: _listed(scene, one), lambda got: other not in got.pairs)
        _expect_kept(scene, listed, mine)


def _expect_kept(scene: Scene, listed: Page, pair: tuple[str, str, str]) -> None:
    scene.expect(
        pair in listed.pairs,
        code="rights.others-kept",
        message=Message(text=N_("An application lost its right when another one's was given or taken.")),
        expected=pair,
        actual=listed.pairs,
        seen=listed.answer,
        advice=ADVICE["rights.others-kept"],
    )


@case("D5/denied-what-was-not-allowed", clause=_DENY, functions=["configuration"])
async def test_deny_absent(scene: Scene) -> None:
    """To take a right that is not there does no harm."""
    async with alone(scene):
        one = await _entered(scene, _OTHER)
        kept = _pair(scene, one, _OTHER)
        await until(scene, lambda: _listed(scene, one), lambda got: kept in got.pairs)
        answer = await change(scene, "rights-deny", one, one.services[0]["id"], _MINE)
        listed = await _listed(scene, one)
    scene.expect(
        0 < answer.status < 500 and kept in listed.pairs,
        code="rights.deny-harmless",
        message=Message(text=N_("To take a right that was not there did harm.")),
        expected="no 5xx, and the others' rights as they were",
        actual=f"{answer}; {listed.pairs}",
        seen=answer,
        advice=ADVICE["rights.deny-harmless"],
    )
