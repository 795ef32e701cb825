import random

import pytest
from pyspark.sql import SparkSession

from pipeline.config.settings import Dedupe
from pipeline.dedupe import verification
from pipeline.dedupe.components import Checkpoint
from pipeline.dedupe.minhash import shingle_hashes
from pipeline.dedupe.verification import verified_survivors
from pipeline.text.text_key import comparable_words

SETTINGS = Dedupe(verify=True, least_similarity=0.6)
WORDS = [f"w{random.Random(1).randrange(50_000)}-{n}" for n in range(3000)]


def window(first: int, size: int = 400) -> str:
    return " ".join(WORDS[first : first + size])


def true_similarity(left: str, right: str) -> float:
    sets = [set(shingle_hashes(comparable_words(t), SETTINGS).tolist()) for t in (left, right)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def survivors(spark: SparkSession, checkpoint: Checkpoint, texts: dict[str, str]):
    """Of clusters that are the first letters of their pages."""
    rows = [(page, page[0], 0, 1000, 0) for page in texts]
    clustered = spark.createDataFrame(
        rows, "page_id string, component string, formulas int, characters int, fetched long"
    ).repartition(3)
    # Other pages' texts are no trouble.
    frame = spark.createDataFrame([*texts.items(), ("zz", "x")], "page_id string, text string")
    found = verified_survivors(clustered, frame, SETTINGS, checkpoint=checkpoint).collect()
    assert len(found) == len(texts)
    return {row.page_id: row for row in found}


def by_hand(texts: dict[str, str]) -> dict[str, str]:
    """The smallest page takes its like, the smallest of the others its own, and so on."""
    taken: dict[str, str] = {}
    left = sorted(texts)
    while left:
        best = left[0]
        for page in left:
            if true_similarity(texts[page], texts[best]) >= SETTINGS.least_similarity:
                taken[page] = best
        left = [page for page in left if page not in taken]
    return taken


def test_pages_are_dropped_only_for_pages_that_they_are_truly_like(
    spark: SparkSession, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    most_turns = 4
    monkeypatch.setattr(verification, "MOST_TURNS", most_turns)
    texts = {f"p{index:02d}": window(45 * index) for index in range(11)}
    expected = by_hand(texts)
    assert 1 < len(set(expected.values())) <= most_turns
    # In another cluster are more pages like no other than there are turns: all are kept.
    others = {f"q{index:02d}": window(200 * index, 200) for index in range(most_turns + 4)}
    found = survivors(spark, checkpoint, texts | others)
    assert {page: found[page].minhash_survivor for page in texts} == expected
    for page in texts:
        row = found[page]
        if row.minhash_survivor == page:
            assert row.similarity is None
        else:
            assert row.similarity == true_similarity(texts[page], texts[row.minhash_survivor])
            assert row.similarity >= SETTINGS.least_similarity
    assert all(found[page].minhash_survivor == page for page in others)
    turns = sorted(found[page].turn for page in others)
    assert turns == [0] * 4 + list(range(1, most_turns + 1))
