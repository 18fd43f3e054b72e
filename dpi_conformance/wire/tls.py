"""TLS contexts of one target: with its own client certificate, with none, and with a wrong one."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from dpi_conformance.catalogue.target import Tls
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message

__all__ = ["Certificate", "context"]

Certificate = Literal["own", "none", "wrong"]


def context(tls: Tls, certificate: Certificate, *, also_system: bool = False) -> ssl.SSLContext:
    """Make a TLS context; raises UsageError where a file under ``tls`` cannot be used.

    ``ca_file`` is trusted besides none other, or besides the system's with ``also_system``. A wrong certificate
    has the names of our own, but no authority vouches for it.
    """
    try:
        made = ssl.create_default_context(cafile=None if also_system else _text(tls.ca_file))
        if also_system and tls.ca_file:
            made.load_verify_locations(cafile=_text(tls.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise _unusable("tls.ca_file", tls.ca_file, error) from None
    if not tls.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if tls.client_certificate is not None and certificate == "own":
        _load(made, tls.client_certificate, tls.client_key)
    elif tls.client_certificate is not None and certificate == "wrong":
        _load_wrong(made, tls.client_certificate)
    return made


def _text(path: object) -> str | None:
    return None if path is None else str(path)


def _load(made: ssl.SSLContext, certificate: object, key: object) -> None:
    try:
        made.load_cert_chain(str(certificate), _text(key), password=_no_password)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise _unusable("tls.client_certificate", certificate, error) from None


def _no_password() -> str:
    raise ValueError("the private key is encrypted; write it without a password")


def _unusable(key: str, path: object, error: Exception) -> UsageError:
    return UsageError(
        Message(
            text=N_(
                "{key} in product.yaml: {path} cannot be used ({error}). Name a PEM file that OpenSSL reads."
            ),
            values={"key": key, "path": str(path), "error": str(error)},
        )
    )


def _load_wrong(made: ssl.SSLContext, own: object) -> None:
    """Present a certificate with the subject of our own, signed by nobody but itself."""
    with tempfile.TemporaryDirectory(prefix="dpi-conformance-") as folder:
        path = Path(folder) / "wrong.pem"
        path.write_bytes(_forged(Path(str(own)).read_bytes()))
        made.load_cert_chain(path)


def _forged(pem: bytes) -> bytes:
    from cryptography import x509  # noqa: PLC0415 -- 40 ms, needed where a wrong certificate is presented only
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    subject = x509.load_pem_x509_certificate(pem).subject
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=subject, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
