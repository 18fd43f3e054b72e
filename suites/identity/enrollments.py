"""Enrollments as a case sends them (GovStack Identity 8.2)."""

from collections.abc import Mapping
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, json_request
from dpi_conformance.i18n import N_

from .clients import stamp
from .sentences import say

__all__ = ["enroll", "enrolled", "entry", "fields_of", "new_id", "sent"]


def new_id(scene: Scene) -> str:
    """Give an identifier that nobody has enrolled with."""
    return f"10{scene.fresh.number(27)}"


def fields_of(**values: str) -> dict[str, str]:
    """Give fields as the published example writes them: a list by language, as text."""
    return {
        name: value if name == "postalCode" else f'[{{"language":"eng","value":"{value}"}}]'
        for name, value in values.items()
    }


async def enroll(scene: Scene, *, time_stamp: str = "", **request: Any) -> Answer:
    """Send an enrollment, whatever comes of it."""
    return await sent(scene, {"process": "NEW", "source": "REGISTRATION_CLIENT", **request}, time_stamp)


async def sent(scene: Scene, request: Any, time_stamp: str = "") -> Answer:
    """Send an enrollment whose request is just this."""
    body = {
        "id": "govstack.enrollment",
        "version": "v1",
        "requesttime": time_stamp or stamp(),
        "request": request,
    }
    return await scene.send("enroll", json_request("PUT", "/enrollment", body))


async def enrolled(scene: Scene, **request: Any) -> Answer:
    """Enroll somebody; raises Prerequisite if that is not served."""
    answer = await enroll(scene, **request)
    if not answer.served:
        text = N_("An enrollment in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(answer)))
    return answer


def entry(answer: Answer) -> Mapping[str, Any]:
    """Give the first entry of the response; empty without one."""
    response = answer.get("response")
    first = response[0] if isinstance(response, list) and response else response
    return first if isinstance(first, Mapping) else {}
