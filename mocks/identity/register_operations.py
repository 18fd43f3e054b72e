"""What administrators do with identities (GovStack Identity 8.3): change, block, unblock."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused

from .envelopes import Envelopes
from .people import Person
from .state import State, stamp

__all__ = ["RegisterOperations"]

_STATES: Mapping[str, bool] = {"ACTIVATED": False, "DEACTIVATED": True}
"""Whether an identity in this state is blocked."""


class RegisterOperations:
    """Changes identities: nobody logs in with a blocked one."""

    def __init__(self, state: State, envelopes: Envelopes) -> None:
        """Take the memory and the envelope of answers."""
        self._state = state
        self._envelopes = envelopes

    def update(self, call: Call) -> Answer:
        """Change claims or the state of an identity."""
        request = (call.body or {}).get("request") or {}
        person = self._person(request.get("uin", ""))
        status = request.get("status", "ACTIVATED")
        if status not in _STATES:
            raise Refused(f"status is none of {', '.join(_STATES)}.", code="invalid_request")
        claims = {**person.claims, **request.get("identity", {})}
        self._state.people.keep(replace(person, claims=claims, blocked=_STATES[status]))
        response = {"status": status, "identity": request.get("identity", {})}
        return self._envelopes.answer(
            call, response, further={"id": call.body.get("id", "govstack.updateIdentity"), "version": "v1"}
        )

    def block(self, call: Call) -> Answer:
        """Block an identity; its sessions end."""
        request, person = self._meant(call)
        self._state.people.keep(replace(person, blocked=True))
        for name in [name for name, one in self._state.sessions.items() if one.uin == person.uin]:
            del self._state.sessions[name]
        return self._done(call, request, "BLOCKED")

    def unblock(self, call: Call) -> Answer:
        """Let an identity be used again."""
        request, person = self._meant(call)
        self._state.people.keep(replace(person, blocked=False))
        return self._done(call, request, "ACTIVE")

    def _meant(self, call: Call) -> tuple[dict[str, Any], Person]:
        request = (call.body or {}).get("request") or {}
        if request.get("idType", "UIN").upper() not in {"UIN", "VID"}:
            raise Refused("idType is neither UIN nor VID.", code="invalid_request")
        return request, self._person(request.get("id", ""))

    def _person(self, uin: str) -> Person:
        person = self._state.people.find(uin)
        if person is None:
            raise Refused("The identifier is nobody's.", code="invalid_identifier")
        return person

    def _done(self, call: Call, request: dict[str, Any], status: str) -> Answer:
        response = {
            "id": request["id"],
            "idType": request.get("idType", "UIN"),
            "status": status,
            "expiryTimestamp": request.get("expiryTimestamp") or stamp(self._state.clock() + 86400),
        }
        return self._envelopes.answer(
            call, response, further={"id": call.body.get("id", call.variant.id), "version": "1.0"}
        )
