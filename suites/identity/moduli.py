"""Public keys that nobody else has, as many as registrations need: each modulus is a product of two primes of a pool.

Making a key pair for each of some hundred registrations would take longer than sending them. Nobody signs with these:
a registration is judged by its form.
"""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa

from .jose import encoded

__all__ = ["Moduli"]

_BITS = 2048
_PAIRS = 4
"""Key pairs that are made at once."""


@dataclass(slots=True)
class Moduli:
    """Gives RSA moduli of 2,048 bits for the exponent 65537, none of them twice."""

    _primes: list[int] = field(default_factory=list)
    _products: Iterator[int] = field(default_factory=lambda: iter(()))
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self, count: int) -> list[str]:
        """Give so many, as base64url (RFC 7518, 6.3.1.1)."""
        async with self._alone:
            taken = list(itertools.islice(self._products, count))
            while len(taken) < count:
                fresh = await asyncio.to_thread(_more_primes)
                self._products = iter(_new_products(self._primes, fresh))
                self._primes += fresh
                taken += itertools.islice(self._products, count - len(taken))
        return [encoded(modulus.to_bytes(_BITS // 8, "big")) for modulus in taken]


def _more_primes() -> list[int]:
    """Give primes whose products with each other have the full length, as those of a key pair have."""
    pairs = (rsa.generate_private_key(65537, _BITS).private_numbers() for _ in range(_PAIRS))
    return [prime for numbers in pairs for prime in (numbers.p, numbers.q)]


def _new_products(old: list[int], fresh: list[int]) -> list[int]:
    """Give the products that fresh primes make with each other and with the old ones."""
    pairs = [*itertools.combinations(fresh, 2), *itertools.product(old, fresh)]
    return [one * other for one, other in pairs if (one * other).bit_length() == _BITS]
