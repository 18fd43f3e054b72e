"""From trials to frozen vectors and cases, in canonical order, with ids that are digests of their content."""

import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from dpi_conformance.model.cases import Case
from dpi_conformance.model.spec import Variant
from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.vectors import writing
from dpi_conformance.vectors.profiles import profiled
from dpi_conformance.vectors.purposes import clause_of, purpose_of
from dpi_conformance.vectors.store import (
    CASES,
    MANIFEST,
    VECTORS,
    Manifest,
    case_line,
    read_cases,
    read_manifest,
    read_vectors,
    vector_line,
)
from dpi_conformance.vectors.trials import Subject, Trial

_DIGESTED_NOT = frozenset({"id", "profile", "note", "origin"})
"""What a vector is not recognised by: the same request of the same case is one vector, whoever made it."""

__all__ = ["Frozen", "case_id", "freeze", "keep", "vector_of", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A frozen set as the bytes of its two files, and what there is to count in it."""

    vectors: bytes
    cases: bytes
    counts: Mapping[str, Any]

    @property
    def digests(self) -> dict[str, str]:
        """Give the sha256 of both."""
        return {name: hashlib.sha256(getattr(self, name)).hexdigest() for name in ("vectors", "cases")}


def freeze(block: str, trials: Iterable[tuple[Subject, Trial]]) -> Frozen:
    """Freeze trials: each becomes a vector, equal ones once; each case gets its purpose and clause."""
    made: dict[str, tuple[int, Vector]] = {}
    tried: dict[str, list[tuple[Subject, Trial]]] = {}
    order: dict[str, int] = {}
    for number, (subject, trial) in enumerate(trials):
        order.setdefault(subject.variant.id, len(order))
        vector = vector_of(block, subject, trial)
        made.setdefault(vector.id, (number, vector))
        tried.setdefault(vector.case, []).append((subject, trial))
    ranked = sorted(made.values(), key=lambda item: _rank(item, order))
    vectors = profiled(vector for _, vector in ranked)
    cases = {name: _case(block, name, own) for name, own in tried.items()}
    return Frozen(
        vectors=b"".join(vector_line(vector) for vector in vectors),
        cases=b"".join(_case_lines(cases, vectors)),
        counts=_counts(vectors, cases),
    )


def vector_of(block: str, subject: Subject, trial: Trial) -> Vector:
    """Write one trial down."""
    draft = trial.draft
    body = None if draft.raw else writing.body_text(draft, subject.knowledge.numbers)
    vector = Vector(
        id="",
        case=case_id(block, subject.variant, trial),
        variant=subject.variant.id,
        method=draft.method,
        target=writing.target(draft),
        expect=trial.expect,
        headers=writing.headers(draft),
        body=draft.raw.text if draft.raw else body,
        body_base64=draft.raw.base64 if draft.raw else None,
        repeat=draft.raw.repeat if draft.raw else (),
        needs=trial.needs,
        echo=trial.echo,
        shows=trial.shows,
        control=trial.control,
        credentials=trial.credentials,
        note=trial.note,
        origin=trial.origin,
    )
    return replace(vector, id=_digest(vector))


def case_id(block: str, variant: Variant, trial: Trial) -> str:
    """Give the id of a trial's case."""
    parts = [block, "contract", variant.id, trial.kind, trial.place, trial.keyword]
    return "/".join(part.replace("/", "-") for part in parts if part)


def write(folder: Path, frozen: Frozen, manifest: Manifest) -> None:
    """Write the three files; the same content gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=9) as packed:
        packed.write(frozen.vectors)
    (folder / VECTORS).write_bytes(buffer.getvalue())
    (folder / CASES).write_bytes(frozen.cases)
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    (folder / MANIFEST).write_bytes(orjson.dumps(asdict(manifest), option=options) + b"\n")


def keep(folder: Path, block: str, wanted: Callable[[Vector], bool]) -> None:
    """Rewrite a frozen set with the wanted vectors only, its cases, counts and digests to match."""
    kept = [vector for vector in read_vectors(folder / VECTORS) if wanted(vector)]
    cases = {case.id: case for case in read_cases(folder / CASES, Profile.FULL, block)}
    frozen = Frozen(
        vectors=b"".join(vector_line(vector) for vector in kept),
        cases=b"".join(_case_lines(cases, kept)),
        counts=_counts(kept, cases),
    )
    manifest = read_manifest(folder / MANIFEST)
    digests = {**manifest.digests, **frozen.digests}
    write(folder, frozen, replace(manifest, digests=digests, counts=frozen.counts))


def _digest(vector: Vector) -> str:
    content = {name: value for name, value in asdict(vector).items() if name not in _DIGESTED_NOT}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _rank(item: tuple[int, Vector], order: Mapping[str, int]) -> tuple[int, bool, str, int]:
    number, vector = item
    return order[vector.variant], not vector.control, vector.case, number


def _case(block: str, name: str, tried: Sequence[tuple[Subject, Trial]]) -> Case:
    """Make a case of its trials; the first decided one says its purpose."""
    expectations = {trial.expect for _, trial in tried}
    decided = ((subject, trial) for subject, trial in tried if trial.expect is not Expectation.EITHER)
    subject, trial = next(decided, tried[0])
    variant = subject.variant
    return Case(
        id=name,
        block=block,
        kind="contract",
        purpose=purpose_of(variant, trial, expectations),
        variant=variant.id,
        functions=(variant.function,) if variant.function else (),
        clause=clause_of(variant, trial, subject.knowledge.clauses),
    )


def _case_lines(cases: Mapping[str, Case], vectors: Iterable[Vector]) -> Iterable[bytes]:
    counts: dict[str, dict[Profile, int]] = {}
    for vector in vectors:
        held = counts.setdefault(vector.case, dict.fromkeys(Profile, 0))
        for profile in list(Profile)[list(Profile).index(vector.profile) :]:
            held[profile] += 1
    return (case_line(cases[case], held) for case, held in counts.items())


def _counts(vectors: list[Vector], cases: Mapping[str, Case]) -> dict[str, Any]:
    ranks = list(Profile)
    profiles = {
        profile.value: sum(ranks.index(vector.profile) <= rank for vector in vectors)
        for rank, profile in enumerate(ranks)
    }
    return {
        "cases": len(cases),
        "profiles": profiles,
        "variants": dict(Counter(vector.variant for vector in vectors)),
        "expectations": dict(Counter(vector.expect.value for vector in vectors)),
        "origins": dict(Counter(vector.origin.partition(":")[0] for vector in vectors)),
    }
