"""Where the product sends its later answers, and what its receipts look like."""

from collections.abc import Mapping

from dpi_conformance.mockkit.calls import Call, Outgoing, Refused

__all__ = ["carried", "receipt", "reply", "reply_address"]

_IDENTIFIERS = ("requestID", "requestId", "RequestID", "RequestId")


def reply_address(call: Call, fallback: str = "") -> str:
    """Give the address that the caller named for its result, else ``fallback``; raises Refused for no address."""
    address = call.headers.get("x-callback-url", "")
    if address and not address.lower().startswith(("http://", "https://")):
        raise Refused("header.X-Callback-URL is no http or https address.")
    return address or fallback


def reply(
    address: str, body: object, headers: Mapping[str, str] | None = None, *, result: str = "result"
) -> tuple[Outgoing, ...]:
    """Give the call that brings a result to an address; none if there is no address."""
    return (Outgoing(url=address, body=body, headers=headers or {}, result=result),) if address else ()


def carried(call: Call, *names: str) -> dict[str, str]:
    """Give the request's headers of these names, to be carried on to the next hop."""
    return {name: call.headers[name.lower()] for name in names if name.lower() in call.headers}


def receipt(call: Call, code: str, text: str, identifier: str) -> dict[str, object]:
    """Give a receipt for success in one of the published spellings; the identifier as the request gave it."""
    given = next((call.body[name] for name in _IDENTIFIERS if name in call.body), None)
    named = {} if given is None else {identifier: given}
    return {code: "00", text: "The request was received.", **named}
