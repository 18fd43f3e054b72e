"""The envelope of requests and answers: a time stamp, and what it is about (GovStack Identity 8)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .refusals import time_key
from .state import State, stamp

__all__ = ["Envelopes"]

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})")
"""RFC 3339, 5.6."""


class Envelopes:
    """Checks when a request says it was sent, and says when an answer is."""

    def __init__(self, state: State, on: FaultSwitches) -> None:
        """Take the memory, for its clock, and the faults."""
        self._state = state
        self._on = on

    def check_time(self, call: Call, name: str = "requestTime") -> None:
        """Raise Refused (invalid_request) where the request's time is none."""
        value = call.body.get(name)
        if value is None or self._on("request-time-not-checked"):
            return
        if not isinstance(value, str) or not _TIME.fullmatch(value) or not _exists(value):
            raise Refused(f"{name} is no time stamp.", code="invalid_request")

    def answer(
        self,
        call: Call,
        response: Any,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        further: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Wrap a response, with further members beside it; there are no errors then."""
        errors: Any = []
        if self._on("errors-with-response", call.variant.id):
            errors = [{"errorCode": "invalid_request", "errorMessage": "Cache not available."}]
        body = {
            **(further or {}),
            time_key(call.variant.id): self._time(),
            "response": response,
            "errors": errors,
        }
        return Answer(status=status, body=body, headers=headers or {})

    def _time(self) -> str:
        if self._on("response-time-local"):
            local = datetime.fromtimestamp(self._state.clock(), UTC) + timedelta(hours=3)
            return local.strftime("%Y-%m-%dT%H:%M:%S")
        if self._on("response-time-epoch"):
            return str(int(self._state.clock() * 1000))
        return stamp(self._state.clock())


def _exists(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
