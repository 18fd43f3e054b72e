"""What each planned case comes to, and its findings in an order that does not depend on timing."""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from dpi_conformance.i18n import N_
from dpi_conformance.judge.lines import Sighting
from dpi_conformance.judge.reading import CaseRead, Reading
from dpi_conformance.model.cases import Case
from dpi_conformance.model.report import CaseReport, FindingReport, RoleReport, Sentence
from dpi_conformance.model.requirements import Level
from dpi_conformance.model.verdicts import Outcome, Verdict

__all__ = ["case_reports", "claimed"]

_NOT_REACHED = Sentence(text=N_("The run ended before this case was decided."))
_NOT_CLAIMED = Sentence(text=N_("The vendor does not claim the function that this case is about."))
_NOTHING_SENT = Sentence(text=N_("Nothing was sent for this case, so nothing was seen."))
_EVIDENCE_MISSING = Sentence(
    text=N_("The journal says that the case passed, but lacks exchanges that it rests on; report this to us.")
)
_OUR_OWN_SIDE = N_(
    "It broke on the side of {sides}, which a mock of the harness plays; that says nothing about the product. Report this "
    "to us."
)


def case_reports(reading: Reading) -> list[CaseReport]:
    """Judge every planned case, in the order of the plan; findings are numbered through the run."""
    levels = _levels(reading)
    numbers = itertools.count(1)
    claims, ours = reading.claims, _ours(reading.roles)
    return [
        _report(
            read_case,
            levels[read_case.case.block],
            claims.get(read_case.case.block),
            ours.get(read_case.case.block, frozenset()),
            numbers,
        )
        for read_case in reading.cases.values()
    ]


def claimed(functions: Collection[str], claims: Collection[str] | None) -> bool:
    """Tell whether something is about a claimed function; without functions it is about every product."""
    return claims is None or not functions or any(function in claims for function in functions)


def _ours(roles: Iterable[RoleReport]) -> Mapping[str, frozenset[str]]:
    """Name, by scenario, the sides that are not the product's where it plays one; mocks among themselves are judged."""
    players: dict[str, dict[str, str]] = {}
    for one in roles:
        players.setdefault(one.scenario, {})[one.role] = one.played_by
    return {
        scenario: frozenset(role for role, player in known.items() if player != "product")
        for scenario, known in players.items()
        if "product" in known.values()
    }


def _levels(reading: Reading) -> dict[str, dict[str, Level]]:
    levels: dict[str, dict[str, Level]] = {block: {} for block in reading.blocks}
    for block, requirement in reading.requirements:
        levels.setdefault(block, {})[requirement.id] = requirement.level
    for read_case in reading.cases.values():
        levels.setdefault(read_case.case.block, {})
    return levels


def _report(
    read_case: CaseRead,
    levels: Mapping[str, Level],
    claims: Collection[str] | None,
    ours: Collection[str],
    numbers: Iterator[int],
) -> CaseReport:
    case, result = read_case.case, read_case.result
    outcome, reason = _outcome(read_case, claims, ours)
    seen = read_case.sightings if outcome is not Outcome.NOT_APPLICABLE else []
    return CaseReport(
        id=case.id,
        block=case.block,
        kind=case.kind,
        purpose=Sentence(text=case.purpose.text, values=dict(case.purpose.values)),
        variant=case.variant,
        functions=list(case.functions),
        requirements=list(case.requirements),
        clause=case.clause,
        decides=_decides(case, levels),
        verdict=outcome,
        reason=reason,
        vectors=case.vectors,
        exchanges=read_case.lines,
        duration_ms=result.duration_ms if result else 0.0,
        steps=[one.id for one in read_case.steps] if seen else [],
        findings=[_finding(next(numbers), sighting) for sighting in sorted(seen, key=_order)],
    )


def _outcome(
    read_case: CaseRead, claims: Collection[str] | None, ours: Collection[str]
) -> tuple[Outcome, Sentence | None]:
    """Give a case's outcome, and why it is not a pass or what a pass rests on; a pass without evidence is none."""
    result = read_case.result
    if not claimed(read_case.case.functions, claims):
        return Outcome.NOT_APPLICABLE, _NOT_CLAIMED
    if result is None:
        return Outcome.INCONCLUSIVE, _NOT_REACHED
    reason = Sentence(text=result.reason.text, values=dict(result.reason.values)) if result.reason else None
    if result.verdict is Verdict.PASS:
        return _proven(read_case, reason)
    sides = {one.side for one in read_case.sightings if not one.advisory}
    if result.verdict is Verdict.FAIL and sides and sides <= set(ours):
        return Outcome.ERROR, Sentence(text=_OUR_OWN_SIDE, values={"sides": ", ".join(sorted(sides))})
    if result.verdict is Verdict.NONE:
        reason = reason or _NOTHING_SENT
    return Outcome.of(result.verdict), reason


def _proven(read_case: CaseRead, remark: Sentence | None) -> tuple[Outcome, Sentence | None]:
    if read_case.lines < read_case.case.vectors:
        return Outcome.ERROR, _EVIDENCE_MISSING
    if read_case.lines == 0:
        return Outcome.INCONCLUSIVE, _NOTHING_SENT
    return Outcome.PASSED, remark


def _decides(case: Case, levels: Mapping[str, Level]) -> bool:
    """A failure denies conformance unless everything that the case is about is below REQUIRED."""
    own = [levels[requirement] for requirement in case.requirements if requirement in levels]
    return not own or Level.REQUIRED in own


def _order(sighting: Sighting) -> tuple[tuple[int, int, str], ...]:
    """Order by the evidence's id, numbers in it by their value: the order of the frozen vectors."""
    parts = re.findall(r"\d+|\D+", sighting.exchange or "")
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _finding(number: int, sighting: Sighting) -> FindingReport:
    return FindingReport(
        id=f"F{number:04d}",
        code=sighting.code,
        message=sighting.message,
        expected=sighting.expected,
        actual=sighting.actual,
        clause=sighting.clause,
        place=sighting.place,
        exchange=sighting.exchange,
        note=sighting.note,
        advice=sighting.advice,
        advisory=sighting.advisory,
        interface=sighting.interface,
        side=sighting.side,
    )
