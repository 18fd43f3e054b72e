"""One kind of request whose result the product sends later."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import NotServed, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Request

__all__ = ["Draft", "Order", "served"]


async def _nobody(_scene: Scene, _answer: Answer) -> None:
    """Nobody else has to play along."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One request, before it is told where its result is to go."""

    method: str
    target: str
    body: Any
    mark: str
    """The identifier by which its result is found."""
    result: Mapping[str, str]
    """What its result has to carry back, by place, where it carries it at all."""
    headers: Mapping[str, str] = field(default_factory=dict)
    play: Callable[[Scene, Answer], Awaitable[None]] = _nobody
    """What the counterparties do once it was taken in."""

    def to(self, address: str | None, body: Any = None) -> Request:
        """Give the request with an address for its result, or without one; ``body`` in place of its own."""
        there = {} if address is None else {"X-Callback-URL": address}
        return json_request(
            self.method, self.target, self.body if body is None else body, {**self.headers, **there}
        )


@dataclass(frozen=True, kw_only=True)
class Order:
    """One kind of request with a later result."""

    call: str
    """The result, as the specification names it."""
    variant: str
    function: str
    clause: str
    draft: Callable[[Scene, bool], Awaitable[Draft]]
    """Makes one; the flag asks for one that fails, wholly or in part."""
    broken: Mapping[str, Any]
    """Fields that make its body one that the specification refuses."""
    elsewhere: str = ""
    """Whose own address is as good, because the request's file publishes no header for one."""
    depends_on: str = ""
    """The counterparty without whose word the product cannot know the result."""
    lists_failures: bool = False
    """Its result has a list ``failedCases``."""
    fails: bool = True
    """There is a way for it to be taken in and fail."""

    def __str__(self) -> str:
        """Give the result's name."""
        return self.call


async def served(scene: Scene, variant: str, request: Request) -> Answer:
    """Send a request that a case is built on; raises NotServed."""
    answer = await scene.send(variant, request)
    if not answer.served:
        text = N_("A preparing request ({variant}) was not served: {answer}.")
        raise NotServed(Message(text=text, values={"variant": variant, "answer": str(answer)}))
    return answer
