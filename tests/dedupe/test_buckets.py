import random
from collections import defaultdict

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from pipeline.config.settings import Dedupe
from pipeline.dedupe import buckets
from pipeline.dedupe.buckets import bucket_stars, count_buckets, joined_block
from pipeline.dedupe.components import Checkpoint
from pipeline.dedupe.minhash import band_keys

SETTINGS = Dedupe(bands=3, rows=2)


def random_signatures(count: int, seed: int) -> dict[str, np.ndarray]:
    """Minima out of so few that bands are shared often, and pages through several bands."""
    dice = np.random.default_rng(seed)
    names = [f"{n:05d}" for n in dice.permutation(10 * count)[:count]]
    return dict(zip(names, dice.integers(0, 25, (count, 6)).astype("<u4"), strict=True))


def buckets_by_hand(signatures: dict[str, np.ndarray]) -> dict[tuple[int, bytes], list[str]]:
    found = defaultdict(list)
    for page, minima in signatures.items():
        for band in range(SETTINGS.bands):
            found[band, minima[2 * band : 2 * band + 2].tobytes()].append(page)
    return {key: sorted(pages) for key, pages in found.items() if len(pages) > 1}


def components(edges: list[tuple[str, str]]) -> set[frozenset[str]]:
    graph = nx.Graph([(a, b) for a, b in edges if a != b])
    return {frozenset(part) for part in nx.connected_components(graph)}


def test_stars_tie_together_exactly_the_pages_that_share_a_band(
    spark: SparkSession, checkpoint: Checkpoint
) -> None:
    signatures = random_signatures(500, 1)
    rows = [(page, bytearray(minima.tobytes())) for page, minima in signatures.items()]
    frame = spark.createDataFrame(rows, "page_id string, signature binary").repartition(7)
    stars = checkpoint(bucket_stars(frame, SETTINGS), "stars")
    found = stars.collect()
    expected = buckets_by_hand(signatures)
    assert len(expected) > 100
    tied = [(page, pages[0]) for pages in expected.values() for page in pages]
    assert components([(row.node, row.neighbour) for row in found]) == components(tied)
    sizes = sorted(row.pages for row in found if row.pages is not None)
    assert sizes == sorted(len(pages) for pages in expected.values())
    # Edges in proportion to the pages of buckets, never to their pairs.
    assert len(found) <= sum(len(pages) for pages in expected.values())
    counts = count_buckets(stars)
    assert (counts.buckets, counts.largest) == (len(expected), max(sizes))


def test_a_block_sends_one_row_a_bucket_to_the_shuffle_however_many_pages_share_it() -> None:
    template = np.arange(6, dtype="<u4")
    ids = [f"{n:04d}" for n in range(1000)]
    random.Random(1).shuffle(ids)
    block = pa.table({"page_id": ids, "signature": [template.tobytes()] * 1000})
    rows = joined_block(block, SETTINGS.bands).to_pylist()
    met = [row for row in rows if row["neighbour"] is None]
    within = [row for row in rows if row["neighbour"] is not None]
    assert [(row["page_id"], row["pages"]) for row in met] == [("0000", 1000)] * 3
    assert {(row["page_id"], row["neighbour"]) for row in within} == {
        (f"{n:04d}", "0000") for n in range(1, 1000)
    }
    assert len(within) == 999


def test_hot_buckets_are_joined_like_others_and_counted(
    spark: SparkSession, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "HOT_PAGES", 300)
    template = np.arange(6, dtype="<u4").tobytes()
    rows = [(f"t{n:04d}", bytearray(template)) for n in range(300)]
    rows += [
        (f"r{page}", bytearray((minima + 100).tobytes()))
        for page, minima in random_signatures(100, 2).items()
    ]
    frame = spark.createDataFrame(rows, "page_id string, signature binary").repartition(5)
    stars = checkpoint(bucket_stars(frame, SETTINGS), "stars")
    edges = {(row.node, row.neighbour) for row in stars.collect()}
    assert components([edge for edge in edges if edge[0] < "t"]) != set()
    [hot] = components([edge for edge in edges if edge[0] >= "t"])
    assert hot == {f"t{n:04d}" for n in range(300)}
    counts = count_buckets(stars)
    assert (counts.largest, counts.hot_buckets, counts.hot_rows) == (300, 3, 900)
    assert counts.document()["of 10,000 pages or more"] == 3


def test_nothing_has_no_buckets(spark: SparkSession) -> None:
    frame = spark.createDataFrame([], "page_id string, signature binary")
    stars = bucket_stars(frame, SETTINGS)
    assert stars.collect() == []
    assert count_buckets(stars).buckets == 0


def test_keys_tell_bands_and_the_order_of_minima_apart() -> None:
    minima = np.array([[1, 2, 1, 2, 2, 1], [1, 2, 0, 0, 2, 1]], dtype="<u4")
    keys = band_keys(minima, 3)
    assert keys.shape == (2, 3)
    assert len(set(keys[0].tolist())) == 3
    assert (keys[0] == keys[1]).tolist() == [True, False, True]
