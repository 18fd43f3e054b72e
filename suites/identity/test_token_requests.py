"""A token request says what it is, and by what the client proves itself: what nobody knows is refused (property E11)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_

from .relying_party import relying_party
from .sentences import say


async def _test_a_value_that_nobody_knows_is_refused(scene: Scene, field: str, value: str) -> None:
    """A token request whose {field} is {value} brings no tokens, although all else is right."""
    party = await relying_party(scene)
    reply = await party.attacked(lambda code, asked: party.exchange(code, asked, **{field: value}))
    scene.expect(
        reply.refused,
        code="token.unknown-refused",
        message=say(
            N_("A token request whose {field} nobody knows was not refused: the field is not read."),
            field=field,
        ),
        expected="HTTP 400",
        actual=reply,
        seen=reply.exchange,
    )


for _field, _function, _clause in (
    ("grant_type", "openid-connect", "RFC 6749, 4.1.3 and 5.2 (unsupported_grant_type)"),
    ("client_assertion_type", "private-key-jwt", "RFC 7521, 4.2; RFC 7523, 2.2"),
):
    case(
        f"E11/unknown-{_field.replace('_', '-')}",
        clause=_clause,
        functions=(_function,),
        given={"field": _field, "value": "urn:dpi-conformance:unknown"},
    )(_test_a_value_that_nobody_knows_is_refused)
