"""Texts in the scripts and with the marks that break products; used by vectors and by the steps that store them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["TEXTS"]

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
