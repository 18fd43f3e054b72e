"""What stands at the head of a journal: the run, the product, and all that the verdict rests on."""

import platform
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from dpi_conformance import __version__
from dpi_conformance.campaign.assignment import Assignment
from dpi_conformance.campaign.order import Order, claimed
from dpi_conformance.catalogue.target import Target
from dpi_conformance.wire.journal import Journal

__all__ = ["write_preamble"]

_VERSIONED = ("aiohttp", "httpx", "jsonschema-rs", "orjson", "pydantic")
"""The libraries that a verdict passes through at run time; those of the vectors are in their manifest."""


def write_preamble(
    journal: Journal, order: Order, work: Sequence[Assignment], targets: Mapping[str, Target]
) -> None:
    """Write the start, and per block its digests, requirements and planned cases."""
    journal.start(
        run=_run(order),
        product=_product(order),
        product_file=str(order.product_path.resolve()) if order.product_path else None,
        target={block: target.public() for block, target in targets.items()},
        order={"target": _address(order)},
        claims={
            place: sorted(claimed(targets[place], part.block))
            for one in work
            for place, part in one.places.items()
        },
        **({"roles": roles} if (roles := _roles(order, work, targets)) else {}),
    )
    for one in work:
        journal.block(one.block, one.digests, one.cases)
        for requirement in one.requirements.requirements:
            journal.requirement(one.block.id, requirement)
        for case in one.cases:
            journal.case(case)


def _roles(order: Order, work: Sequence[Assignment], targets: Mapping[str, Target]) -> list[dict[str, Any]]:
    """Say who plays which role of a scenario: the product, a built-in mock, or the harness itself."""
    roles = []
    for one in (one for one in work if one.parts):
        for place, part in one.places.items():
            target = order.target(part.block.id)
            product = order.product.product if order.product is not None and target is not None else None
            played = {"role": part.block.id, "title": part.block.title, "address": targets[place].base_url}
            if product is not None:
                played |= {"played_by": "product", "name": product.name, "version": product.version}
            else:
                faults = " ".join(sorted(order.faults_of(part.block.id)))
                version = f"{__version__}, with {faults}" if faults else __version__
                mock = f"built-in mock ({part.block.id})"
                played |= {"played_by": "mock", "name": mock, "version": version}
            roles.append({"scenario": one.block.id, **played})
        for role, title in one.block.counterparties.items():
            harness = {"played_by": "harness", "name": "dpi-conformance", "version": __version__}
            roles.append({"scenario": one.block.id, "role": role, "title": title, "address": "", **harness})
    return roles


def _address(order: Order) -> str | None:
    """Give what ``--target`` said, so that a stopped run can be resumed; None for product.yaml and for mocks."""
    if order.product is None or order.product_path is not None:
        return None
    return next(iter(order.product.blocks.values())).base_url


def _run(order: Order) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
        "started_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "blocks": list(order.blocks),
        "profile": order.profile.value,
        "only": list(order.only),
        "lang": order.language,
        "tool": {"name": "dpi-conformance", "version": __version__},
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in _VERSIONED},
        },
    }


def _product(order: Order) -> dict[str, Any]:
    if order.product is not None:
        return order.product.product.model_dump(mode="json")
    names = ", ".join(order.blocks)
    return {
        "vendor": "dpi-conformance",
        "name": f"built-in mock ({names})",
        "version": __version__,
        "build": " ".join(sorted(order.faults)),
        "contact": "",
        "adaptor": "native",
    }
