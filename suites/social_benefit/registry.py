"""The programme asks for data through the mediator, and the harness sees both sides of it: it is the registry as well."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from dpi_conformance.execution.scene import Answer
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.model.evidence import Callback, Headers, Request
from dpi_conformance.wire.reactions import Reaction

from ..exchange.parties import application, as_client, fixture
from .citizens import Citizen
from .road import ANSWER, QUERY, Road, leg, say

__all__ = [
    "Query",
    "amount_of",
    "answered",
    "ask",
    "called",
    "document",
    "expect_asked_once",
    "query",
]

_PROVIDER = "provider"
_LATE_SECONDS = 1.0
"""A registry's call that the mediator's answer has overtaken is waited for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question of the programme to the registry, and what the registry is going to say."""

    below: str
    """Path and query below the service, as the programme writes them."""
    request: Request
    body: bytes
    """The registry's answer, byte for byte."""


def document(name: str, amount: Decimal, currency: str) -> bytes:
    """Write what the registry says of a person: with spaces, names of other scripts, and the amount to its last zero."""
    text = (
        f'{{ "case": "{name}",\r\n  "name" : "عائشة ንግስት Éléonore",\n'
        f'  "household": {{"adults":2,"children": [ {{"age": 3}} , {{"age": 11}} ]}},\n'
        f'  "entitlement": {{ "amount": {amount:f}, "currency": "{currency}" }} }}\n'
    )
    return text.encode()


def query(road: Road, citizen: Citizen, body: bytes, service: str = "", *, method: str = "POST") -> Query:
    """Write the programme's question about a citizen; ``service`` is by default the first that the programme may use.

    A GET has no body.

    Raises Prerequisite where product.yaml does not say who takes part.
    """
    with leg(QUERY, "exchange"):
        consumer = application(road.exchange, "consumer.client")
        provider = application(road.exchange, "provider.application")
        code = service or fixture(road.exchange, "provider.service").split()[0]
    below = (
        f"/benefits/{road.application}?purpose=social%20benefit&who={quote(citizen.payee, safe='')}&empty="
    )
    typed = {"Content-Type": "application/json"} if method == "POST" else {}
    headers = {**as_client(consumer), "Accept": "application/json", **typed}
    asked = f'{{"application":"{road.application}",  "reason" : "prestation n°{road.application[:4]}" }}'
    request = Request(
        method=method,
        url=f"{provider.path}/{quote(code, safe='')}{below}",
        headers=tuple(headers.items()),
        body=asked.encode() if method == "POST" else b"",
    )
    return Query(below=below, request=request, body=body)


async def ask(
    road: Road, asked: Query, *, seconds: float = 0.0, status: int = 200
) -> tuple[Answer, list[Callback]]:
    """Send the question through the mediator; gives its answer, and how the registry was called for it.

    The registry answers after so many seconds, with this status.

    Raises Prerequisite where the product was not configured to call the registry that the harness plays.
    """
    with leg(QUERY, "exchange"):
        registry, before = road.exchange.counterparty(_PROVIDER), len(called(road))
        reaction = Reaction(status=status, body=asked.body, after_seconds=seconds)
        registry.react(reaction, mentions=road.application)
        answer = await road.exchange.send("mediated-call", asked.request)
        if answer.served and len(called(road)) == before:
            about = road.application
            await registry.wait_for(lambda _: True, _LATE_SECONDS, mentions=about, since=registry.arrived)
    return answer, [road.exchange.met(call) for call in called(road)[before:]]


def called(road: Road) -> list[Callback]:
    """Give the calls of the registry about this application so far."""
    registry, name = road.exchange.counterparty(_PROVIDER), road.application
    return [
        call for call in registry.callbacks if name in call.request.url or name.encode() in call.request.body
    ]


async def answered(
    road: Road, citizen: Citizen, amount: Decimal, currency: str, *, seconds: float = 0.0
) -> Decimal:
    """Ask what a citizen is entitled to, and judge the mediator by both ends of the call; gives the amount that came.

    Raises Prerequisite where no data came that the programme could pay by.
    """
    asked = query(road, citizen, document(road.application, amount, currency))
    answer, calls = await ask(road, asked, seconds=seconds)
    expect_asked_once(road, answer, calls)
    if calls:
        _expect_request(road, asked, calls[0])
        _expect_answer(road, asked, answer)
    with leg(ANSWER, "exchange"):
        return amount_of(answer)


def expect_asked_once(road: Road, answer: Answer, calls: list[Callback]) -> None:
    """Expect that what is answered is the registry's own word, said once for one question (RFC 9110, 9.2.2)."""
    if not calls and not answer.served:
        text = N_(
            "The programme has the right to the registry's service (fixtures: provider.service in product.yaml), and its "
            "question was not passed on: {answer}."
        )
        with leg(QUERY, "exchange"):
            raise Prerequisite(say(text, answer=str(answer)))
    road.exchange.expect(
        len(calls) == 1,
        code="road.registry-asked-once",
        message=say(
            N_(
                "One question of the programme reached the registry {count} times: data comes that nobody asked it "
                "for, or what is asked is done twice."
            ),
            count=len(calls),
        ),
        expected="one call at the registry",
        actual=f"{len(calls)} calls; {answer}",
        seen=calls[-1] if calls else answer,
        interface=QUERY,
    )


def _expect_request(road: Road, asked: Query, call: Callback) -> None:
    """Expect that method, path, query, type and body reached the registry as the programme sent them."""
    target = urlsplit(call.request.url)
    below = f"{target.path}?{target.query}"
    sent = asked.request
    pairs = {
        "method": (sent.method, call.request.method),
        "path and query": (asked.below, below[-len(asked.below) :]),
        "content-type": (
            _header(sent.headers, "content-type"),
            _header(call.request.headers, "content-type"),
        ),
        "body": (sent.body, call.request.body),
    }
    changed = [name for name, (mine, theirs) in pairs.items() if mine != theirs]
    road.exchange.expect(
        not changed,
        code="road.request-unchanged",
        message=say(
            N_(
                "What the programme asked is not what the registry was asked: the mediator changed the {parts}."
            ),
            parts=", ".join(changed),
        ),
        expected=f"{sent.method} …{asked.below}, {len(sent.body)} bytes",
        actual=f"{call.request.method} …{below[-len(asked.below) :]}, {len(call.request.body)} bytes",
        seen=call,
        interface=QUERY,
    )


def _expect_answer(road: Road, asked: Query, answer: Answer) -> None:
    """Expect that status and body reached the programme as the registry gave them."""
    response = answer.exchange.response
    body = response.body if response is not None else b""
    road.exchange.expect(
        answer.status == 200 and body == asked.body,
        code="road.answer-unchanged",
        message=say(
            N_(
                "What the programme was told is not what the registry said: benefits are granted by data that nobody "
                "vouches for."
            )
        ),
        expected=f"HTTP 200, {len(asked.body)} bytes as the registry sent them",
        actual=f"HTTP {answer.status}, {len(body)} bytes, first difference at byte {_difference(asked.body, body)}",
        seen=answer,
        interface=ANSWER,
    )


def amount_of(answer: Answer) -> Decimal:
    """Read the amount that the programme was told; raises Prerequisite where it was told none."""
    response = answer.exchange.response
    try:
        told: Any = json.loads(response.body if response else b"", parse_float=Decimal, parse_int=Decimal)
        amount = told["entitlement"]["amount"]
    except (ValueError, KeyError, TypeError):
        amount = None
    if not answer.served or not isinstance(amount, Decimal):
        raise Prerequisite(say(N_("The programme was told no amount: {answer}."), answer=str(answer)))
    return amount


def _difference(mine: bytes, theirs: bytes) -> int:
    pairs = enumerate(zip(mine, theirs, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(mine), len(theirs)))


def _header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
