"""Asks schemathesis in processes of its own: what it generates for a variant, and what it says of a request."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from dpi_conformance.errors import HarnessError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.vectors.documents import document
from dpi_conformance.vectors.drafts import ABSENT, Place
from dpi_conformance.vectors.trials import Subject, Trial
from dpi_conformance.vectors.writing import sampled

__all__ = ["Judgement", "SyntheticAnswer", "generate", "judge", "request_of"]

_PROGRAM: Final = Path(__file__).with_name("_schemathesis.py")
_AT_ONCE: Final = 2
_SECONDS: Final = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticAnswer:
    """An answer that nobody gave: what would be said of it if a product gave it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    body: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What schemathesis says of a request: ``positive`` or ``negative``, and its failures for each answer by name."""

    mode: str
    codes: Mapping[str, frozenset[str]]


def generate(subjects: Sequence[Subject], *, seed: int, examples: int) -> dict[str, list[Mapping[str, Any]]]:
    """Give the cases that schemathesis and Hypothesis make for each variant, the same for the same seed."""
    orders = [
        {
            "task": "generate",
            "seed": seed,
            "examples": examples,
            "documents": {subject.variant.id: document(subject) for subject in subjects[start::_AT_ONCE]},
        }
        for start in range(_AT_ONCE)
    ]
    cases: dict[str, list[Mapping[str, Any]]] = {subject.variant.id: [] for subject in subjects}
    with ThreadPoolExecutor(_AT_ONCE) as beside:
        for lines in beside.map(_asked, orders):
            for line in lines:
                cases[line["variant"]].append(line)
    return cases


def judge(
    subjects: Iterable[Subject],
    requests: Sequence[Mapping[str, Any]],
    answers: Mapping[str, SyntheticAnswer],
    *,
    seed: int,
) -> list[Judgement]:
    """Have schemathesis judge requests (see ``request_of``) to these variants, in their order."""
    order = {
        "task": "judge",
        "seed": seed,
        "documents": {subject.variant.id: document(subject) for subject in subjects},
        "requests": requests,
        "answers": {name: asdict(answer) for name, answer in answers.items()},
    }
    return [
        Judgement(mode=line["mode"], codes={name: frozenset(codes) for name, codes in line["codes"].items()})
        for line in _asked(order)
    ]


def request_of(subject: Subject, trial: Trial) -> dict[str, Any]:
    """Give a trial's request as the oracle takes it, samples in its slots."""
    draft, sample = trial.draft, subject.validity.sample
    request = {
        "variant": subject.variant.id,
        "method": draft.method,
        "path": sampled(dict(draft.path_values), sample),
        "query": sampled(dict(draft.query), sample),
        "headers": sampled(dict(draft.headers), sample),
    }
    if draft.body is not ABSENT:
        request["body"] = sampled(draft.body, sample)
    place = Place.read(trial.place)
    return {**request, "varied": [place.location, *map(str, place.steps)]} if place.steps else request


def _asked(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Run the program as text in a clean process; see its docstring for why."""
    environment = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.defpath}
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and program
            [sys.executable, "-I", "-c", _PROGRAM.read_text("utf-8")],
            input=json.dumps(order),
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    if done.returncode:
        text = N_("schemathesis failed while vectors were built: {reason}")
        raise HarnessError(Message(text=text, values={"reason": done.stderr.strip()[-2000:]}))
    return map(json.loads, done.stdout.splitlines())
