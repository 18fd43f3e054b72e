"""Reads and writes frozen vectors, their cases and their manifest; streaming, and light enough for every run."""

import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import orjson

from dpi_conformance.errors import PackError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import Case
from dpi_conformance.model.vectors import Expectation, Profile, Vector

__all__ = [
    "CASES",
    "MANIFEST",
    "VECTORS",
    "Manifest",
    "case_line",
    "read_cases",
    "read_manifest",
    "read_vectors",
    "vector_line",
]

VECTORS: Final = "vectors.ndjson.gz"
CASES: Final = "cases.ndjson"
MANIFEST: Final = "manifest.json"

_ORDER: Final = {profile: rank for rank, profile in enumerate(Profile)}
_PROFILES: Final = {profile.value.encode(): rank for profile, rank in _ORDER.items()}
_START: Final = b'{"profile":"'
_PAIRS: Final = ("headers", "repeat", "echo")
_DEFAULTS: Final = {f.name: f.default for f in fields(Vector)}
_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a frozen set was made of and by, and the digests that it is recognised by."""

    block: str
    digests: Mapping[str, str]
    """sha256 of what was frozen (``vectors`` and ``cases``, uncompressed) and of what it was made of."""
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    counts: Mapping[str, Any] = field(default_factory=dict)
    schema_version: int = 1


def vector_line(vector: Vector) -> bytes:
    """Write a vector as one line of JSON, defaults left out, the profile first."""
    content: dict[str, Any] = {"profile": vector.profile.value}
    for name in _DEFAULTS:
        value = getattr(vector, name)
        if name != "profile" and value != _DEFAULTS[name] and value not in ((), {}):
            content[name] = _written(value) if isinstance(value, Message) else value
    return orjson.dumps(content) + b"\n"


def case_line(case: Case, counts: Mapping[Profile, int]) -> bytes:
    """Write a case as one line of JSON, with how many vectors each profile has of it."""
    content = {
        "id": case.id,
        "kind": case.kind,
        "purpose": _written(case.purpose),
        "variant": case.variant,
        "functions": case.functions,
        "clause": case.clause,
        "vectors": {profile.value: counts.get(profile, 0) for profile in Profile},
    }
    return orjson.dumps(content) + b"\n"


def read_manifest(path: Path) -> Manifest:
    """Read ``manifest.json``; raises PackError if it is not one."""
    try:
        return Manifest(**orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError, TypeError) as error:
        raise _broken(path, str(error)) from error


def read_vectors(path: Path, profile: Profile = Profile.FULL) -> Iterator[Vector]:
    """Give the profile's vectors in frozen order; raises PackError first if the file is not as it was frozen."""
    _verify(path, "vectors", _unzipped(path))
    return _vectors(path, profile)


def read_cases(path: Path, profile: Profile, block: str) -> tuple[Case, ...]:
    """Give the cases that have vectors in the profile; raises PackError if the file is not as it was frozen."""
    content = path.read_bytes() if path.is_file() else b""
    _verify(path, "cases", iter([content]))
    cases = (_case(orjson.loads(line), profile, block) for line in content.splitlines())
    return tuple(case for case in cases if case.vectors)


def _vectors(path: Path, profile: Profile) -> Iterator[Vector]:
    wanted = _ORDER[profile]
    with gzip.open(path, "rb") as lines:
        for line in lines:
            name = line[len(_START) : line.index(b'"', len(_START))]
            if _PROFILES[name] <= wanted:
                yield _vector(orjson.loads(line))


def _vector(content: dict[str, Any]) -> Vector:
    content["expect"] = Expectation(content["expect"])
    content["profile"] = Profile(content["profile"])
    for name in _PAIRS:
        if name in content:
            content[name] = tuple(tuple(pair) for pair in content[name])
    content["needs"] = tuple(content.get("needs", ()))
    content["shows"] = tuple(content.get("shows", ()))
    note = content.pop("note", None)
    return Vector(**content, note=Message(**note) if note else None)


def _written(message: Message) -> dict[str, Any]:
    return {"text": message.text, "values": dict(message.values)}


def _case(content: dict[str, Any], profile: Profile, block: str) -> Case:
    return Case(
        id=content["id"],
        block=block,
        kind=content["kind"],
        purpose=Message(**content["purpose"]),
        variant=content["variant"],
        functions=tuple(content["functions"]),
        clause=content["clause"],
        vectors=content["vectors"][profile.value],
    )


def _unzipped(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as content:
            while chunk := content.read(_CHUNK):
                yield chunk
    except (OSError, EOFError) as error:
        raise _broken(path, str(error)) from error


def _verify(path: Path, name: str, content: Iterable[bytes]) -> None:
    digest = hashlib.sha256()
    for chunk in content:
        digest.update(chunk)
    expected = read_manifest(path.with_name(MANIFEST)).digests.get(name)
    if digest.hexdigest() != expected:
        raise _broken(path, f"sha256 {digest.hexdigest()}, and {MANIFEST} says {expected}")


def _broken(path: Path, reason: str) -> PackError:
    return PackError(
        Message(
            text=N_(
                "{path} is not what was frozen: {reason}. Take it from the release again, or rebuild it."
            ),
            values={"path": str(path), "reason": reason},
        )
    )
