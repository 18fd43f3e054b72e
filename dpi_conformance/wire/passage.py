"""What passes through a product that carries other people's messages: bodies in pieces, measured as they come."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

__all__ = ["KEPT_BYTES", "NOTHING", "Load", "Measure", "Passage"]

KEPT_BYTES: Final = 65_536
"""So much of a body that passes through is kept as evidence; the rest is only measured."""
_PIECE: Final = 65_536
_NUMBER: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A body: ``block`` as it is, or repeated in numbered pieces until ``size`` bytes, so that no two are alike."""

    block: bytes = b""
    size: int = -1
    """The bytes in all; -1: those of ``block``, once."""
    chunked: bool = False
    """Sent piece by piece with Transfer-Encoding, and no length before it."""
    piece: int = _PIECE

    @property
    def length(self) -> int:
        """Give the bytes in all."""
        return len(self.block) if self.size < 0 else self.size

    def pieces(self) -> Iterator[bytes]:
        """Give the body piece by piece; none is made before it is asked for."""
        if self.size < 0:
            for start in range(0, len(self.block), self.piece):
                yield self.block[start : start + self.piece]
            return
        left, number = self.size, 0
        while left > 0:
            piece = (number.to_bytes(_NUMBER, "big") + self.block)[:left]
            yield piece
            left, number = left - len(piece), number + 1

    def framed(self) -> Iterator[bytes]:
        """Give the pieces as they go over the wire (RFC 9112, 7.1)."""
        if not self.chunked:
            yield from self.pieces()
            return
        for piece in self.pieces():
            yield b"%x\r\n" % len(piece) + piece + b"\r\n"
        yield b"0\r\n\r\n"

    def measure(self) -> "Measure":
        """Give its size and digest; they are reckoned once."""
        return _measured(self)


NOTHING: Final = Load()
"""No body."""


@dataclass(slots=True)
class Measure:
    """The size and the SHA-256 of a body as it comes, with its first ``KEPT_BYTES``."""

    size: int = 0
    excerpt: bytearray = field(default_factory=bytearray)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def take(self, piece: bytes) -> None:
        """Take the next piece."""
        self.size += len(piece)
        self._digest.update(piece)
        if len(self.excerpt) < KEPT_BYTES:
            self.excerpt += piece[: KEPT_BYTES - len(self.excerpt)]

    @property
    def digest(self) -> str:
        """Give the SHA-256 of what came so far, in hexadecimal digits."""
        return self._digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        """Tell whether two bodies are the same bytes."""
        return isinstance(other, Measure) and (self.size, self.digest) == (other.size, other.digest)

    __hash__ = None  # type: ignore[assignment]  # it changes as it goes on

    def __str__(self) -> str:
        """Give what a reader recognises a body by."""
        if not self.size:
            return "no body"
        return f"{self.size} bytes, SHA-256 {self.digest[:16]}…, {bytes(self.excerpt[:40])!r}"


@lru_cache(maxsize=64)
def _measured(load: Load) -> Measure:
    measure = Measure()
    for piece in load.pieces():
        measure.take(piece)
    return measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How a request passes through: what it carries, what of our own headers it goes without, and its answer measured."""

    load: Load = NOTHING
    without: frozenset[str] = frozenset()
    """Names, in lower case, of headers that the harness adds by itself elsewhere."""
    answer: Measure = field(default_factory=Measure)
