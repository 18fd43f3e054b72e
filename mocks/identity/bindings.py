"""Keys of wallets that are bound to people (GovStack Identity, /wallet-binding)."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from joserfc.jwk import RSAKey

__all__ = ["Binding", "Bindings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One bound key."""

    uin: str
    factor: str
    key: RSAKey

    @property
    def identity(self) -> tuple[str, str, str]:
        """Give what may be bound once: person, key and factor."""
        return self.uin, self.key.thumbprint(), self.factor


class Bindings:
    """All bound keys."""

    def __init__(self) -> None:
        """Start empty, with a secret for the identifiers of wallets' users."""
        self._bindings: dict[tuple[str, str, str], Binding] = {}
        self._salt = secrets.token_bytes(32)

    def has(self, binding: Binding) -> bool:
        """Tell whether this very binding is there."""
        return binding.identity in self._bindings

    def keep(self, binding: Binding) -> str:
        """Enter a binding and give the identifier of the wallet's user."""
        self._bindings[binding.identity] = binding
        text = "\0".join(binding.identity).encode()
        return hmac.new(self._salt, text, hashlib.sha256).hexdigest()

    def __iter__(self) -> Iterator[Binding]:
        """Go through them."""
        return iter(self._bindings.values())

    def of(self, uin: str) -> Iterator[Binding]:
        """Give a person's bindings."""
        return (one for one in self._bindings.values() if one.uin == uin)
