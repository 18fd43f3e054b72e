"""What the doctor asks for to see whether a person gets through the login."""

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import SUITE, Case

from .relying_party import relying_party

__all__ = ["LOGIN_FUNCTIONS", "ask_login"]

LOGIN_FUNCTIONS = frozenset({"openid-connect", "idbb-endpoints", "userinfo-nested", "linked-wallet"})
"""Functions of which much cannot be judged without a person's login."""

_PROBE = Case(
    id=f"identity/{SUITE}/doctor",
    block="identity",
    kind=SUITE,
    purpose=Message(text=N_("A person logs in.")),
    clause="OpenID Connect Core 1.0, 3.1.2.1",
)


async def ask_login(stage: Stage) -> tuple[str, str]:
    """Give an authorization request in its valid form, and its redirect URI; raises Prerequisite if there is none."""
    party = await relying_party(Scene.of(stage, _PROBE))
    asked = party.ask()
    return asked.url, asked.redirect_uri
