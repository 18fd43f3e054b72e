"""Sentences that say the same of different names: told as one, with all the names in it."""

import re
from collections import Counter
from collections.abc import Sequence

from dpi_conformance.model.report import Sentence

__all__ = ["alike", "is_name", "joined"]

_NAME = re.compile(r"[\w./-]{1,60}")


def is_name(text: object) -> bool:
    """Tell whether a value is a name, so that several can stand in one sentence: ``vouchers-created, batch-status``."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def alike(sentence: Sentence | None) -> str:
    """Give what sentences that can be told as one have in common: all but the names in them."""
    if sentence is None:
        return ""
    kept = {
        # a text of the catalogue is translated by itself, so it cannot stand in a list
        key: "" if is_name(value) and not key.endswith("_text") else value
        for key, value in sentence.values.items()
    }
    return str(Sentence(text=sentence.text, values=kept))


def joined(sentences: Sequence[Sentence], most: int) -> Sentence:
    """Give one sentence for all, which are alike; the most frequent names first, ``most`` of each kind."""
    first = sentences[0]
    values = dict(first.values)
    for key in values:
        seen = Counter(str(sentence.values[key]) for sentence in sentences)
        if len(seen) > 1:
            names = ", ".join(name for name, _ in seen.most_common(most) if name)
            values[key] = f"{names} …" if len(seen) > most else names
    return Sentence(text=first.text, values=values)
