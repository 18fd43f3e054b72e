"""A product that tells of persons in its answers: none of them is in anything that a run leaves or shows."""

import asyncio
import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.campaign.conftest import Front, report_of
from tests.conftest import Cli

NAME, ACCOUNT = 'Qzj O\'Hara "Ann" & Sons jzQ', "QzjDE89370400440532013000jzQ"
PERSON = {
    "payeeIdentity": "Qzj19770412jzQ",
    "Full Name": NAME,
    "payee_iban": ACCOUNT,
    "MSISDN": "Qzj+254700jzQ",
}
INNER = json.dumps(PERSON)
BODY = json.dumps(
    {
        "person": PERSON,
        "inner": INNER,
        "deeper": json.dumps({"inner": INNER}),
        "escaped": INNER,
        "xml": f"<payee iban='{ACCOUNT}'><name>{html.escape(NAME)}</name></payee>",
        "python": repr(PERSON),
        "form": f"id=1&payee_identity={quote(NAME)}&x=2",
        "log": f"2026-11-24 ERROR phone={ACCOUNT}, e-mail: {ACCOUNT}\n",
        "said": f"{ACCOUNT} was not found",
    }
).encode()


async def leaking(writer: asyncio.StreamWriter) -> None:
    """Answer what is wrong for any request, and with all of it."""
    head = (
        f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nX-Payee-Identity: {ACCOUNT}\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    writer.write(head.encode() + BODY)
    await writer.drain()


def test_no_person_is_in_anything_that_a_run_leaves(
    cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any
) -> None:
    folder = tmp_path / "run"
    with Front(mock.url, hostile=leaking, path="/beneficiary") as front:
        file = product_file(front.url)
        only = ("--only", "*/bulk-account-lookup/*")
        ran = cli("run", "--product", file, *only, "--profile", "quick", "--out", folder)
        assert ran.code == 1, ran.out + ran.err
        report = report_of(folder)
        finding = next(case["findings"][0] for case in report["cases"] if case["findings"])
        again = cli("replay", folder, finding["id"])
    assert again.code == 1
    first = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert cli("judge", folder).code == 1
    for name, text in (*first.items(), ("screen", ran.out + ran.err), ("replay", again.out + again.err)):
        assert "Qzj" not in text, name
        assert "jzQ" not in text, name
    assert "[personal data, 14 characters]" in first["report.json"]
    assert f"[personal data, {len(NAME)} characters] was not found" not in first["report.json"]
    assert f"[personal data, {len(ACCOUNT)} characters] was not found" in first["report.json"]
    assert (folder / "report.json").read_text("utf-8") == first["report.json"]
