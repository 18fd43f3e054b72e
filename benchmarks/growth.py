"""How memory and time grow with the number of vectors and of variants."""

import gzip
import hashlib
import itertools
import json
import multiprocessing
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

import orjson

from benchmarks.row import Row
from benchmarks.speed import free_port
from benchmarks.tier import Timed, mocked, run_tier
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.model.vectors import Profile
from dpi_conformance.vectors.store import CASES, MANIFEST, VECTORS, read_vectors, vector_line

__all__ = ["linear", "memory"]

_MANY = 100_000


@contextmanager
def multiplied(times: int) -> Iterator[Pack]:
    """Give a pack whose payments vectors are each there so many times, controls once."""
    pack = Pack.builtin()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("specs", "mocks", "reports"):
            (root / part).symlink_to(pack.root / part)
        shutil.copytree(pack.root / "suites", root / "suites")
        frozen = root / "suites" / "payments" / "vectors"
        digests = {
            "vectors": _multiply_vectors(frozen / VECTORS, times),
            "cases": _multiply_cases(frozen / CASES, pack, times),
        }
        manifest = json.loads((frozen / MANIFEST).read_text())
        manifest["digests"] |= digests
        (frozen / MANIFEST).write_text(json.dumps(manifest))
        yield Pack(name=pack.name, root=root)


def _multiply_vectors(path: Path, times: int) -> str:
    """Write each variant's vectors so many times over, one pass behind the other, as a longer set would have them."""
    digest = hashlib.sha256()
    vectors = list(read_vectors(path))
    with gzip.open(path, "wb", compresslevel=1) as out:
        for _, group in itertools.groupby(vectors, key=lambda vector: vector.variant):
            own = list(group)
            for copy in range(times):
                for vector in own if copy == 0 else [one for one in own if not one.control]:
                    line = vector_line(replace(vector, id=f"{vector.id}{copy:x}" if copy else vector.id))
                    digest.update(line)
                    out.write(line)
    return digest.hexdigest()


def _multiply_cases(path: Path, pack: Pack, times: int) -> str:
    controls = {v.case for v in read_vectors(pack.suite("payments", f"vectors/{VECTORS}")) if v.control}
    lines = []
    for line in path.read_bytes().splitlines():
        case = orjson.loads(line)
        once = 1 if case["id"] in controls else 0
        case["vectors"] = {
            name: (count - once) * times + once for name, count in case["vectors"].items() if count
        }
        case["vectors"] = {profile.value: case["vectors"].get(profile.value, 0) for profile in Profile}
        lines.append(orjson.dumps(case) + b"\n")
    content = b"".join(lines)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _measure(
    root: Path, only: tuple[str, ...], results: "multiprocessing.Queue[tuple[int, float, float]]"
) -> None:
    port = free_port()
    pack = Pack(name=Pack.builtin().name, root=root)
    with mocked(listening=port) as product, mock.patch.object(Pack, "builtin", return_value=pack):
        timed: Timed = run_tier(product.url, only=only, port=port)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results.put((timed.vectors, timed.seconds, resident))


def measured(times: int, only: tuple[str, ...] = ()) -> tuple[int, float, float]:
    """Run in a process of its own; give vectors answered, seconds of the tier, and the peak resident memory in MB."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[tuple[int, float, float]] = context.Queue()
    with multiplied(times) as pack:
        process = context.Process(target=_measure, args=(pack.root, only, results))
        process.start()
        answer = results.get(timeout=1800)
        process.join()
    return answer


def memory() -> list[Row]:
    """Replay 100,000 vectors in one run."""
    frozen = sum(1 for _ in read_vectors(Pack.builtin().suite("payments", f"vectors/{VECTORS}")))
    once, _, small = measured(1)
    vectors, seconds, resident = measured(-(-_MANY // frozen))
    return [
        Row(
            what=f"peak resident memory of a run with {vectors:,} vectors ({once:,}: {small:.0f} MB; {seconds:.0f} s)",
            measured=f"{resident:.0f} MB",
            goal="< 200 MB",
            met=resident < 200,
        )
    ]


def linear() -> list[Row]:
    """Time the tier with more vectors, and with more variants."""
    rows = []
    for times in (1, 2, 4):
        vectors, seconds, resident = measured(times)
        rows.append(
            Row(
                what=f"{vectors:,} vectors",
                measured=f"{seconds:.2f} s, {seconds / vectors * 1e6:.0f} µs a vector, {resident:.0f} MB",
            )
        )
    variants = [v.id for v in load_spec(Pack.builtin().spec("payments", "openapi.yaml")).variants]
    for count in (5, 11, 16, len(variants)):
        vectors, seconds, _ = measured(1, tuple(f"payments/contract/{name}/*" for name in variants[:count]))
        rows.append(
            Row(
                what=f"{count} variants, {vectors:,} vectors",
                measured=f"{seconds:.2f} s, {seconds / vectors * 1e6:.0f} µs a vector",
            )
        )
    return rows
