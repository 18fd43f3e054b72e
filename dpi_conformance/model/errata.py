"""Errata: where a block's specification departs from what was published, why, and what is accepted."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Accepts", "Cover", "DefectKind", "Erratum"]


class DefectKind(StrEnum):
    """What is wrong with the published text at that place."""

    NOT_YAML = "not-yaml"
    DUPLICATE_KEY = "duplicate-key"
    MISPLACED_KEY = "misplaced-key"
    INVALID_SCHEMA = "invalid-schema"
    TYPE = "type"
    LENGTH = "length"
    NAME = "name"
    ALIAS = "alias"
    """Several spellings of one thing."""
    PATH = "path"
    PLACEHOLDER_PATH = "placeholder-path"
    """A path that stands for an address which only a request tells."""
    METHOD = "method"
    SECURITY = "security"
    SELECTOR = "selector"
    MISSING_SELECTOR = "missing-selector"
    """Nothing but the body tells two operations apart."""
    UNDECLARED_PARAMETER = "undeclared-parameter"
    MISSING_RESPONSE = "missing-response"
    MISSING_FIELD = "missing-field"
    MISSING_OPERATION = "missing-operation"
    REQUIRED = "required"
    COPIES_DIFFER = "copies-differ"
    """Two published copies of one file say different things."""
    MEANING = "meaning"
    """The form is sound, and what it means is published nowhere."""


class Accepts(StrEnum):
    """What the harness takes from a product at that place."""

    AS_PUBLISHED = "as published"
    OURS_ONLY = "ours only"
    EITHER = "either"
    ALIAS = "alias"
    """Any of the spellings that the erratum lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One fact of one published file that our document states differently, adds or leaves out."""

    file: str
    """The published file's name without its folder."""
    operation: str
    """The variant or outbound call that the file is matched with."""
    fact: str
    """The place and after ``#`` the keyword, e.g. ``body.voucherInstructions[].amount#type``."""
    ours: str
    """What our document says there, as compact JSON; ``null``: nothing. Of a place that we add: all facts below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum:
    """One defect of the published specification and what was made of it."""

    id: str
    """Never used again for another, e.g. ``payments-e001``."""
    files: tuple[str, ...]
    """Published files by name without their folder, or the text's chapter."""
    place: str
    """The operation and the place within it, for a reader."""
    kind: DefectKind
    published: str
    ours: str
    reason: str
    accepts: Accepts
    aliases: tuple[str, ...] = ()
    """The spellings, where ``accepts`` is an alias."""
    covers: tuple[Cover, ...] = ()
    """Empty where our document keeps the published form and only its handling is settled here."""
