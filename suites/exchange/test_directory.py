"""The directory: who is there, what is offered and allowed, and how it is described (properties D1 to D3)."""

import asyncio
from typing import Final

from dpi_conformance.execution.answer import Answer
from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .advice import ADVICE
from .configuring import changed
from .directory import allowed, clients, codes, document, endpoints, entries, identifier, offers, part
from .documents import missing, read, troubles
from .entering import alone, document_at, entry, right, until
from .parties import Application, application, fixture

_CLIENTS: Final = "GovStack IM 8.2 (listClients)"
_METHODS: Final = "GovStack IM 8.2 (listMethods)"
_ALLOWED: Final = "GovStack IM 8.2 (allowedMethods)"
_DOCUMENT: Final = "GovStack IM 8.2 (getOpenAPI)"
_SERVICES: Final = 20
"""So many of an application's services are looked at."""


def served(answer: Answer) -> Answer:
    """Go on with an answer that was served; raises Prerequisite, for the contract tier says what is wrong with others."""
    if answer.served:
        return answer
    text = N_("The directory did not answer a valid question: {answer}.")
    raise Prerequisite(Message(text=text, values={"answer": str(answer)}))


@case("D1/clients", clause=_CLIENTS, functions=["directory"])
async def test_clients(scene: Scene) -> None:
    """The list of clients holds our own application, each client once and with an identifier that can be used."""
    own = application(scene, "consumer.client")
    answer = served(await clients(scene, own.instance))
    listed = [identifier(one) for one in entries(answer.body)]
    scene.expect(
        (own.instance, own.member_class, own.member, own.code) in listed,
        code="directory.own-client-listed",
        message=Message(text=N_("The application that asks is not in the list of clients.")),
        expected=own,
        actual=f"{len(listed)} clients without it",
        seen=answer,
        advice=ADVICE["directory.own-client-listed"],
    )
    twice = sorted({str(one) for one in listed if listed.count(one) > 1})
    scene.expect(
        not twice,
        code="directory.clients-once",
        message=Message(text=N_("A client stands in the list more than once.")),
        expected="each once",
        actual=", ".join(twice),
        seen=answer,
        advice=ADVICE["directory.clients-once"],
    )
    odd = [str(one) for one in listed if not _well_formed(one)]
    scene.expect(
        not odd,
        code="directory.client-well-formed",
        message=Message(text=N_("An identifier in the list of clients cannot be used as one.")),
        expected="INSTANCE/CLASS/MEMBER[/APPLICATION], each part by itself",
        actual=", ".join(odd[:5]),
        seen=answer,
        advice=ADVICE["directory.client-well-formed"],
    )


def _well_formed(parts: tuple[object, ...]) -> bool:
    *owner, code = parts
    if not all(isinstance(one, str) for one in owner):
        return False
    return code is None or (isinstance(code, str) and not (owner[2] and code.startswith(f"{owner[2]}/")))


@case("D1/unknown-instance", clause=_CLIENTS, functions=["directory"])
async def test_unknown_instance(scene: Scene) -> None:
    """The clients of an instance that does not exist are not listed."""
    served(await clients(scene, application(scene, "consumer.client").instance))
    answer = await clients(scene, f"NO-{scene.fresh.identifier(12)}")
    if answer.served and not entries(answer.body):
        text = N_("An unknown instance is answered with an empty list; the documents allow 200, 400 and 500.")
        scene.remark = Message(text=text)
        scene.expected += 1
        return
    scene.expect_refused(
        answer,
        code="directory.unknown-instance-refused",
        message=Message(text=N_("Clients were listed for an instance that does not exist.")),
        advice=ADVICE["directory.unknown-instance-refused"],
    )


@case("D2/offers", clause=f"{_METHODS}; {_ALLOWED}", functions=["directory"])
async def test_offers(scene: Scene) -> None:
    """What a caller may use is part of what the application offers, and each is that application's own."""
    own, provider = application(scene, "consumer.client"), application(scene, "provider.application")
    offered_answer = served(await offers(scene, provider, own))
    allowed_answer = served(await allowed(scene, provider, own))
    offer, may = codes(offered_answer.body), codes(allowed_answer.body)
    known = [*scene.fixtures.get("provider.service", "").split(), *_not_allowed(scene)]
    scene.expect(
        {*may, *known} <= set(offer),
        code="directory.offers-all",
        message=Message(
            text=N_("A service that the application offers is not among those that it is said to offer.")
        ),
        expected=", ".join(sorted({*may, *known})),
        actual=", ".join(offer),
        seen=offered_answer,
        advice=ADVICE["directory.offers-all"],
    )
    _expect_only(scene, allowed_answer, may)
    others = [provider]
    if scene.fixtures.get("provider.other"):
        others.append(application(scene, "provider.other"))
    for one in others:
        _expect_own(scene, served(await offers(scene, one, own)), one)


def _not_allowed(scene: Scene) -> list[str]:
    return scene.fixtures.get("provider.service-not-allowed", "").split()


def _expect_only(scene: Scene, answer: Answer, may: list[str]) -> None:
    forbidden = [one for one in _not_allowed(scene) if one in may]
    scene.expect(
        not forbidden,
        code="directory.allowed-only",
        message=Message(text=N_("A service stands among those that the caller may use, and it may not.")),
        expected="without it",
        actual=", ".join(forbidden),
        seen=answer,
        advice=ADVICE["directory.allowed-only"],
    )


def _expect_own(scene: Scene, answer: Answer, provider: Application) -> None:
    wanted = (provider.instance, provider.member_class, provider.member, provider.code)
    foreign = [str(identifier(one)) for one in entries(answer.body) if identifier(one) != wanted]
    scene.expect(
        not foreign,
        code="directory.offers-of-this-application",
        message=Message(
            text=N_("The list of an application's services has services of another application.")
        ),
        expected=provider,
        actual=", ".join(foreign[:5]),
        seen=answer,
        advice=ADVICE["directory.offers-of-this-application"],
    )


@case("D2/one-service", clause=_METHODS, functions=["directory"])
async def test_one_service(scene: Scene) -> None:
    """Asked for one service, the lists hold that one and no other."""
    own, provider = application(scene, "consumer.client"), application(scene, "provider.application")
    code = fixture(scene, "provider.service").split()[0]
    for ask in (offers, allowed):
        answer = served(await ask(scene, provider, own, code))
        scene.expect(
            set(codes(answer.body)) == {code},
            code="directory.filter-sound",
            message=Message(text=N_("The list for one service has others, or has not that one.")),
            expected=code,
            actual=", ".join(codes(answer.body)),
            seen=answer,
            advice=ADVICE["directory.filter-sound"],
        )


@case("D2/allowed-to-one-application", clause=_ALLOWED, functions=["configuration"])
async def test_allowed_to_one(scene: Scene) -> None:
    """A service that one application may use is not shown as allowed to another one of its member."""
    own, other = application(scene, "consumer.client"), application(scene, "consumer.other")
    async with alone(scene):
        one = entry(scene, 1, [await right(scene)])
        await changed(scene, [one.described])
    code = one.services[0]["id"]

    async def mine() -> Answer:
        return await allowed(scene, one.application, own)

    if code not in codes((await until(scene, mine, lambda answer: code in codes(answer.body))).body):
        text = N_(
            "A service that was entered with a right does not show as allowed, so nothing can be said of others."
        )
        raise Prerequisite(Message(text=text))
    answer = served(await allowed(scene, one.application, other))
    scene.expect(
        code not in codes(answer.body),
        code="directory.allowed-only",
        message=Message(text=N_("A service stands among those that the caller may use, and it may not.")),
        expected="without it",
        actual=code,
        seen=answer,
        advice=ADVICE["directory.allowed-only"],
    )


@case("D3/documents", clause=f"{_DOCUMENT}; {_METHODS}", functions=["directory"])
async def test_documents(scene: Scene) -> None:
    """Each service has an OpenAPI document that can be read, and describes every endpoint that is listed."""
    own, provider = application(scene, "consumer.client"), application(scene, "provider.application")
    listed = entries(served(await offers(scene, provider, own)).body)[:_SERVICES]
    asked = [document(scene, provider, own, str(part(one, "service"))) for one in listed]
    for one, answer in zip(listed, await asyncio.gather(*asked), strict=True):
        expect_document(scene, answer)
        found = read(answer.exchange.response.body) if answer.exchange.response else None
        if isinstance(found, dict):
            expect_described(scene, answer, one, found)


def expect_document(scene: Scene, answer: Answer) -> None:
    """Expect that an answer is an OpenAPI document."""
    found = read(answer.exchange.response.body) if answer.exchange.response else None
    wrong = [f"HTTP {answer.status}"] if not answer.served else list(troubles(found))
    scene.expect(
        not wrong,
        code="directory.document-readable",
        message=Message(text=N_("What is handed out as a service's description is no OpenAPI document.")),
        expected="an OpenAPI document in JSON or YAML",
        actual=", ".join(wrong),
        seen=answer,
        advice=ADVICE["directory.document-readable"],
    )


def expect_described(scene: Scene, answer: Answer, listed: object, found: dict[str, object]) -> None:
    """Expect that each endpoint of a list is in the document."""
    lacking = missing(endpoints(listed), found)
    scene.expect(
        not lacking,
        code="directory.endpoints-described",
        message=Message(text=N_("Endpoints are listed that the service's own document does not have.")),
        expected="endpoints of the document",
        actual=", ".join(lacking[:5]),
        seen=answer,
        advice=ADVICE["directory.endpoints-described"],
    )


@case("D3/own-documents", clause=_DOCUMENT, functions=["configuration"])
async def test_own_documents(scene: Scene) -> None:
    """Of two services each has its own document, and a service whose specUrl changes has the new one."""
    own = application(scene, "consumer.client")
    async with alone(scene):
        one = entry(scene, 2, [await right(scene)])
        await changed(scene, [one.described])
    for service in one.services:
        await _expect_title(
            scene, one.application, own, service["id"], service["id"], "directory.document-of-this-service"
        )
    title = scene.fresh.identifier(10)
    async with alone(scene):
        newer = {**one.services[0], "specUrl": document_at(scene, title)}
        await changed(scene, [one.with_services(newer, *one.services[1:]).described])
    await _expect_title(scene, one.application, own, newer["id"], title, "directory.document-current")


async def _expect_title(
    scene: Scene, provider: Application, own: Application, code: str, title: str, rule: str
) -> None:
    async def ask() -> Answer:
        return await document(scene, provider, own, code)

    def is_it(answer: Answer) -> bool:
        return answer.served and title in str(answer)

    answer = await until(scene, ask, is_it)
    found = read(answer.exchange.response.body) if answer.exchange.response else None
    info = found.get("info") if isinstance(found, dict) else None
    scene.expect(
        isinstance(info, dict) and info.get("title") == title,
        code=rule,
        advice=ADVICE[rule],
        message=Message(text=N_("The document that was handed out is not the one at the service's specUrl.")),
        expected=title,
        actual=answer,
        seen=answer,
    )


@case("D3/unknown-service", clause=_DOCUMENT, functions=["directory"])
async def test_unknown_service(scene: Scene) -> None:
    """For a service that does not exist there is no document."""
    own, provider = application(scene, "consumer.client"), application(scene, "provider.application")
    code = fixture(scene, "provider.service").split()[0]
    served(await document(scene, provider, own, code))
    scene.expect_refused(
        await document(scene, provider, own, f"no-{scene.fresh.identifier(12)}"),
        code="directory.unknown-service-refused",
        message=Message(text=N_("A document was handed out for a service that does not exist.")),
        advice=ADVICE["directory.unknown-service-refused"],
    )
