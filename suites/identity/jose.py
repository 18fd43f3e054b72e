"""Reads, checks and makes JOSE: bounded in size, and never by an algorithm that only the token itself chose."""

import asyncio
import base64
import functools
import hashlib
import hmac
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jwe, jws
from joserfc.errors import ExceededSizeError, JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

__all__ = [
    "ENCRYPTIONS",
    "MOST_KEYS",
    "SIGNATURES",
    "KeyRing",
    "PrivateKey",
    "Signed",
    "TokenError",
    "decrypted",
    "encoded",
    "own_key",
    "public_key",
    "read",
    "segments",
    "signed",
    "signed_by_secret",
    "unsigned",
    "verified",
]

PrivateKey = RSAKey | ECKey | OKPKey

SIGNATURES = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""What a provider may sign with: asymmetric ones alone, whatever a token's header says (RFC 8725, 3.1 and 3.2)."""
ENCRYPTIONS = frozenset(
    {
        "RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW",
        "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM", "DEF",
    }
)  # fmt: skip
"""What a provider may encrypt with; never RSA1_5 or a password (RFC 8725, 3.2)."""
MOST_CHARACTERS = 65_536
"""A longer token is not looked into."""
MOST_KEYS = 1_000
"""So many keys of a set are looked at; no issuer needs more than a few."""
_MOST_MODULUS = 2_800
"""Characters of an RSA modulus that is computed with: 16,384 bits."""
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_SAME_NAME = 8


class TokenError(Exception):
    """A token is not what it must be; ``kind`` says in which respect."""

    def __init__(self, kind: str, detail: str) -> None:
        """Take what is wrong: ``form``, ``size``, ``algorithm``, ``key``, ``signature`` or ``encryption``."""
        super().__init__(detail)
        self.kind = kind


class _Registry(JWSRegistry):
    """As joserfc's own, with room for a chain of certificates in the header."""

    max_header_length = 16_384
    max_payload_length = MOST_CHARACTERS

    def get_alg(self, name: str) -> Any:
        """Give an allowed algorithm; without joserfc's warning of a name that RFC 9864 replaces, which providers use."""
        if name not in (self.allowed or ()) or name not in self.algorithms:
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


class _Unasked(_Registry):
    """Signs whatever stands in the header: what is wrong with it is for the provider to see."""

    def check_header(self, header: dict[str, Any]) -> None:
        """Check nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed token as it reads; whether its signature holds is another question."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def algorithm(self) -> str:
        """Give ``alg`` of the header."""
        return str(self.header.get("alg", ""))


def read(token: object) -> Signed:
    """Read a compact JWS whose payload is a JSON object, without believing it; raises TokenError."""
    header, payload, _ = _parts(token, 3)
    return Signed(text=str(token), header=_object(header), claims=_object(payload))


def verified(token: object, ring: "KeyRing", algorithms: Collection[str] = SIGNATURES) -> Signed:
    """Read a compact JWS that a key of the ring has signed by one of the algorithms; raises TokenError."""
    seen = read(token)
    if seen.algorithm not in SIGNATURES & set(algorithms):
        raise TokenError("algorithm", f"alg is {seen.header.get('alg')!r}")
    keys = ring.candidates(seen.header.get("kid"), seen.algorithm)
    if not keys:
        raise TokenError("key", f"no key for kid {seen.header.get('kid')!r} and {seen.algorithm}")
    if not any(_holds(seen, key) for key in keys):
        raise TokenError("signature", f"the signature is not by key {seen.header.get('kid')!r}")
    return seen


def _holds(seen: Signed, key: Key) -> bool:
    registry = _Registry(algorithms=[seen.algorithm], strict_check_header=False)
    try:
        jws.deserialize_compact(seen.text, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError):
        return False
    return True


def decrypted(token: object, keys: Sequence[PrivateKey]) -> str:
    """Give the text that a compact JWE holds for one of our keys, at most 250 kB of it; raises TokenError."""
    header = _object(_parts(token, 5)[0])
    if header.get("alg") not in ENCRYPTIONS or header.get("enc") not in ENCRYPTIONS:
        raise TokenError("algorithm", f"alg is {header.get('alg')!r}, enc is {header.get('enc')!r}")
    registry = jwe.JWERegistry(algorithms=sorted(ENCRYPTIONS), strict_check_header=False)
    trouble = "there is no key of ours"
    for key in keys:
        try:
            plain = jwe.decrypt_compact(str(token), key, registry=registry).plaintext or b""
            return plain.decode()
        except ExceededSizeError as error:
            raise TokenError("size", str(error)) from error
        except (JoseError, ValueError, TypeError) as error:
            trouble = f"{type(error).__name__}: {error}"
    raise TokenError("encryption", trouble)


def segments(token: object) -> int:
    """Count the segments of a compact token: 3 is signed, 5 is encrypted (RFC 7516, 9)."""
    return str(token).count(".") + 1 if isinstance(token, str) else 0


def _parts(token: object, count: int) -> list[str]:
    if not isinstance(token, str) or not token.isascii():
        raise TokenError("form", "it is no compact token")
    if len(token) > MOST_CHARACTERS:
        raise TokenError("size", f"it has {len(token)} characters")
    parts = token.split(".")
    if len(parts) != count:
        raise TokenError("form", f"it has {len(parts)} segments, not {count}")
    return parts


def _object(segment: str) -> Mapping[str, Any]:
    try:
        value = orjson.loads(base64.b64decode(_padded(segment), altchars=b"-_", validate=True))
    except ValueError as error:
        raise TokenError("form", f"a segment holds no JSON: {error}") from error
    if not isinstance(value, dict):
        raise TokenError("form", "a segment holds no JSON object")
    return value


def _padded(segment: str) -> str:
    if "=" in segment:
        raise TokenError("form", "base64url of a token has no padding (RFC 7515, 2)")
    return segment + "=" * (-len(segment) % 4)


def encoded(value: bytes) -> str:
    """Write bytes as base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class KeyRing:
    """The public keys of an issuer, each imported when it is first needed; broken ones are left out."""

    def __init__(self, keys: Sequence[Mapping[str, Any]]) -> None:
        """Take the members of a JWK set as they are."""
        self.members = tuple(keys[:MOST_KEYS])

    @classmethod
    def of(cls, body: object) -> "KeyRing":
        """Read a JWK set; raises TokenError where it is none (RFC 7517, 5)."""
        listed = body.get("keys") if isinstance(body, Mapping) else None
        if not isinstance(listed, list):
            raise TokenError("form", "there is no list called keys")
        return cls([one for one in listed if isinstance(one, Mapping)])

    def candidates(self, kid: object, algorithm: str) -> list[Key]:
        """Give the keys that may have signed: of this id where there is one, fit for the algorithm, for signing."""
        fitting = (one for one in self.members if _fits(one, kid, algorithm))
        keys = (public_key(one) for one, _ in zip(fitting, range(_SAME_NAME), strict=False))
        return [key for key in keys if key is not None]


def _fits(member: Mapping[str, Any], kid: object, algorithm: str) -> bool:
    return (
        (kid is None or member.get("kid") == kid)
        and member.get("kty") == _KINDS.get(algorithm[:2])
        and member.get("use", "sig") == "sig"
        and member.get("alg", algorithm) == algorithm
    )


def public_key(member: Mapping[str, Any]) -> Key | None:
    """Import one public key; None if it cannot be computed with."""
    fields: dict[str, str | list[str]] = {
        name: value
        for name, value in member.items()
        if name in {"kty", "n", "e", "crv", "x", "y", "kid", "alg"} and isinstance(value, str)
    }
    if len(fields.get("n", "")) > _MOST_MODULUS:
        return None
    try:
        return import_key(fields)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


_MAKING = threading.Lock()


@functools.lru_cache(maxsize=64)
def _made(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"dpi-conformance-{name}"})


def _made_once(name: str) -> RSAKey:
    with _MAKING:
        return _made(name)


async def own_key(name: str) -> RSAKey:
    """Give a key pair of the harness, made when first asked for and the same for the process; RSA, 2,048 bits."""
    return await asyncio.to_thread(_made_once, name)


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: PrivateKey) -> str:
    """Sign claims; ``alg`` stands in the header."""
    registry = _Unasked(algorithms=[str(header["alg"])], strict_check_header=False)
    return jws.serialize_compact(dict(header), orjson.dumps(claims), key, registry=registry)


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Write claims as a token with an empty signature: what nobody may believe (RFC 8725, 3.2)."""
    return f"{encoded(orjson.dumps(header))}.{encoded(orjson.dumps(claims))}."


def signed_by_secret(header: Mapping[str, Any], claims: Mapping[str, Any], secret: bytes) -> str:
    """Sign with HMAC and any bytes as its secret, such as a public key that everybody knows."""
    start = unsigned(header, claims)[:-1]
    return f"{start}.{encoded(hmac.new(secret, start.encode(), hashlib.sha256).digest())}"
