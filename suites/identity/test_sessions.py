"""A login is as fresh as it was asked for (properties E5 and E14): prompt and max_age."""

import asyncio
from typing import NamedTuple

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Landing, Session

from .id_tokens import id_token, number_of
from .relying_party import Party, relying_party
from .replies import Reply
from .sentences import say
from .tokens import Tokens

_CORE = ("openid-connect",)
_SILENT = frozenset(
    {"login_required", "interaction_required", "consent_required", "account_selection_required"}
)
_AGE_SECONDS = 1
_LATER_SECONDS = 2.2
"""So much later a login is older than ``_AGE_SECONDS``, also where times are whole seconds."""


class _Timed(NamedTuple):
    """One login, and what it brought."""

    landing: Landing
    tokens: Tokens


@case("E14/prompt-none", clause="OpenID Connect Core 1.0, 3.1.2.1 (prompt) and 3.1.2.6", functions=_CORE)
async def test_nobody_is_logged_in_silently(scene: Scene) -> None:
    """A request that forbids every page, from a browser that knows nobody, is sent back with login_required or its like."""
    party = await relying_party(scene)
    await party.code()
    reply = await party.authorize(party.ask(prompt="none"), broken=True)
    _expect_silent_error(party, reply)


def _expect_silent_error(party: Party, reply: Reply) -> None:
    scene = party.scene
    if scene.expect(
        not reply.all("code"),
        code="authorize.prompt-none",
        message=say(N_("A request that forbids every page brought a code, and nobody had logged in.")),
        expected="error=login_required",
        actual="a code",
        seen=reply.exchange,
    ):
        scene.expect(
            bool(_SILENT & set(reply.all("error"))) and reply.location.startswith(party.client.redirect_uri),
            code="authorize.prompt-none-error",
            message=say(
                N_(
                    "A request that forbids every page was not sent back with the error that says so: the client hangs."
                )
            ),
            expected=f"a redirect with one of {', '.join(sorted(_SILENT))}",
            actual=reply,
            seen=reply.exchange,
        )


@case("E14/prompt-none-alone", clause="OpenID Connect Core 1.0, 3.1.2.1 (prompt)", functions=_CORE)
async def test_none_stands_alone(scene: Scene) -> None:
    """A request whose prompt has none beside another value is an error."""
    party = await relying_party(scene)
    await party.code()
    reply = await party.authorize(party.ask(prompt="none login"))
    scene.expect(
        reply.refused or bool(reply.all("error")),
        code="authorize.prompt-none-alone",
        message=say(N_("A request that forbids every page and asks for one was not refused.")),
        expected="an error",
        actual=reply,
        seen=reply.exchange,
    )


@case("E14/prompt-login", clause="OpenID Connect Core 1.0, 3.1.2.1 (prompt)", functions=_CORE)
async def test_a_fresh_login_is_asked_for(scene: Scene) -> None:
    """Who is logged in and comes with prompt=login has to log in again."""
    party = await relying_party(scene)
    session = Session()
    first = await _timed(party, session, max_age="600")
    await asyncio.sleep(_LATER_SECONDS)
    second = await _timed(party, session, prompt="login", max_age="600")
    _expect_later(scene, first, second, code="authorize.prompt-login")


@case("E14/max-age", clause="OpenID Connect Core 1.0, 3.1.2.1 (max_age) and 15.1", functions=_CORE)
async def test_an_old_login_is_not_enough(scene: Scene) -> None:
    """Who logged in longer ago than the request allows has to log in again."""
    party = await relying_party(scene)
    session = Session()
    first = await _timed(party, session, max_age="600")
    await asyncio.sleep(_LATER_SECONDS)
    second = await _timed(party, session, max_age=str(_AGE_SECONDS))
    _expect_later(scene, first, second, code="authorize.max-age")


@case("E14/max-age-zero", clause="OpenID Connect Core 1.0, 3.1.2.1 (max_age) and 15.1", functions=_CORE)
async def test_no_login_is_young_enough_for_an_age_of_zero(scene: Scene) -> None:
    """Who is logged in and comes with max_age=0, which is a number like others, has to log in again."""
    party = await relying_party(scene)
    session = Session()
    first = await _timed(party, session, max_age="600")
    await asyncio.sleep(_LATER_SECONDS)
    second = await _timed(party, session, max_age="0")
    _expect_later(scene, first, second, code="authorize.max-age")


async def _timed(party: Party, session: Session, *, max_age: str, prompt: str | None = None) -> _Timed:
    asked = party.ask(max_age=max_age, prompt=prompt)
    landing = await party.land(asked, session=session)
    return _Timed(landing, await party.tokens_for(party.code_of(landing), asked))


def _expect_later(scene: Scene, first: _Timed, second: _Timed, *, code: str) -> None:
    """Expect a login between the two: a later moment, and a login page where the driver sees the pages.

    The moment alone is not enough: some providers give that of the person's last login in any browser.
    """
    before, after = (number_of(id_token(one.tokens), "auth_time") for one in (first, second))
    asked = "login" in second.landing.asked or not second.landing.exchanges
    scene.expect(
        asked and before is not None and after is not None and after > before,
        code=code,
        message=say(
            N_(
                "Nobody logged in again although the request asks for it: who finds an open browser is taken for its owner."
            )
        ),
        expected="a login page, and a later auth_time than before",
        actual=f"{before} before, {after} now; pages answered: {', '.join(second.landing.asked) or '-'}",
        seen=second.tokens.reply.exchange,
        place="id_token.auth_time",
    )


@case("E5/auth-time-kept", clause="OpenID Connect Core 1.0, 2 (auth_time)", functions=_CORE)
async def test_the_moment_of_the_login_is_told(scene: Scene) -> None:
    """The second ID token in one browser has the moment of the login: the first one's unless the person was asked again."""
    party = await relying_party(scene)
    session = Session()
    first = (await _timed(party, session, max_age="600")).tokens
    await asyncio.sleep(_LATER_SECONDS)
    asked = party.ask(max_age="600")
    landing = await party.land(asked, session=session)
    second = await party.tokens_for(party.code_of(landing), asked)
    if not landing.hops:
        raise Prerequisite(say(N_("The login driver does not tell whether the person was asked again.")))
    before, after = (number_of(id_token(one), "auth_time") for one in (first, second))
    again = "login" in landing.asked
    scene.expect(
        before is not None and after is not None and (after > before if again else after == before),
        code="id-token.auth-time-kept",
        message=say(
            N_(
                "auth_time is not when the person logged in: an old login looks like a fresh one, or the reverse."
            )
        ),
        expected=f"later than {before}" if again else before,
        actual=after,
        seen=second.reply.exchange,
        place="id_token.auth_time",
    )


@case("E14/prompt-none-max-age", clause="OpenID Connect Core 1.0, 3.1.2.1 (prompt, max_age)", functions=_CORE)
async def test_an_old_login_is_not_renewed_silently(scene: Scene) -> None:
    """Who logged in longer ago than the request allows gets no code where every page is forbidden."""
    party = await relying_party(scene)
    session = Session()
    await party.code(session=session)
    await asyncio.sleep(_LATER_SECONDS)
    landing = await party.land(party.ask(prompt="none", max_age=str(_AGE_SECONDS)), session=session)
    scene.expect(
        not landing.get("code"),
        code="authorize.prompt-none-max-age",
        message=say(N_("A login that is too old brought a code without anybody being asked.")),
        expected="error=login_required",
        actual="a code",
        seen=landing.exchanges[-1] if landing.exchanges else None,
    )
