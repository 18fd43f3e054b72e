"""Compares both ends of a mediated call: what was sent with what arrived, what was answered with what came back."""

from collections.abc import Collection
from typing import Final

from dpi_conformance.execution.scene import Evidence, Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.passage import NOTHING
from dpi_conformance.wire.visits import Arrival, Return

from .advice import ADVICE
from .mediating import Mediated, arrived_target, expected_target
from .sentences import SENTENCES

__all__ = ["answer_alike", "hold", "request_alike", "through"]

Headers = tuple[tuple[str, str], ...]
_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
     "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip
"""Of one connection (RFC 9110, 7.6.1)."""
_OF_EACH_HOP: Final = _HOP_BY_HOP | {
    "accept-encoding", "authorization", "content-length", "date", "expect", "forwarded", "host", "server",
    "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "traceparent",
}  # fmt: skip
"""What an intermediary may set, replace or leave out by HTTP or by custom; neither failed nor told of."""
_OWN: Final = ("x-road-", "x-govstack-", "information-mediator-")
"""How the mediator's own headers begin, by which it speaks its protocol."""
_SHOWN: Final = 160
"""Characters of a query that a finding shows."""
_BODILESS: Final = frozenset({204, 304})


def hold(  # noqa: PLR0913 -- one thing that must hold, by keyword
    scene: Scene,
    met: bool,
    *,
    code: str,
    expected: object,
    actual: object,
    seen: Evidence | None,
    place: str = "",
    advisory: bool = False,
) -> bool:
    """Say that something must hold, in the sentence that belongs to its code."""
    return scene.expect(
        met,
        code=code,
        message=SENTENCES[code],
        expected=expected,
        actual=actual,
        seen=seen,
        place=place,
        advice=ADVICE[code],
        advisory=advisory,
    )


def through(scene: Scene, mediated: Mediated, *, refusable: bool = False) -> Arrival | None:
    """Expect that a call reached the provider; give what arrived. ``refusable``: a 4xx instead is as good."""
    if refusable and mediated.refused:
        scene.expected += 1
        scene.remark = Message(text=N_("Some calls that the documents allow to be refused were refused."))
        return None
    hold(
        scene,
        mediated.arrival is not None,
        code="mediation.served",
        expected=f"{mediated.call.method} at the provider",
        actual=mediated,
        seen=mediated.exchange,
    )
    return mediated.arrival


def request_alike(
    scene: Scene, mediated: Mediated, *, refusable: bool = False, unseen: Collection[str] = ()
) -> None:
    """Expect that what arrived is what was sent: method, path, query, body and headers; ``unseen`` are not compared."""
    arrival = through(scene, mediated, refusable=refusable)
    if arrival is None:
        return
    call, seen = mediated.call, arrival.callback
    hold(
        scene,
        arrival.method == call.method,
        code="mediation.method",
        expected=call.method,
        actual=arrival.method,
        seen=seen,
        place="method",
    )
    _target_alike(scene, mediated, arrival)
    sent = call.load.measure()
    hold(
        scene,
        arrival.whole and arrival.body == sent,
        code="mediation.request-body",
        expected=f"{call.method} {sent}",
        actual=arrival.body,
        seen=seen,
        place="body",
    )
    own = mediated.exchange.request.headers
    _headers_alike(scene, "mediation.request-headers", own, arrival.headers, seen, unseen)
    _nothing_added(scene, own, arrival.headers, seen, {"accept", *unseen})


def answer_alike(scene: Scene, mediated: Mediated, wanted: Return, *, unseen: Collection[str] = ()) -> None:
    """Expect that what came back is what the provider answered: status, body and headers."""
    seen = mediated.exchange
    if not hold(
        scene,
        mediated.status == wanted.status,
        code="mediation.status",
        expected=wanted.status,
        actual=mediated,
        seen=seen,
        place="status",
    ):
        return
    is_bare = mediated.call.method == "HEAD" or wanted.status in _BODILESS
    sent = (NOTHING if is_bare else wanted.load).measure()
    hold(
        scene,
        mediated.answer == sent,
        code="mediation.answer-body",
        expected=sent,
        actual=mediated.answer,
        seen=seen,
        place="body",
    )
    came = mediated.exchange.response.headers if mediated.exchange.response else ()
    _headers_alike(scene, "mediation.answer-headers", wanted.headers, came, seen, unseen)
    _nothing_added(scene, wanted.headers, came, seen, unseen)


def _target_alike(scene: Scene, mediated: Mediated, arrival: Arrival) -> None:
    path, mark, query = expected_target(mediated).partition("?")
    came_path, came_mark, came_query = arrived_target(scene, arrival).partition("?")
    hold(
        scene,
        came_path == path,
        code="mediation.path",
        expected=path,
        actual=came_path,
        seen=arrival.callback,
        place="path",
    )
    hold(
        scene,
        mark + query == came_mark + came_query,
        code="mediation.query",
        expected=f"{mediated.call.method} {_brief(mark + query)}",
        actual=_brief(came_mark + came_query),
        seen=arrival.callback,
        place="query",
    )


def _brief(query: str) -> str:
    """Show a query; of a long one its length, its beginning and its end, where what was cut off shows."""
    if len(query) <= _SHOWN:
        return query or "-"
    return f"{query[: _SHOWN // 2]}…{query[-_SHOWN // 2 :]} ({len(query)} characters)"


def _headers_alike(
    scene: Scene,
    code: str,
    sent: Headers,
    came: Headers,
    seen: Evidence,
    unseen: Collection[str],
) -> None:
    """Expect each end-to-end header with its values in their order; only Set-Cookie may not be joined by commas."""
    for name in dict.fromkeys(name.lower() for name, _ in sent):
        if name in _OF_EACH_HOP or name in unseen or name.startswith(_OWN):
            continue
        wanted, got = _values(sent, name), _values(came, name)
        alike = wanted == got if name == "set-cookie" else _joined(wanted) == _joined(got)
        hold(
            scene,
            alike,
            code=code,
            expected=wanted,
            actual=got or "no such header",
            seen=seen,
            place=f"header.{name}",
        )
    if code == "mediation.request-headers" and not _values(sent, "content-type"):
        hold(
            scene,
            not _values(came, "content-type"),
            code=code,
            expected="no such header",
            actual=_values(came, "content-type"),
            seen=seen,
            place="header.content-type",
        )


def _nothing_added(
    scene: Scene, sent: Headers, came: Headers, seen: Evidence, unseen: Collection[str]
) -> None:
    """Tell of headers that nobody sent; no document forbids them, and some tell of the mediator's inside."""
    known = {name.lower() for name, _ in sent} | _OF_EACH_HOP | {"content-type", *unseen}
    added = sorted({name.lower() for name, _ in came} - known)
    added = [name for name in added if not name.startswith(_OWN)]
    shown = ", ".join(f"{name}: {_joined(_values(came, name))}" for name in added)
    hold(
        scene,
        not added,
        code="mediation.headers-added",
        expected="no further headers",
        actual=shown,
        seen=seen,
        place="headers",
        advisory=True,
    )


def _values(headers: Headers, name: str) -> list[str]:
    return [value.strip() for key, value in headers if key.lower() == name]


def _joined(values: list[str]) -> str:
    return ",".join(",".join(part.strip() for part in value.split(",")) for value in values)
