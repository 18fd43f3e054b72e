"""Callbacks and webhooks of an OpenAPI document → the calls that the product makes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dpi_conformance.catalogue.contents import Contents
from dpi_conformance.catalogue.operations import operations_of, text_of
from dpi_conformance.catalogue.references import Reading
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.i18n import N_
from dpi_conformance.model.spec import Outbound, Parameter

__all__ = ["OutboundCalls"]


class OutboundCalls:
    """Reads the outbound calls of one document."""

    def __init__(self, reading: Reading, contents: Contents) -> None:
        """Take the document and its contents."""
        self._reading = reading
        self._contents = contents

    def all(self, paths: Mapping[str, Any], webhooks: Any) -> tuple[Outbound, ...]:
        """Give the callbacks of all operations, then the webhooks; a callback on several operations once."""
        calls: dict[str, Outbound] = {}
        for call, at in [*self._callbacks(paths), *self._webhooks(webhooks)]:
            if calls.setdefault(call.id, call) != call:
                text = N_("Two different outbound calls are named “{id}”; the first counts.")
                self._reading.trouble(at, text, id=call.id)
        return tuple(calls.values())

    def _callbacks(self, paths: Mapping[str, Any]) -> Iterator[tuple[Outbound, Pointer]]:
        for path, item in paths.items():
            found = self._reading.follow(item, ("paths", path))
            if found is None or not isinstance(found[0], dict):
                continue
            for method, node in found[0].items():
                declared = node.get("callbacks") if isinstance(node, dict) else None
                for name, entry in declared.items() if isinstance(declared, dict) else ():
                    at = (*found[1], method, "callbacks", name)
                    yield from self._callback(name, entry, at, text_of(node, "x-function"))

    def _callback(
        self, name: str, node: Any, at: Pointer, function: str
    ) -> Iterator[tuple[Outbound, Pointer]]:
        found = self._reading.follow(node, at)
        if found is None:
            return
        for expression, item in self._reading.mapping(found[0], found[1], "callback").items():
            if not expression.startswith("x-"):
                yield from self._item(name, item, (*found[1], expression), (expression, function))

    def _webhooks(self, node: Any) -> Iterator[tuple[Outbound, Pointer]]:
        for name, item in self._reading.mapping(node, ("webhooks",), "webhooks").items():
            yield from self._item(name, item, ("webhooks", name), None)

    def _item(
        self, name: str, item: Any, at: Pointer, callback: tuple[str, str] | None
    ) -> Iterator[tuple[Outbound, Pointer]]:
        """Give the calls of a path item; ``callback`` holds its expression and its operation's function."""
        found = self._reading.follow(item, at)
        if found is None:
            return
        entries = self._reading.mapping(found[0], found[1], "path")
        for method, node, place in operations_of(self._reading, entries, found[1]):
            yield self._call(name, method, entries | node, place, callback), place

    def _call(
        self, name: str, method: str, node: dict[str, Any], at: Pointer, callback: tuple[str, str] | None
    ) -> Outbound:
        published = node.get("x-published")
        published = (
            {k: v for k, v in published.items() if isinstance(v, str)} if isinstance(published, dict) else {}
        )
        expression, function = callback or ("", "")
        return Outbound(
            id=name,
            kind="callback" if callback else "webhook",
            method=method,
            path=expression or text_of(node, "x-path") or published.get("path", ""),
            function=text_of(node, "x-function") or function,
            counterparty=text_of(node, "x-counterparty"),
            parameters=tuple(self._parameters(node, at)),
            body=self._contents.body(node.get("requestBody"), (*at, "requestBody")),
            responses=self._contents.responses(node.get("responses"), (*at, "responses")),
            published=published,
            clause=text_of(node, "x-clause"),
        )

    def _parameters(self, node: dict[str, Any], at: Pointer) -> Iterable[Parameter]:
        """Read the parameters, and those of ``x-path``, which OpenAPI has no place for."""
        on_path = self._contents.parameters(node.get("x-path-parameters"), (*at, "x-path-parameters"))
        return (on_path | self._contents.parameters(node.get("parameters"), (*at, "parameters"))).values()
