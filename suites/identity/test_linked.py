"""A linked login goes its one way: from the browser's page over the wallet to the client (property E23)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_

from .id_tokens import id_token
from .linked import Linked, began, code_in, response_of
from .moments import moment_of, seconds_from_now
from .sentences import say

_FUNCTIONS = ("linked-wallet", "idbb-endpoints")
_CLAUSE = "GovStack Identity, /linked-authorization"


@case("E23/whole", clause=_CLAUSE, functions=_FUNCTIONS)
async def test_a_linked_login_comes_to_its_end(scene: Scene) -> None:
    """From the page's code over the wallet to the client: each answer says what it must, and the code brings tokens."""
    one = await began(scene)
    _expect_expiry(scene, await one.coded())
    _expect_shown(scene, one, await one.taken())
    status = await one.status()
    scene.expect(
        status.served and response_of(status).get("linkStatus") == "LINKED",
        code="link.status",
        message=say(N_("A wallet has taken the login over, and the page is not told.")),
        expected="linkStatus LINKED",
        actual=status,
        seen=status,
    )
    await one.agreed()
    await _expect_handed_over(scene, one, await one.auth_code())


def _expect_expiry(scene: Scene, answer: Answer) -> None:
    written = response_of(answer).get("expireDateTime")
    moment = moment_of(written)
    scene.expect(
        moment is not None and seconds_from_now(moment) > 0,
        code="link.expiry-future",
        message=say(
            N_("A link code that was just made has no expiry, or is over already: wallets do not try it.")
        ),
        expected="a moment to come, ISO 8601 with its zone",
        actual=written,
        seen=answer,
        place="body.response.expireDateTime",
    )


def _expect_shown(scene: Scene, one: Linked, answer: Answer) -> None:
    """Expect that the wallet is told whom the person logs in to."""
    name = one.client.registered.get("clientName")
    if name:
        scene.expect(
            response_of(answer).get("clientName") == name,
            code="link.client-shown",
            message=say(N_("The wallet is not told whom the person logs in to.")),
            expected=name,
            actual=response_of(answer).get("clientName"),
            seen=answer,
            place="body.response.clientName",
        )


async def _expect_handed_over(scene: Scene, one: Linked, answer: Answer) -> None:
    if not scene.expect(
        bool(code_in(answer)),
        code="link.auth-code",
        message=say(N_("The person has consented, and the page gets no code.")),
        expected="a code",
        actual=answer,
        seen=answer,
    ):
        return
    response = response_of(answer)
    _expect_echo(scene, one, answer, "state", code="link.state")
    _expect_echo(scene, one, answer, "nonce", code="link.nonce")
    scene.expect(
        response.get("redirectUri") == one.client.redirect_uri,
        code="link.redirect",
        message=say(N_("The page is told another address than the client asked for: the code goes astray.")),
        expected=one.client.redirect_uri,
        actual=response.get("redirectUri"),
        seen=answer,
        place="body.response.redirectUri",
    )
    tokens = await one.tokens(answer)
    scene.expect(
        tokens is not None,
        code="link.tokens",
        message=say(N_("The code of a linked login brought no tokens.")),
        expected="tokens",
        actual="none",
    )
    if tokens is not None:
        scene.expect(
            id_token(tokens).claims.get("nonce") == one.parameters["nonce"],
            code="link.token-nonce",
            message=say(
                N_(
                    "The ID token of a linked login does not have its nonce: a token of another login would do."
                )
            ),
            expected=one.parameters["nonce"],
            actual=id_token(tokens).claims.get("nonce"),
            seen=tokens.reply.exchange,
            place="id_token.nonce",
        )


def _expect_echo(scene: Scene, one: Linked, answer: Answer, name: str, *, code: str) -> None:
    scene.expect(
        response_of(answer).get(name) == one.parameters[name],
        code=code,
        message=say(
            N_("The answer does not have the {name} of the request: the client refuses the login."), name=name
        ),
        expected=one.parameters[name],
        actual=response_of(answer).get(name),
        seen=answer,
        place=f"body.response.{name}",
    )


@case("E23/status-waits", clause=f"{_CLAUSE}/link-status", functions=_FUNCTIONS)
async def test_nobody_is_linked_before_the_wallet(scene: Scene) -> None:
    """A login does not count as linked before a wallet has taken it over; afterwards it does."""
    one = await began(scene)
    await one.coded()
    early = await one.status()
    await one.taken()
    later = await one.status()
    if later.served:
        scene.expect(
            response_of(early).get("linkStatus") != "LINKED",
            code="link.status-waits",
            message=say(
                N_(
                    "A login counts as linked although no wallet is there: the page goes on without the person."
                )
            ),
            expected="response_timeout",
            actual=early,
            seen=early,
        )
