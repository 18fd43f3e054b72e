"""What the doctor makes of answers: one observation a probe, each trouble with what to change in product.yaml."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dpi_conformance.catalogue.target import Auth, MutualTlsAuth, NoAuth
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange
from dpi_conformance.model.spec import Variant

__all__ = ["Answered", "alike", "base_path", "canary", "clock", "credentials", "no_credentials"]
__all__ += ["open_to_everybody"]

_UNAUTHENTICATED = frozenset({401, 403, 407})
_GATEWAY = frozenset({502, 503, 504})
_SKEW_WARNING, _SKEW_TROUBLE = 60, 300


@dataclass(frozen=True, slots=True)
class Answered:
    """One operation that was asked, and what came of it."""

    variant: Variant
    exchange: Exchange
    known: bool
    """It was answered otherwise than an operation that does not exist."""

    @property
    def status(self) -> int:
        """Give the status; 0 where there was no answer."""
        return self.exchange.response.status if self.exchange.response else 0

    @property
    def called(self) -> str:
        """Name the operation as the specification does, e.g. ``GET /vouchers/{serialNumber}``."""
        return f"{self.variant.method.upper()} {self.variant.path}"


def alike(one: Exchange, other: Exchange) -> bool:
    """Tell whether two answers differ in nothing but what they were asked for."""
    if one.response is None or other.response is None or one.response.status != other.response.status:
        return False
    return _without_path(one) == _without_path(other)


def _without_path(exchange: Exchange) -> bytes:
    """Give an answer's body without its own address, and without what differs each time (digits)."""
    path = exchange.request.url.partition("//")[2].partition("/")[2].partition("?")[0]
    body = exchange.response.body if exchange.response else b""
    return body.replace(f"/{path}".encode(), b"").translate(None, b"0123456789")


def base_path(answered: Sequence[Answered], base_url: str) -> Observation:
    """Say whether the specification's operations are found below the base URL."""
    found = [one for one in answered if one.known]
    served = [one for one in found if one.status not in _GATEWAY and not 300 <= one.status < 400]
    if served:
        text = N_("{operation} is there (HTTP {status}).")
        return _observed("base-path", Health.OK, text, operation=served[0].called, status=served[0].status)
    first = (found or answered)[0]
    text, advice = _misplaced(first)
    location = (first.exchange.response.header("location") if first.exchange.response else None) or "-"
    trouble = first.exchange.trouble
    return _observed(
        "base-path",
        Health.TROUBLE,
        text,
        advice,
        operation=first.called,
        status=first.status,
        location=location[:200],
        base_url=base_url,
        detail=trouble.detail if trouble else "-",
    )


def _misplaced(first: Answered) -> tuple[str, str]:
    if first.exchange.closed and first.exchange.request.url.startswith("https://"):
        return (
            N_("{operation} got no answer: {detail}."),
            N_(
                "A product that does not take the caller's certificate ends the connection so. Check tls.client_certificate "
                "in product.yaml (auth.type mutual_tls, or beside other credentials), and that the product trusts who "
                "signed it."
            ),
        )
    if first.exchange.trouble is not None:
        return (
            N_("{operation} got no answer: {detail}."),
            N_(
                "See that base_url in product.yaml names a port that speaks HTTP, with http:// or https:// as the product "
                "does, and limits.answer_seconds if it is slow."
            ),
        )
    if first.status in _GATEWAY:
        return (
            N_("{operation} was answered by a gateway in the product's place (HTTP {status})."),
            N_("Start the product behind the gateway, or write the product's own address as base_url."),
        )
    if 300 <= first.status < 400:
        return (
            N_("{operation} leads elsewhere (HTTP {status} to {location}); redirects are not followed."),
            N_("Write the address that it leads to as base_url in product.yaml."),
        )
    return (
        N_("{operation} is not below {base_url} (HTTP {status}, as for an operation that does not exist)."),
        N_(
            "Write in base_url (product.yaml) the whole address before the paths of the specification, with any prefix such "
            "as /api/v1; and list under claims only what the product serves."
        ),
    )


def credentials(answered: Sequence[Answered], auth: Auth) -> Observation:
    """Say whether the product takes the configured credentials: one operation that does is enough."""
    taken = [one for one in answered if one.status and one.status not in _UNAUTHENTICATED]
    if taken:
        text = N_("The product takes the credentials ({type}): {operation} was answered with HTTP {status}.")
        values: dict[str, str | int] = {
            "type": auth.type,
            "operation": taken[0].called,
            "status": taken[0].status,
        }
        return _observed("credentials", Health.OK, text, **values)
    first = answered[0]
    asked = first.exchange.response.header("www-authenticate") if first.exchange.response else None
    values = {"type": auth.type, "status": first.status, "asked": (asked or "-")[:200]}
    if isinstance(auth, NoAuth):
        text = N_("The product wants credentials (HTTP {status}, {asked}), and none are configured.")
        advice = N_(
            "Write auth in product.yaml; with --target, set a bearer token in the environment: DPI_CONFORMANCE_TOKEN."
        )
    elif isinstance(auth, MutualTlsAuth):
        text = N_("The product does not take our certificate (HTTP {status}).")
        advice = N_(
            "Check tls.client_certificate in product.yaml, and that the product trusts who signed it."
        )
    else:
        text = N_("The product does not take the credentials ({type}): HTTP {status}, {asked}.")
        advice = N_("Check auth in product.yaml: its type, its values, and that they have not expired.")
    return _observed("credentials", Health.TROUBLE, text, advice, **values)


def no_credentials(answered: Answered | None, *, closing: bool = False) -> Observation:
    """Say whether the product refuses a request without credentials; None: there are none to leave out.

    ``closing``: the connection's end is a refusal, for the product still serves who has the right certificate.
    """
    if answered is None:
        text = N_("No credentials are configured, so whether the product checks them cannot be judged.")
        advice = N_(
            "If the product asks for credentials elsewhere, judge it there: write auth in product.yaml."
        )
        return _observed("no-credentials", Health.WARNING, text, advice)
    values: dict[str, str | int] = {"operation": answered.called, "status": answered.status}
    if answered.status in _UNAUTHENTICATED or (closing and answered.exchange.closed):
        text = N_("Without credentials {operation} is refused.")
        return _observed("no-credentials", Health.OK, text, **values)
    if answered.exchange.trouble is not None:
        text = N_("Without credentials {operation} got no answer: {detail}.")
        advice = N_(
            "Silence is no refusal; it will be a finding. Answer with 401, or 403; only who asks for a client "
            "certificate may end the connection instead (auth.type mutual_tls in product.yaml)."
        )
        detail = answered.exchange.trouble.detail
        return _observed("no-credentials", Health.WARNING, text, advice, detail=detail, **values)
    text = N_("Without credentials {operation} is answered all the same (HTTP {status}).")
    advice = N_(
        "That is no trouble of the configuration; it will be a finding (govstack-cfr-security#req-3)."
    )
    return _observed("no-credentials", Health.WARNING, text, advice, **values)


def open_to_everybody() -> Observation:
    """Say that what the doctor asks needs no credentials; the run tries the operations that do."""
    text = N_("The operations that the doctor asks are open to everybody; the run tries those that are not.")
    return _observed("no-credentials", Health.OK, text)


def canary(exchange: Exchange, path: str, *, refused: bool) -> Observation:
    """Say whether an invented operation is refused: where it is served, every pass would be worth nothing."""
    status = exchange.response.status if exchange.response else 0
    values: dict[str, str | int] = {
        "path": path,
        "status": status,
        "detail": exchange.trouble.detail if exchange.trouble else "-",
    }
    if 200 <= status < 300 and not refused:
        text = N_("The invented operation {path} is served (HTTP {status}): this address answers everything.")
        advice = N_(
            "It is a catch-all, a proxy or a mock without routes: write the product's own address as base_url in "
            "product.yaml."
        )
        return _observed("canary", Health.TROUBLE, text, advice, **values)
    if refused or 400 <= status < 500:
        text = N_("The invented operation {path} is refused (HTTP {status}).")
        return _observed("canary", Health.OK, text, **values)
    text = N_("The invented operation {path} is not refused cleanly (HTTP {status}; {detail}).")
    advice = N_("A path that does not exist is answered with 404; other answers will be findings.")
    return _observed("canary", Health.WARNING, text, advice, **values)


def clock(exchange: Exchange) -> Observation:
    """Compare the product's clock (its Date header, RFC 9110 6.6.1) with ours."""
    skew = _skew(exchange)
    if skew is None:
        text = N_("The product sends no Date header, so its clock cannot be compared.")
        return _observed("clock", Health.WARNING, text, N_("Send the Date header (RFC 9110, 6.6.1)."))
    values: dict[str, str | int] = {"seconds": round(skew)}
    if abs(skew) <= _SKEW_WARNING:
        return _observed(
            "clock", Health.OK, N_("The product's clock agrees with ours ({seconds} s)."), **values
        )
    health = Health.TROUBLE if abs(skew) > _SKEW_TROUBLE else Health.WARNING
    text = N_("The product's clock differs from ours by {seconds} s.")
    advice = N_(
        "Set both clocks by a time server (NTP): tokens, expiry dates and time stamps cannot be judged otherwise."
    )
    return _observed("clock", health, text, advice, **values)


def _skew(exchange: Exchange) -> float | None:
    """Give seconds by which the product is ahead; None where it does not say. Its header is cut to whole seconds."""
    header = exchange.response.header("date") if exchange.response else None
    try:
        theirs = parsedate_to_datetime(header or "")
        ours = datetime.fromisoformat(exchange.started_at) + timedelta(milliseconds=exchange.elapsed_ms)
    except ValueError:
        return None
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    return (theirs - ours).total_seconds() + 0.5


def _observed(probe: str, health: Health, text: str, advice: str = "", /, **values: str | int) -> Observation:
    message = Message(text=text, values=values)
    return Observation(
        probe=probe, health=health, message=message, advice=Message(text=advice) if advice else None
    )
