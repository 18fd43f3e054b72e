"""The faults of a product that calls back wrongly: to whom, when, how often, and with what; each is one small function."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from dpi_conformance.mockkit.calls import Outgoing, encode
from dpi_conformance.mockkit.faults import FaultSwitches

__all__ = ["LATE_SECONDS", "Sending"]

LATE_SECONDS = 12.0
"""How long ``callback-late`` waits: more than the 10 s that product.yaml allows by default."""
_FLOOD = 100
_OTHER = "000000000000"
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def _with_other_number(message: Outgoing, spellings: tuple[str, ...]) -> Outgoing:
    """Give the message as a new one: under a number of its own that it did not have before."""
    body = message.body
    if not isinstance(body, dict):
        return message
    return replace(message, body={**body, **{name: _OTHER for name in spellings if name in body}})


def _not_counted(message: Outgoing) -> Outgoing:
    body = message.body
    counts = {
        name: str(value)
        for name, value in (body.items() if isinstance(body, dict) else ())
        if type(value) is int
    }
    return replace(message, body={**body, **counts}) if isinstance(body, dict) else message


def _uncorrelated(message: Outgoing) -> Outgoing:
    body = message.body
    if not isinstance(body, dict) or "registerRequestID" not in body:
        return message
    return replace(message, body={**body, "registerRequestID": body.get("requestID", _OTHER)})


def _as_text(message: Outgoing) -> Outgoing:
    return replace(message, headers={**message.headers, "Content-Type": "text/plain"})


def _as_form(message: Outgoing) -> Outgoing:
    headers = {**message.headers, "Content-Type": "application/json"}
    return replace(message, body=b"payload=" + encode(message.body), headers=headers)


def _to_the_root(message: Outgoing) -> Outgoing:
    parts = urlsplit(message.url)
    return replace(message, url=f"{parts.scheme}://{parts.netloc}/callback")


def _in_local_time(message: Outgoing) -> Outgoing:
    text = _STAMP.sub(lambda stamp: f"{stamp[0][:-1]}+03:00", encode(message.body).decode())
    return replace(message, body=text.encode())


_CHANGES: Mapping[str, Callable[[Outgoing], Outgoing]] = {
    "callback-path-dropped": _to_the_root,
    "callback-counts-as-text": _not_counted,
    "callback-correlation-lost": _uncorrelated,
    "callback-as-text": _as_text,
    "callback-as-form": _as_form,
    "callback-in-local-time": _in_local_time,
    "callback-put": lambda message: replace(message, method="PUT"),
}


class Sending:
    """What becomes of a product's results on their way out; without a fault, nothing."""

    def __init__(self, on: FaultSwitches, spellings: tuple[str, ...] = ()) -> None:
        """Take the faults that are on, and the names of a message's own number."""
        self.on = on
        self._spellings = spellings
        self._first = ""

    def sent(self, message: Outgoing) -> Iterator[Outgoing]:
        """Give what is sent in place of a message; calls to counterparties go out as they are."""
        if not self.on or not message.result:
            yield message
            return
        if self.on("callback-never", message.result):
            return
        for name, change in _CHANGES.items():
            if self.on(name, message.result):
                message = change(message)
        if self.on("callback-address-cached"):
            self._first = self._first or message.url
            message = replace(message, url=self._first)
        yield message
        if self.on("callback-flood", message.result):
            yield from [message] * _FLOOD
        if self.on("callback-twice", message.result):
            yield _with_other_number(message, self._spellings)

    def again(self, message: Outgoing) -> Outgoing:
        """Give the message that is sent after an attempt that failed."""
        renewed = self.on and message.result and self.on("callback-retried-as-new")
        return _with_other_number(message, self._spellings) if renewed else message
