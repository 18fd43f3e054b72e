"""A scenario over several blocks: who played which role, at which interface it broke, and on whose side."""

from collections.abc import Iterator
from dataclasses import dataclass

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.report import Report, RoleReport

__all__ = ["Break", "breaks", "broken", "players"]

_PLAYERS = {
    "product": N_("{role} ({title}): the product {name} {version}, at {address}"),
    "mock": N_("{role} ({title}): {name} {version}"),
    "harness": N_("{role} ({title}): the harness"),
}
_SHOWN = 6
"""Findings that are named of one break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One interface at which a scenario broke, and the side whose message departs from its specification."""

    interface: str
    side: str
    player: RoleReport | None
    """Who played that side; None where the journal does not say."""
    findings: tuple[str, ...]


def breaks(report: Report) -> list[Break]:
    """Give the breaks in the order of their first finding; advisory findings break nothing."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for case, finding in report.findings.values():
        if finding.interface and not finding.advisory:
            found.setdefault((case.block, finding.interface, finding.side), []).append(finding.id)
    players = {(one.scenario, one.role): one for one in report.roles}
    return [
        Break(interface=interface, side=side, player=players.get((scenario, side)), findings=tuple(findings))
        for (scenario, interface, side), findings in found.items()
    ]


def broken(report: Report) -> Iterator[Message]:
    """Say of each break where it is, whose side departs from its specification, and which findings show it."""
    for one in breaks(report):
        more = " …" if len(one.findings) > _SHOWN else ""
        yield Message(
            text=N_("It broke at “{interface}”, on the side of {side}, played by {player}: {findings}."),
            values={
                "interface": one.interface,
                "side": one.side or "–",
                "player": _named(one.player),
                "findings": f"{', '.join(one.findings[:_SHOWN])}{more}",
            },
        )


def players(report: Report) -> Iterator[Message]:
    """Say of each role who played it."""
    for one in report.roles:
        yield Message(text=_PLAYERS[one.played_by], values=one.model_dump(exclude={"scenario", "played_by"}))


def _named(player: RoleReport | None) -> str:
    return f"{player.name} {player.version}".strip() if player is not None else "–"
