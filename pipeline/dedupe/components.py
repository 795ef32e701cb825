"""Connected components of a graph that no single machine can hold.

Kiveris et al., "Connected Components in MapReduce and Beyond" (SoCC 2014):
alternate large-star and small-star until every component is a star around its
smallest node. Each operation replaces edges and adds at most one a node, so a
round's work is linear; the rounds that the paper proves enough grow with the
square of the logarithm of the number of nodes, those seen with the logarithm.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.workspace.table_schemas import Checkpoint


def connected_components(edges: DataFrame, *, checkpoint: Checkpoint) -> DataFrame:
    """``node``, ``component``: every node that has an edge to another one, with the
    smallest node of its component (which is a row too).

    ``edges`` has ``node`` and ``neighbour`` of one type that has an order; which
    way round, how often, and edges from a node to itself make no difference.
    ``checkpoint`` is called twice a round, each time with a name of its own.
    """
    edges = checkpoint(_oriented(edges), "components-00")
    turn = 0
    while not _all_stars(edges):
        turn += 1
        edges = checkpoint(_large_star(edges), f"components-{turn:02d}-large")
        edges = checkpoint(_small_star(edges), f"components-{turn:02d}-small")
    members = edges.select("node", F.col("neighbour").alias("component"))
    centres = edges.select(F.col("neighbour").alias("node"), F.col("neighbour").alias("component"))
    return members.union(centres.distinct())


def _oriented(edges: DataFrame) -> DataFrame:
    """Each edge once, from the larger node to the smaller."""
    return (
        edges.filter("node != neighbour")
        .select(
            F.greatest("node", "neighbour").alias("node"),
            F.least("node", "neighbour").alias("neighbour"),
        )
        .distinct()
    )


def _all_stars(edges: DataFrame) -> bool:
    """Whether no round could change an edge: each node has one smaller neighbour,
    or larger ones, and never both."""
    upward = F.sum("up")
    ends = edges.select("node", F.lit(1).alias("up"), F.lit(0).alias("down")).union(
        edges.select("neighbour", F.lit(0), F.lit(1))
    )
    unfinished = (
        ends.groupBy("node")
        .agg(upward.alias("up"), F.max("down").alias("down"))
        .filter("up > 1 OR (up = 1 AND down = 1)")
    )
    return unfinished.isEmpty()


def _large_star(edges: DataFrame) -> DataFrame:
    """Each node's larger neighbours go to the smallest of its neighbours and itself."""
    both_ways = edges.union(edges.select("neighbour", "node"))
    smallest = both_ways.groupBy("node").agg(
        F.least(F.min("neighbour"), F.col("node")).alias("smallest")
    )
    return (
        both_ways.join(smallest, "node")
        .filter("neighbour > node")
        .select(F.col("neighbour").alias("node"), F.col("smallest").alias("neighbour"))
        .distinct()
    )


def _small_star(edges: DataFrame) -> DataFrame:
    """Each node's smaller neighbours, and itself, go to the smallest of them."""
    smallest = edges.groupBy("node").agg(F.min("neighbour").alias("smallest"))
    moved = (
        edges.join(smallest, "node")
        .filter("neighbour != smallest")
        .select(F.col("neighbour").alias("node"), F.col("smallest").alias("neighbour"))
    )
    return moved.union(smallest.select("node", "smallest")).distinct()
