"""How the product refuses: an envelope with errors, an OAuth error, a challenge, or a page."""

from collections.abc import Mapping

from dpi_conformance.mockkit.calls import Answer, Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.requests import Arrival
from dpi_conformance.model.spec import Variant

from .field_codes import FIELD_CODES
from .pages import error_page
from .state import State, stamp

__all__ = ["Refusals", "time_key"]

_PAGES = frozenset({"authorize", "authorize-posted", "login", "login-posted", "consent", "consent-posted"})
_TIME_KEYS: Mapping[str, str] = {
    "link-status": "responseTIme",
    "enroll": "responsetime",
    "share-credential": "responsetime",
    "update-uin": "responsetime",
    "update-identity": "responsetime",
    "block": "responsetime",
    "unblock": "responsetime",
    "credential-event": "requestTime",
}
"""Where the published spelling differs from responseTime (GovStack Identity 8)."""
_MESSAGE = frozenset({"enroll", "update-uin", "block", "unblock"})
"""Operations whose errors have ``message`` in place of ``errorMessage``."""
_ONE_ERROR = frozenset({"share-credential"})
"""Operations whose ``errors`` is one object."""

_EMPTY_RESPONSE = frozenset({"update-uin"})
"""Operations whose answers always have ``response``."""
_PLAIN = frozenset({"", "download-card"})
"""Where a refusal comes with its own status: an answer that is no JSON otherwise, and what is no operation at all."""


def time_key(variant_id: str) -> str:
    """Give the published name of an answer's time stamp."""
    return _TIME_KEYS.get(variant_id, "responseTime")


class Refusals:
    """Answers a refused request in the way of its operation."""

    def __init__(self, state: State, on: FaultSwitches) -> None:
        """Take the memory, for its clock, and the faults."""
        self._state = state
        self._on = on

    def answer(self, refusal: Refused, variant: Variant | None, arrival: Arrival) -> Answer:
        """Give the answer; a status other than 400 is HTTP's own matter and stays."""
        name = variant.id if variant is not None else ""
        if name in _PAGES:
            return error_page(arrival.headers, refusal.text, refusal.status)
        if name == "token":
            return self._oauth(refusal)
        if name in {"userinfo", "userinfo-posted"}:
            return self._challenge(refusal)
        return self._envelope(refusal, name)

    def _oauth(self, refusal: Refused) -> Answer:
        """RFC 6749, 5.2, with the codes that GovStack Identity publishes."""
        code = refusal.code or "invalid_request"
        if self._on("token-error-undeclared"):
            code = "server_busy"
        body: object = {"error": code, "error_description": _plain(refusal.text)}
        headers = {**refusal.headers, "cache-control": "no-store", "pragma": "no-cache"}
        if self._on("token-error-as-page"):
            return Answer(
                status=refusal.status, body=b"<h1>Bad Request</h1>", media_type="text/html", headers=headers
            )
        return Answer(status=refusal.status, body=body, headers=headers)

    def _challenge(self, refusal: Refused) -> Answer:
        """RFC 6750, 3."""
        if refusal.status != 401:
            return Answer(status=refusal.status, body=None, headers=refusal.headers)
        description = _plain(refusal.text)
        challenge = f'Bearer realm="identity", error="invalid_token", error_description="{description}"'
        if self._on("userinfo-challenge-missing"):
            return Answer(status=401, body=None)
        if self._on("userinfo-challenge-plain"):
            challenge = 'Bearer realm="identity"'
        return Answer(status=401, body=None, headers={"www-authenticate": challenge})

    def _envelope(self, refusal: Refused, name: str) -> Answer:
        code = refusal.code or FIELD_CODES.get(name, {}).get(_field(refusal.place), "invalid_request")
        code = self._spoilt(code, name, by_field=bool(refusal.place))
        error = {"errorCode": code, "message" if name in _MESSAGE else "errorMessage": refusal.text[:500]}
        body: dict[str, object] = {
            time_key(name): stamp(self._state.clock()),
            "errors": error if name in _ONE_ERROR and refusal.status == 400 else [error],
        }
        if name in _EMPTY_RESPONSE:
            body["response"] = None
        if name == "enroll" and refusal.status == 400 and self._on("enrollment-malformed-crashes"):
            return Answer(
                status=500, body={"errors": [{"errorCode": "internal", "message": "NullPointerException"}]}
            )
        hidden = refusal.status == 401 and self._on("no-token-as-invalid-request")
        status = 200 if (refusal.status == 400 or hidden) and name not in _PLAIN else refusal.status
        return Answer(status=status, body=body, headers=refusal.headers)

    def _spoilt(self, code: str, name: str, *, by_field: bool) -> str:
        """Give the code that a product with a fault gives."""
        if self._on("one-code-for-all-fields") and by_field:
            return "invalid_client_name"
        if self._on("link-refused-as-client") and name == "link-transaction":
            return "invalid_client_id"
        if self._on("binding-refused-as-format") and name == "wallet-binding":
            return "unsupported_challenge_format"
        if self._on("error-code-unlisted"):
            return "IDB-IDM-004"
        return code


def _field(place: str) -> str:
    """Name a field below ``request`` without positions: ``body.request.redirectUris.0`` is redirectUris."""
    parts = [part for part in place.split(".") if not part.isdecimal()]
    return ".".join(parts[2:]) if parts[:2] == ["body", "request"] else ""


def _plain(text: str) -> str:
    """Keep what RFC 6749, 5.2 allows in a description."""
    return "".join(c for c in text if " " <= c <= "~" and c not in '"\\')[:200]
