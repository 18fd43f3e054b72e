"""``init``: the file that it writes explains every key, and loads."""

import re
import resource
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.product import ProductFile, load_product
from dpi_conformance.catalogue.product_schema import published_schema
from dpi_conformance.cli.init_ import command, product_text
from dpi_conformance.errors import UsageError
from dpi_conformance.model.block import Block
from tests.conftest import PROCESS_SECONDS
from tests.conftest import command as command_line

BLOCK = Block(
    id="water-supply",
    title="Water",
    specification="Ours",
    functions={"taps": "Taps", "wells": "Wells"},
    counterparties={"plumber": "The plumber", "a-name-of-some-length": "Somebody"},
)
AUTH_LINE = re.compile(r"^    # auth: (\{.*\})", re.MULTILINE)


def _environment(text: str) -> dict[str, str]:
    return dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "synthetic-value")


def _uncommented(text: str) -> str:
    """Make every key that is commented out a real one, but for the other kinds of auth."""
    others = re.search(r"    # auth: \{type: none\}.*?(?=\n\n)", text, re.DOTALL)
    assert others is not None
    text = text.replace(others[0], "")
    return re.sub(r"^(  |    )# (?=[ \w.-]+:)", r"\1", text, flags=re.MULTILINE)


def test_what_it_writes_loads_and_says_what_to_set(tmp_path: Path) -> None:
    path = tmp_path / "product.yaml"
    result = CliRunner().invoke(command, [str(path)])
    assert result.exit_code == 0
    assert "export PAYMENTS_TOKEN=…" in result.output
    assert f"dpi-conformance doctor --product {path}" in result.output
    pack = Pack.builtin()
    known = {block: load_block(pack.spec(block, "block.yaml")) for block in pack.blocks}
    product = load_product(path, known=known, environment=_environment(path.read_text("utf-8")))
    assert set(product.blocks) == set(pack.blocks)
    assert not [warning for warning in product.warnings if "secret" in str(warning)]


def test_without_a_path_it_is_product_yaml_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(command, []).exit_code == 0
    assert (tmp_path / "product.yaml").is_file()


def test_it_never_writes_over_a_file_without_force(tmp_path: Path) -> None:
    path = tmp_path / "product.yaml"
    path.write_text("mine")
    result = CliRunner().invoke(command, [str(path)])
    assert isinstance(result.exception, UsageError)
    assert "is there already; name another file, or write over it with --force" in str(result.exception)
    assert path.read_text() == "mine"
    assert CliRunner().invoke(command, [str(path), "--force"]).exit_code == 0
    assert path.read_text("utf-8").startswith("# yaml-language-server: $schema=file:///")


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_folder_or_a_place_that_is_not_there_is_told(tmp_path: Path, force: list[str]) -> None:
    for path, told in (
        (tmp_path, "is a folder; name a file in it"),
        (tmp_path / "no" / "p.yaml", "cannot be written"),
    ):
        result = CliRunner().invoke(command, [str(path), *force])
        assert isinstance(result.exception, UsageError)
        assert told in str(result.exception)


def test_the_hint_leads_to_the_shipped_schema() -> None:
    (hint,) = re.findall(r"\$schema=file://(\S+)", product_text(Path("p.yaml"), [BLOCK]))
    assert Path(hint).read_text("utf-8") == (
        files("dpi_conformance") / "schemas/product.schema.json"
    ).read_text("utf-8")


def test_every_key_that_is_commented_out_is_right(tmp_path: Path) -> None:
    for name in ("ca.pem", "us.pem", "us.key", "harness-1.jwk", "login.sh"):
        (tmp_path / name).write_text("pem")
    (tmp_path / "login.sh").chmod(0o755)
    text = _uncommented(product_text(Path("p.yaml"), [BLOCK]))
    path = tmp_path / "product.yaml"
    path.write_text(text, "utf-8")
    target = load_product(path, known={"water-supply": BLOCK}, environment=_environment(text)).blocks[
        "water-supply"
    ]
    assert target.claims == ("taps", "wells")
    assert (target.limits.requests_per_second, target.callbacks.port) == (50, 8900)
    assert list(target.counterparties) == ["plumber", "a-name-of-some-length"]
    assert target.fixtures
    assert target.login is not None
    assert target.login.consent.refuse == ("Deny", "Cancel")
    assert target.clients["first"].scopes == ("openid", "profile", "email")
    assert target.tls.client_key == (tmp_path / "us.key").resolve()


def test_the_prepared_data_of_a_block_is_shown_by_name_with_an_example_that_loads(tmp_path: Path) -> None:
    block = load_block(Pack.builtin().spec("exchange", "block.yaml"))
    (tmp_path / "product.yaml").write_text(
        _only(_uncommented(product_text(Path("p.yaml"), [block]))), "utf-8"
    )
    target = load_product(
        tmp_path / "product.yaml", known={"exchange": block}, environment={"EXCHANGE_TOKEN": "t"}
    )
    written = target.blocks["exchange"]
    assert written.fixtures == {name: one.example for name, one in block.fixtures.items()}
    assert written.declares == {name: one.example for name, one in block.declares.items()}


def _only(text: str) -> str:
    """Leave out the keys between the credentials and the prepared data; they need files and an environment."""
    return re.sub(r"    credentials:.*?(?=    fixtures:)", "", text, flags=re.DOTALL)


def test_every_kind_of_auth_that_is_commented_out_is_right(tmp_path: Path) -> None:
    (tmp_path / "us.pem").write_text("pem")
    text = product_text(Path("p.yaml"), [BLOCK])
    oauth = re.search(r"    # auth:\n(    #   .*\n)+", text)
    assert oauth is not None
    written = [f"    auth: {kind}\n" for kind in AUTH_LINE.findall(text)] + [
        re.sub("^    # ", "    ", oauth[0], flags=re.MULTILINE)
    ]
    found = set()
    for auth in written:
        path = tmp_path / "product.yaml"
        head = "product: {name: N}\nblocks:\n  b:\n    base_url: http://x\n    tls: {client_certificate: us.pem}\n"
        path.write_text(head + auth, "utf-8")
        found.add(load_product(path, environment=_environment(auth)).blocks["b"].auth.type)
    assert found == {"none", "headers", "api_key", "oauth2_client_credentials", "mutual_tls"}


def test_every_key_of_the_schema_is_in_the_file() -> None:
    text = product_text(Path("p.yaml"), [BLOCK])
    schema = published_schema(ProductFile)
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", {})}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}:", text)] == []


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    """A limit on the size of files stands in for it."""
    done = subprocess.run(
        command_line("init", tmp_path / "product.yaml"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        capture_output=True,
        text=True,
        timeout=PROCESS_SECONDS,
        check=False,
    )
    assert (done.returncode, "cannot be written (File too large)" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
