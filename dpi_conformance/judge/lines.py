"""Single lines of the journal as values; a line that cannot be understood is a JournalError."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import ValidationError

from dpi_conformance.errors import JournalError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.report import Evidence, ObservationReport, Sentence
from dpi_conformance.model.requirements import Level, Observability, Requirement
from dpi_conformance.model.verdicts import Verdict

__all__ = [
    "Contradiction",
    "Line",
    "Sighting",
    "case",
    "evidence",
    "observation",
    "requirement",
    "result",
    "sentence",
    "sighting",
    "understood",
]

Line = Mapping[str, Any]
T = TypeVar("T")


class Contradiction(Exception):  # noqa: N818 -- what a line says, not an error of ours
    """A line says what cannot be, beside the lines before it; carries the sentence."""

    def __init__(self, message: Message) -> None:
        """Take the sentence, in which ``{number}`` stands for the line's number."""
        self.message = message
        super().__init__(str(message.text))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding as journalled, with the exchange and vector that showed it."""

    exchange: str | None
    note: Sentence | None
    code: str
    message: Sentence
    expected: str
    actual: str
    clause: str
    place: str
    advice: Sentence | None
    advisory: bool
    interface: str
    side: str


def understood(number: int, line: Line, read: Callable[[Line], T]) -> T:
    """Read a line; raises JournalError with its number where a key is missing, of another type, or contradicted."""
    try:
        return read(line)
    except Contradiction as error:
        values = {**error.message.values, "number": number}
        raise JournalError(Message(text=error.message.text, values=values)) from error
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError) as error:
        raise JournalError(
            Message(
                text=N_("Line {number} of the journal ({type}) cannot be understood: {reason}."),
                values={
                    "number": number,
                    "type": str(line.get("type", "-")) if isinstance(line, Mapping) else "-",
                    "reason": " ".join(f"{type(error).__name__}: {error}".split())[:300],
                },
            )
        ) from error


def sentence(written: Mapping[str, Any] | None) -> Sentence | None:
    """Give a journalled message; equal ones are one value, so that ten thousand findings share it."""
    if written is None:
        return None
    return _shared(written["text"], tuple(dict(written.get("values") or {}).items()))


@lru_cache(maxsize=4096)
def _shared(text: str, values: tuple[tuple[str, Any], ...]) -> Sentence:
    return Sentence(text=text, values=dict(values))


def case(line: Line) -> Case:
    """Read a planned case."""
    purpose = line["purpose"]
    return Case(
        id=line["id"],
        block=line["block"],
        kind=line["kind"],
        purpose=Message(text=purpose["text"], values=purpose.get("values") or {}),
        variant=line.get("variant", ""),
        functions=tuple(line.get("functions", ())),
        requirements=tuple(line.get("requirements", ())),
        clause=line.get("clause", ""),
        vectors=int(line.get("vectors", 0)),
    )


def requirement(line: Line) -> Requirement:
    """Read a requirement."""
    return Requirement(
        id=line["id"],
        source=line["source"],
        clause=line["clause"],
        text=line["text"],
        level=Level(line["level"]),
        observability=Observability(line["observability"]),
        functions=tuple(line.get("functions", ())),
        cases=tuple(line.get("cases", ())),
        checks=tuple(line.get("checks", ())),
        tested=line.get("tested", ""),
        untestable=line.get("untestable", ""),
        published=line.get("published", ""),
        related=tuple(line.get("related", ())),
    )


def result(line: Line) -> CaseResult:
    """Read what a finished case came to."""
    reason = sentence(line.get("reason"))
    return CaseResult(
        case=line["case"],
        verdict=Verdict[line["verdict"]],
        reason=reason.message if reason else None,
        exchanges=int(line.get("exchanges", 0)),
        duration_ms=float(line.get("duration_ms", 0.0)),
    )


def sighting(line: Line, finding: Line) -> Sighting:
    """Read one finding of an exchange or callback."""
    message = sentence(finding["message"])
    if message is None:
        raise ValueError("a finding without a message")
    return Sighting(
        exchange=finding.get("exchange") or line["id"],
        note=_note(line.get("note")),
        code=finding["code"],
        message=message,
        expected=str(finding["expected"]),
        actual=str(finding["actual"]),
        clause=finding["clause"],
        place=finding.get("place", ""),
        advice=sentence(finding.get("advice")),
        advisory=bool(finding.get("advisory", False)),
        interface=str(finding.get("interface", "")),
        side=str(finding.get("side", "")),
    )


def _note(written: Mapping[str, Any] | str | None) -> Sentence | None:
    """Read what was varied; a journal of an earlier release has it as English text."""
    return sentence({"text": written} if isinstance(written, str) and written else written or None)


def evidence(line: Line) -> Evidence:
    """Read an exchange or a callback as the evidence of a finding."""
    inbound = line["type"] == "callback"
    answered = {"status": line["answered"]} if inbound and "answered" in line else None
    return Evidence(
        id=line["id"],
        kind="callback" if inbound else "exchange",
        case=line.get("case", ""),
        vector=line.get("vector", ""),
        started_at=line.get("received_at", "") if inbound else line.get("started_at", ""),
        elapsed_ms=float(line.get("after_ms", 0.0) if inbound else line.get("elapsed_ms", 0.0)),
        request=line.get("request"),
        response=line.get("response") or answered,
        trouble=line.get("trouble"),
    )


def observation(line: Line) -> ObservationReport:
    """Read one probe of the doctor."""
    message = sentence(line["message"])
    if message is None:
        raise ValueError("an observation without a message")
    return ObservationReport(
        block=line.get("block", ""),
        probe=line["probe"],
        health=line["health"],
        message=message,
        advice=sentence(line.get("advice")),
    )
