"""What can be done with vouchers through the published API, as a case does it: nothing raises but an unreachable product."""

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Resource, json_request

from .participants import name_of

__all__ = ["redeem"]


async def redeem(
    scene: Scene, voucher: Resource, *, secret: str | None = None, agent: str | None = None
) -> Answer:
    """Redeem a voucher as the merchant; ``secret`` and ``agent`` in place of the right ones."""
    body = {
        "requestID": scene.fresh.identifier(12),
        "voucherSerialNumber": voucher["voucher-active.serial"],
        "agentID": agent or name_of(scene, "agent"),
        "voucherSecretNumber": secret or voucher["voucher-active.secret"],
    }
    headers = {"X-Registering-Institution-Id": name_of(scene, "institution")}
    return await scene.send("voucher-redeem", json_request("POST", "/vouchers?command=redeem", body, headers))
