"""Lanes: vectors that must not use up what they refer to share it, one after the other.

A voucher that every wrong request leaves untouched serves for the next wrong request. What proves that it was left
untouched is the positive control, sent with this very voucher at the end; where it is not served, the vectors are
sent again, each with a voucher of its own. Creating one for each would take twice the requests, and leave a vendor's
test system with thousands.
"""

from collections.abc import Collection, Sequence

from dpi_conformance.execution.answering import Answered, Answering
from dpi_conformance.model.vectors import Vector

__all__ = ["in_lane", "lanes_of"]

_LANES = 8


def lanes_of(
    vectors: Sequence[Vector], control: Vector, free: Collection[str]
) -> tuple[list[list[Vector]], list[Vector]]:
    """Give the lanes, and the vectors that must have everything for themselves.

    ``free`` names resources that cost no request. A vector that is to be served uses up what it refers to.
    """
    if set(control.needs) <= set(free):
        return [], list(vectors)
    shared = [one for one in vectors if one.needs == control.needs and one.expect.needs_control]
    lanes = [shared[start::_LANES] for start in range(min(_LANES, len(shared)))]
    sharing = {vector.id for vector in shared}
    return lanes, [vector for vector in vectors if vector.id not in sharing]


async def in_lane(answering: Answering, lane: Sequence[Vector], control: Vector) -> list[Answered]:
    """Send the vectors of a lane one after the other; a resource serves until a vector is served with it."""
    left, settled = list(lane), list[Answered]()
    while left:
        (resource,) = await answering.resources(left[:1])
        tried: list[Answered] = []
        used_up = False
        while left and not used_up:
            tried.append(await answering.answer(left.pop(0), resource, controlled=True))
            used_up = answering.served(tried[-1])
        if not used_up and not (await answering.control(control, resource))[0]:
            tried = await answering.all([one.vector for one in tried], controlled=True)
        settled += tried
    return settled
