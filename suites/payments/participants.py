"""Who takes part: the names that a product is configured with, and how a step waits for what it cannot poll."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.checks.spellings import Spellings
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite, Resource, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.bodies import json_in_unicode
from dpi_conformance.model.evidence import Callback, Exchange

__all__ = [
    "DEFAULTS",
    "content",
    "declared_choice",
    "fields",
    "header",
    "missed",
    "name_of",
    "one_by_one",
    "participant",
    "spelt",
    "together",
    "tolerant",
]

DEFAULTS: Final = {
    "institution": "MINSOC",
    "tenant": "TENANT-1",
    "programme": "CASH-2026",
    "payer-fi": "PAYERFI-1",
    "payer-bic": "DEUTDEFF",
    "biller": "BILLER-1",
    "bill-prefix": "BILL",
    "agent": "AGENT-0001",
    "group": "AGR",
    "currency": "EUR",
    "source": "MINSOC",
}
"""What vectors call the participants where ``fixtures`` in product.yaml names none (``participant.<name>``)."""

_Result = TypeVar("_Result")
_OTHERS: Final = {"other-institution": "MINEDU", "other-tenant": "TENANT-2"}
"""What cases call those who are kept apart from the participants."""


def name_of(stage: Stage, name: str) -> str:
    """Give a participant's name as the product knows it."""
    return stage.fixtures.get(f"participant.{name}") or DEFAULTS.get(name) or _OTHERS[name]


async def participant(stage: Stage, count: int) -> Sequence[Resource]:
    """Name the participants; nothing is sent."""
    names = {f"participant.{name}": name_of(stage, name) for name in DEFAULTS}
    return [names] * count


async def together(*works: Coroutine[Any, Any, _Result]) -> list[_Result]:
    """Do several things side by side; raises the first trouble when all have come to their end."""
    done = await asyncio.gather(*works, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if not isinstance(one, BaseException)]


async def one_by_one(
    make: Callable[[], Awaitable[Resource]], count: int
) -> Sequence[Resource | Prerequisite]:
    """Create resources that no single request can create together; raises Prerequisite if none could be."""
    made = await asyncio.gather(*(_made(make) for _ in range(count)))
    troubles = [one for one in made if isinstance(one, Prerequisite)]
    if troubles and len(troubles) == len(made):
        raise troubles[0]
    return made


async def _made(make: Callable[[], Awaitable[Resource]]) -> Resource | Prerequisite:
    try:
        return await make()
    except Prerequisite as trouble:
        return trouble


def declared_choice(scene: Scene, name: str, *choices: str) -> str:
    """Give what the vendor declares, one of some words; raises Prerequisite where it is none of them, or nothing."""
    declared = scene.declares(name)
    if declared not in choices:
        text = N_("declares: {name} in product.yaml is “{value}”; write {choices}.")
        values = {"name": name, "value": declared, "choices": " or ".join(choices)}
        raise Prerequisite(Message(text=text, values=values))
    return declared


def content(evidence: Callback | Exchange) -> Any:
    """Give the JSON of a callback's or an answer's body, its fields under any accepted spelling; {} if it is none."""
    body = evidence.request.body if isinstance(evidence, Callback) else b""
    if isinstance(evidence, Exchange) and evidence.response is not None:
        body = evidence.response.body
    try:
        return tolerant(json_in_unicode(body))
    except ValueError:
        return {}


def fields(evidence: Callback | Exchange) -> Mapping[str, Any]:
    """Give the fields of a body that is a JSON object, under any accepted spelling; none where it is no object."""
    body = content(evidence)
    return body if isinstance(body, Mapping) else {}


def tolerant(document: Any) -> Any:
    """Give a parsed document whose fields are found under any accepted spelling."""
    return _spellings().tolerant(document)


@cache
def _spellings() -> Spellings:
    """Read which names are one field; the file does not change while a run goes on."""
    block = load_block(Path(__file__).parents[2] / "specs" / "payments" / "block.yaml")
    return Spellings(groups=(*block.echo.values(), *block.aliases.values()))


def spelt(stage: Stage, evidence: Callback | Exchange, name: str) -> Any:
    """Give a field of a callback's or an answer's body under any accepted spelling; None where there is none."""
    return stage.answers.spellings.value(content(evidence), name)


def header(callback: Callback, name: str) -> str:
    """Give a callback's header; empty if it was not sent."""
    return next((value for key, value in callback.request.headers if key.lower() == name.lower()), "")


def missed(stage: Stage, what: str, who: str) -> Prerequisite:
    """Say that the product did not ask a counterparty what it has to ask it."""
    return Prerequisite(
        Message(
            text=N_("The product sent no {what} to the {who} that the harness plays within {seconds} s."),
            values={"what": what, "who": who, "seconds": stage.callback_seconds},
        )
    )
