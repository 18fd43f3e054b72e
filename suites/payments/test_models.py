"""The stateful models in the deciding tier: fixed seeds, so that every product meets the same sequences."""

import asyncio
import importlib

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.model.vectors import Profile

from .account_reads import shown_as
from .account_rules import require_shown
from .accounts import account, registered

_SEED = 20_261_129
"""Chosen so that the first eight sequences, which the slowest product has to meet, catch each fault of the mock too."""


@case(
    "V12/any-sequence",
    clause="GovStack Payments 6.1, 8.2",
    functions=["vouchers"],
    profile=Profile.STANDARD,
)
async def test_vouchers_agree_with_their_model(scene: Scene) -> None:
    """In any sequence of orders and readings a voucher is paid out at most once, in full and only while it is active.

    The sequences are the same for every product; a slow one meets the first eight of them at least.
    """
    await _agrees(scene, "voucher-life")


@case(
    "G15/any-sequence",
    clause="GovStack Payments 8.1.1, 8.1.2, 9.1.1",
    functions=["g2p"],
    profile=Profile.STANDARD,
)
async def test_the_account_mapper_agrees_with_its_model(scene: Scene) -> None:
    """In any sequence of registrations, updates and lookups each lookup tells the account that was entered last.

    The sequences are the same for every product; a slow one meets the first eight of them at least. Somebody has to be
    registered and shown first: a product that takes nobody in agrees with its model in each sequence.
    """
    (known,) = await registered(scene, [account(scene)])
    require_shown(known, await shown_as(scene, known))
    await _agrees(scene, "account-life")


async def _agrees(scene: Scene, name: str) -> None:
    """Let the product meet a model; hypothesis is imported beside the event loop, which others are waiting in."""
    models = await asyncio.to_thread(importlib.import_module, f"{__package__}.models")
    engine = importlib.import_module("dpi_conformance.execution.models")
    await engine.agree(scene, models.MODELS[name], engine.Drawing(seed=_SEED))
