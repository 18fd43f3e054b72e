"""Products that answer with poison: each costs a finding or exit 3, within bounds, and never the run."""

import asyncio
import gzip
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dpi_conformance.checks.answers import EMPTY_ANSWER
from tests.campaign.conftest import Answer, Front, journal_of, report_of
from tests.conftest import Cli

JSON = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
LIMITS = {"connect_seconds": 1, "answer_seconds": 1, "callback_seconds": 1, "response_bytes": 65536}
ELSEWHERE = "http://127.0.0.1:9/elsewhere"


def once(*pieces: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.writelines(pieces)
        await writer.drain()

    return answer


def for_ever(head: bytes, piece: bytes, pause: float = 0) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def bomb() -> bytes:
    packed = gzip.compress(b'"' + b" " * 64_000_000 + b'"')
    return JSON + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed


LATIN = '{"responseDescription": "caf\xe9"}'.encode("latin-1")
POISONS: dict[str, tuple[Answer, set[str]]] = {
    "endless": (for_ever(JSON + b"\r\n", b"[" * 8192), {"body.size"}),
    "2 GB": (for_ever(JSON + b"Content-Length: 2147483648\r\n\r\n", b" " * 65536), {"body.size"}),
    "gzip bomb": (once(bomb()), {"body.size"}),
    "not UTF-8": (once(JSON + b"Content-Length: %d\r\n\r\n" % len(LATIN) + LATIN), {"body.utf-8"}),
    "byte by byte": (
        for_ever(JSON + b"Content-Length: 5000\r\n\r\n", b" ", 0.2),
        {"transport.answered", "time.limit"},
    ),
    "endless headers": (for_ever(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"), {"transport.answered"}),
    "silent": (for_ever(b"", b"", 0.2), {"transport.answered", "time.limit"}),
    "redirect": (
        once(
            b"HTTP/1.1 307 Go\r\nConnection: close\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
            % ELSEWHERE.encode()
        ),
        {"status.redirect"},
    ),
    "cut off": (once(JSON + b'Content-Length: 5000\r\n\r\n{"responseCode": "'), {"transport.answered"}),
    "no HTTP": (once(b"\x00\x01\x02 SSH-2.0-OpenSSH\r\n\r\n"), {"transport.answered"}),
    "closed": (once(), {"transport.answered"}),
}
WHAT = pytest.mark.parametrize("poison", POISONS)


@WHAT
def test_it_costs_a_finding(
    cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any, poison: str
) -> None:
    answer, codes = POISONS[poison]
    folder = tmp_path / "run"
    with Front(mock.url, hostile=answer, path="/beneficiary") as front:
        file = product_file(front.url, limits=LIMITS)
        started = time.perf_counter()
        ran = cli(
            "run", "--product", file, "--only", "*/bulk-account-lookup/positive/minimal", "--out", folder
        )
        took = time.perf_counter() - started
    assert ran.code == 1, ran.out + ran.err
    (case,) = report_of(folder)["cases"]
    assert case["verdict"] == "failed"
    assert {finding["code"] for finding in case["findings"]} & codes
    assert case["findings"][0]["clause"]
    assert took < 15
    assert (folder / "journal.ndjson").stat().st_size < 2_000_000
    assert not [target for target in front.targets if "elsewhere" in target]


@pytest.mark.parametrize("poison", ["endless", "gzip bomb", "redirect", "cut off", "silent", "no HTTP"])
def test_where_every_answer_is_poison_nothing_is_said(
    cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any, poison: str
) -> None:
    answer, _ = POISONS[poison]
    folder = tmp_path / "run"
    with Front(mock.url, hostile=answer) as front:
        file = product_file(front.url, limits=LIMITS)
        started = time.perf_counter()
        ran = cli("run", "--product", file, "--only", "*/voucher-create/required/*", "--out", folder)
        took = time.perf_counter() - started
    assert ran.code == 3, ran.out + ran.err
    report = report_of(folder)
    assert report["counts"]["failed"] == 0
    assert report["verdict"] == "INCONCLUSIVE"
    assert any(seen["health"] == "trouble" for seen in report["observations"])
    assert journal_of(folder)[-1]["type"] == "end"
    assert took < 30


def test_markup_and_control_sequences_of_a_product_are_shown_not_obeyed(
    cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any
) -> None:
    challenge = b"[/red] [bold]\x1b[2J"
    body = b"HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\nContent-Length: 0\r\n\r\n" % challenge
    with Front(mock.url, hostile=once(body)) as front:
        file = product_file(front.url, limits=LIMITS)
        ran = cli("run", "--product", file, "--only", "*/required/*", "--out", tmp_path / "run")
    assert ran.code == 3
    assert "\x1b[2J" not in ran.out + ran.err
    assert "harness itself" not in ran.err


class Emptied(Front):
    """Stands before a product that refuses as it must, and takes everything out of what it says in success."""

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        place = urlsplit(self.upstream)
        product, sink = await asyncio.open_connection(place.hostname, place.port)
        sink.write(head[:-2] + b"Connection: close\r\n\r\n" + body)
        answer = await product.read()
        sink.close()
        if answer.startswith(b"HTTP/1.1 2"):
            answer = JSON + b"Content-Length: 2\r\n\r\n{}"
        writer.write(answer)
        await writer.drain()


def test_a_product_that_says_nothing_in_success_is_never_certified(
    cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any
) -> None:
    folder = tmp_path / "run"
    with Emptied(mock.url) as front:
        file = product_file(front.url, claims=["vouchers", "p2g"])
        ran = cli(
            "run", "--product", file, "--only", "*/voucher-create/*", "--profile", "quick", "--out", folder
        )
    assert ran.code == 3, ran.out + ran.err
    report = report_of(folder)
    assert report["verdict"] == "INCONCLUSIVE"
    assert report["counts"]["passed"] == 0
    (control,) = [case for case in report["cases"] if case["id"].endswith("voucher-create/positive/control")]
    assert control["reason"]["text"] == EMPTY_ANSWER.text
    assert not [seen for seen in report["observations"] if seen["health"] == "trouble"]
