"""Whole runs against products that lack something, or spell it otherwise: nothing is proven without evidence."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import Limits, Target
from dpi_conformance.checks.answers import NOT_SHOWN
from dpi_conformance.execution.observer import Silent
from dpi_conformance.judge import judge
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.journal import read_journal

BUILTIN = Pack.builtin()
APP = '''
"""The mock of payments, with each JSON body that it says changed."""

from typing import Any

import orjson

from dpi_conformance.mockkit import outbox

from .original import create_app as _create_app

{change}

def create_app(settings: Any) -> Any:
    outbox.encode = lambda body: orjson.dumps(change(200, orjson.loads(_encode(body))))
    return Changed(_create_app(settings))


_encode = outbox.encode


class Changed:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start: dict[str, Any] = {{}}

        async def changed(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            if message["type"] == "http.response.body":
                body = message["body"]
                if body:
                    body = orjson.dumps(change(start["status"], orjson.loads(body)))
                length = (b"content-length", str(len(body)).encode())
                headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
                await send({{**start, "headers": [*headers, length]}})
                message = {{**message, "body": body}}
            await send(message)

        await self.app(scope, receive, changed)
'''
OTHERWISE = """
NAMES = {names!r}

def change(status: int, body: Any) -> Any:
    if isinstance(body, dict):
        return {{NAMES.get(name, name): change(status, value) for name, value in body.items()}}
    return [change(status, one) for one in body] if isinstance(body, list) else body
"""
EMPTY_LISTS = """
def change(status: int, body: Any) -> Any:
    if status < 300 and isinstance(body, dict) and "paymentModalityList" in body:
        return {**body, "paymentModalityList": []}
    return [] if status < 300 and isinstance(body, list) else body
"""
SILENT = """
LEFT_OUT = {"requestID", "requestId", "RequestID", "RequestId", "startedAt", "completedAt", "timestamp"}

def change(status: int, body: Any) -> Any:
    if status >= 300 or (isinstance(body, dict) and "responseDescription" in body):  # there it is required
        return body
    if isinstance(body, dict):
        return {name: value for name, value in body.items() if name not in LEFT_OUT}
    return [change(status, one) for one in body] if isinstance(body, list) else body
"""


def _otherwise() -> dict[str, str]:
    """Give another spelling for each name of which the errata accept several."""
    block = load_block(BUILTIN.spec("payments", "block.yaml"))
    groups = [sorted(group) for group in (*block.echo.values(), *block.aliases.values())]
    return {name: group[number - 1] for group in groups for number, name in enumerate(group)}


def _product(root: Path, name: str, change: str) -> Pack:
    """Make a pack that differs from the built-in one by its mock only."""
    mock = root / "mocks" / "payments"
    mock.mkdir(parents=True)
    for folder in ("specs", "suites", "reports"):
        (root / folder).symlink_to(BUILTIN.root / folder)
    for file in (BUILTIN.root / "mocks" / "payments").glob("*.py"):
        (mock / file.name.replace("app.py", "original.py")).symlink_to(file)
    (mock / "app.py").write_text(APP.format(change=change), encoding="utf-8")
    return Pack(name=name, root=root)


class _Impatient(Target):
    """A target whose callbacks are waited for no longer than this."""

    @classmethod
    def model_validate(cls, obj: Any, **_options: Any) -> Any:
        return Target(**{**obj, "limits": Limits(callback_seconds=3)})


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Profile], Any]:
    """Run against such a mock; gives the report."""

    def run(change: str, profile: Profile, only: tuple[str, ...] = ()) -> Any:
        pack = _product(tmp_path / "pack", f"evidence-{tmp_path.name}", change)
        monkeypatch.setattr(Pack, "builtin", classmethod(lambda _cls: pack))
        monkeypatch.setattr("dpi_conformance.campaign.bench.Target", _Impatient)
        folder = tmp_path / "run"
        folder.mkdir()
        asyncio.run(certify(Order(blocks=("payments",), profile=profile, only=only), folder, Silent()))
        return judge(read_journal(folder / JOURNAL)).model_dump(mode="json")

    return run


CONTRACT = ("payments/contract/*",)
"""What the suites make of such products is another matter: they rightly miss what was to be done."""


def _verdicts(report: Any) -> dict[str, str]:
    return {requirement["id"]: requirement["verdict"] for requirement in report["requirements"]}


def test_a_product_that_spells_every_field_otherwise_is_conformant(ran: Callable[..., Any]) -> None:
    report = ran(OTHERWISE.format(names=_otherwise()), Profile.STANDARD)
    assert [
        (c["id"], c["reason"], c["findings"][:1]) for c in report["cases"] if c["verdict"] != "passed"
    ] == []
    assert report["verdict"] == "CONFORMANT"


def test_a_product_whose_lists_are_empty_has_shown_nothing_in_them(ran: Callable[..., Any]) -> None:
    report = ran(EMPTY_LISTS, Profile.QUICK, CONTRACT)
    cases = {case["id"]: case for case in report["cases"]}
    for name in ("batch-details", "account-lookup", "bulk-account-lookup"):
        control = cases[f"payments/contract/{name}/positive/control"]
        assert (control["verdict"], control["reason"]["text"]) == ("inconclusive", NOT_SHOWN)
    assert not [case for case in report["cases"] if case["findings"]]
    verdicts = _verdicts(report)
    for requirement in ("5.3.1#9", "5.3.1#10", "5.3.3#5"):
        assert verdicts[f"govstack-payments-{requirement}"] == "INCONCLUSIVE"
    assert verdicts["govstack-payments-5.3.2#1"] == "PASS"
    assert report["verdict"] == "INCONCLUSIVE"


def test_a_product_that_gives_back_no_identifier_and_no_time_has_not_shown_them(
    ran: Callable[..., Any],
) -> None:
    report = ran(SILENT, Profile.QUICK, CONTRACT)
    assert not [case for case in report["cases"] if any(not f["advisory"] for f in case["findings"])]
    verdicts = _verdicts(report)
    for requirement in ("govstack-payments-6.8#2", "govstack-cfr-data#req-2", "govstack-cfr-data#req-1"):
        assert verdicts[requirement] == "INCONCLUSIVE"
    for requirement in ("5.3.1#9", "5.3.2#1", "5.3.3#5", "5.3.4#1"):  # nothing else hangs on them
        assert verdicts[f"govstack-payments-{requirement}"] == "PASS"
    undecided = {case["id"].split("/")[3] for case in report["cases"] if case["verdict"] == "inconclusive"}
    assert undecided == {"echo", "times", "text"}
