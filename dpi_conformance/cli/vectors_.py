"""``dpi-conformance vectors``: compiles and freezes a block's vectors, or holds the frozen ones against a rebuild."""

import sys
import tempfile
from pathlib import Path

import click

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.vectors.store import MANIFEST, Manifest, read_manifest

__all__ = ["command"]


@click.group(name="vectors")
def command() -> None:
    """Compile and freeze a block's vectors."""


@command.command()
@click.argument("block")
@click.option(
    "--check",
    is_flag=True,
    help="Rebuild and compare with the frozen set; writes nothing, exit 1 if they differ.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write here instead of into the block's suite.")
@click.option("--variant", "variants", multiple=True, help="Build this variant only (with --out).")
def build(block: str, variants: tuple[str, ...], out: Path | None, *, check: bool) -> None:
    """Compile BLOCK's vectors in a clean process and freeze them."""
    pack = Pack.builtin()
    pack.require(block)
    if variants and out is None:
        raise click.UsageError("--variant builds a part of the set; write it somewhere else with --out.")
    _require(pack, block, variants)
    frozen = pack.root / "suites" / block / "vectors"
    if check:
        with tempfile.TemporaryDirectory() as folder:
            _compare(_built(pack, block, Path(folder), ()), read_manifest(frozen / MANIFEST))
        return
    _show(_built(pack, block, out or frozen, variants))


def _require(pack: Pack, block: str, variants: tuple[str, ...]) -> None:
    """Let a variant that there is not be the user's to mend."""
    if not variants:
        return
    from dpi_conformance.catalogue.openapi import load_spec  # noqa: PLC0415 -- only where a part is built

    known = [variant.id for variant in load_spec(pack.spec(block, "openapi.yaml")).variants]
    for variant in variants:
        if variant not in known:
            text = N_("--variant: there is no “{variant}” in {block}; write one of: {known}.")
            raise UsageError(_message(text, variant=variant, block=block, known=", ".join(known)))


def _built(pack: Pack, block: str, folder: Path, variants: tuple[str, ...]) -> Manifest:
    from dpi_conformance.vectors import compiling  # noqa: PLC0415 -- loads what only a build needs

    return compiling.build(
        pack.spec(block, "openapi.yaml"), pack.suite(block, "knowledge.yaml"), folder, variants
    )


def _compare(built: Manifest, kept: Manifest) -> None:
    from dpi_conformance.vectors.compiling import differences  # noqa: PLC0415 -- loads what only a build needs

    found = differences(built, kept)
    if not found:
        click.echo(
            str(
                _message(
                    N_("The rebuild gives the same bytes: vectors {digest}."), digest=kept.digests["vectors"]
                )
            )
        )
        return
    click.echo(str(_message(N_("The rebuild differs from the frozen set (rebuilt / frozen):"))), err=True)
    for difference in found:
        click.echo(f"  {difference}", err=True)
    sys.exit(1)


def _show(manifest: Manifest) -> None:
    counts = manifest.counts
    click.echo(
        str(
            _message(
                N_(
                    "{cases} cases; vectors: quick {quick}, standard {standard}, full {full}; sha256 {digest}"
                ),
                cases=counts["cases"],
                digest=manifest.digests["vectors"],
                **counts["profiles"],
            )
        )
    )


def _message(text: str, **values: str | int) -> Message:
    return Message(text=text, values=values)
