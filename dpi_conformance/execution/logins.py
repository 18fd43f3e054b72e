"""The doctor's look at the login: does a person get through it, and what is seen on the way."""

from collections.abc import Awaitable, Callable

from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.landing import Landing, short

__all__ = ["AskLogin", "look_at_login"]

AskLogin = Callable[[Stage], Awaitable[tuple[str, str]]]
"""Gives an authorization request that a person can answer, as a URL, and its redirect URI.

Raises Prerequisite where there can be none.
"""

_PROBE = "login"
_UNDECIDED = Message(
    text=N_(
        "So what needs a person's login stays undecided, and the verdict with it. docs/login.md says how login and clients "
        "are written in product.yaml."
    )
)


async def look_at_login(stage: Stage, ask: AskLogin) -> Observation:
    """Log in once, and say what was seen; that it does not succeed is a warning, for much can be judged without it."""
    if stage.login is None:
        text = N_("Nothing says how a person logs in: write login in product.yaml.")
        return _warning(Message(text=text))
    try:
        url, redirect_uri = await ask(stage)
        landing = await stage.land(url, redirect_uri)
    except Prerequisite as trouble:
        return _warning(trouble.message)
    return _seen(landing)


def _seen(landing: Landing) -> Observation:
    """Say where a login came to; only a code is what it is for (RFC 6749, 4.1.2)."""
    pages = ", ".join(landing.asked) or "-"
    if landing.get("code"):
        text = N_("A person logs in: {count} requests, pages answered: {pages}, and a code came.")
        values: dict[str, str | int] = {"count": len(landing.hops), "pages": pages}
        return Observation(probe=_PROBE, health=Health.OK, message=Message(text=text, values=values))
    if landing.url:
        said = " ".join(filter(None, (landing.get("error"), landing.get("error_description")))) or "-"
        text = N_("The login came back without a code (pages answered: {pages}): {said}.")
        return _warning(Message(text=text, values={"pages": pages, "said": said[:300]}))
    page = landing.page
    text = N_(
        "The login ended at a page, not at the client (pages answered: {pages}): HTTP {status} at {url}."
    )
    values = {"pages": pages, "status": page.status if page else 0, "url": short(page.url) if page else "-"}
    return _warning(Message(text=text, values=values))


def _warning(message: Message) -> Observation:
    return Observation(probe=_PROBE, health=Health.WARNING, message=message, advice=_UNDECIDED)
