"""Checks on the exchange as such: an answer came, whole, and in time."""

from collections.abc import Iterator

from dpi_conformance.checks.seen import Seen
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Finding

__all__ = ["answered", "in_time"]


def in_time(seen: Seen) -> Iterator[tuple[str, str, str]]:
    """The answer came within the time limit of product.yaml (limits.answer_seconds)."""
    if seen.exchange.elapsed_ms > seen.time_limit_ms:
        yield "time", f"≤ {seen.time_limit_ms:.0f} ms", f"{seen.exchange.elapsed_ms:.0f} ms"


def answered(exchange: Exchange) -> Iterator[Finding]:
    """A request that the product took gets an answer that HTTP can carry (RFC 9110; RFC 9112)."""
    if exchange.response is None and exchange.trouble is not None:
        yield Finding(
            code="transport.answered",
            message=Message(text=N_("Each request gets a complete answer.")),
            expected=N_("a complete HTTP answer within the time limit"),
            actual=f"{exchange.trouble.kind}: {exchange.trouble.detail}",
            clause="RFC 9112, 8; limits.answer_seconds",
            exchange=exchange.id,
            place="transport",
            advice=Message(
                text=N_(
                    "A caller cannot tell whether the request was carried out, and may order it twice or never. "
                    "Answer every request, also one that is refused, and close connections only between answers."
                )
            ),
        )
