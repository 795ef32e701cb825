import math
import random
from collections.abc import Iterator
from itertools import pairwise

import networkx as nx
import pytest
from pyspark.sql import DataFrame, SparkSession

from pipeline.dedupe.components import Checkpoint, connected_components

SCHEMA = "node string, neighbour string"


def shapes(rng: random.Random) -> Iterator[nx.Graph]:
    for length in (2, 3, 17, 150):
        yield nx.path_graph(length)
    yield nx.cycle_graph(64)
    yield nx.star_graph(200)
    yield nx.complete_graph(12)
    yield nx.balanced_tree(3, 4)
    yield nx.grid_2d_graph(9, 9)
    yield nx.barbell_graph(8, 20)
    yield nx.lollipop_graph(6, 30)
    yield nx.ladder_graph(20)
    yield nx.relabel_nodes(nx.star_graph(50), {0: 50, 50: 0})
    for _ in range(60):
        nodes = rng.randint(2, 40)
        yield nx.gnm_random_graph(nodes, rng.randint(1, 2 * nodes), seed=rng.randint(0, 10**9))
    for _ in range(5):
        yield nx.barabasi_albert_graph(60, 1, seed=rng.randint(0, 10**9))


def disjoint_union(rng: random.Random) -> nx.Graph:
    """All shapes as one graph, half of them under names in no order."""
    whole = nx.Graph()
    for index, graph in enumerate(shapes(rng)):
        names = list(range(graph.number_of_nodes()))
        if index % 2:
            rng.shuffle(names)
        label = dict(zip(graph, names, strict=True))
        whole.add_edges_from(
            (f"g{index:03d}-{label[a]:04d}", f"g{index:03d}-{label[b]:04d}") for a, b in graph.edges
        )
    return whole


def expected_labels(graph: nx.Graph) -> dict[str, str]:
    return {node: min(part) for part in nx.connected_components(graph) for node in part}


#: The longest way that any shape has from end to end.
CHAIN = 250


def test_components_are_those_of_a_search_in_memory_in_turns_as_the_logarithm_of_their_size(
    spark: SparkSession, checkpoint: Checkpoint
) -> None:
    rng = random.Random(6)
    graph = disjoint_union(rng)
    edges = [(a, b) if rng.random() < 0.5 else (b, a) for a, b in graph.edges]
    edges += rng.sample(edges, 50)  # twice
    edges += [(b, a) for a, b in rng.sample(edges, 50)]  # the other way round
    edges += [(a, a) for a in rng.sample(sorted(graph), 20)]  # to itself
    names = [f"chain-{number:05d}" for number in range(CHAIN)]
    rng.shuffle(names)
    chain = list(pairwise(names))
    graph.add_edges_from(chain)
    edges += chain
    rng.shuffle(edges)
    turns = 0

    def count(rows: DataFrame, name: str) -> DataFrame:
        nonlocal turns
        turns += name.endswith("-large")
        written = checkpoint(rows, name)
        # Edges are replaced, never added to.
        assert written.count() < 2 * graph.number_of_nodes()
        return written

    frame = spark.createDataFrame(edges, SCHEMA).repartition(7)
    found = [
        (row.node, row.component) for row in connected_components(frame, checkpoint=count).collect()
    ]
    assert len(found) == graph.number_of_nodes()
    assert dict(found) == expected_labels(graph)
    # A chain of twice the length takes one more.
    assert turns <= math.log2(CHAIN)


def test_stars_need_no_round(spark: SparkSession, tmp_path: object) -> None:
    names: list[str] = []

    def note(rows: object, name: str) -> object:
        names.append(name)
        return rows

    edges = spark.createDataFrame([("b", "a"), ("c", "a"), ("z", "y")], SCHEMA)
    rows = connected_components(edges, checkpoint=note).collect()  # type: ignore[arg-type]
    assert len(names) == 1
    assert {(row.node, row.component) for row in rows} == {
        ("a", "a"), ("b", "a"), ("c", "a"), ("y", "y"), ("z", "y"),
    }  # fmt: skip


@pytest.mark.parametrize("edges", [[], [("a", "a")]])
def test_a_graph_without_edges_has_no_components(
    spark: SparkSession, checkpoint: Checkpoint, edges: list[tuple[str, str]]
) -> None:
    rows = connected_components(spark.createDataFrame(edges, SCHEMA), checkpoint=checkpoint)
    assert rows.collect() == []
