"""Enrollment: a person is entered in one step or in several (GovStack Identity 6.2, 8.2)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .enrollments import Enrollment, Enrollments
from .envelopes import Envelopes
from .state import State, stamp

__all__ = ["EnrollmentOperations"]

_PARTS = ("biometrics", "documents")


class EnrollmentOperations:
    """Takes enrollments in; the same one again changes nothing (RFC 9110, 9.2.2)."""

    def __init__(self, state: State, envelopes: Envelopes, on: FaultSwitches) -> None:
        """Take the memory, the envelope of answers, and the faults."""
        self._state = state
        self._envelopes = envelopes
        self._on = on

    def enroll(self, call: Call) -> Answer:
        """Make an enrollment (201), or complete it (200): what a step leaves out stays as it was."""
        self._envelopes.check_time(call, "requesttime")
        request = call.body.get("request") or {}
        identifier, reference = request.get("id", ""), request.get("refId", "")
        if not identifier and not reference:
            raise Refused("request has neither id nor refId.")
        _check_fields(request.get("fields", {}))
        found = self._found(identifier, reference)
        enrollment = found or Enrollment(
            id=identifier or reference, ref_id=reference, since=self._state.clock()
        )
        self._completed(enrollment, request)
        self._state.enrollments.keep(enrollment, identifier or enrollment.id)
        status = 201 if found is None else 200
        if self._on("enrollment-always-200"):
            status = 200
        return self._answer(call, enrollment, request, status)

    def _found(self, identifier: str, reference: str) -> Enrollment | None:
        if self._on("enrollment-twice-two-identities"):
            return None
        known: Enrollments = self._state.enrollments
        return known.find(identifier, "" if self._on("enrollment-reference-ignored") else reference)

    def _completed(self, enrollment: Enrollment, request: Mapping[str, Any]) -> None:
        if self._on("enrollment-update-wipes"):
            enrollment.fields.clear()
            enrollment.parts.clear()
        enrollment.fields |= request.get("fields", {})
        enrollment.parts |= {name: request[name] for name in _PARTS if request.get(name)}

    def _answer(self, call: Call, enrollment: Enrollment, request: Mapping[str, Any], status: int) -> Answer:
        held = json.dumps([enrollment.fields, enrollment.parts], sort_keys=True, default=str)
        entry = {
            "id": enrollment.id,
            "packetName": enrollment.packet,
            "source": request.get("source", ""),
            "process": request.get("process", ""),
            "refId": enrollment.ref_id,
            "schemaVersion": "1.0",
            "encryptedHash": hashlib.sha256(self._state.salt + held.encode()).hexdigest(),
            "providerName": "test-enrollment",
            "providerVersion": "1.0",
            "creationDate": stamp(enrollment.since),
        }
        held_names = sorted([*enrollment.fields, *enrollment.parts])
        return self._envelopes.answer(
            call,
            [entry],
            status=status,
            further={
                "id": call.body.get("id", "govstack.enrollment"),
                "version": call.body.get("version", "v1"),
                "metaData": {"data": " ".join(held_names)},
            },
        )


def _check_fields(fields: Mapping[str, str]) -> None:
    """Refuse a field that looks like a list of languages and is none."""
    for name, value in fields.items():
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                json.loads(value)
            except (ValueError, RecursionError):
                raise Refused(f"fields.{name[:40]} is no JSON.") from None
