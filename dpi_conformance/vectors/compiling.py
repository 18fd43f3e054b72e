"""Compiles a block's vectors: its documents and its knowledge in, the frozen files out, the same bytes each time."""

import hashlib
import importlib.metadata
import platform
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.errors import HarnessError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors import freezing
from dpi_conformance.vectors.freezing import Frozen, freeze
from dpi_conformance.vectors.generating import Judgement, SyntheticAnswer, generate, judge, request_of
from dpi_conformance.vectors.knowledge import load_knowledge
from dpi_conformance.vectors.processes import finished
from dpi_conformance.vectors.rebasing import rebased
from dpi_conformance.vectors.rules import subjects, trials
from dpi_conformance.vectors.store import MANIFEST, Manifest, read_manifest
from dpi_conformance.vectors.trials import Subject, Trial, settled

__all__ = ["FROZEN", "SEED", "Drawn", "build", "differences"]

SEED: Final = 20261124
"""Of all that is drawn at random; part of what a frozen set is recognised by."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn at random: from which seed, and how many cases for each variant and mode."""

    seed: int
    examples: int


FROZEN: Final = Drawn(SEED, 150)
"""What the frozen set is drawn by."""
_ANSWERS: Final = {"served": SyntheticAnswer(status=200), "refused": SyntheticAnswer(status=400)}
_SERVED_WRONGLY: Final = frozenset({"ST201", "ST203"})
_REFUSED_WRONGLY: Final = frozenset({"ST202"})
_TOOLS: Final = ("schemathesis", "hypothesis", "hypothesis-jsonschema", "jsonschema-rs")
_MODULE: Final = "dpi_conformance.vectors.compiling"


def build(
    openapi: Path,
    knowledge: Path,
    folder: Path,
    only: Collection[str] = (),
    drawn: Drawn = FROZEN,
    *,
    stop: threading.Event | None = None,
) -> Manifest:
    """Compile in a clean process and write the frozen files into ``folder``; raises HarnessError where it fails.

    What is drawn depends on everything that a process has imported, hence a process of its own. ``only`` names
    variants, for a build that is faster and is not the block's; other ``drawn`` gives other vectors at random.
    Once ``stop`` is set, the process is ended, and HarnessError raised.
    """
    paths = [str(openapi), str(knowledge), str(folder)]
    drawing = [str(drawn.seed), str(drawn.examples)]
    command = [sys.executable, "-I", "-m", _MODULE, *drawing, *paths, *sorted(only)]
    environment = {"PATH": "", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with tempfile.TemporaryDirectory() as elsewhere:
        code, said = finished(command, Path(elsewhere), environment, stop or threading.Event())
    if code:
        reason = said.strip()[-2000:] or f"exit code {code}"
        raise HarnessError(
            Message(text=N_("The vectors could not be built: {reason}"), values={"reason": reason})
        )
    return read_manifest(folder / MANIFEST)


def differences(built: Manifest, kept: Manifest) -> tuple[str, ...]:
    """Name what differs between two frozen sets: digests and versions."""
    pairs = ((built.digests, kept.digests), (built.versions, kept.versions))
    return tuple(
        f"{name}: {ours.get(name, '-')} / {theirs.get(name, '-')}"
        for ours, theirs in pairs
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    )


def _compiled(openapi: Path, knowledge: Path, only: Collection[str], drawn: Drawn) -> tuple[str, Frozen]:
    known = load_knowledge(knowledge)
    chosen = [
        subject for subject in subjects(load_spec(openapi), known) if not only or subject.variant.id in only
    ]
    cases = generate(chosen, seed=drawn.seed, examples=drawn.examples)
    made = [
        (subject, trial)
        for subject in chosen
        for trial in chain(trials(subject), settled(subject, rebased(subject, cases[subject.variant.id])))
    ]
    return known.block, freeze(known.block, _confirmed(made, drawn.seed))


def _confirmed(made: Sequence[tuple[Subject, Trial]], seed: int) -> Iterator[tuple[Subject, Trial]]:
    """Leave open what schemathesis would not hold against a product: two readings of the documents must agree."""
    asked = [(subject, trial) for subject, trial in made if _judgeable(trial)]
    variants = {subject.variant.id: subject for subject, _ in made}.values()
    requests = [request_of(subject, trial) for subject, trial in asked]
    judgements = iter(judge(variants, requests, _ANSWERS, seed=seed))
    for subject, trial in made:
        agreed = not _judgeable(trial) or _agrees(trial, next(judgements))
        yield subject, trial if agreed else replace(trial, expect=Expectation.EITHER, shows=())


def _judgeable(trial: Trial) -> bool:
    """Tell whether schemathesis can have an opinion: a body that is missing or no JSON value it cannot describe."""
    decided = trial.expect in {Expectation.REFUSED, Expectation.ACCEPTED}
    return decided and trial.draft.raw is None and (trial.kind, trial.place) != ("required", "body")


def _agrees(trial: Trial, judgement: Judgement) -> bool:
    if trial.expect is Expectation.REFUSED:
        return judgement.mode == "negative" and bool(judgement.codes["served"] & _SERVED_WRONGLY)
    return judgement.mode == "positive" and bool(judgement.codes["refused"] & _REFUSED_WRONGLY)


def _versions() -> dict[str, str]:
    versions = {"python": ".".join(platform.python_version_tuple()[:2])}
    for tool in _TOOLS:
        try:
            versions[tool] = importlib.metadata.version(tool)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _main(arguments: Sequence[str]) -> None:
    drawn = Drawn(int(arguments[0]), int(arguments[1]))
    openapi, knowledge, folder = (Path(argument) for argument in arguments[2:5])
    block, frozen = _compiled(openapi, knowledge, arguments[5:], drawn)
    made_of = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in (("openapi", openapi), ("knowledge", knowledge))
    }
    manifest = Manifest(
        block=block,
        digests={**frozen.digests, **made_of},
        versions=_versions(),
        seed=drawn.seed,
        counts=frozen.counts,
    )
    freezing.write(folder, frozen, manifest)


if __name__ == "__main__":
    _main(sys.argv[1:])
