"""``doctor`` on the command line: its table, its exit codes, against the block's own mock and against nothing."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.doctor_ import command
from dpi_conformance.errors import UsageError
from dpi_conformance.mockkit.process import MockProcess
from tests.campaign.conftest import Front

TOKEN = "right-token"


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    process = MockProcess.start(
        "payments", pack=Pack.builtin(), faults=frozenset(), token=TOKEN, counterparties={}
    )
    try:
        yield process.url
    finally:
        process.stop()


def _doctor(*arguments: str, token: str = "") -> Result:
    return CliRunner().invoke(
        command, list(arguments), env={"DPI_CONFORMANCE_TOKEN": token, "COLUMNS": "200"}
    )


def test_a_good_target_can_be_judged(mock: str) -> None:
    result = _doctor("payments", "--target", mock, token=TOKEN)
    assert result.exit_code == 0, result.output
    assert "The product can be judged." in result.output
    assert result.output.count("✓") == 9
    assert "A callback that was asked for arrived." in result.output


def test_wrong_credentials_end_with_3_and_say_what_to_change(mock: str) -> None:
    result = _doctor("payments", "--target", mock, token="wrong-token")
    assert result.exit_code == 3
    assert "✗ credentials" in " ".join(result.output.split())
    assert "Check auth in product.yaml" in result.output
    assert "that is no verdict about the product" in " ".join(result.output.split())
    assert "wrong-token" not in result.output


def test_a_file_is_read_and_its_warnings_are_shown(mock: str, tmp_path: Path) -> None:
    path = tmp_path / "product.yaml"
    path.write_text(
        f"product: {{vendor: V, name: N, version: '1'}}\nblocks:\n  payments:\n    base_url: {mock}\n"
        f"    auth: {{type: bearer, token: {TOKEN}}}\n"
    )
    result = _doctor("--product", str(path))
    assert result.exit_code == 0, result.output
    assert "blocks.payments.auth.token: a secret stands in the file" in result.stderr
    assert TOKEN not in result.output


def test_a_refused_request_for_a_callback_is_not_told_as_one_that_does_not_arrive(tmp_path: Path) -> None:
    """A product that serves readers and refuses writers: the file's participants may be unknown to it."""

    async def forbidden(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()

    with (
        MockProcess.start("payments", token=TOKEN) as behind,
        Front(behind.url, hostile=forbidden, path="/identityAccountMapper") as front,
    ):
        path = tmp_path / "product.yaml"
        path.write_text(
            f"product: {{vendor: V, name: N, version: '1'}}\nblocks:\n  payments:\n    base_url: {front.url}\n"
            f"    auth: {{type: bearer, token: {TOKEN}}}\n    claims: [g2p]\n"
        )
        result = _doctor("payments", "--product", str(path))
    assert result.exit_code == 0, result.output
    assert "did not arrive" not in result.output
    assert "No request that asks for a callback was served (register-beneficiary: HTTP 403" in result.output


def test_a_dead_target_ends_with_3() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = _doctor("payments", "--target", f"http://127.0.0.1:{port}")
    assert result.exit_code == 3
    assert "Connection refused" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Name the product to examine: --product product.yaml"),
        (("--product", "nowhere.yaml"), "There is no file nowhere.yaml"),
        (("--target", "nowhere"), "--target: “nowhere” is no web address"),
        (("fire", "--target", "http://127.0.0.1:1"), "no building block or scenario “fire”"),
        (("--target", "http://x", "--product", "p.yaml"), "not both"),
    ],
)
def test_what_is_the_users_to_mend_ends_with_2(arguments: tuple[str, ...], told: str) -> None:
    result = _doctor(*arguments)
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert told in str(result.exception)
