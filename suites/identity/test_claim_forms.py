"""Claims are written as OpenID Connect says, so that a client can use them (property E17)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .claim_forms import FORMS, FURTHER, Form
from .claims import Told, everything
from .sentences import say

_CORE = ("openid-connect",)
_GOVSTACK = ("idbb-endpoints",)


async def _test_a_claim_has_its_form(scene: Scene, claim: str) -> None:
    """The claim {claim} is written as OpenID Connect says."""
    told = await everything(scene)
    if not _values(told, claim):
        text = N_(
            "The claims of the first person have no {claim}; choose persons under login in product.yaml who have it."
        )
        raise Prerequisite(say(text, claim=claim))
    _expect_form(scene, told, claim, FORMS[claim])


def _values(told: Told, claim: str) -> list[object]:
    """Give what came of a claim, in all languages; nulls are another rule's."""
    named = (value for name, value in told.claims.items() if name.partition("#")[0] == claim)
    return [value for value in named if value is not None]


def _expect_form(scene: Scene, told: Told, claim: str, form: Form) -> None:
    wrong = [value for value in _values(told, claim) if not form.fits(value)]
    scene.expect(
        not wrong,
        code=form.code,
        message=say(N_("The claim {claim} is not written as it must be."), claim=claim),
        expected=form.expected,
        actual=repr(wrong[0])[:100] if wrong else "",
        seen=told.reply.exchange,
        place=f"claims.{claim}",
        advice=say(form.effect),
        advisory=form.recommended,
    )


for _claim in FORMS:
    case(
        f"E17/form-{_claim.replace('_', '-')}",
        clause="OpenID Connect Core 1.0, 5.1",
        functions=_GOVSTACK,
        given={"claim": _claim},
    )(_test_a_claim_has_its_form)


@case("E17/forms", clause="OpenID Connect Core 1.0, 5.1", functions=_CORE)
async def test_claims_have_their_forms(scene: Scene) -> None:
    """Whatever standard claims come, the subject among them, are written as OpenID Connect says; none has to come."""
    told = await everything(scene)
    looked_at = FURTHER if set(_GOVSTACK) <= scene.claims else {**FURTHER, **FORMS}
    for claim, form in looked_at.items():
        if _values(told, claim):
            _expect_form(scene, told, claim, form)


@case("E17/no-null", clause="OpenID Connect Core 1.0, 5.3.2", functions=_CORE)
async def test_a_claim_without_a_value_is_left_out(scene: Scene) -> None:
    """What is not known of a person is left out of the claims; it does not come as null or as an empty text."""
    told = await everything(scene)
    empty = [name for name, value in told.claims.items() if value is None or value == ""]
    scene.expect(
        not empty,
        code="claims.no-null",
        message=say(N_("Claims come without a value: a client shows or stores them as if they were there.")),
        expected="the claim is left out",
        actual=", ".join(empty)[:200],
        seen=told.reply.exchange,
        advisory="idbb-endpoints" not in scene.claims,
    )
