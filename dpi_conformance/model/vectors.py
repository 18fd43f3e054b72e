"""Frozen vectors: one request each, with what its answer may be, decided when it was frozen."""

from dataclasses import dataclass
from enum import StrEnum

from dpi_conformance.i18n import Message

__all__ = ["Expectation", "Profile", "Vector"]


class Profile(StrEnum):
    """Which part of the frozen vectors is sent; each holds the one before."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"


class Expectation(StrEnum):
    """What the answer to a vector may be."""

    ACCEPTED = "accepted"
    """Served: a declared success status, and nothing in the body that refuses."""
    REFUSED = "refused"
    """Refused in the block's own way; a 5xx is never a refusal."""
    EITHER = "either"
    """Served or refused (the documents are silent), but answered well."""
    METHOD_NOT_ALLOWED = "method-not-allowed"
    """405 with an Allow header (RFC 9110, 15.5.6)."""
    UNAUTHORIZED = "unauthorized"
    """401, or 403 (RFC 9110, 15.5.2 and 15.5.4)."""
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    """Refused: 415 or another 4xx."""
    UNHARMED = "unharmed"
    """Accepted and every echo of the text is the same, or refused."""

    @property
    def needs_control(self) -> bool:
        """Tell whether an answer proves something only where the valid form was served (design, 2)."""
        return self in {
            Expectation.REFUSED,
            Expectation.METHOD_NOT_ALLOWED,
            Expectation.UNAUTHORIZED,
            Expectation.UNSUPPORTED_MEDIA_TYPE,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One frozen request.

    ``target`` is path and query in origin form, ``body`` text; both, and the header values, may hold
    slots (``{{name}}``) that are filled at run time: fresh identifiers, callback addresses, and what the
    block's steps created. ``repeat`` stands for long runs: ``[[marker, text, times], ...]`` replaced in body.
    """

    id: str
    case: str
    variant: str
    method: str
    target: str
    expect: Expectation
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    body_base64: str | None = None
    repeat: tuple[tuple[str, str, int], ...] = ()
    needs: tuple[str, ...] = ()
    """Resources that a step of the block must create before, e.g. ``voucher-active``."""
    echo: tuple[tuple[str, str], ...] = ()
    """Pairs: the text sent, and the JSON pointer of the answer where it must come back (ACCEPTED, UNHARMED)."""
    shows: tuple[str, ...] = ()
    """JSON pointers of the answer: a success that holds something at none of them shows nothing (ACCEPTED)."""
    control: bool = False
    """It is its variant's positive control."""
    credentials: str = "own"
    """``own`` (the product's), ``none`` or ``wrong``."""
    profile: Profile = Profile.FULL
    """The smallest profile that holds it."""
    note: Message | None = None
    """What was varied, for the reader: e.g. ``13 characters where 12 are allowed``."""
    origin: str = ""
    """What generated it: ``schemathesis:<scenario>``, ``hypothesis`` or ``block``."""
