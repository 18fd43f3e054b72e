"""An address at which nobody listens yet: a call to it is refused by the machine itself, until it is opened."""

import ipaddress
import socket as sockets
from typing import Self

from dpi_conformance.wire.addresses import CallbackAddress
from dpi_conformance.wire.listener import CallbackListener

__all__ = ["Door", "can_close"]


def can_close(listener: CallbackListener) -> bool:
    """Tell whether the product reaches this machine's other ports as it reaches the listener's: on the same machine."""
    host, direct = listener.place
    return direct and ipaddress.ip_address(host).is_loopback


class Door:
    """An address at a port of its own, closed at first; ``async with`` closes it for good."""

    def __init__(self, listener: CallbackListener, name: str) -> None:
        """Take a port beside the listener's; ``name`` stands in the evidence."""
        host, _ = listener.place
        family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
        self._bound = sockets.socket(family, sockets.SOCK_STREAM)
        self._bound.bind((host, 0))
        self._bound.setblocking(False)
        self._beside = listener.beside(self._bound)
        self.address: CallbackAddress = self._beside.address(name, lasting=True)
        self._opened = False

    async def open(self) -> None:
        """Listen from now on."""
        self._opened = True
        await self._beside.__aenter__()

    async def __aenter__(self) -> Self:
        """Leave it closed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it for good."""
        if self._opened:
            await self._beside.__aexit__(None, None, None)
        self._bound.close()
