"""What people are called towards each relying party (OpenID Connect Core 8.1; GovStack Identity 7.2.1)."""

import hashlib
import hmac

from dpi_conformance.mockkit.faults import FaultSwitches

from .clients import Client

__all__ = ["Subjects"]


class Subjects:
    """Pairwise identifiers: one for each person and relying party, from which no other can be computed."""

    def __init__(self, salt: bytes, on: FaultSwitches) -> None:
        """Take the secret that they are made with, and the faults."""
        self._salt = salt
        self._on = on

    def of(self, uin: str, client: Client) -> str:
        """Give a person's identifier towards a client's relying party."""
        sector = "" if self._on("subject-public") else client.relying_party
        if self._on("subject-by-client"):
            sector = client.client_id
        if self._on("subject-is-uin"):
            return uin
        if self._on("subject-of-party-alone"):
            uin = ""
        return hmac.new(self._salt, f"{sector}\0{uin}".encode(), hashlib.sha256).hexdigest()
