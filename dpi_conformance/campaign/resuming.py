"""Says whether a stopped run can go on: one report must rest on one plan, one product and one release's vectors."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from dpi_conformance.campaign.assignment import Assignment
from dpi_conformance.campaign.order import Order, claimed
from dpi_conformance.catalogue.product import TOKEN_VARIABLE
from dpi_conformance.catalogue.target import Target
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.journal import read_journal

__all__ = ["require_unchanged"]

_READ = ("start", "block", "case", "resume")


def require_unchanged(
    journal: Path, order: Order, work: Sequence[Assignment], targets: Mapping[str, Target]
) -> int:
    """Hold what a run was begun with against what it would go on with; raises UsageError where they differ.

    Gives how often the run was begun or resumed before.
    """
    plan: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _READ}
    for line in read_journal(journal):
        if line["type"] in plan:
            plan[line["type"]].append(line)
    _require_plan(journal, plan["case"], work)
    _require_content(journal, plan["block"], work)
    if order.product is not None:
        places = {place: one for each in work for place, one in each.places.items()}
        played = {place: one for place, one in places.items() if order.target(one.block.id) is not None}
        _require_product(journal, plan["start"][0], played, targets)
    return 1 + len(plan["resume"])


def _require_plan(journal: Path, planned: Iterable[Mapping[str, Any]], work: Sequence[Assignment]) -> None:
    known = {(line["id"], line["vectors"]) for line in planned}
    if known != {(case.id, case.vectors) for one in work for case in one.cases}:
        raise _changed(
            journal,
            N_(
                "{run}: its list of cases is not this release's, or was not written to its end; start a new run."
            ),
        )


def _require_content(journal: Path, begun: Iterable[Mapping[str, Any]], work: Sequence[Assignment]) -> None:
    digests = {line["id"]: line["digests"] for line in begun}
    for one in work:
        for name, digest in one.digests.items():
            if digests.get(one.block.id, {}).get(name) != digest:
                raise _changed(
                    journal,
                    N_(
                        "{run}: was begun with other {name} of “{block}”; go on with the release that began it, or "
                        "start a new run."
                    ),
                    name=name,
                    block=one.block.id,
                )


def _require_product(
    journal: Path, start: Mapping[str, Any], places: Mapping[str, Assignment], targets: Mapping[str, Target]
) -> None:
    for place, one in places.items():
        target = targets[place]
        same_target = start["target"].get(place) == orjson.loads(orjson.dumps(target.public()))
        same_claims = start["claims"].get(place) == sorted(claimed(target, one.block))
        if same_target and same_claims:
            continue
        if start["product_file"]:
            text = N_(
                "{run}: how “{block}” is reached, or what is claimed, was changed in product.yaml since it began; "
                "take the change back, or start a new run."
            )
        else:
            text = N_(
                "{run}: “{block}” is not reached as when it began; set {variable} in the environment as it was then (or "
                "unset it, if it was not set), or start a new run."
            )
        raise _changed(journal, text, block=one.block.id, variable=TOKEN_VARIABLE)


def _changed(journal: Path, text: str, **values: str) -> UsageError:
    return UsageError(Message(text=text, values={"run": str(journal.parent), **values}))
