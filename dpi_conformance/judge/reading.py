"""Reads a journal once, line by line, and keeps only what the verdict and its evidence need."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.errors import JournalError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.judge import lines as journal
from dpi_conformance.judge.conversations import STEPS_OF_A_RUN, Conversation
from dpi_conformance.judge.lines import Contradiction, Line, Sighting, understood
from dpi_conformance.judge.plan import Plan
from dpi_conformance.model.cases import SUITE, Case, CaseResult
from dpi_conformance.model.report import (
    SCHEMA_VERSION,
    Evidence,
    ObservationReport,
    Product,
    RoleReport,
    Run,
    Sentence,
    Tool,
)
from dpi_conformance.model.requirements import Requirement
from dpi_conformance.model.verdicts import Verdict

__all__ = ["BlockRead", "CaseRead", "Reading", "read"]

_EVIDENCE_OF_ONE_KIND = 100
"""Exchanges kept of one check on one operation: a product that fails everything must not fill the memory."""

_DECIDED = frozenset({Verdict.PASS, Verdict.FAIL})


@dataclass(slots=True)
class CaseRead:
    """A planned case and what the journal says of it so far."""

    case: Case
    lines: int = 0
    """Exchanges and callbacks that count."""
    worst: Verdict = Verdict.NONE
    """The worst verdict of these."""
    sightings: list[Sighting] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    conversation: Conversation = field(default_factory=Conversation)
    """What a suite's case sent and was sent, where it led to a finding."""
    result: CaseResult | None = None

    @property
    def steps(self) -> list[Evidence]:
        """Give what led to the findings of a suite's case, in order; empty where one exchange shows them by itself."""
        return self.conversation.led_to(self.evidence.values())


@dataclass(frozen=True, slots=True)
class BlockRead:
    """A block of the run, as its line says."""

    id: str
    title: str
    specification: str
    functions: dict[str, str]
    properties: dict[str, str]
    digests: dict[str, str]
    plan: Plan


@dataclass(slots=True)
class Reading:
    """All of a journal that the report is made of."""

    start: Line | None = None
    blocks: dict[str, BlockRead] = field(default_factory=dict)
    requirements: list[tuple[str, Requirement]] = field(default_factory=list)
    cases: dict[str, CaseRead] = field(default_factory=dict)
    observations: dict[tuple[str, str], ObservationReport] = field(default_factory=dict)
    resumed_at: list[str] = field(default_factory=list)
    finished_at: str | None = None
    ended: str = "killed"
    end_reason: Sentence | None = None
    link: str = ""
    """The last line's link: it stands for the whole journal."""
    began: bool = False
    """Something was sent or seen, so the list of cases had been written to its end."""
    _kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    _steps: int = 0
    _takers: Mapping[str, Callable[[Line], None]] = field(init=False)

    def __post_init__(self) -> None:
        """Say who takes which kind of line."""
        self._takers = {
            "start": self._start,
            "block": self._block,
            "requirement": self._requirement,
            "case": self._case,
            "observation": self._observation,
            "exchange": self._exchange,
            "callback": self._exchange,
            "result": self._result,
            "resume": self._resume,
            "end": self._end,
        }

    def take(self, line: Line) -> None:
        """Take in the next line; kinds that are unknown here belong to other readers."""
        self.link = line.get("chain", "")
        taker = self._takers.get(line["type"])
        if taker is not None:
            taker(line)

    def _exchange(self, line: Line) -> None:
        self.began = True
        read_case = self.cases.get(line.get("case", ""))
        if read_case is None or read_case.result is not None:
            return  # a step, or a control sent again for the sake of other cases
        read_case.lines += 1
        verdict = Verdict[line["verdict"]]
        read_case.worst = max(read_case.worst, verdict)
        if read_case.case.kind == SUITE:
            read_case.conversation.hear(line)
        if not line.get("findings") or verdict is Verdict.INCONCLUSIVE:
            return  # what hides the answer (throttling, credentials not taken) is no deviation
        found = [journal.sighting(line, finding) for finding in line["findings"]]
        if verdict < Verdict.FAIL and not all(sighting.advisory for sighting in found):
            raise Contradiction(_PASSED_WITH_FINDING)
        read_case.sightings.extend(found)
        self._keep(read_case, line, found)

    def _settle(self, read_case: CaseRead) -> None:
        """Let go a conversation that led to nothing, or would fill the memory."""
        steps = self._steps + len(read_case.conversation.kept)
        if not read_case.sightings or steps > STEPS_OF_A_RUN:
            read_case.conversation = Conversation()
        else:
            self._steps = steps

    def _keep(self, read_case: CaseRead, line: Line, found: Iterable[Sighting]) -> None:
        kinds = {(sighting.code, read_case.case.place) for sighting in found}
        if any(self._kept[kind] < _EVIDENCE_OF_ONE_KIND for kind in kinds):
            self._kept.update(kinds)
            read_case.evidence[line["id"]] = journal.evidence(line)

    def _result(self, line: Line) -> None:
        self.began = True
        result = journal.result(line)
        if result.case not in self.cases:
            raise ValueError(f"a result for the case {result.case}, which was not planned")
        if self.cases[result.case].result is not None:
            raise ValueError(f"a second result for the case {result.case}")
        _require_evidence(self.cases[result.case], result)
        self.cases[result.case].result = result
        self._settle(self.cases[result.case])

    def _start(self, line: Line) -> None:
        if line["schema_version"] != SCHEMA_VERSION:
            raise JournalError(
                Message(
                    text=N_(
                        "The journal is of version {theirs}, this release reads version {ours}; judge it with "
                        "the release that wrote it."
                    ),
                    values={"theirs": str(line["schema_version"]), "ours": SCHEMA_VERSION},
                )
            )
        self.start = line

    def _block(self, line: Line) -> None:
        self.blocks[line["id"]] = BlockRead(
            line["id"],
            line["title"],
            line.get("specification", ""),
            dict(line.get("functions") or {}),
            dict(line.get("properties") or {}),
            dict(line.get("digests") or {}),
            Plan(line["planned"]["count"], line["planned"]["sha256"]),
        )

    def _requirement(self, line: Line) -> None:
        self.requirements.append((line["block"], journal.requirement(line)))

    def _case(self, line: Line) -> None:
        case = journal.case(line)
        if case.id in self.cases:
            raise ValueError(f"the case {case.id} is planned twice")
        self.cases[case.id] = CaseRead(case)
        self.blocks[case.block].plan.take(line)

    def _observation(self, line: Line) -> None:
        self.began = True
        observation = journal.observation(line)
        self.observations[observation.block, observation.probe] = observation

    def _resume(self, line: Line) -> None:
        """A stopped run goes on: what undecided cases had seen is void, they are sent again."""
        self.resumed_at.append(line.get("at", ""))
        self.finished_at, self.ended, self.end_reason = None, "killed", None
        for case_id, read_case in self.cases.items():
            undecided = read_case.result is None or read_case.result.verdict not in _DECIDED
            if undecided and (read_case.lines or read_case.result):
                self.cases[case_id] = CaseRead(read_case.case)
        self._kept = Counter(
            (sighting.code, read_case.case.place)
            for read_case in self.cases.values()
            for sighting in read_case.sightings
            if sighting.exchange in read_case.evidence
        )

    def _end(self, line: Line) -> None:
        self.finished_at, self.ended = line.get("finished_at"), line["ended"]
        self.end_reason = journal.sentence(line.get("reason"))
        self.began = self.began or self.ended == "complete"

    @property
    def claims(self) -> dict[str, list[str] | None]:
        """Give the claimed functions of each block; None where the journal says nothing: all are."""
        written = self._started.get("claims") or {}
        return {block: written.get(block) for block in self.blocks}

    @property
    def product(self) -> Product:
        """Give the item under test."""
        written = {
            key: value for key, value in (self._started.get("product") or {}).items() if value is not None
        }
        return Product.model_validate(written)

    @property
    def target(self) -> dict[str, Any]:
        """Give the redacted target, by block."""
        return dict(self._started.get("target") or {})

    @property
    def roles(self) -> list[RoleReport]:
        """Give who played which role of a scenario."""
        return [RoleReport.model_validate(role) for role in self._started.get("roles") or ()]

    @property
    def run(self) -> Run:
        """Give when, with what and how far the run went."""
        written = self._started["run"]
        return Run(
            id=written["id"],
            started_at=written["started_at"],
            finished_at=self.finished_at,
            ended=self.ended,
            reason=self.end_reason,
            resumed_at=self.resumed_at,
            blocks=list(written.get("blocks") or self.blocks),
            profile=written.get("profile", ""),
            only=_words(written.get("only")),
            lang=written.get("lang") or "en",
            tool=Tool.model_validate(written.get("tool") or {}),
            versions={name: str(version) for name, version in (written.get("versions") or {}).items()},
            product_file=self._started.get("product_file"),
            digests={block.id: block.digests for block in self.blocks.values()},
            journal_digest=self.link,
        )

    @property
    def _started(self) -> Line:
        if self.start is None:
            raise JournalError(
                Message(text=N_("The journal has no start line: it is not the journal of a run."))
            )
        return self.start


def read(lines: Iterable[Line]) -> Reading:
    """Read a whole journal; raises JournalError naming the first line that cannot be understood."""
    reading = Reading()
    for number, line in enumerate(lines, start=1):
        understood(number, line, reading.take)
    understood(1, reading.start or {}, lambda _line: (reading.run, reading.product, reading.roles))
    if reading.began:
        for block in reading.blocks.values():
            block.plan.require(block.id)
    return reading


_PASSED_WITH_FINDING = Message(
    text=N_(
        "Line {number} of the journal cannot be: the exchange passed, and there is a finding against it. The journal "
        "was edited; judge an intact copy, or run again."
    )
)


def _require_evidence(read_case: CaseRead, result: CaseResult) -> None:
    """Raise Contradiction where a result is better than its exchanges, or a failure that none of its vectors shows.

    A suite's case, which has no vectors, may fail by what it did not see.
    """
    told, seen = result.verdict, read_case.worst
    if told < seen or (read_case.case.vectors and told is Verdict.FAIL and seen is not Verdict.FAIL):
        raise Contradiction(
            Message(
                text=N_(
                    "Line {number} of the journal cannot be: it says {told} of the case {case}, and the worst of its "
                    "exchanges is {seen}. The journal was edited; judge an intact copy, or run again."
                ),
                values={"told": told.name, "case": result.case, "seen": seen.name},
            )
        )


def _words(only: Any) -> list[str]:
    if not only:
        return []
    return [only] if isinstance(only, str) else [str(glob) for glob in only]
