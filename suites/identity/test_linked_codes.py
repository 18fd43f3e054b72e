"""A link code is good once, for a short time, and for its own login alone (property E23)."""

import asyncio

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .lifetimes import short_lived
from .linked import Linked, began, expect_code
from .sentences import say

_FUNCTIONS = ("linked-wallet", "idbb-endpoints")
_CLAUSE = "GovStack Identity, /linked-authorization"
_AT_ONCE = 5


@case("E23/reused-code", clause=f"{_CLAUSE}/link-transaction", functions=_FUNCTIONS)
async def test_a_link_code_is_good_once(scene: Scene) -> None:
    """A link code that a wallet has used is refused to the next."""
    one = await began(scene)
    await one.taken()
    again = await one.take_over()
    if scene.expect_refused(
        again,
        code="link.code-once",
        message=say(
            N_("A second wallet took a login over: who sees the screen answers in the person's place.")
        ),
    ):
        expect_code(scene, again, "invalid_link_code", "invalid_transaction")


@case("E23/reused-code-at-once", clause=f"{_CLAUSE}/link-transaction", functions=_FUNCTIONS)
async def test_a_link_code_is_good_once_at_the_same_instant(scene: Scene) -> None:
    """Of several wallets that use one link code at the same instant at most one takes the login over."""
    one = await began(scene)
    await one.coded()
    tried = await asyncio.gather(*(_tried(one) for _ in range(_AT_ONCE)))
    served = [answer for answer in tried if answer is not None and answer.served]
    if not served:
        await (await began(scene)).taken()
    scene.expect(
        len(served) <= 1,
        code="link.code-once-at-once",
        message=say(
            N_("Of {tries} wallets with one link code at the same instant {served} took the login over."),
            tries=_AT_ONCE,
            served=len(served),
        ),
        expected="at most 1",
        actual=len(served),
        seen=served[-1] if served else None,
        advice=say(N_("Mark a link code as used in the statement that reads it, not in a second one.")),
    )


async def _tried(one: Linked) -> Answer | None:
    """Use the code; None where the product gave way under so many at once."""
    try:
        return await one.take_over()
    except Prerequisite:
        return None


@case("E23/unknown-code", clause=f"{_CLAUSE}/link-transaction (invalid_link_code)", functions=_FUNCTIONS)
async def test_an_unknown_link_code_is_refused(scene: Scene) -> None:
    """A link code that differs from one given out in its last character is refused."""
    one = await began(scene)
    await one.coded()
    last = "A" if one.code[-1] != "A" else "B"
    answer = await one.take_over(one.code[:-1] + last)
    if answer.refused:
        await one.taken()
    if scene.expect_refused(
        answer,
        code="link.unknown-refused",
        message=say(N_("A link code was taken that was never given out: logins of others can be guessed.")),
    ):
        expect_code(scene, answer, "invalid_link_code")


@case("E23/expired-code", clause=f"{_CLAUSE}/link-code (expireDateTime)", functions=_FUNCTIONS)
async def test_a_link_code_expires(scene: Scene) -> None:
    """A link code is refused once its time is over."""
    client, seconds = await short_lived(scene, "link-code.lifetime-seconds")
    await (await began(scene, client)).taken()
    one = await began(scene, client)
    await one.coded()
    await asyncio.sleep(seconds + 1)
    answer = await one.take_over()
    if scene.expect_refused(
        answer,
        code="link.code-expires",
        message=say(N_("A link code was taken after its time: an old photograph of a screen is a key.")),
    ):
        expect_code(scene, answer, "invalid_link_code", "invalid_transaction")


@case("E23/crossed-codes", clause=f"{_CLAUSE}/link-status and link-auth-code", functions=_FUNCTIONS)
async def test_codes_of_two_logins_are_not_mixed(scene: Scene) -> None:
    """A login does not get the status or the code of another, although its page knows the other's link code."""
    one, other = await began(scene), await began(scene)
    await one.coded()
    await other.agreed()
    crossed = [await one.status(other.code), await one.auth_code(other.code)]
    if not any(answer.served for answer in crossed) and not (await other.auth_code()).served:
        raise Prerequisite(say(N_("The other login got no code by its own link code.")))
    for answer in crossed:
        if scene.expect_refused(
            answer,
            code="link.code-of-transaction",
            message=say(
                N_("One login was answered for the link code of another: its page gets the other's code.")
            ),
        ):
            expect_code(scene, answer, "invalid_link_code", "invalid_transaction", "invalid_transaction_id")


@case("E23/other-browser", clause=f"{_CLAUSE}/link-code (transactionId)", functions=_FUNCTIONS)
async def test_a_login_stays_in_its_browser(scene: Scene) -> None:
    """A browser does not carry on a login that another one began."""
    one, other = await began(scene), await began(scene)
    if one.transaction.cookie == other.transaction.cookie:
        raise Prerequisite(say(N_("Two browsers were given the same cookies, so they cannot be told apart.")))
    answer = await one.link_code(other.transaction.headers)
    await one.coded()
    scene.expect(
        answer.refused,
        code="link.transaction-of-browser",
        message=say(
            N_(
                "One browser carried on a login that another had begun: who knows its number takes part in it."
            )
        ),
        expected="invalid_transaction_id",
        actual=answer,
        seen=answer,
        advisory=True,
    )


@case("E23/completed", clause=f"{_CLAUSE}/link-code (invalid_transaction)", functions=_FUNCTIONS)
async def test_a_login_that_is_over_is_over(scene: Scene) -> None:
    """A login that has come to its end gets no link code, no consent and no code any more."""
    one = await began(scene)
    await one.done()
    again = await one.link_code()
    if scene.expect_refused(
        again,
        code="link.completed-refused",
        message=say(N_("A login that is over got another link code.")),
    ):
        expect_code(scene, again, "invalid_transaction", "invalid_transaction_id")
    handed = await one.auth_code()
    tokens = await one.tokens(handed)
    scene.expect(
        tokens is None,
        code="link.auth-code-once",
        message=say(N_("A login that is over brought a second code, and that other tokens.")),
        expected="invalid_transaction",
        actual="another code, and tokens for it",
        seen=handed,
    )
    consent = await one.consent()
    scene.expect_refused(
        consent,
        code="link.consent-once",
        message=say(N_("A login that is over took another consent.")),
    )
