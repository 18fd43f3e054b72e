"""A mock is a process of its own: ready when it says so, gone when its parent is, however that went."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli import group, main
from dpi_conformance.errors import HarnessError, UsageError
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.mockkit.servers import bind, url_of
from dpi_conformance.mockkit.settings import MockSettings

TOKEN = "secret"
PATH = "/vouchers/1?fields=status"


def ask(url: str, token: str = TOKEN, path: str = PATH) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        headers = {"Authorization": f"Bearer {token}", "X-Registering-Institution-Id": "M"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        os.sched_yield()
    return condition()


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for has ended too."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 -- /proc
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_serves_once_it_is_started_and_ends_when_it_is_stopped() -> None:
    with MockProcess.start("payments", token="secret") as mock:
        assert ask(mock.url)[0] == 400
        assert ask(mock.url, token="wrong")[0] == 401
        pid = mock.pid
        assert not gone(pid)
    assert gone(pid)
    mock.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(mock.url)


def test_its_settings_reach_it_and_its_token_shows_in_no_list_of_processes() -> None:
    with MockProcess.start("payments", token="secret", faults=["html-errors"], latency_ms=150) as mock:
        started = time.perf_counter()
        status, body = ask(mock.url)
        assert time.perf_counter() - started >= 0.15
        assert (status, body[:9]) == (400, b"<!DOCTYPE")
        with open(f"/proc/{mock.pid}/cmdline", "rb") as line:  # noqa: PTH123 -- /proc
            assert b"secret" not in line.read()


def test_an_answer_that_is_cut_off_is_cut_off_on_the_wire() -> None:
    with MockProcess.start("payments", faults=["cut-off-answer"]) as mock:
        connection = http.client.HTTPConnection(mock.url.removeprefix("http://"), timeout=10)
        body = b'{"voucherInstructions":[{"amount":1,"currency":"EUR"}]}'
        with Catcher() as catcher:
            headers = {"Content-Type": "application/json", "X-Callback-URL": catcher.url}
            connection.request("POST", "/vouchers", body, headers)
            assert connection.getresponse().read()
            serial = catcher.serial()
        connection.close()
        with pytest.raises(http.client.IncompleteRead):
            ask(mock.url, path=f"/vouchers/{serial}?fields=status")


class Catcher:
    """Takes one callback and finds the serial number in it."""

    def __enter__(self) -> Catcher:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def serial(self) -> str:
        connection, _ = self._socket.accept()
        with connection:
            connection.settimeout(10)
            seen = b""
            while b'"serialNumber":"' not in seen or not seen.endswith(b"}"):
                seen += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        return seen.partition(b'"serialNumber":"')[2][:10].decode()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_mock_outlives_its_parent(ending: signal.Signals) -> None:
    program = (
        "import signal, sys\n"
        "from dpi_conformance.mockkit.process import MockProcess\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "mock = MockProcess.start('payments')\n"
        "print(mock.pid, mock.url, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout is not None
        pid, url = parent.stdout.readline().split()
        assert ask(url.decode(), path="/nothing")[0] == 404
        parent.send_signal(ending)
        parent.wait(10)
        assert until(lambda: gone(int(pid)))


def test_a_mock_that_cannot_start_says_why() -> None:
    with pytest.raises(HarnessError, match="The mock of “nonsense” did not start: The pack “govstack”"):
        MockProcess.start("nonsense")
    with pytest.raises(HarnessError, match="did not start"):
        MockProcess.start("payments", pack=Pack(name="other", root=Pack.builtin().root / "tests"))


def test_settings_travel_as_json() -> None:
    settings = MockSettings(
        token="t", faults=frozenset({"a"}), counterparties={"biller": "http://x"}, latency_ms=1
    )
    assert MockSettings.from_json(settings.as_json()) == settings


def test_a_port_in_use_is_one_clear_message() -> None:
    with bind(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            UsageError, match=f"Port {port} of 127.0.0.1 cannot be used .*give another --port"
        ):
            bind(port)
        with pytest.raises(SystemExit) as ended:
            main(["mock", "payments", "--port", str(port)])
        assert ended.value.code == 2
        assert url_of(taken) == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "html-error"], "did you mean “html-errors”?"),
        (["--counterparty", "biller"], "write NAME=URL"),
    ],
)
def test_wrong_options_are_usage_errors(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mock", "payments", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_command_says_what_it_can() -> None:
    shown = CliRunner().invoke(group, ["mock", "--help"]).output
    for option in ("--port", "--fault", "--token", "--counterparty", "--latency"):
        assert option in shown


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_how_to_certify_it_and_ends_cleanly(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "dpi_conformance", "mock", "payments", "--port", "0", "--token", "secret"],
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stderr is not None
        lines = [command.stderr.readline().strip() for _ in range(4)]
        name, url = lines[0].split()
        assert name == "payments"
        assert lines[1] == "token    secret"
        assert lines[2] == "faults   none"
        assert (
            lines[3] == f"certify  DPI_CONFORMANCE_TOKEN=secret dpi-conformance run payments --target {url}"
        )
        assert ask(url)[0] == 400
        command.send_signal(ending)
        assert command.wait(10) == 0
        assert command.stderr.read().strip() == "The mock has stopped."
