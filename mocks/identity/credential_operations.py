"""What people ask for about their own credentials (GovStack Identity 8.3): share, card, changes, history."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused

from .envelopes import Envelopes
from .events import Event
from .pdf import card, text_of
from .people import TEST_OTP
from .state import State, stamp

__all__ = ["CredentialOperations"]

_KINDS = frozenset(
    {
        "AUTHENTICATION_REQUEST",
        "SERVICE_REQUEST",
        "DATA_UPDATE_REQUEST",
        "ID_MANAGEMENT_REQUEST",
        "DATA_SHARE_REQUEST",
        "ALL",
    }
)
_STATES = frozenset({"ALL", "SUCCESS", "IN_PROGRESS", "FAILED"})
_LONGEST_SEARCH = 30
_MOST_ON_A_PAGE = 1000


class CredentialOperations:
    """A resident's requests; each is an event of the history."""

    def __init__(self, state: State, envelopes: Envelopes) -> None:
        """Take the memory and the envelope of answers."""
        self._state = state
        self._envelopes = envelopes

    def share(self, call: Call) -> Answer:
        """Share attributes with a partner, if the person consents."""
        request = _request(call)
        if not request.get("partnerId") or not request.get("sharableAttributes"):
            raise Refused("request does not say what is shared with whom.", code="invalid_request")
        if str(request.get("consent", "")).lower() != "accepted":
            raise Refused("consent is not Accepted.", code="consent_missing")
        names = ",".join(str(one.get("attributeName", "")) for one in request["sharableAttributes"])
        info = {
            "partnerId": request["partnerId"],
            "purpose": request.get("purpose", ""),
            "attributeList": names,
        }
        event = self._kept(Event(kind="DATA_SHARE_REQUEST", summary="Shared.", at=self._now(), info=info))
        return self._envelopes.answer(
            call, {"status": "Success"}, headers={"eventid": event.id}, further=_named(call)
        )

    def event(self, call: Call) -> Answer:
        """Say what became of a request."""
        event = self._state.events.get(call.path["eventId"])
        if event is None:
            raise Refused("eventId names no request.", code="invalid_event_id")
        response = {
            "eventId": event.id,
            "eventType": event.kind,
            "eventStatus": event.status,
            "summary": event.summary,
            "timestamp": stamp(event.at),
            "info": event.info,
        }
        return self._envelopes.answer(
            call, response, further={"id": "resident.event.status", "version": "1.0"}
        )

    def download(self, call: Call) -> Answer:
        """Make a card of a page."""
        html = _request(call).get("html", "")
        lines = text_of(_decoded(html))
        if not lines:
            raise Refused("request.html holds no text.", code="invalid_request")
        event = self._kept(Event(kind="SERVICE_REQUEST", summary="Card downloaded.", at=self._now()))
        headers = {"eventid": event.id, "cache-control": "no-store"}
        return Answer(status=200, body=card(lines), media_type="application/pdf", headers=headers)

    def update(self, call: Call) -> Answer:
        """Take a change of a person's own data in, proven by a one-time code."""
        request = _request(call)
        if self._state.people.find(str(request.get("individualId", ""))) is None:
            raise Refused("individualId is nobody's.", code="invalid_identifier")
        if request.get("otp") != TEST_OTP:
            raise Refused("otp is wrong.", code="auth_failed")
        if not _is_object(request.get("identityJson", "")):
            raise Refused("identityJson is no object in base64.", code="invalid_request")
        event = self._kept(Event(kind="DATA_UPDATE_REQUEST", summary="Update taken in.", at=self._now()))
        response = {"registrationId": event.id, "message": "A notification has been sent."}
        return self._envelopes.answer(call, response, further=_named(call))

    def history(self, call: Call) -> Answer:
        """Give a page of the history."""
        query = call.query
        size, page = _count(query, "pageFetch", 10, 1), _count(query, "pageStart", 0, 0)
        events = [event for event in self._state.events.values() if _fits(event, query)]
        if query.get("sortType", "ASC") == "DESC":
            events.reverse()
        pages = -(-len(events) // size)
        response = {
            "pageNo": page,
            "pageSize": size,
            "totalItems": len(events),
            "totalPages": pages,
            "data": [_line(event) for event in events[page * size : (page + 1) * size]],
        }
        return self._envelopes.answer(
            call, response, further={"id": "resident.service.history", "version": "1.0"}
        )

    def _kept(self, event: Event) -> Event:
        self._state.events[event.id] = event
        return event

    def _now(self) -> float:
        return self._state.clock()


def _request(call: Call) -> dict[str, Any]:
    return (call.body or {}).get("request") or {}


def _named(call: Call) -> dict[str, str]:
    return {"id": call.body.get("id", call.variant.id), "version": call.body.get("version", "1.0")}


def _decoded(html: str) -> str:
    """Give a page that may be written in base64."""
    try:
        return base64.b64decode(html, validate=True).decode()
    except ValueError:
        return html


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(base64.b64decode(text, validate=True)), dict)
    except (ValueError, RecursionError):
        return False


def _line(event: Event) -> dict[str, str]:
    return {
        "eventId": event.id,
        "eventDescription": event.summary,
        "eventStatus": event.status,
        "timeStamp": stamp(event.at),
        "requestType": event.kind,
    }


def _count(query: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or len(text) > 6 or not least <= int(text) <= _MOST_ON_A_PAGE:
        raise Refused(f"{name} is no number from {least} to {_MOST_ON_A_PAGE}.", code="invalid_request")
    return int(text)


def _fits(event: Event, query: Mapping[str, str]) -> bool:
    """Tell whether an event is among those that are asked for; raises Refused for what no filter is."""
    kind, states = query.get("serviceType", "ALL"), query.get("statusFilter", "ALL").split(",")
    if (
        kind not in _KINDS
        or not _STATES.issuperset(states)
        or query.get("sortType", "ASC") not in {"ASC", "DESC"}
    ):
        raise Refused("serviceType, statusFilter or sortType is none of the declared values.")
    search = query.get("searchText", "")
    if len(search) > _LONGEST_SEARCH:
        raise Refused(f"searchText has more than {_LONGEST_SEARCH} characters.")
    first, last = _day(query, "fromDate"), _day(query, "toDate")
    day = datetime.fromtimestamp(event.at, UTC).date()
    return (
        search in event.id
        and kind in {"ALL", event.kind}
        and bool({"ALL", event.status} & set(states))
        and (first is None or first <= day)
        and (last is None or day <= last)
    )


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{name} is no date.") from None
