"""The report: what a run came to, as ``report.json`` has it; its JSON Schema is published with the package."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import place_of
from dpi_conformance.model.requirements import Level, Observability
from dpi_conformance.model.verdicts import Outcome, RequirementVerdict

__all__ = [
    "BlockReport",
    "CaseReport",
    "Conformance",
    "Counts",
    "Evidence",
    "FindingReport",
    "Levels",
    "ObservationReport",
    "Product",
    "Report",
    "RequirementReport",
    "RoleReport",
    "Run",
    "Sentence",
    "Share",
    "Tool",
]

SCHEMA_VERSION: Literal[1] = 1


class Conformance(StrEnum):
    """The verdict on a product; ``exit_code`` is what a command ends with."""

    CONFORMANT = "CONFORMANT"
    NOT_CONFORMANT = "NOT_CONFORMANT"
    INCONCLUSIVE = "INCONCLUSIVE"

    @property
    def exit_code(self) -> int:
        """Give 0 for conformant, 1 for not conformant, 3 for inconclusive."""
        return {"CONFORMANT": 0, "NOT_CONFORMANT": 1, "INCONCLUSIVE": 3}[self.value]


class _Value(BaseModel):
    """Frozen; a key that the model does not know is an error, so that nothing is dropped unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Sentence(_Value):
    """A sentence for a reader: the English template (the catalogue's key) and the values that fill it."""

    text: str
    values: dict[str, str | int | float] = Field(default_factory=dict)

    @property
    def message(self) -> Message:
        """Give it as the message that the catalogue translates."""
        return Message(text=self.text, values=self.values)

    def __str__(self) -> str:
        """Give the English sentence."""
        return str(self.message)


class Tool(_Value):
    """The harness that ran."""

    name: str = "dpi-conformance"
    version: str = ""


class Product(BaseModel):
    """The item under test, as its vendor names it in ``product.yaml``; ``unknown`` without one."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    vendor: str = ""
    name: str = "unknown"
    version: str = ""
    build: str = ""
    contact: str = ""
    adaptor: str = ""
    """``native``, or ``adaptor`` where something translates between the product and the standard."""


class Counts(_Value):
    """Cases by outcome; they add up to the expected ones (design, 1)."""

    expected: int = 0
    passed: int = 0
    failed: int = 0
    inconclusive: int = 0
    not_applicable: int = 0
    error: int = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.expected != sum(self.of(outcome) for outcome in Outcome):
            raise ValueError(f"the counts do not add up to the expected cases: {self!r}")
        return self

    def of(self, outcome: Outcome) -> int:
        """Give the number of cases with an outcome."""
        count: int = getattr(self, outcome.value)
        return count


class Share(_Value):
    """Requirements of one level by verdict, and the share of the applicable ones that is met."""

    total: int = 0
    met: int = 0
    failed: int = 0
    inconclusive: int = 0
    not_tested: int = 0
    not_applicable: int = 0
    percent_met: float | None = None
    """Met of all that apply to the claims, in percent, one decimal; null where none applies."""
    percent_met_of_tested: float | None = None
    """Met of those that were tested (met, failed or inconclusive)."""


class Levels(_Value):
    """The rule of GovStack 2.x: 100 % of REQUIRED; RECOMMENDED is shown as a percentage."""

    scheme: str = "govstack-2.x"
    required: Share = Share()
    recommended: Share = Share()


class Run(_Value):
    """When, with what and how far the run went."""

    id: str
    started_at: str
    finished_at: str | None
    ended: Literal["complete", "interrupted", "lost", "error", "killed"]
    reason: Sentence | None
    resumed_at: list[str]
    blocks: list[str]
    profile: str
    only: list[str]
    lang: str
    tool: Tool
    versions: dict[str, str]
    product_file: str | None
    digests: dict[str, dict[str, str]]
    """sha256 of specification, requirements, errata, vectors and cases, by block."""
    journal_digest: str
    """The ``chain`` of the journal's last line: it stands for the whole journal, line by line."""


class BlockReport(_Value):
    """One building block: what was claimed, and what came of it."""

    id: str
    title: str
    specification: str
    functions: dict[str, str]
    properties: dict[str, str]
    """Titles of what the cases of its suites are about, by the property's id."""
    claims: list[str]
    digests: dict[str, str]
    verdict: Conformance
    counts: Counts
    levels: Levels


class RequirementReport(_Value):
    """One requirement and its verdict over the planned cases that test it."""

    id: str
    block: str
    source: str
    clause: str
    text: str
    level: Level
    observability: Observability
    functions: list[str]
    verdict: RequirementVerdict
    reason: Sentence | None
    """Why it is not tested, not applicable or inconclusive."""
    tested: str
    """Which part of the sentence the cases test, where it is not the whole."""
    published: str
    related: list[str]
    cases: list[str]
    checks: list[str]
    """Only findings of these checks (globs) break it; empty: any failure of its cases does."""


class FindingReport(_Value):
    """One observed deviation; ``id`` is stable within the run (``F0001``, …)."""

    id: str
    code: str
    """The check that saw it, e.g. ``status.refused``."""
    message: Sentence
    expected: str
    actual: str
    clause: str
    place: str
    exchange: str | None
    """Id of its evidence: in ``exchanges`` of the report (see there), always in the journal."""
    note: Sentence | None
    """What the vector varied, e.g. ``13 characters where 12 are allowed``."""
    advice: Sentence | None
    advisory: bool
    """Worth knowing and shown, but not a failure."""
    interface: str = ""
    """In a scenario: between whom it broke, e.g. ``programme → exchange → registry``."""
    side: str = ""
    """In a scenario: the role whose player departs from its specification there; see ``roles``."""


class CaseReport(_Value):
    """One planned case and what it came to."""

    id: str
    block: str
    kind: str
    purpose: Sentence
    variant: str
    functions: list[str]
    requirements: list[str]
    clause: str
    decides: bool
    """Its failure denies conformance; false where all its requirements are below REQUIRED."""
    verdict: Outcome
    reason: Sentence | None
    vectors: int
    exchanges: int
    duration_ms: float
    steps: list[str]
    """Ids of the requests and callbacks that led to a suite's findings, in order, in ``exchanges`` of the report.

    At most 40; ``exchanges`` of the case says how many there were. Empty where one exchange shows a finding by itself.
    """
    findings: list[FindingReport]

    @property
    def place(self) -> str:
        """Give the operation, or the property of a suite, that it is told under."""
        return place_of(self.block, self.kind, self.variant, self.id)


class Evidence(_Value):
    """An exchange, or a callback of the product, that a finding rests on; redacted, bodies cut at 4,096 characters."""

    id: str
    kind: Literal["exchange", "callback"]
    case: str
    vector: str
    started_at: str
    elapsed_ms: float
    request: dict[str, Any] | None
    response: dict[str, Any] | None
    trouble: dict[str, Any] | None


class ObservationReport(_Value):
    """What the doctor saw of the target before the run."""

    block: str
    probe: str
    health: Literal["ok", "warning", "trouble"]
    message: Sentence
    advice: Sentence | None


class RoleReport(_Value):
    """One role of a scenario, and who played it."""

    scenario: str
    role: str
    """A building block's id, or whom the harness plays."""
    title: str
    played_by: Literal["product", "mock", "harness"]
    name: str
    version: str
    address: str
    """Where it was reached; empty for the harness's own roles."""


class Report(_Value):
    """A run's report: a pure function of its journal."""

    schema_version: Literal[1] = SCHEMA_VERSION
    verdict: Conformance
    product: Product
    target: dict[str, Any]
    """By block: how the product was reached, redacted."""
    run: Run
    counts: Counts
    levels: Levels
    blocks: list[BlockReport]
    roles: list[RoleReport] = Field(default_factory=list)
    """Who played which role, where the run had a scenario over several blocks."""
    requirements: list[RequirementReport]
    cases: list[CaseReport]
    exchanges: list[Evidence]
    """The evidence of the findings, at most 100 of one check on one operation or property, and the steps that led to
    them; the journal has all."""
    observations: list[ObservationReport]

    @property
    def findings(self) -> Mapping[str, tuple[CaseReport, FindingReport]]:
        """Give every finding with its case, by id."""
        return {finding.id: (case, finding) for case in self.cases for finding in case.findings}
