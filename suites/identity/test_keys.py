"""The provider's keys are whole, strong, certified, and never the private half (property E3)."""

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.jwk import RSAKey

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .discovery import discovered
from .jose import MOST_KEYS, encoded, public_key
from .replies import Reply, ask, get
from .sentences import say

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_STRONG = 2048
_MANY = 100
"""So many keys are judged one by one."""


async def _published(scene: Scene) -> tuple[Reply, Sequence[Mapping[str, Any]]]:
    """Give the published keys; raises Prerequisite if there are none to judge."""
    provider = await discovered(scene)
    reply = await ask(scene, get(provider.endpoint("jwks_uri")), "jwks")
    listed = reply.get("keys")
    keys = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if not keys:
        raise Prerequisite(say(N_("The provider shows no keys: {answer}."), answer=str(reply)))
    return reply, keys


@case("E3/keys-served", clause="RFC 7517, 5; OpenID Connect Core 1.0, 10.1", functions=("openid-connect",))
async def test_the_key_set_can_be_used(scene: Scene) -> None:
    """The key set is served, of a reasonable size, and has a key for signing."""
    provider = await discovered(scene)
    reply = await ask(scene, get(provider.endpoint("jwks_uri")), "jwks")
    listed = reply.get("keys")
    keys = listed if isinstance(listed, list) else []
    usable = [one for one in keys[:MOST_KEYS] if isinstance(one, Mapping) and _signs(one)]
    cut = reply.exchange.response is not None and reply.exchange.response.truncated
    scene.expect(
        bool(usable) and len(keys) <= MOST_KEYS and not cut,
        code="jwks.usable",
        message=say(
            N_(
                "The key set holds {count} keys, {usable} of which a client can check signatures with: clients cannot "
                "verify tokens, or are kept busy reading keys."
            ),
            count=len(keys),
            usable=len(usable),
        ),
        expected=f"1 to {MOST_KEYS} keys in one JWK set",
        actual=f"{len(keys)} keys, {reply.exchange.response and len(reply.exchange.response.body)} bytes",
        place="body.keys",
    )


def _signs(member: Mapping[str, Any]) -> bool:
    return member.get("use", "sig") == "sig" and member.get("kty") != "oct" and public_key(member) is not None


@case(
    "E3/key-ids-unique", clause="RFC 7517, 4.5; OpenID Connect Core 1.0, 10.1", functions=("openid-connect",)
)
async def test_key_ids_are_unique(scene: Scene) -> None:
    """Each of several keys has an identifier that no other key of its kind has."""
    _, keys = await _published(scene)
    named = Counter((one.get("kid"), one.get("kty")) for one in keys)
    twice = [kid for (kid, _), count in named.items() if count > 1]
    signing = [one for one in keys if one.get("use", "sig") == "sig"]
    nameless = len(signing) > 1 and any(not isinstance(one.get("kid"), str) for one in signing)
    scene.expect(
        not twice and not nameless,
        code="jwks.kid-unique",
        message=say(
            N_("Keys share an identifier or have none: a client takes the wrong one and refuses good tokens.")
        ),
        expected="one kid for each key",
        actual=[one.get("kid") for one in keys][:20],
        place="body.keys",
    )


@case("E3/keys-strong", clause="RFC 7518, 3.3 and 6.3.1", functions=("openid-connect",))
async def test_keys_are_strong(scene: Scene) -> None:
    """Every RSA key has a modulus of at least 2048 bits and an odd exponent above 2."""
    _, keys = await _published(scene)
    for member in (one for one in keys[:_MANY] if one.get("kty") == "RSA"):
        bits, exponent = _size(member)
        scene.expect(
            bits >= _STRONG and exponent > 2 and exponent % 2 == 1,
            code="jwks.key-strong",
            message=say(
                N_("A signing key of {bits} bits can be broken, and then anybody logs in as anybody."),
                bits=bits,
            ),
            expected="n of at least 2048 bits, e odd and above 2",
            actual=f"n of {bits} bits, e = {exponent}",
            place=f"body.keys[kid={member.get('kid')}]",
        )


def _size(member: Mapping[str, Any]) -> tuple[int, int]:
    """Give the bits of the modulus and the exponent; zeros where they cannot be read."""
    key = public_key(member)
    if not isinstance(key, RSAKey):
        return 0, 0
    numbers = key.public_key.public_numbers()
    return numbers.n.bit_length(), numbers.e


@case("E3/no-private-members", clause="RFC 7517, 9.2; RFC 7518, 6.3.2", functions=("openid-connect",))
async def test_no_private_half_is_published(scene: Scene) -> None:
    """No published key has the members of its private half, and no secret is among them."""
    _, keys = await _published(scene)
    shown = sorted({name for one in keys for name in _PRIVATE & one.keys()})
    scene.expect(
        not shown,
        code="jwks.private-member",
        message=say(
            N_(
                "The key set publishes private members of keys: anybody can sign tokens now. Replace the keys."
            )
        ),
        expected="public members only",
        actual=", ".join(shown),
        place="body.keys",
    )


@case(
    "E3/certificates",
    clause="RFC 7517, 4.7 and 4.9; GovStack Identity, jwks.json",
    functions=("openid-connect",),
)
async def test_certificates_belong_to_their_keys(scene: Scene) -> None:
    """Where a key comes with a certificate, that is the key's own, and the thumbprint is the certificate's."""
    _, keys = await _published(scene)
    foreign = [one.get("kid") for one in keys[:_MANY] if "x5c" in one and not _certified(one)]
    scene.expect(
        not foreign,
        code="jwks.certificate-of-key",
        message=say(
            N_("The certificate is not of the key that it stands with: what it vouches for is another key.")
        ),
        expected="x5c[0], where it is there, holds the key",
        actual=f"not of the keys {foreign}",
        place="body.keys",
    )
    unlike = [
        one.get("kid") for one in keys[:_MANY] if {"x5c", "x5t#S256"} <= one.keys() and not _thumbed(one)
    ]
    scene.expect(
        not unlike,
        code="jwks.thumbprint",
        message=say(
            N_("The thumbprint is not the SHA-256 of the certificate: clients that pin it refuse the key.")
        ),
        expected="x5t#S256, where it is there, is SHA-256 of x5c[0]",
        actual=f"not of the keys {unlike}",
        place="body.keys",
    )


def _certified(member: Mapping[str, Any]) -> bool:
    certificate = _certificate(member)
    return certificate is not None and _same_key(certificate, member)


def _thumbed(member: Mapping[str, Any]) -> bool:
    return bool(member["x5t#S256"] == encoded(hashlib.sha256(_der(member)).digest()))


def _der(member: Mapping[str, Any]) -> bytes:
    chain = member.get("x5c")
    first = chain[0] if isinstance(chain, list) and chain and isinstance(chain[0], str) else ""
    try:
        return base64.b64decode(first, validate=True)
    except ValueError:
        return b""


def _certificate(member: Mapping[str, Any]) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(_der(member))
    except ValueError:
        return None


def _same_key(certificate: x509.Certificate, member: Mapping[str, Any]) -> bool:
    key = public_key(member)
    if key is None:
        return False
    try:
        certified = certificate.public_key()
    except ValueError:
        return False
    if isinstance(key, RSAKey) and isinstance(certified, RSAPublicKey):
        return certified.public_numbers() == key.public_key.public_numbers()
    return bool(certified == getattr(key, "public_key", None))


@case("E3/keys-not-expired", clause="GovStack Identity, jwks.json (exp)", functions=("idbb-endpoints",))
async def test_keys_are_not_expired(scene: Scene) -> None:
    """Every published key is good still: its exp, and the end of its certificate, lie in the future."""
    _, keys = await _published(scene)
    now = datetime.now(UTC)
    for member in keys[:_MANY]:
        certificate = _certificate(member)
        ends = [_moment(member["exp"])] if "exp" in member else []
        if certificate is not None:
            ends.append(certificate.not_valid_after_utc)
        scene.expect(
            bool(ends) and all(end is not None and end > now for end in ends),
            code="jwks.not-expired",
            message=say(N_("A published key or its certificate has expired, or does not say when it will.")),
            expected=f"after {now.isoformat(timespec='seconds')}",
            actual=[str(end) for end in ends],
            place=f"body.keys[kid={member.get('kid')}]",
        )


def _moment(value: object) -> datetime | None:
    """Read a moment with its zone, ISO 8601; None if it is none."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
