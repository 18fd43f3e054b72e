"""Rich progress while a run goes on; plain lines where there is no terminal."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from dpi_conformance.cli.consoles import paragraph
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting.language import Language
from dpi_conformance.reporting.visible import visible

__all__ = ["ProgressObserver"]

_MARKS = {Health.OK: "[green]✓[/]", Health.WARNING: "[yellow]![/]", Health.TROUBLE: "[red]✗[/]"}


class ProgressObserver:
    """Shows the doctor's probes, then a bar with what was answered and what has come of it."""

    def __init__(self, console: Console, language: Language) -> None:
        """Take the console to write to and the reader's language."""
        self._console = console
        self._language = language
        self._counts: dict[Outcome, int] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[outcome]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            refresh_per_second=8,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._answered = 0
        self._written: frozenset[str] = frozenset()
        """Cases that are not made of vectors: each counts as one."""

    def __enter__(self) -> Self:
        """Start the display."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the display."""
        self._progress.stop()

    def planned(self, cases: Sequence[Case], vectors: int) -> None:
        """Open the bar."""
        text = Message(
            text=N_("{cases} cases, {vectors} vectors"), values={"cases": len(cases), "vectors": vectors}
        )
        description = self._language.translate(text)
        if not self._console.is_terminal:
            self._console.print(description)
        if self._task is not None:  # of the block or round before
            self._progress.remove_task(self._task)
        self._answered, self._counts = 0, {}
        self._written = frozenset(case.id for case in cases if not case.vectors)
        self._task = self._progress.add_task(description, total=vectors + len(self._written), outcome="")

    def observed(self, observation: Observation) -> None:
        """Print a probe; its advice only where something is wrong."""
        mark = _MARKS[observation.health]
        lines = [f" {mark} {self._shown(observation.message)}"]
        if observation.advice is not None and observation.health is not Health.OK:
            lines.append(f"   [dim]{self._shown(observation.advice)}[/]")
        for line in lines:
            self._console.print(line, highlight=False, soft_wrap=True)

    def _shown(self, message: Message) -> str:
        """Translate; what a product said in it is neither markup nor a control sequence of the terminal."""
        return escape(paragraph(self._console, visible(self._language.translate(message)), 3))

    def answered(self) -> None:
        """Advance the bar, a step in 32 answers: drawing must not slow the run."""
        self._answered += 1
        if self._answered % 32 == 0:
            self._draw()

    def _draw(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=self._answered, outcome=self._summary())

    def finished(self, result: CaseResult) -> None:
        """Count a finished case."""
        outcome = Outcome.of(result.verdict)
        self._counts[outcome] = self._counts.get(outcome, 0) + 1
        if result.case in self._written:
            self._answered += 1
            self._draw()

    def _summary(self) -> str:
        good, bad = self._counts.get(Outcome.PASSED, 0), self._counts.get(Outcome.FAILED, 0)
        return f"[green]✓ {good}[/] [red]✗ {bad}[/]" if bad else f"[green]✓ {good}[/]"
