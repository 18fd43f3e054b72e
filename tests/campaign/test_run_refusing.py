"""A product that refuses all that is sent passes no case of a suite: a refusal counts beside what was served."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.conftest import Front, report_of
from tests.conftest import Cli

BODY = b'{"responseCode":"01","responseDescription":"no"}'
CONTROLLED = (
    "G1/address-in-other-scripts",
    "G12/currencies-apart",
    "G14/incomplete-*",
    "G15/any-sequence",
)
"""Cases of which a refusal, or a stranger who is not shown, is all that they ask for."""


def refusing(status: bytes) -> Callable[[asyncio.StreamWriter], Any]:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (status, len(BODY), BODY)
        )
        await writer.drain()

    return answer


@pytest.mark.parametrize("status", [b"400 Bad Request", b"500 Internal Server Error"])
def test_it_passes_nothing(
    cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any, status: bytes
) -> None:
    folder = tmp_path / "run"
    only = [part for name in CONTROLLED for part in ("--only", f"payments/suite/{name}")]
    with Front(mock.url, hostile=refusing(status), path=("/identity", "/batch", "/beneficiary")) as front:
        cli("run", "--product", product_file(front.url), *only, "--out", folder)
    cases = report_of(folder)["cases"]
    assert len(cases) >= 7
    assert not [case["id"] for case in cases if case["verdict"] == "passed"]
