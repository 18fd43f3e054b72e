"""A wallet proves itself by a JWT that it signed with a bound key (GovStack Identity, WLA)."""

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from dpi_conformance.mockkit.faults import FaultSwitches

from .state import State

__all__ = ["Wallets"]

_SKEW = 5.0


class Wallets:
    """Verifies what wallets sign: about the person, for this product, not expired."""

    def __init__(self, state: State, issuer: str, on: FaultSwitches) -> None:
        """Take the memory, the issuer's URL, and the faults."""
        self._state = state
        self._issuer = issuer
        self._on = on

    def proves(self, uin: str, challenge: str) -> bool:
        """Tell whether a key that is bound to this person signed the challenge."""
        if self._on("wallet-signature-not-checked") and challenge.count(".") == 2:
            return True
        bindings = self._state.bindings
        known = iter(bindings) if self._on("wallet-key-of-anybody") else bindings.of(uin)
        return any(self._signed(challenge, uin, binding.key) for binding in known)

    def _signed(self, challenge: str, uin: str, key: RSAKey) -> bool:
        try:
            claims = jwt.decode(challenge, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            return False
        now = self._state.clock()
        expires, issued = claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int | float) or not isinstance(issued, int | float):
            return False
        timely = issued <= now + _SKEW and expires > now
        return timely and claims.get("sub") == uin and claims.get("aud") == self._issuer
