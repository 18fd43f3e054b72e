"""Adds the verdicts of vectors up to the verdict of their case."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.model.verdicts import Verdict

__all__ = [
    "NO_CONTROL",
    "NO_CREDENTIALS",
    "Judged",
    "Tally",
    "judge_closed",
    "judge_vector",
    "refused_by_closing",
    "standing",
]

_NOT_REACHED = {"refused", "unreachable", "tls"}
NO_CONTROL = Message(
    text=N_(
        "The same request in its valid form was not served as it must be, so this answer proves nothing. Mend the "
        "positive case of this operation first."
    )
)
NO_CREDENTIALS = Message(
    text=N_(
        "No credentials are configured for this product (auth in product.yaml), so whether it refuses callers "
        "without them could not be seen."
    )
)


_WHICH_REFUSAL = {"status.unauthorized", "status.method-refusal"}
"""What is found where a request was refused with another status than the one that names the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One vector's verdict, with the reason where it is not a pass."""

    verdict: Verdict
    reason: Message | None = None


def judge_vector(
    vector: Vector,
    exchange: Exchange,
    findings: Sequence[Finding],
    *,
    controlled: bool,
    unseen: Message | None = None,
    proof: bool = True,
) -> Judged:
    """Give one vector's verdict; nothing but a served request counts where the valid form was not served (design, 2).

    ``unseen`` says why a served answer shows nothing of what the vector was sent for; ``proof``: the operation asks
    who calls, so that a 401 may be about that.
    """
    if exchange.trouble is not None and exchange.trouble.kind in _NOT_REACHED:
        text = N_("The product could not be reached: {detail}.")
        return _inconclusive(Message(text=text, values={"detail": exchange.trouble.detail}))
    if (masked := _masked(vector, exchange, proof=proof)) is not None:
        return _inconclusive(masked)
    if any(not finding.advisory for finding in findings):
        return Judged(verdict=Verdict.FAIL)
    if unseen is not None:
        return _inconclusive(unseen)
    if not controlled and vector.expect is not Expectation.ACCEPTED:
        return _inconclusive(NO_CONTROL)
    return Judged(verdict=Verdict.PASS)


def standing(findings: Sequence[Finding], exchange: Exchange, *, controlled: bool) -> tuple[Finding, ...]:
    """Give the findings that stand; which status refuses a caller is none's where the valid form is refused as well."""
    status = exchange.response.status if exchange.response else 0
    if controlled or not 400 <= status < 500:
        return tuple(findings)
    return tuple(one for one in findings if one.code not in _WHICH_REFUSAL)


def refused_by_closing(vector: Vector, exchange: Exchange, closing: Collection[str]) -> bool:
    """Tell whether the connection's end is the refusal that a vector asks for (RFC 8446, 4.4.2.4 and 6.2).

    So is a 400 of what ends TLS before the product: nginx, whose page no document of the block is about, says so that the
    certificate is missing or not valid. ``closing`` names the credentials that go without our own client certificate
    (``Target.closing``).
    """
    ended = exchange.closed or (exchange.response is not None and exchange.response.status == 400)
    return vector.expect is Expectation.UNAUTHORIZED and vector.credentials in closing and ended


def judge_closed(*, controlled: bool) -> Judged:
    """Give the verdict of a request that was refused by closing: a product that is down closes as well."""
    return Judged(verdict=Verdict.PASS) if controlled else _inconclusive(NO_CONTROL)


def _masked(vector: Vector, exchange: Exchange, *, proof: bool) -> Message | None:
    """Say what hides the answer that the vector asks for: throttling, or credentials that are not taken."""
    status = exchange.response.status if exchange.response else 0
    if status == 429:
        return Message(
            text=N_(
                "The product throttles (429); set limits.requests_per_second in product.yaml to what it takes."
            )
        )
    ours = proof and vector.credentials == "own" and vector.expect is not Expectation.UNAUTHORIZED
    if status == 401 and ours:
        return Message(
            text=N_("The product did not take its own credentials (401), so nothing else was seen.")
        )
    return None


def _inconclusive(reason: Message) -> Judged:
    return Judged(verdict=Verdict.INCONCLUSIVE, reason=reason)


@dataclass(kw_only=True)
class Tally:
    """What a case has come to so far; complete when as many vectors were counted as it has."""

    case: Case
    verdict: Verdict = Verdict.NONE
    reason: Message | None = None
    counted: int = 0
    exchanges: int = 0
    duration_ms: float = 0.0

    def add(self, judged: Judged, exchange: Exchange | None) -> None:
        """Count one vector in; the first reason of the worst verdict is kept."""
        self.counted += 1
        if exchange is not None:
            self.exchanges += 1
            self.duration_ms += exchange.elapsed_ms
        if judged.verdict > self.verdict:
            self.verdict, self.reason = judged.verdict, judged.reason

    @property
    def complete(self) -> bool:
        """Tell whether every vector was counted."""
        return self.counted >= self.case.vectors

    def result(self) -> CaseResult:
        """Give the case's result."""
        return CaseResult(
            case=self.case.id,
            verdict=self.verdict,
            reason=self.reason,
            exchanges=self.exchanges,
            duration_ms=round(self.duration_ms, 3),
        )
