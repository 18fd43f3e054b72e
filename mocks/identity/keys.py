"""The product's keys: made once in a process, for many products may live in one."""

import base64
import functools
import hashlib
import threading
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey

__all__ = ["Certified", "certificate_for", "pem", "signing_key", "stray_key", "warm_up", "weak_key"]

_LIFE = timedelta(days=365)
_LOCK = threading.Lock()
CertifiableKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A signing key with its identifier, its certificate, and the chain above it."""

    key: RSAKey
    kid: str
    chain: tuple[x509.Certificate, ...]

    @property
    def expires(self) -> datetime:
        """Give the certificate's end in UTC."""
        return self.chain[0].not_valid_after_utc

    def public(self) -> dict[str, Any]:
        """Give it as a member of a JWK set (RFC 7517, 4; GovStack Identity, jwks.json)."""
        encoded = [one.public_bytes(serialization.Encoding.DER) for one in self.chain]
        return {
            **self.key.as_dict(private=False),
            "kid": self.kid,
            "use": "sig",
            "alg": "RS256",
            "x5c": [base64.b64encode(one).decode() for one in encoded],
            "x5t#S256": _unpadded(hashlib.sha256(encoded[0]).digest()),
            "exp": self.expires.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def signing_key() -> Certified:
    """Give the key that signs tokens; the first call in a process makes it (about 0.1 s)."""
    with _LOCK:
        return _signing_key()


@functools.cache
def _signing_key() -> Certified:
    return _certified(2048)


@functools.cache
def weak_key() -> Certified:
    """Give a key of 1024 bits, which only a product with a fault has."""
    return _certified(1024)


@functools.cache
def stray_key() -> Certified:
    """Give a key that no key set names."""
    return _certified(2048)


def warm_up() -> None:
    """Begin to make the signing key, beside other work."""
    threading.Thread(target=signing_key, daemon=True, name="identity-keys").start()


def certificate_for(key: CertifiableKey, subject: str, expires: datetime) -> x509.Certificate:
    """Issue a certificate for a public key, by the product's own authority (RFC 5280, 4.1)."""
    authority = _authority()
    return _builder(key, subject, _AUTHORITY, expires).sign(authority.key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    """Write a certificate as PEM text (RFC 7468, 5)."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


_AUTHORITY = "Test Identity Authority"


@functools.cache
def _authority() -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(key.public_key(), _AUTHORITY, _AUTHORITY, datetime.now(UTC) + 2 * _LIFE)
    constraint = x509.BasicConstraints(ca=True, path_length=0)
    return _Authority(
        key=key, certificate=builder.add_extension(constraint, critical=True).sign(key, hashes.SHA256())
    )


def _certified(bits: int) -> Certified:
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    certificate = certificate_for(private.public_key(), "Test Identity Provider", datetime.now(UTC) + _LIFE)
    written = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fault wants a key that is too short
        key = RSAKey.import_key(written)
    return Certified(key=key, kid=key.thumbprint(), chain=(certificate, _authority().certificate))


def _builder(key: CertifiableKey, subject: str, issuer: str, expires: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(minutes=5))
        .not_valid_after(expires)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
