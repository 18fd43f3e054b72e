"""Which nodes of a graph lie on a cycle: Tarjan's algorithm, without recursion, over as much as is asked about."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

__all__ = ["Cycles"]

Node = TypeVar("Node", bound=Hashable)


class Cycles(Generic[Node]):
    """Answers for one graph, given by the neighbours of a node; each node is visited once."""

    def __init__(self, neighbours: Callable[[Node], Iterable[Node]]) -> None:
        """Take the graph."""
        self._neighbours = neighbours
        self._order: dict[Node, int] = {}
        self._lowest: dict[Node, int] = {}
        self._open: list[Node] = []
        self._is_open: set[Node] = set()
        self._cyclic: set[Node] = set()

    def hold(self, node: Node) -> bool:
        """Tell whether the node can be reached from itself."""
        if node not in self._order:
            self._visit(node)
        return node in self._cyclic

    def _visit(self, start: Node) -> None:
        path = [(start, self._enter(start))]
        while path:
            node, rest = path[-1]
            following = next(rest, None)
            if following is None:
                path.pop()
                self._leave(node, path[-1][0] if path else None)
            elif following not in self._order:
                path.append((following, self._enter(following)))
            elif following in self._is_open:
                self._lowest[node] = min(self._lowest[node], self._order[following])
                if following == node:
                    self._cyclic.add(node)

    def _enter(self, node: Node) -> Iterator[Node]:
        self._order[node] = self._lowest[node] = len(self._order)
        self._open.append(node)
        self._is_open.add(node)
        return iter(tuple(self._neighbours(node)))

    def _leave(self, node: Node, parent: Node | None) -> None:
        """Close a node; the first of a strongly connected part closes all of it."""
        if parent is not None:
            self._lowest[parent] = min(self._lowest[parent], self._lowest[node])
        if self._lowest[node] != self._order[node]:
            return
        part = [self._open.pop()]
        while part[-1] != node:
            part.append(self._open.pop())
        self._is_open.difference_update(part)
        if len(part) > 1:
            self._cyclic.update(part)
