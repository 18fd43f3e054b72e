"""The programs that the documents show do what is said of them."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dpi_conformance.campaign.assignment import read_assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.product import load_product
from dpi_conformance.execution.behaviour import Performed, SuiteCase, perform, suite_cases
from dpi_conformance.model.vectors import Profile
from dpi_conformance.model.verdicts import Verdict

DOCS = Path(__file__).parents[2] / "docs"


def program(document: str) -> str:
    """Give the Python program that a document shows."""
    (shown,) = re.findall(
        r"^```python\n(.*?)^```", (DOCS / document).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return str(shown)


def written_case() -> SuiteCase:
    """Give the case of docs/suites.md as if it lay in suites/payments/."""
    beside = Pack.builtin().load("suites.payments.vouchers")
    module = ModuleType(f"{beside.__package__}.test_example")
    module.__package__ = beside.__package__
    exec(compile(program("suites.md"), "docs/suites.md", "exec"), vars(module))  # noqa: S102 -- our own document
    (one,) = suite_cases("payments", [module], Profile.QUICK)
    return one


async def carried_out(one: SuiteCase, *faults: str) -> Performed:
    pack, order = Pack.builtin(), Order(blocks=("payments",), faults=frozenset(faults))
    with make_bench(order, pack, "payments") as bench:
        work = read_assignment(pack, "payments", Profile.QUICK, ["payments/suite/V8/*"])
        async with open_stage(bench, work) as stage:
            return await perform(one, stage)


def test_the_case_that_a_newcomer_copies() -> None:
    one = written_case()
    assert one.case.id == "payments/suite/V8/example"
    assert one.case.place == "V8"
    assert asyncio.run(carried_out(one)).verdict is Verdict.PASS
    caught = asyncio.run(carried_out(one, "cancelled-redeemed"))
    assert caught.verdict is Verdict.FAIL
    assert [finding.code for finding in caught.scene.findings] == ["voucher.cancelled-unusable"]


@pytest.mark.parametrize(("now", "code"), [("passed", 0), ("failed", 1), ("inconclusive", 1)])
def test_what_got_worse(tmp_path: Path, now: str, code: int) -> None:
    (tmp_path / "worse.py").write_text(program("ci.md"), "utf-8")
    finding = {"code": "voucher.spent-once"}
    for name, verdict in (("before", "passed"), ("now", now)):
        failed = verdict == "failed"
        cases = [
            {
                "id": "V6",
                "verdict": verdict,
                "findings": [finding] * failed,
                "reason": None if failed else {"text": "Why."},
            },
            {"id": "always-so", "verdict": "failed", "findings": [finding], "reason": None},
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps({"cases": cases}))
    ran = subprocess.run(
        [sys.executable, "worse.py", "before.json", "now.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = {
        "passed": "",
        "failed": "failed V6 voucher.spent-once\n",
        "inconclusive": "inconclusive V6 Why.\n",
    }
    assert (ran.returncode, ran.stdout) == (code, said[now]), ran.stderr


@pytest.mark.parametrize("name", ["oidc-provider", "django-oauth-toolkit"])
def test_the_product_files_of_independent_providers_are_right(name: str, tmp_path: Path) -> None:
    """They name people, clients and functions that there are, and hold no secret."""
    folder = tmp_path / name
    shutil.copytree(DOCS / "examples" / name, folder)
    for key in ("client.jwk", "other.jwk"):
        (folder / key).write_text("{}")
    names = ("ALICE_PASSWORD", "BOB_PASSWORD", "BASIC_SECRET", "OTHER_SECRET")
    known = {"identity": load_block(Pack.builtin().spec("identity", "block.yaml"))}
    product = load_product(
        folder / "product.yaml", known=known, environment=dict.fromkeys(names, "a-secret-1")
    )
    assert product.warnings == ()
    target = product.blocks["identity"]
    assert target.login is not None
    assert len(target.login.persons) == 2
    assert len({uri for client in target.clients.values() for uri in client.redirect_uris}) >= 2
    assert "openid-connect" in target.claims


def test_the_product_file_of_an_independent_mediator_is_right() -> None:
    """It names applications and functions that there are, and holds no secret."""
    known = {"exchange": load_block(Pack.builtin().spec("exchange", "block.yaml"))}
    file = DOCS / "examples" / "haproxy-mediator" / "product.yaml"
    product = load_product(file, known=known, environment={"MEDIATOR_TOKEN": "a-token-1"})
    assert product.warnings == ()
    assert product.blocks["exchange"].claims == ("mediation",)
    assert "provider" in product.blocks["exchange"].counterparties


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")
def test_the_configuration_of_haproxy_is_one() -> None:
    program = DOCS / "examples" / "haproxy-mediator" / "haproxy.cfg"
    subprocess.run(["haproxy", "-c", "-q", "-f", program], check=True, timeout=30)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_provider_in_javascript_is_javascript() -> None:
    program = DOCS / "examples" / "oidc-provider" / "provider.mjs"
    subprocess.run(["node", "--check", program], check=True, timeout=30)
