"""Who may call the operations of the specification: everybody asks the directory, the rest asks for the token."""

from dpi_conformance.mockkit.calls import Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.requests import Arrival
from dpi_conformance.model.spec import Variant

__all__ = ["Admission"]


class Admission:
    """Lets callers in, operation by operation."""

    def __init__(self, token: str, on: FaultSwitches) -> None:
        """Take the token that stands for the caller's credentials (empty: all are let in), and the faults."""
        self._token = token
        self._on = on

    def admit(self, arrived: Arrival, variant: Variant) -> None:
        """Raise Refused (401) for a caller who may not call this operation."""
        if not variant.secured or not self._token or arrived.bears(self._token):
            return
        if self._on("no-auth-check"):
            return
        if self._on("wrong-token-accepted") and "authorization" in arrived.headers:
            return
        challenge = {} if self._on("no-www-authenticate") else {"www-authenticate": 'Bearer realm="mediator"'}
        raise Refused("The Authorization header bears no valid token.", status=401, headers=challenge)
