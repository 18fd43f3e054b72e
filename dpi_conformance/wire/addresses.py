"""Addresses of ours that the product calls: what came to each, and whoever waits for it."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable

import orjson

from dpi_conformance.model.evidence import Callback
from dpi_conformance.wire.reactions import ACCEPTED, Reaction
from dpi_conformance.wire.waits import note

__all__ = ["CallbackAddress", "Counterparty"]

Wanted = Callable[[Callback], bool]

_KEPT = 1024
"""Callbacks kept for one address; the oldest give way."""


class CallbackAddress:
    """An address that nobody can guess, of one case or step; what comes late is kept too."""

    def __init__(self, name: str, url: str) -> None:
        """Take the name in the evidence and the URL that the product is told."""
        self.name = name
        self.url = url
        self.arrived = 0
        """Callbacks that came, those no longer kept among them."""
        self.answer = ACCEPTED
        """How a call is answered that no ``react`` is left for."""
        self._reactions: deque[tuple[_Condition, Reaction]] = deque()
        self._opened = time.perf_counter()
        self.size = 0
        """An estimate of the bytes that the callbacks take that are kept."""
        self._kept: deque[Callback] = deque()
        self._sizes: deque[int] = deque()
        self._waiting: dict[asyncio.Future[Callback | None], _Condition] = {}

    @property
    def callbacks(self) -> tuple[Callback, ...]:
        """Give what came and is kept, in order."""
        return tuple(self._kept)

    @property
    def age_ms(self) -> float:
        """Give the milliseconds since the address was handed out."""
        return (time.perf_counter() - self._opened) * 1000

    def react(self, *reactions: Reaction, to: Wanted = lambda _callback: True, mentions: str = "") -> None:
        """Answer the next calls so, one each, then as usual; ``to`` and ``mentions`` as in ``wait_for``."""
        condition = _Condition(to, mentions)
        self._reactions.extend((condition, reaction) for reaction in reactions)

    def reaction(self, callback: Callback) -> Reaction:
        """Give the answer to a call, and use it up."""
        for index, (condition, reaction) in enumerate(self._reactions):
            if condition.met(callback):
                del self._reactions[index]
                return reaction
        return self.answer

    async def wait(self, count: int, seconds: float) -> list[Callback]:
        """Give what came, as soon as it is ``count`` callbacks, or what there is after ``seconds``."""
        if self.arrived < count:
            await self._next(_Condition(lambda _callback: self.arrived >= count), seconds)
        return list(self._kept)

    async def wait_for(
        self, wanted: Callable[[Callback], bool], seconds: float, *, mentions: str = "", since: int = 0
    ) -> Callback | None:
        """Give the first callback that is ``wanted``, also one that came before; None after ``seconds``.

        Only callbacks whose target or body has the text ``mentions`` are looked at, and of those that came before
        only the ones after the first ``since`` (a former ``arrived``): a thousand may wait at one address.
        """
        condition = _Condition(wanted, mentions)
        raw, text = condition.raw, mentions
        for callback in itertools.islice(reversed(self._kept), max(self.arrived - since, 0)):
            if (raw in callback.request.body or text in callback.request.url) and wanted(callback):
                return callback
        return await self._next(condition, seconds)

    async def _next(self, condition: "_Condition", seconds: float) -> Callback | None:
        arrival: asyncio.Future[Callback | None] = asyncio.get_running_loop().create_future()
        self._waiting[arrival] = condition
        began = time.perf_counter()
        try:
            async with asyncio.timeout(seconds):
                return await arrival
        except TimeoutError:
            if seconds > 0:  # else nobody waited: it was only looked whether something had come
                note(began)
            return None
        finally:
            del self._waiting[arrival]

    def keep(self, callback: Callback) -> None:
        """Keep a callback, in the place of the oldest where there are too many, and wake who waits for it."""
        self.arrived += 1
        size = _size(callback)
        self._kept.append(callback)
        self._sizes.append(size)
        self.size += size
        body, url = callback.request.body, callback.request.url
        for arrival, condition in list(self._waiting.items()):
            if condition.raw in body or condition.text in url:
                _wake(arrival, condition.wanted, callback)
        if len(self._kept) > _KEPT:
            self.forget()

    def forget(self) -> int:
        """Let the oldest callback go; give its size, 0 if there is none."""
        if not self._kept:
            return 0
        self._kept.popleft()
        size = self._sizes.popleft()
        self.size -= size
        return size


class Counterparty(CallbackAddress):
    """A bank or biller that the harness plays; the product calls it at this address and below."""

    def answers(self, status: int, body: object) -> None:
        """Answer from now on with this status and JSON body; without this call 202 and ``{}``."""
        self.answer = Reaction(status=status, body=orjson.dumps(body))


class _Condition:
    """What somebody waits for; the bare text is looked for first, a hundred times cheaper than to understand a callback."""

    __slots__ = ("raw", "text", "wanted")

    def __init__(self, wanted: Wanted, mentions: str = "") -> None:
        self.wanted = wanted
        self.text = mentions
        self.raw = mentions.encode()

    def met(self, callback: Callback) -> bool:
        request = callback.request
        return (self.raw in request.body or self.text in request.url) and self.wanted(callback)


def _wake(arrival: asyncio.Future[Callback | None], wanted: Wanted, callback: Callback) -> None:
    if arrival.done():
        return
    try:
        found = wanted(callback)
    except Exception as error:  # noqa: BLE001 -- the condition's own fault, told to whoever set it
        arrival.set_exception(error)
    else:
        if found:
            arrival.set_result(callback)


def _size(callback: Callback) -> int:
    """Estimate the bytes that a callback takes in memory."""
    request = callback.request
    texts = itertools.chain.from_iterable(request.headers)
    return 1024 + len(request.body) + 100 * len(request.headers) + sum(map(len, texts))
