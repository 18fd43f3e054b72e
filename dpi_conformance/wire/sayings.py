"""Tells a sentence about a field from a value of it: ``payeeIdentity: must not be blank`` names nobody."""

import re
from typing import Final

__all__ = ["names_nobody"]

_SPOKEN: Final = """
    a above accepted after all allowed already an and any are as at be because been before being below between blank
    but by can cannot character characters contain contains did digit digits do does empty ensure equal exactly exceed
    exceeds exist exists expected field fields for format found from given greater had has have in incorrect integer
    invalid is it its least length less letter letters long longer malformed mandatory match matches max maximum may
    min minimum missing more most must no none not null number numeric of one only optional or out pattern pass
    permitted present provided range received required shall short shorter should size string supplied supported text
    than that the there this to too type unexpected unique unknown unsupported up used valid value values was well were
    when which wrong with within without
"""
_WORDS: Final = frozenset(_SPOKEN.split())
"""The words of validation messages, of several frameworks."""
_MOST = 160
_NUMBER = re.compile(r"\d{1,4}")


def names_nobody(value: str) -> bool:
    """Tell whether a value is two words or more, all of them such as validation messages are made of."""
    if " " not in value or len(value) > _MOST:
        return False
    words = value.split() or [""]
    bare = [word.strip(".,;:!'\"()") for word in (words[0].lower(), *words[1:])]
    said = [word for word in bare if word and not _NUMBER.fullmatch(word)]
    return len(said) > 1 and _WORDS.issuperset(said)
