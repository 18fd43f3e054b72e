"""Makes an order from a command line, or from the journal of a run that was stopped."""

from collections.abc import Iterable
from pathlib import Path

from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.product import ProductFile, load_product, product_at
from dpi_conformance.errors import JournalError, UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.journal import finished_cases, read_journal

__all__ = ["make_order", "read_products", "recorded_order", "resumed_order"]


def make_order(
    blocks: tuple[str, ...], product: ProductFile | None, path: Path | None, profile: Profile, language: str
) -> Order:
    """Make the order of a command line; without blocks, all that the product or the pack has."""
    pack = Pack.builtin()
    chosen = blocks or tuple(product.blocks if product is not None and path is not None else pack.blocks)
    names = tuple(dict.fromkeys(pack.require_judged(block) for block in chosen))
    _require_player(pack, names, product, path)
    return Order(
        blocks=names,
        product=product,
        product_path=path,
        profile=profile,
        language=language,
        parts=_parts(pack, names),
    )


def _parts(pack: Pack, names: Iterable[str]) -> frozenset[str]:
    """Name the blocks that are met in scenarios only: where a block is judged by itself, no mock stands in for it."""
    parts = {part for name in names for part in load_block(pack.description(name)).scenario}
    return frozenset(parts - set(names))


def _require_player(pack: Pack, names: Iterable[str], product: ProductFile | None, path: Path | None) -> None:
    """Raise UsageError where the product plays no role of a scenario, or ``--target`` does not say which."""
    for name in names:
        parts = load_block(pack.description(name)).scenario
        if not parts or product is None or (path is not None and set(parts) & set(product.blocks)):
            continue
        text = N_(
            "“{scenario}” is played by several blocks: write product.yaml with at least one of {blocks}; the built-in "
            "mocks play the others. Without --target and --product they play all."
        )
        raise UsageError(Message(text=text, values={"scenario": name, "blocks": ", ".join(parts)}))


def read_products(target: str | None, path: Path | None, blocks: tuple[str, ...]) -> ProductFile | None:
    """Give what ``--target`` or ``--product`` describes; None where neither is given."""
    pack = Pack.builtin()
    if target is not None and path is not None:
        raise UsageError(Message(text=N_("Give either --target or --product, not both.")))
    if path is not None:
        return load_product(path, known=_described(pack, pack.blocks))
    if target is None:
        return None
    return product_at(target, _described(pack, blocks or pack.blocks))


def _described(pack: Pack, blocks: Iterable[str]) -> dict[str, Block]:
    return {pack.require_judged(block): load_block(pack.description(block)) for block in blocks}


def resumed_order(journal: Path) -> tuple[Order, frozenset[str]]:
    """Give what a stopped run was asked for, and the cases that it finished; UsageError if it is complete."""
    if any(line["type"] == "end" and line["ended"] == "complete" for line in read_journal(journal)):
        raise UsageError(
            Message(
                text=N_("{path}: this run is complete; read its report, or start a new run."),
                values={"path": str(journal.parent)},
            )
        )
    return recorded_order(journal), finished_cases(journal)


def recorded_order(journal: Path) -> Order:
    """Give what a run was asked for, from its journal.

    Credentials are not in a journal: they are read again from product.yaml or the environment.
    """
    start = next(read_journal(journal), {})
    if start.get("type") != "start":
        raise _unknown_order(
            journal, N_("{path}: has no start line, so what the run was asked for is not known.")
        )
    try:
        run, address = start["run"], start["order"]["target"]
        path = Path(start["product_file"]) if start["product_file"] else None
        blocks, profile, only = tuple(run["blocks"]), Profile(run["profile"]), tuple(run["only"])
        language = run["lang"]
    except (KeyError, TypeError, ValueError) as error:
        text = N_("{path}: its start line is not of this release; use the release that made the run.")
        raise _unknown_order(journal, text) from error
    return Order(
        blocks=blocks,
        product=read_products(address, path, blocks),
        product_path=path,
        profile=profile,
        only=only,
        language=language,
        parts=_parts(Pack.builtin(), blocks),
    )


def _unknown_order(journal: Path, text: str) -> JournalError:
    return JournalError(Message(text=text, values={"path": str(journal)}))
