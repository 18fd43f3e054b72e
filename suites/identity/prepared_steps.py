"""Steps for who and what the product knows already: named under fixtures in product.yaml; nothing is sent."""

from collections.abc import Mapping, Sequence

import orjson

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, json_request
from dpi_conformance.i18n import N_, Message

from .clients import stamp

__all__ = ["credential_event", "named", "other_wallet", "partner", "resident", "spare", "wallet"]

_UNNAMED = N_(
    "The documents do not say how the harness could create this; prepare it at the product and name it under fixtures "
    "in product.yaml: {names}."
)
_EVENT_DIGITS = 16


def named(stage: Stage, resource: str, fixtures: Mapping[str, str]) -> Resource:
    """Give a resource whose fields are fixtures (field → fixture); raises Prerequisite that names those which lack."""
    lacking = [name for name in fixtures.values() if not stage.fixtures.get(name)]
    if lacking:
        raise Prerequisite(Message(text=_UNNAMED, values={"names": ", ".join(lacking)}))
    return {f"{resource}.{field}": stage.fixtures[name] for field, name in fixtures.items()}


async def partner(stage: Stage, count: int) -> Sequence[Resource]:
    """Name the partner whose wallets are bound."""
    fields = {"id": "partner.id", "api-key": "partner.api-key"}
    return [named(stage, "partner", fields)] * count


async def wallet(stage: Stage, count: int) -> Sequence[Resource]:
    """Name a person who proves themselves to a wallet, and how."""
    fields = {"individual": "wallet.individual", "factor": "wallet.factor", "format": "wallet.format"}
    known = named(stage, "wallet", {**fields, "challenge": "wallet.secret"})
    bound = {
        "wallet.bound-factor": stage.fixtures.get("wallet.bound-factor", "WLA"),
        "wallet.bound-format": stage.fixtures.get("wallet.bound-format", "jwt"),
    }
    return [{**known, **bound}] * count


async def other_wallet(stage: Stage) -> Resource:
    """Name a second person, who proves themselves as the first does but by another secret; raises Prerequisite."""
    (first,) = await wallet(stage, 1)
    fields = {"individual": "wallet.other-individual", "challenge": "wallet.other-secret"}
    other = {**first, **named(stage, "wallet", fields)}
    if any(other[f"wallet.{field}"] == first[f"wallet.{field}"] for field in fields):
        text = N_(
            "The second person of wallets has the identifier or the secret of the first: name another one under "
            "fixtures in product.yaml: {names}."
        )
        raise Prerequisite(Message(text=text, values={"names": ", ".join(fields.values())}))
    return other


async def resident(stage: Stage, count: int) -> Sequence[Resource]:
    """Name a person who manages their own credentials, and with whom they share them."""
    fields = {
        "individual": "resident.individual",
        "transaction": "resident.transaction",
        "otp": "resident.secret",
        "partner": "resident.partner",
    }
    return [named(stage, "resident", fields)] * count


async def spare(stage: Stage, count: int) -> Sequence[Resource]:
    """Name an identity that nothing else of the run needs, so that it may be changed and blocked."""
    return [named(stage, "spare", {"individual": "spare.individual"})] * count


async def credential_event(stage: Stage, count: int) -> Sequence[Resource]:
    """Share a credential, once for all readers of the event that comes of it."""
    if known := stage.fixtures.get("event.id"):
        return [{"event.id": known}] * count
    (person,) = await resident(stage, 1)
    request = {
        "partnerId": person["resident.partner"],
        "sharableAttributes": [{"attributeName": "dateOfBirth", "format": "DDMMYYYY", "isMasked": False}],
        "purpose": "Proof of age",
        "consent": "Accepted",
    }
    body = {
        "id": "mosip.resident.share.credential",
        "version": "1.0",
        "requesttime": stamp(),
        "request": request,
    }
    exchange = await stage.call("share-credential", json_request("POST", "/share-credential", body))
    event = (exchange.response.header("eventid") if exchange.response else None) or ""
    if not (event.isdecimal() and len(event) == _EVENT_DIGITS):
        text = N_(
            "The sharing of a credential named no event of {count} digits in its header eventId: {said}."
        )
        said = orjson.dumps(event).decode()[:60]
        raise Prerequisite(Message(text=text, values={"count": _EVENT_DIGITS, "said": said}))
    return [{"event.id": event}] * count
