"""One measured figure beside its goal."""

from dataclasses import dataclass

__all__ = ["Row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured, the figure as the reader sees it, the goal, and whether it is met."""

    what: str
    measured: str
    goal: str = "–"
    met: bool | None = None

    def line(self) -> str:
        """Give the row of a Markdown table."""
        met = "–" if self.met is None else "yes" if self.met else "**no**"
        return f"| {self.what} | {self.measured} | {self.goal} | {met} |"
