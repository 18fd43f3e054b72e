"""The block's steps by resource: each makes, through the published API, what a vector's request refers to."""

from dpi_conformance.execution.steps import Steps

from .client_steps import client, client_own, key
from .linked_steps import consented, link, linked, proven, transaction
from .login_probe import LOGIN_FUNCTIONS, ask_login
from .login_steps import access, login
from .prepared_steps import credential_event, partner, resident, spare, wallet

__all__ = ["FREE", "LOGIN_FUNCTIONS", "STEPS", "ask_login"]

STEPS: Steps = {
    "partner": partner,
    "wallet": wallet,
    "resident": resident,
    "spare": spare,
    "key": key,
    "client": client,
    "client-own": client_own,
    "login": login,
    "access": access,
    "transaction": transaction,
    "link": link,
    "linked": linked,
    "proven": proven,
    "consented": consented,
    "event": credential_event,
}

FREE = frozenset({"partner", "wallet", "resident", "spare", "key", "client", "access", "event"})
"""Resources whose steps send nothing, or once for all."""
