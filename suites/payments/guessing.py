"""How well secret numbers can be guessed: what they have in common, how they follow each other, what they follow from."""

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

__all__ = ["entropy_bits", "relation", "step"]

_ORDERED = 0.9
"""Of random numbers one in two is larger than the one before; nine in ten of hundreds never are."""
_SAME_STEP = 0.05
"""Of random numbers with five digits or more hardly two steps are alike."""
_RELATED = 0.5


def entropy_bits(numbers: Sequence[str]) -> float:
    """Estimate from above how many bits one of these numbers holds: its places' empirical entropy, added up."""
    longest = max(map(len, numbers))
    return sum(_entropy([number[place : place + 1] for number in numbers]) for place in range(longest))


def _entropy(characters: Sequence[str]) -> float:
    total = len(characters)
    return -sum(times / total * math.log2(times / total) for times in Counter(characters).values())


def step(numbers: Sequence[str]) -> str:
    """Say how these numbers, in this order, follow from each other; empty if they do not seem to."""
    values = _as_integers(numbers)
    steps = [later - earlier for earlier, later in itertools.pairwise(values)]
    if not steps:
        return ""
    common, times = Counter(steps).most_common(1)[0]
    if times > max(1, _SAME_STEP * len(steps)):
        return f"{times} of {len(steps)} steps from one number to the next are the same ({common})"
    for direction, sign in (("larger", 1), ("smaller", -1)):
        ordered = sum(one * sign > 0 for one in steps)
        if ordered > _ORDERED * len(steps):
            return f"{ordered} of {len(steps)} numbers are {direction} than the one before"
    return ""


def _as_integers(numbers: Sequence[str]) -> list[int]:
    """Read numbers in the base of the characters that occur in them."""
    alphabet = sorted(set("".join(numbers)))
    digits = {character: place for place, character in enumerate(alphabet)}
    base = 10 if set(alphabet) <= set("0123456789") else len(alphabet)
    if base == 10:
        return [int(number) for number in numbers]
    return [_value([digits[character] for character in number], base) for number in numbers]


def _value(digits: Sequence[int], base: int) -> int:
    total = 0
    for digit in digits:
        total = total * base + digit
    return total


def relation(pairs: Sequence[tuple[str, str]]) -> str:
    """Say how secrets follow from serial numbers, given both of each; empty if in no way that is tried."""
    for name, follows in _RELATIONS.items():
        if sum(follows(serial, secret) for serial, secret in pairs) > _RELATED * len(pairs):
            return name
    distances = Counter(
        (int(secret) - int(serial)) % 10 ** len(secret)
        for serial, secret in pairs
        if serial.isascii() and serial.isdecimal() and secret.isascii() and secret.isdecimal()
    )
    if distances and distances.most_common(1)[0][1] > _RELATED * len(pairs):
        return "the serial number plus a constant"
    return ""


def _hashed(name: str) -> Callable[[str, str], bool]:
    def follows(serial: str, secret: str) -> bool:
        digest = hashlib.new(name, serial.encode(), usedforsecurity=False).hexdigest()
        return digest.startswith(secret.lower()) or digest.endswith(secret.lower())

    return follows


_RELATIONS: Mapping[str, Callable[[str, str], bool]] = {
    "it is the serial number": lambda serial, secret: secret == serial,
    "it is a part of the serial number": lambda serial, secret: secret in serial or serial in secret,
    "it is a part of the serial number, read backwards": lambda serial, secret: secret in serial[::-1],
    "it begins or ends the serial number's MD5": _hashed("md5"),
    "it begins or ends the serial number's SHA-1": _hashed("sha1"),
    "it begins or ends the serial number's SHA-256": _hashed("sha256"),
}
