"""Faults of the blocks' own mocks that the scenario must see, each with the side that it must blame."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from dpi_conformance.mockkit.faults import Fault

from ..exchange.faults import FAULTS as EXCHANGE
from ..identity.faults import FAULTS as IDENTITY
from ..payments.faults import FAULTS as PAYMENTS

__all__ = ["FAULTS"]

_OF: Final[Mapping[str, Mapping[str, Fault]]] = {
    block: {fault.name: fault for fault in faults}
    for block, faults in (("identity", IDENTITY), ("exchange", EXCHANGE), ("payments", PAYMENTS))
}


def _fault(block: str, name: str, check: str, cases: str) -> Fault:
    """Give a block's fault as the scenario meets it; ``cases`` is the glob below ``social-benefit/suite/``."""
    known = _OF[block][name]
    return replace(
        known, name=f"{block}/{name}", check=check, cases=f"social-benefit/suite/{cases}", side=block
    )


FAULTS: tuple[Fault, ...] = (
    _fault("identity", "id-token-key-swapped", "road.login-believed", "R1/*"),
    _fault("identity", "userinfo-other-subject", "road.subject-agrees", "R1/*"),
    _fault("identity", "subject-by-login", "road.subject-stable", "R2/*"),
    _fault("identity", "refusal-gives-code", "road.consent-respected", "R4/*"),
    _fault("identity", "id-token-milliseconds", "road.login-of-now", "R8/*"),
    _fault("exchange", "request-json-written-anew", "road.request-unchanged", "R1/*"),
    _fault("exchange", "query-encoded-anew", "road.request-unchanged", "R1/*"),
    _fault("exchange", "answer-json-written-anew", "road.answer-unchanged", "R1/*"),
    _fault("exchange", "call-repeated-on-503", "road.registry-asked-once", "R1/registry-out-of-order"),
    _fault("exchange", "provider-errors-covered", "road.failure-passed-on", "R1/registry-out-of-order"),
    _fault("exchange", "answers-from-a-cache", "road.registry-asked-in-time", "R8/*"),
    _fault("exchange", "answers-mixed-up", "road.answer-unchanged", "R3/*"),
    _fault("exchange", "rights-not-enforced", "road.denied", "R5/no-right"),
    _fault("exchange", "denied-only-after-restart", "road.right-taken", "R5/right-taken"),
    _fault("payments", "modality-lost", "road.account-kept", "R2/*"),
    _fault("payments", "amounts-in-float", "road.amount-reported", "R3/*"),
    _fault("payments", "authorised-in-float", "road.amount-released", "R3/*"),
    _fault("payments", "pays-on-no", "road.rejected-unpaid", "R6/*"),
    _fault("payments", "no-leaves-pending", "road.rejection-told", "R6/*"),
    _fault("payments", "retry-paid-again", "road.paid-once", "R7/*"),
    _fault("payments", "paid-while-asking", "road.paid-after-word", "R8/*"),
)
"""At least two of each block."""
