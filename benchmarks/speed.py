"""How fast the contract tier is, beside a bare loop, beside schemathesis, and against a slow product."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from benchmarks.row import Row
from benchmarks.tier import TOKEN, mocked, recorded, run_tier
from dpi_conformance.model.evidence import Request

__all__ = ["against_schemathesis", "latency", "loop"]

_SPEC = Path(__file__).parent.parent / "specs" / "payments" / "openapi.yaml"
_ROUNDS = 3


def free_port() -> int:
    """Give a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def loop() -> list[Row]:
    """Compare the tier with a synchronous loop that sends the same requests and checks nothing."""
    ratios, rates = [], []
    for _ in range(_ROUNDS):
        port = free_port()
        with mocked(listening=port) as mock, recorded() as requests:
            run_tier(mock.url, port=port)
        with mocked(listening=port) as mock:
            timed = run_tier(mock.url, port=port)
        with mocked() as mock:
            bare = _bare_loop(mock.url, requests)
        ratios.append(timed.seconds / bare)
        rates.append(len(requests) / timed.seconds)
    best = sorted(ratios)[_ROUNDS // 2]
    spread = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return [
        Row(
            what="tier with all checks ÷ bare httpx.Client loop, same requests (median of 3)",
            measured=f"{best:.2f} ({spread}); {sorted(rates)[1]:.0f} requests/s",
            goal="≤ 1.0",
            met=best <= 1.0,
        )
    ]


def _bare_loop(url: str, requests: list[Request]) -> float:
    """Send all requests one after the other, read each answer, check nothing; give the seconds."""
    with httpx.Client(trust_env=False) as client:
        base = httpx.URL(url)
        built = [
            client.build_request(
                one.method,
                httpx.URL(one.url).copy_with(host=base.host, port=base.port),
                headers=_headers(one),
                content=one.body,
            )
            for one in requests
        ]
        began = time.perf_counter()
        for request in built:
            client.send(request)
        return time.perf_counter() - began


def _headers(request: Request) -> list[tuple[bytes, bytes]]:
    return [
        (name.encode(), value.encode("utf-8", "surrogateescape"))
        for name, value in request.headers
        if name.lower() != "host"
    ]


def against_schemathesis() -> list[Row]:
    """Compare validated cases a second with ``schemathesis run -w 1`` on the same document and mock."""
    port = free_port()
    with mocked(listening=port) as mock:
        timed = run_tier(mock.url, port=port)
    with mocked() as mock:
        cases, seconds = _schemathesis(mock.url)
    ours, theirs = timed.vectors / timed.seconds, cases / seconds
    return [
        Row(
            what="validated cases/s: tier ÷ schemathesis run -w 1, database off",
            measured=f"{ours / theirs:.1f} ({ours:.0f} ÷ {theirs:.0f})",
            goal="≥ 12",
            met=ours / theirs >= 12,
        )
    ]


def _schemathesis(url: str) -> tuple[int, float]:
    """Give the number of cases that schemathesis generated and the seconds of its phases' run."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", str(_SPEC), "--url", url, "-w", "1", "--generation-database", "none"),
        *("--header", f"Authorization: Bearer {TOKEN}", "--continue-on-failure", "--no-color"),
        *("--max-examples", "50", "--seed", "1"),
    ]
    began = time.perf_counter()
    output = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200).stdout
    seconds = time.perf_counter() - began
    counted = re.search(r"(\d[\d,]*) generated", output)
    if counted is None:
        raise SystemExit(f"schemathesis said nothing of generated cases:\n{output[-2000:]}")
    return int(counted[1].replace(",", "")), seconds


def latency() -> list[Row]:
    """Measure against a mock that waits 20 ms before each answer."""
    port = free_port()
    with mocked(latency_ms=20, listening=port) as mock:
        timed = run_tier(mock.url, concurrency=64, port=port)
    rate = timed.vectors / timed.seconds
    return [
        Row(
            what="validated cases/s against a product that takes 20 ms (64 at once)",
            measured=f"{rate:.0f}; {timed.worked / timed.vectors * 1000:.2f} ms of our own CPU a vector",
            goal="≥ 800",
            met=rate >= 800,
        )
    ]
