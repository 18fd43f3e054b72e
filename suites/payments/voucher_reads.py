"""Readings of a voucher's status that something else is compared with."""

import asyncio

from dpi_conformance.execution.scene import Scene

from .voucher_requests import Voucher
from .voucher_rules import shown
from .vouchers import Standing, standing

__all__ = ["settled"]


async def settled(scene: Scene, voucher: Voucher, state: str = "activated") -> Standing:
    """Give how a voucher stands once that is its last change: a product may write a state a moment after its answer.

    Where the vendor does not declare the state's number, the moment is as long as one waits for what must not come.
    Raises Prerequisite if a declared state is never shown.
    """
    if state == "cancelled" or f"voucher-status.{state}" in scene.declared:
        return await shown(scene, voucher, state)
    await asyncio.sleep(scene.quiet_seconds)
    return await standing(scene, voucher)
