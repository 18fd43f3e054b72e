"""The state comes back unchanged (property E13)."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.model.evidence import Exchange

from .relying_party import relying_party, shown
from .sentences import say

_CLAUSES = "OpenID Connect Core 1.0, 3.1.2.5 and 3.1.2.6; RFC 6749, 4.1.2, 4.1.2.1 and A.5"
_LONGEST = "".join(chr(33 + n * 7 % 94) for n in range(256))
_STATES = {
    "letters": "af0ifjsldkj-._~AZ09",
    "percent": "100%25%2Fa%zz%00",
    "marks": "a+b&c=d;e#f?g/h:i@j\"k'l<m>n\\o|p",
    "blanks": "  two  blanks ",
    "json": '{"back": "/benefits?id=7&step=2", "t": [1, null]}',
    "base64": "q83vASNFZ4k+/w==",
    "of-256-characters": _LONGEST,
}
"""Of printable ASCII, all that RFC 6749 (A.5) lets a state be."""
_TEXTS = {
    "in-arabic": "العودة إلى طلب الإعانة",
    "in-amharic": "ወደ ማመልከቻው ተመለስ",
    "with-accents-and-emoji": "Né à Zürich, ﬁn 🪪 e\u0301",
}
"""What only GovStack, which limits no more than the length, lets a state be."""


async def _test_the_state_comes_back(scene: Scene, name: str, state: str) -> None:
    """A state ({name}) comes back once and unchanged, with a code as with an error."""
    party = await relying_party(scene)
    failed = await party.silently(state=state)
    if failed is not None and failed.location:
        _expect_back(scene, failed.all("state"), state, failed.exchange, in_error=bool(failed.all("error")))
    asked = party.ask(state=state)
    landing = await party.land(asked)
    if not landing.url:
        text = N_("The state “{name}” could not be judged: the login came to {landing}.")
        raise Prerequisite(say(text, name=name, landing=shown(landing)))
    seen = landing.exchanges[-1] if landing.exchanges else None
    scene.expect(
        not {name for name, _ in parse_qsl(urlsplit(landing.url).fragment)} & {"code", "state"},
        code="state.in-query",
        message=say(
            N_("What the client gets stands behind a #, which no server sees: the login ends there.")
        ),
        expected="code and state in the query",
        actual=shown(landing),
        seen=seen,
        place="header.location",
    )
    _expect_back(scene, landing.all("state"), state, seen, in_error=not landing.get("code"))


def _expect_back(
    scene: Scene, states: Sequence[str], state: str, seen: Exchange | None, *, in_error: bool
) -> None:
    if in_error:
        scene.expect(
            state in states,
            code="state.echoed-in-error",
            message=say(
                N_(
                    "The state does not come back unchanged with an error: the client cannot tell which login failed."
                )
            ),
            expected=[state],
            actual=list(states),
            seen=seen,
            place="header.location",
        )
    else:
        scene.expect(
            state in states,
            code="state.echoed",
            message=say(
                N_("The state does not come back unchanged: the client, as it must, refuses the login.")
            ),
            expected=[state],
            actual=list(states),
            seen=seen,
            place="header.location",
            advice=say(
                N_(
                    "Percent-encode the state once where it is written into the redirect, and change nothing else."
                )
            ),
        )
    scene.expect(
        len(states) <= 1,
        code="state.once",
        message=say(N_("The redirect has several states: which of them a client reads is anybody's guess.")),
        expected="one state",
        actual=list(states),
        seen=seen,
        place="header.location",
    )


for _functions, _set in (("openid-connect", _STATES), ("idbb-endpoints", _TEXTS)):
    for _name, _state in _set.items():
        case(
            f"E13/state-{_name}",
            clause=_CLAUSES if _set is _STATES else "GovStack Identity, authorize (state); RFC 6749, 4.1.2",
            functions=(_functions,),
            given={"name": _name, "state": _state},
        )(_test_the_state_comes_back)
