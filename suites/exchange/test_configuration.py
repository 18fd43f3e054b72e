"""The configuration: changed as ordered, replaced as ordered, in JSON and YAML; and the status (D9, D10)."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import yaml

from dpi_conformance.execution.answer import Answer, plainly
from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Request
from dpi_conformance.wire.passage import Load
from dpi_conformance.wire.visits import Arrival

from .advice import ADVICE
from .configuring import CONFIG, change, changed, configuration
from .entering import Entry, alone, entry, right, service_at, until
from .mediating import Call, Mediated, arrived_target, called

_CHANGE: Final = "GovStack IM 8.6 (updateIMconf)"
_REPLACE: Final = "GovStack IM 8.6 (replaceIMconf)"
_YAML: Final = "GovStack IM 8.6 (createIMconf)"
_ORDER: Final = Call(headers=(("Content-Type", "application/json"),), load=Load(block=b"{}"))
Known = Mapping[str, Any]


def _member(known: Known, one: Entry) -> Mapping[str, Any] | None:
    """Find our member in a configuration."""
    own = one.application
    listed = known.get("members")
    for member in listed if isinstance(listed, list) else ():
        if (member.get("class"), str(member.get("code"))) == (own.member_class, own.member):
            return dict(member)
    return None


def _services(member: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give a member's services by code, each with its addresses and rights."""
    return {
        str(service.get("id")): (
            service.get("specUrl"),
            service.get("serviceUrl"),
            sorted(
                (str(may.get("member")), str(may.get("application"))) for may in service.get("rights") or ()
            ),
        )
        for application in (member or {}).get("applications") or ()
        for service in application.get("services") or ()
    }


async def _shown(scene: Scene, one: Entry, services: dict[str, Any]) -> dict[str, Any]:
    """Read our services until they are as wanted, or the time is over."""

    async def ask() -> dict[str, Any]:
        return _services(_member(await configuration(scene), one))

    return await until(scene, ask, lambda got: got == services)


@case("D9/change", clause=_CHANGE, functions=["configuration"])
async def test_change(scene: Scene) -> None:
    """What is entered by a change shows in the configuration, and everything else stays as it was."""
    async with alone(scene):
        one = entry(scene, 2, [await right(scene)])
        known = await configuration(scene)
        answer = await scene.send("config-change", change(known, [one.described]))
        wanted = _services(one.described)
        _expect_shown(scene, answer, await _shown(scene, one, wanted), wanted)
        _expect_rest(scene, known, await configuration(scene), one)
        code, url = service_at(scene)
        further = {**one.services[0], "id": code, "serviceUrl": url}
        answer = await scene.send("config-change", change(known, [one.with_services(further).described]))
        every = wanted | _services(one.with_services(further).described)
        got = await _shown(scene, one, every)
    if code in got:
        lost = sorted(set(wanted) - set(got))
        _expect_kept(scene, not lost, f"services {', '.join(wanted)}", f"without {', '.join(lost)}")


def _expect_shown(scene: Scene, answer: Answer, got: object, wanted: object) -> None:
    scene.expect(
        answer.served and got == wanted,
        code="configuration.change-shown",
        message=Message(text=N_("What was entered by a change does not show in the configuration.")),
        expected=wanted,
        actual=f"{answer}; {plainly(got)}",
        seen=answer,
        advice=ADVICE["configuration.change-shown"],
    )


def _expect_rest(scene: Scene, before: Known, after: Known, one: Entry) -> None:
    names = _codes(before) - _codes(after)
    _expect_kept(
        scene, not names, f"{len(_codes(before))} members and {one.application.member}", f"without {names}"
    )


def _codes(known: Known) -> set[tuple[str, str]]:
    return {(str(one.get("class")), str(one.get("code"))) for one in known.get("members") or ()}


def _expect_kept(scene: Scene, met: bool, wanted: str, got: str) -> None:
    scene.expect(
        met,
        code="configuration.rest-kept",
        message=Message(text=N_("A change took away what it did not describe.")),
        expected=wanted,
        actual=got,
        advice=Message(text=N_("PATCH changes what is described; only PUT replaces the whole.")),
    )


@asynccontextmanager
async def _replaced(scene: Scene, one: Entry) -> AsyncIterator[tuple[Known, Known]]:
    """Replace the configuration by itself with our member in it; put it back at the end. Gives both."""
    known = await configuration(scene)
    with_ours = {**known, "members": [*(known.get("members") or []), one.described]}
    try:
        await scene.call("config-replace", json_request("PUT", CONFIG, with_ours))
        yield known, with_ours
    finally:
        await scene.call("config-replace", json_request("PUT", CONFIG, known))


@case("D9/put-twice", clause=f"{_REPLACE}; RFC 9110, 9.2.2; GovStack IM 5.1.1", functions=["configuration"])
async def test_put_twice(scene: Scene) -> None:
    """A configuration that is put reads as it was put, and to put it once more changes nothing."""
    async with alone(scene):
        one = entry(scene, 2, [await right(scene)])
        wanted = _services(one.described)
        async with _replaced(scene, one) as (_, with_ours):
            got = await _shown(scene, one, wanted)
            scene.expect(
                got == wanted,
                code="configuration.put-as-read",
                message=Message(text=N_("A configuration that was put reads otherwise than it was put.")),
                expected=wanted,
                actual=got,
                advice=ADVICE["configuration.put-as-read"],
            )
            first = await configuration(scene)
            await scene.call("config-replace", json_request("PUT", CONFIG, with_ours))
            second = await until(scene, lambda: configuration(scene), lambda again: again == first)
            scene.expect(
                second == first,
                code="configuration.put-idempotent",
                message=Message(text=N_("To put the same configuration a second time changed it.")),
                expected=_services(_member(first, one)),
                actual=_services(_member(second, one)),
                advice=ADVICE["configuration.put-idempotent"],
            )


@case("D9/put-removes", clause=_REPLACE, functions=["configuration"])
async def test_put_removes(scene: Scene) -> None:
    """What a configuration that is put does not describe is gone, from the configuration and from use."""
    async with alone(scene):
        one = entry(scene, 1, [await right(scene)])
        async with _replaced(scene, one):
            if await until(scene, lambda: _read(scene, one), lambda found: found is not None) is None:
                text = N_(
                    "A member that was put into the configuration does not show in it, so its removal cannot."
                )
                raise Prerequisite(Message(text=text))
            mediated = await until(scene, lambda: _call(scene, one), lambda tried: tried.arrival is not None)
        member = await until(scene, lambda: _read(scene, one), lambda found: found is None)
        scene.expect(
            member is None,
            code="configuration.rest-removed",
            message=Message(
                text=N_(
                    "A configuration was replaced, and what the new one does not describe is still there."
                )
            ),
            expected=f"without {one.application.member}",
            actual=member,
            advice=ADVICE["configuration.rest-removed"],
        )
        if mediated.arrival is None or member is not None:
            return
        after = await until(scene, lambda: _call(scene, one), lambda tried: tried.arrival is None)
    scene.expect(
        after.arrival is None,
        code="configuration.removal-in-force",
        message=Message(text=N_("A service that was removed from the configuration is mediated still.")),
        expected="refused, and nothing at the provider",
        actual=after,
        seen=after.exchange,
        advice=ADVICE["configuration.removal-in-force"],
    )


async def _read(scene: Scene, one: Entry) -> Mapping[str, Any] | None:
    return _member(await configuration(scene), one)


async def _call(scene: Scene, one: Entry) -> Mediated:
    return await called(scene, _ORDER, service=one.offered())


@case("D9/change-in-force", clause=_CHANGE, functions=["configuration"])
async def test_change_in_force(scene: Scene) -> None:
    """After a service's address was changed its calls go to the new one."""
    async with alone(scene):
        one = entry(scene, 1, [await right(scene)])
        await changed(scene, [one.described])
        before = await until(scene, lambda: _call(scene, one), lambda tried: tried.arrival is not None)
        if before.arrival is None:
            text = N_("A service that was entered with a right for the caller is not mediated: {answer}.")
            raise Prerequisite(Message(text=text, values={"answer": str(before)}))
        _, url = service_at(scene)
        moved = one.with_services({**one.services[0], "serviceUrl": url})
        await changed(scene, [moved.described])
        base = moved.offered().base

        def is_there(tried: Mediated) -> bool:
            return tried.arrival is not None and _is_at(scene, tried.arrival, base)

        after = await until(scene, lambda: _call(scene, moved), is_there)
    scene.expect(
        is_there(after),
        code="configuration.change-in-force",
        message=Message(text=N_("A service's address was changed, and its calls do not go there.")),
        expected=base,
        actual=after.arrival.target if after.arrival else after,
        seen=after.arrival.callback if after.arrival else after.exchange,
        advice=ADVICE["configuration.change-in-force"],
    )


def _is_at(scene: Scene, arrival: Arrival, base: str) -> bool:
    return arrived_target(scene, arrival).startswith(f"{base.removeprefix('/')}/") or arrived_target(
        scene, arrival
    ).startswith(f"{base}/")


@case("D9/yaml", clause=_YAML, functions=["configuration"])
async def test_yaml(scene: Scene) -> None:
    """A change in YAML does what the same one in JSON does."""
    async with alone(scene):
        one = entry(scene, 2, [await right(scene)])
        wanted = _services(one.described)
        answer, got = await _changed_in_yaml(scene, one, one.described, "")
        _expect_taken(scene, answer, got, wanted, advisory=False)
        other = entry(scene, 1, [await right(scene)])
        described = {**other.described, "class": "NO"}
        answer, _ = await _changed_in_yaml(scene, other, described, "'NO'")
        known = await configuration(scene)
    classes = [
        one.get("class") for one in known["members"] if str(one.get("code")) == other.application.member
    ]
    _expect_taken(scene, answer, classes, ["NO"], advisory=True)


async def _changed_in_yaml(
    scene: Scene, one: Entry, described: Mapping[str, Any], bare: str
) -> tuple[Answer, dict[str, Any]]:
    """Change the configuration in YAML, and read it; ``bare`` is a quoted text that goes without its quotes."""
    known = await configuration(scene)
    value = {
        "domain": known["domain"],
        "instance": known["instance"],
        "members": [json.loads(json.dumps(described))],
    }
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    if bare:
        text = text.replace(f"class: {bare}", f"class: {bare.strip(chr(39))}")
    request = Request(
        method="PATCH",
        url=CONFIG,
        headers=(("Content-Type", _MEDIA_TYPE),),
        body=text.encode(),
    )
    answer = await scene.send("config-change", request)
    return answer, await _shown(scene, one, _services(described)) if answer.served and not bare else {}


_MEDIA_TYPE: Final = "text/yaml"


def _expect_taken(scene: Scene, answer: Answer, got: object, wanted: object, *, advisory: bool) -> None:
    scene.expect(
        answer.served and got == wanted,
        code="configuration.yaml-taken",
        message=Message(text=N_("A configuration in YAML is not taken as the same one in JSON.")),
        expected=wanted,
        actual=f"{answer}; {plainly(got)}",
        seen=answer,
        advice=Message(text=N_("The published API has JSON and YAML; by YAML 1.2 (10.3.2) NO is a text.")),
        advisory=advisory,
    )


@case("D10/status", clause="GovStack IM 8.6 (checkIMconf)", functions=["configuration"])
async def test_status(scene: Scene) -> None:
    """The status of a mediator that has a configuration is good."""
    known = await configuration(scene)
    if not known.get("members"):
        text = N_("The mediator has no members yet, so that its status may be either.")
        raise Prerequisite(Message(text=text))
    answer = await scene.send("mediator-status", Request(method="GET", url="/api/v1/status"))
    scene.expect_served(
        answer,
        code="configuration.status-true",
        message=Message(text=N_("A mediator that is configured says that it is not.")),
        advice=ADVICE["configuration.status-true"],
    )
