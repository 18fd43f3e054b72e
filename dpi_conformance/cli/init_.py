"""``init``: write a commented product.yaml."""

import contextlib
import re
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

import click

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import Block, Named

__all__ = ["command", "product_text"]

_PACKAGE = "dpi_conformance"
_VARIABLE = re.compile(r"^[^#\n]*\$\{(\w+)\}", re.MULTILINE)


@click.command(name="init")
@click.argument("path", type=click.Path(path_type=Path), default="product.yaml")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(*, path: Path, force: bool) -> None:
    """Write a commented product.yaml, to be filled in; PATH is product.yaml if it is not given."""
    text = product_text(path, [_described(block) for block in Pack.builtin().blocks])
    _write(path, text, force=force)
    click.echo(f"{path} is written. Fill it in, then:")
    for name in dict.fromkeys(_VARIABLE.findall(text)):
        click.echo(f"  export {name}=…")
    click.echo(f"  dpi-conformance doctor --product {path}")


def _described(block: str) -> Block:
    return load_block(Pack.builtin().spec(block, "block.yaml"))


def product_text(path: Path, blocks: list[Block]) -> str:
    """Give the text of a product.yaml for these blocks, every key explained; it names the shipped JSON Schema."""
    with as_file(files(_PACKAGE) / "schemas" / "product.schema.json") as schema:
        head = (
            _template("product").replace("@schema@", schema.resolve().as_uri()).replace("@path@", str(path))
        )
    return "\n".join((head.rstrip(), *(_block_text(block).rstrip() for block in blocks), ""))


def _block_text(block: Block) -> str:
    played = "\n".join(
        f'    #   {name}: {{identifier: ""}}'.ljust(36) + f" # {title}"
        for name, title in block.counterparties.items()
    )
    values = {
        "@fixtures@": _examples(block.fixtures),
        "@declares@": _examples(block.declares),
        "@block@": block.id,
        "@title@": block.title,
        "@NAME@": re.sub(r"\W", "_", block.id).upper(),
        "@counterparties@": played or "    #   none: this block has no such role",
        "@claims@": ", ".join(block.functions),
        "@unclaimed@": f"all but {', '.join(sorted(block.optional))}" if block.optional else "all of it",
    }
    text = _template("block")
    for marker, value in values.items():
        text = text.replace(marker, value)
    return text


def _examples(names: Mapping[str, Named]) -> str:
    """Give a commented line for each name, with its example and what it is; one for any name where none is known."""
    lines = (f'    #   {name}: "{one.example}"'.ljust(60) + f" # {one.title}" for name, one in names.items())
    return "\n".join(lines) or '    #   name: "text"'


def _template(name: str) -> str:
    return (files(_PACKAGE) / "cli" / f"{name}.template.yaml").read_text("utf-8")


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        if path.is_dir():
            raise _unwritable(
                path, N_("{path} is a folder; name a file in it, like {path}/product.yaml.")
            ) from error
        raise _unwritable(
            path, N_("{path} is there already; name another file, or write over it with --force.")
        ) from error
    except IsADirectoryError as error:
        raise _unwritable(
            path, N_("{path} is a folder; name a file in it, like {path}/product.yaml.")
        ) from error
    except OSError as error:
        if not force:  # the half of a file is of our making, and would bar the way of the next try
            with contextlib.suppress(OSError):
                path.unlink()
        text = N_("{path} cannot be written ({reason}); name a file in a folder that you can write to.")
        raise _unwritable(path, text, reason=error.strerror or str(error)) from error


def _unwritable(path: Path, text: str, **values: str) -> UsageError:
    return UsageError(Message(text=text, values={"path": str(path), **values}))
