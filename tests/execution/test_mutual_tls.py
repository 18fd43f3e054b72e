"""A product over mutual TLS refuses in the handshake: a refusal, if it serves the right certificate before and after."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import trustme

from dpi_conformance.catalogue.target import Limits, MutualTlsAuth, Target, Tls
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.execution.contract import ContractTier
from dpi_conformance.execution.doctor import examine
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.execution.observer import Silent
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Stage, json_request
from dpi_conformance.execution.tally import refused_by_closing
from dpi_conformance.i18n import Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.evidence import Exchange, Request, Response
from dpi_conformance.model.spec import ResponseDeclared, Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.journal import Journal
from dpi_conformance.wire.listener import CallbackListener

THINGS = Variant(
    id="things",
    method="get",
    path="/things",
    responses=(ResponseDeclared(status="200", content={"application/json": {"type": "object"}}),),
)
SPEC = Spec(title="things", version="1", variants=(THINGS,))
ANSWER = b'HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: 10\r\n%b\r\n{"a": "b"}'
SERVED = ANSWER % (b"200 OK", b"")
NGINX = (
    b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 68\r\n\r\n"
    b"<html><center>No required SSL certificate was sent</center></html>\r\n"
)
UNAUTHORIZED = ANSWER % (b"401 No", b"WWW-Authenticate: Mutual\r\n")


@dataclass
class Product:
    """How a product treats callers: by its TLS settings, and by what it does after the handshake."""

    tls: ssl.SSLContext
    hides_alerts: bool = False
    """It closes the TCP connection and says nothing, as aiohttp.web does."""
    refusal: bytes = UNAUTHORIZED
    """What a caller without a certificate is answered, where the handshake lets them in."""
    serves: int = 1_000
    """So many requests are answered; then every connection is closed: the product is down behind its proxy."""

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            while await reader.readuntil(b"\r\n\r\n"):
                self.serves -= 1
                if self.serves < 0:
                    return
                proven = writer.get_extra_info("peercert")
                writer.write(SERVED if proven else self.refusal)

    async def _silenced(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the handshake's bytes apart from the socket, so that an alert can be kept back."""
        come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = self.tls.wrap_bio(come, go, server_side=True)
        with contextlib.suppress(OSError), contextlib.closing(writer):
            while piece := await reader.read(65536):
                come.write(piece)
                with contextlib.suppress(ssl.SSLWantReadError):
                    session.do_handshake()
                    while session.read(65536):
                        session.write(SERVED if session.getpeercert() else UNAUTHORIZED)
                writer.write(go.read())

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        if self.hides_alerts:
            server = await asyncio.start_server(self._silenced, "127.0.0.1", 0)
        else:
            server = await asyncio.start_server(self.connected, "127.0.0.1", 0, ssl=self.tls)
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        async with server:
            yield server.sockets[0].getsockname()[1]


Made = Callable[..., Product]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def product(authority: trustme.CA) -> Made:
    def made(mode: ssl.VerifyMode = ssl.CERT_REQUIRED, *, tls_1_2: bool = False, **more: Any) -> Product:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.configure_trust(context)
        context.verify_mode = mode
        if tls_1_2:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return Product(context, **more)

    return made


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Tls:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("us.example").private_key_and_cert_chain_pem.write_to_path(tmp_path / "us.pem")
    return Tls(ca_file=tmp_path / "ca.pem", client_certificate=tmp_path / "us.pem")


class Kept:
    """A journal that keeps what cases came to."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}

    def exchange(self, exchange: Exchange, **written: Any) -> None:
        assert not (written["verdict"] is Verdict.PASS and written["findings"])

    def outcome(self, result: CaseResult) -> None:
        self.verdicts[result.case] = result.verdict


@contextlib.asynccontextmanager
async def stage_for(target: Target) -> AsyncIterator[Stage]:
    async with Wire(target) as wire, CallbackListener() as listener:
        yield Stage(
            wire=wire,
            listener=listener,
            answers=Answers(spec=SPEC, rules=RefusalRules(undeclared=frozenset({401}))),
            fresh=Fresh(),
            callback_seconds=0.3,
            closing=target.closing(),
        )


def target_at(port: int, tls: Tls, auth: Any = None) -> Target:
    limits = Limits(connect_seconds=2, answer_seconds=1)
    auth = auth or MutualTlsAuth(type="mutual_tls")
    return Target(base_url=f"https://127.0.0.1:{port}", auth=auth, tls=tls, limits=limits)


def vector(name: str, credentials: str = "own", **more: Any) -> Vector:
    expect = Expectation.ACCEPTED if credentials == "own" else Expectation.UNAUTHORIZED
    more = {"expect": expect, "credentials": credentials, **more}
    return Vector(id=name, case=name, variant="things", method="GET", target="/things", **more)


CONTROL = vector("control", control=True)


def verdicts(product: Product, tls: Tls, *vectors: Vector, auth: Any = None) -> dict[str, Verdict]:
    """Carry out the control and these vectors; give the verdicts of their cases."""
    journal, sent = Kept(), (CONTROL, *vectors)

    async def run() -> None:
        async with product.serving() as port, stage_for(target_at(port, tls, auth)) as stage:
            cases = {
                v.case: Case(id=v.case, block="t", kind="contract", purpose=Message(text="p"), vectors=1)
                for v in sent
            }
            tier = ContractTier(
                journal=cast("Journal", journal),
                stage=stage,
                steps={},
                cases=cases,
                observer=Silent(),
                concurrency=4,
            )
            await tier.run(sent)

    asyncio.run(run())
    return journal.verdicts


MISSING, WRONG = vector("missing", "none"), vector("wrong", "wrong")
KINDS: dict[str, dict[str, Any]] = {
    "alert": {},
    "alert in TLS 1.2": {"tls_1_2": True},
    "no alert": {"hides_alerts": True},
    "401": {"mode": ssl.CERT_OPTIONAL},
    "400 of a proxy": {"mode": ssl.CERT_OPTIONAL, "refusal": NGINX},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_product_that_refuses_by_mutual_tls_passes(product: Made, files: Tls, kind: str) -> None:
    assert verdicts(product(**KINDS[kind]), files, MISSING, WRONG) == {
        "control": Verdict.PASS,
        "missing": Verdict.PASS,
        "wrong": Verdict.PASS,
    }


def test_a_product_that_serves_callers_without_a_certificate_fails(product: Made, files: Tls) -> None:
    class Careless(Product):
        async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
                while await reader.readuntil(b"\r\n\r\n"):
                    writer.write(SERVED)

    seen = verdicts(Careless(product(ssl.CERT_OPTIONAL).tls), files, MISSING)
    assert seen == {"control": Verdict.PASS, "missing": Verdict.FAIL}


def test_a_product_that_died_after_its_control_has_refused_nothing(product: Made, files: Tls) -> None:
    seen = verdicts(product(serves=1), files, MISSING, WRONG)
    assert (seen["missing"], seen["wrong"]) == (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)


def test_a_product_that_never_served_has_refused_nothing(product: Made, files: Tls) -> None:
    seen = verdicts(product(serves=0), files, MISSING)
    assert seen == {"control": Verdict.FAIL, "missing": Verdict.INCONCLUSIVE}


def test_a_400_is_no_refusal_where_no_certificate_is_asked_for(files: Tls) -> None:
    answer = Response(status=400, headers=(("server", "nginx"),))
    exchange = Exchange(id="x", request=Request(method="GET", url="/things"), response=answer)
    assert refused_by_closing(MISSING, exchange, {"none"})
    assert not refused_by_closing(MISSING, exchange, ())
    assert not refused_by_closing(vector("field", expect=Expectation.REFUSED), exchange, {"none"})


def test_a_product_that_answers_400_to_all_has_refused_nothing(product: Made, files: Tls) -> None:
    class Odd(Product):
        async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
                while await reader.readuntil(b"\r\n\r\n"):
                    writer.write(NGINX)

    odd = Odd(product(ssl.CERT_OPTIONAL).tls)
    assert verdicts(odd, files, MISSING)["missing"] is Verdict.INCONCLUSIVE


def test_a_closed_connection_is_no_refusal_of_anything_else(product: Made, files: Tls) -> None:
    wrong = vector("field", expect=Expectation.REFUSED)
    assert verdicts(product(serves=1), files, wrong)["field"] is Verdict.FAIL


def test_beside_a_token_the_end_of_the_connection_refuses_only_who_shows_no_certificate(
    product: Made, files: Tls
) -> None:
    token = {"type": "bearer", "token": "abc-def"}
    seen = verdicts(product(), files, MISSING, WRONG, auth=token)
    assert seen == {"control": Verdict.PASS, "missing": Verdict.PASS, "wrong": Verdict.FAIL}


@pytest.mark.parametrize("credentials", ["none", "wrong"])
def test_a_suite_sees_the_refusal_too(product: Made, files: Tls, credentials: str) -> None:
    case = Case(id="c", block="t", kind="suite", purpose=Message(text="p"))

    async def run() -> bool:
        async with product().serving() as port, stage_for(target_at(port, files)) as stage:
            request = json_request("GET", "/things", None)
            return (await Scene.of(stage, case).send("things", request, credentials=credentials)).refused

    assert asyncio.run(run())


def _strange(files: Tls, tmp_path: Path) -> Tls:
    """Give a certificate that the product's authority did not sign."""
    trustme.CA().issue_cert("us.example").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "strange.pem"
    )
    return files.model_copy(update={"client_certificate": tmp_path / "strange.pem"})


# The doctor.


class Work:
    """What is asked of the block of these tests."""

    block = Block(id="things", title="Things", specification="Ours", probe="things", canary="/no-such-thing")
    spec = SPEC

    def vectors(self) -> Any:
        return iter(())

    def steps(self) -> Any:
        return {}


def examined(product: Product, tls: Tls) -> dict[str, Observation]:
    async def run() -> tuple[Observation, ...]:
        async with product.serving() as port:
            target = target_at(port, tls)
            async with stage_for(target) as stage:
                return await examine(stage, target, cast("Any", Work()))

    return {one.probe: one for one in asyncio.run(run())}


@pytest.mark.parametrize("kind", KINDS)
def test_the_doctor_takes_the_end_of_the_connection_for_the_refusal(
    product: Made, files: Tls, kind: str
) -> None:
    seen = examined(product(**KINDS[kind]), files)["no-credentials"]
    assert (seen.health, str(seen.message)) == (Health.OK, "Without credentials GET /things is refused.")


def test_the_doctor_does_not_take_a_dead_product_for_a_refusing_one(product: Made, files: Tls) -> None:
    seen = examined(product(serves=2), files)["no-credentials"]
    assert seen.health is Health.WARNING
    assert "got no answer" in str(seen.message)


def test_the_doctor_names_the_certificate_that_is_not_taken(
    product: Made, files: Tls, tmp_path: Path
) -> None:
    seen = examined(product(), _strange(files, tmp_path))["base-path"]
    assert seen.health is Health.TROUBLE
    assert "Check tls.client_certificate in product.yaml" in str(seen.advice)
