"""The mock in a vendor's own tests: mounted on any address, for any client of httpx, without a network."""

import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import respx

from dpi_conformance.errors import UsageError
from dpi_conformance.testing.mounting import mounted

ROOT = Path(__file__).parents[2]
BASE = "https://payments.test/api/v2"
ORDER = {"requestID": "REQ000000001", "batchID": "BAT000000001", "voucherInstructions": []}
HEADERS = {
    "X-Callback-URL": "https://ours.test/vouchers",
    "X-Program-Id": "CASH-2026",
    "X-Registering-Institution-Id": "MINSOC",
}


def test_the_path_of_the_base_address_is_not_the_products() -> None:
    with mounted("payments", BASE) as mock:
        answer = httpx.get(f"{BASE}/vouchers/1?fields=status", headers={**mock.headers, **HEADERS})
    assert answer.status_code == 400
    assert "serialNumber" in answer.text


def test_it_asks_for_the_token() -> None:
    with mounted("payments", BASE, token="right"):
        assert httpx.get(f"{BASE}/vouchers/1?fields=status").status_code == 401


def test_other_addresses_are_the_tests_own() -> None:
    with mounted("payments", BASE) as mock:
        mock.router.get("https://else.test/").respond(204)
        assert httpx.get("https://else.test/").status_code == 204
        with pytest.raises(respx.models.AllMockedAssertionError):
            httpx.get("https://nobody.test/")


def test_two_mocks_stand_beside_each_other_and_share_nothing() -> None:
    with mounted("payments", "https://one.test") as one, mounted("payments", "https://two.test") as two:
        for mock in (one, two):
            assert httpx.post(
                f"{mock.url}/vouchers", json=ORDER, headers={**mock.headers, **HEADERS}
            ).is_success
        one.called("https://ours.test/vouchers")
        two.called("https://ours.test/vouchers")
        assert len(one.calls) == len(two.calls) == 1


def test_a_call_that_is_refused_comes_again_and_one_that_never_comes_is_told() -> None:
    with mounted("payments", BASE, receiver=lambda _call: 503) as mock:
        httpx.post(f"{BASE}/vouchers", json=ORDER, headers={**mock.headers, **HEADERS})
        first, second = mock.called(times=1), mock.called(times=2)
        assert first.json() == second.json()
        with pytest.raises(TimeoutError, match=r"0 of 1 calls to https://else\.test"):
            mock.called("https://else.test", seconds=0.05)


def test_a_fault_is_had_and_a_wrong_name_is_told() -> None:
    with mounted("payments", BASE, faults=["no-auth-check"]):
        assert httpx.get(f"{BASE}/vouchers/1?fields=status").status_code == 400
    with pytest.raises(UsageError, match="no-auth-chek"), mounted("payments", BASE, faults=["no-auth-chek"]):
        pass
    with pytest.raises(UsageError, match="payment"), mounted("paymnts", BASE):
        pass


def test_nothing_is_left_behind() -> None:
    with mounted("payments", BASE):
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9/")


def test_the_example_of_a_vendors_project_passes(tmp_path: Path) -> None:
    project = tmp_path / "vendor"
    shutil.copytree(ROOT / "docs" / "examples" / "vendor", project)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], check=False, cwd=project, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "5 passed" in ran.stdout
