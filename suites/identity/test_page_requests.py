"""A page's requests cannot be made by another page: they carry what only it can read (property E25)."""

from collections.abc import Awaitable, Callable, Mapping

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .linked import Linked, began
from .sentences import say

_FUNCTIONS = ("linked-wallet", "idbb-endpoints")
_CLAUSE = "GovStack Identity, X-XSRF-TOKEN; CWE-352"
Ask = Callable[[Linked, Mapping[str, str] | None], Awaitable[Answer]]


async def _fresh(_one: Linked) -> None:
    """A login that was just begun will do."""


async def _taken(one: Linked) -> None:
    await one.taken()


async def _agreed(one: Linked) -> None:
    await one.agreed()


_REQUESTS: Mapping[str, tuple[Callable[[Linked], Awaitable[None]], Ask]] = {
    "link-code": (_fresh, lambda one, headers: one.link_code(headers)),
    "link-status": (_taken, lambda one, headers: one.status(headers=headers)),
    "link-auth-code": (_agreed, lambda one, headers: one.auth_code(headers=headers)),
}
"""By request: what comes before it, so that it is answered at once, and how it is sent."""


async def _test_the_header_is_asked_for(scene: Scene, request: str) -> None:
    """The request {request} is refused without the header X-XSRF-TOKEN."""
    answer = await _with_headers(scene, request, lambda one: {"Cookie": one.transaction.cookie})
    scene.expect_refused(
        answer,
        code="xsrf.required",
        message=say(N_("A page's request was served without its token: any other page can make it.")),
    )


async def _test_the_header_is_compared(scene: Scene, request: str) -> None:
    """The request {request} is refused with an X-XSRF-TOKEN that is not the cookie's."""
    answer = await _with_headers(
        scene, request, lambda one: {**one.transaction.headers, "X-XSRF-TOKEN": _other(one)}
    )
    scene.expect_refused(
        answer,
        code="xsrf.compared",
        message=say(N_("A page's request was served with any token: another page can make one up.")),
    )


def _other(one: Linked) -> str:
    """Give a token of the same length and characters that is another."""
    turned = one.transaction.xsrf[::-1]
    return turned if turned != one.transaction.xsrf else f"{turned}x"


async def _with_headers(scene: Scene, request: str, make: Callable[[Linked], Mapping[str, str]]) -> Answer:
    """Send a request with other headers, then as it should be; raises Prerequisite unless that is served."""
    prepare, send = _REQUESTS[request]
    one = await began(scene)
    if not one.transaction.xsrf:
        raise Prerequisite(say(N_("The page that begins a login sets no cookie XSRF-TOKEN.")))
    await prepare(one)
    answer = await send(one, make(one))
    control = await send(one, None)
    if not control.served and not answer.served:
        text = N_("The request in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(control)))
    return answer


for _name in _REQUESTS:
    case(f"E25/missing-{_name}", clause=_CLAUSE, functions=_FUNCTIONS, given={"request": _name})(
        _test_the_header_is_asked_for
    )
    case(f"E25/other-{_name}", clause=_CLAUSE, functions=_FUNCTIONS, given={"request": _name})(
        _test_the_header_is_compared
    )
