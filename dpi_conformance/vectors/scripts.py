"""Texts in the scripts and with the marks that break products; used by vectors and by the steps that store them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dpi_conformance.i18n import N_

__all__ = ["NAMES", "TEXTS"]

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "arabic": "مُحَمَّد",
        "amharic": "አበበ በቀለ",
        "french": "Élodie Çà",
        "combining": "e\u0301a\u0308n\u0303",
        "right-to-left-marks": "\u200fab\u202ecd\u202c",
        "emoji": "👩‍👩‍👧",
        "beyond-bmp": "𝔸𐎀𠜎",
        "quote": "O'Neil\"--",
        "markup": "<b>&amp;",
        "line-break": "a\r\nb\tc",
        "nul": "a\u0000b",
        "lone-surrogate": "a\ud800b",
    }
)
"""Each has at most 9 code points and is in a form that normalising (NFC, NFKC), cutting or stripping would change,
where the script has one."""

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "arabic": N_("Arabic with vowel signs"),
        "amharic": N_("Amharic"),
        "french": N_("French with accents"),
        "combining": N_("combining marks"),
        "right-to-left-marks": N_("marks of right-to-left text"),
        "emoji": N_("an emoji of several code points"),
        "beyond-bmp": N_("characters beyond U+FFFF"),
        "quote": N_("quotation marks"),
        "markup": N_("markup"),
        "line-break": N_("line breaks and a tab"),
        "nul": N_("U+0000"),
        "lone-surrogate": N_("half of a surrogate pair"),
        "code-points": N_("as many characters of 4 bytes as are allowed"),
    }
)
"""What a reader calls them, and the longest text that a place allows."""
