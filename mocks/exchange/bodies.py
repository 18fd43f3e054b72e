"""A caller's body as it comes from ASGI: passed on piece by piece, measured and digested on the way."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

from dpi_conformance.mockkit.requests import Disconnected

__all__ = ["Body", "pieces_of"]


class Body:
    """One request's body; it is read once."""

    def __init__(self, receive: Any, *, present: bool) -> None:
        """Take ASGI's receive, and whether the request's headers announce a body."""
        self._receive = receive
        self.present = present
        self.ended = not present
        self.size = 0
        self.digest = hashlib.sha512()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give what is left of it as it comes; raises Disconnected where the caller goes away."""
        while not self.ended:
            message = await self._receive()
            if message["type"] != "http.request":
                raise Disconnected
            piece: bytes = message.get("body", b"")
            self.ended = not message.get("more_body", False)
            if piece:
                self.size += len(piece)
                self.digest.update(piece)
                yield piece

    async def whole(self) -> bytes:
        """Read it to its end."""
        return b"".join([piece async for piece in self.pieces()])

    async def caller_gone(self) -> None:
        """Return when the caller has gone away; only after the body's end."""
        while (await self._receive())["type"] == "http.request":
            pass

    async def drain(self) -> None:
        """Read it to its end and keep nothing."""
        async for _ in self.pieces():
            pass


async def pieces_of(body: bytes) -> AsyncIterator[bytes]:
    """Give a body that is there as a whole as one piece."""
    if body:
        yield body
