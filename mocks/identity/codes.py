"""Authorization codes: given out once for a grant, taken once for tokens."""

import secrets

from .grants import Code, Grant, life
from .state import State

__all__ = ["CODE_SECONDS", "issue_code"]

CODE_SECONDS = 60.0
"""RFC 6749, 4.1.2 recommends 10 minutes at most."""


def issue_code(state: State, grant: Grant, characters: int = 0) -> str:
    """Give a code for a grant; of so few characters as a product with a fault gives out, 0: as many as it takes."""
    code = secrets.token_urlsafe(32)[: characters or None]
    state.codes[code] = Code(grant=grant, expires=state.clock() + life(grant.client_id, CODE_SECONDS))
    return code
