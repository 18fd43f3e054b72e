"""Cycles of a graph: the same answer as the plain, slow way gives."""

from hypothesis import given
from hypothesis import strategies as st

from dpi_conformance.catalogue.cycles import Cycles

_GRAPHS = st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4), max_size=10)


def _reachable(graph: dict[int, list[int]], start: int) -> set[int]:
    seen: set[int] = set()
    waiting = list(graph.get(start, []))
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += graph.get(node, [])
    return seen


@given(_GRAPHS, st.permutations(range(10)))
def test_a_node_lies_on_a_cycle_if_it_reaches_itself(graph: dict[int, list[int]], asked: list[int]) -> None:
    cycles = Cycles(lambda node: graph.get(node, []))
    assert {node for node in asked if cycles.hold(node)} == {
        n for n in range(10) if n in _reachable(graph, n)
    }


def test_a_long_chain_is_no_recursion_and_each_node_is_visited_once() -> None:
    visited: list[int] = []

    def neighbours(node: int) -> list[int]:
        visited.append(node)
        return [node + 1] if node < 50_000 else []

    cycles = Cycles(neighbours)
    assert not cycles.hold(0)
    assert not cycles.hold(25_000)
    assert len(visited) == 50_001
