from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from pipeline.base.errors import ModelMismatch
from pipeline.classify.features import features
from pipeline.classify.model import Model, score_pages
from pipeline.classify.training import train
from pipeline.config.settings import Train
from pipeline.workspace.table_schemas import schema

SETTINGS = Train(dim=8, buckets=1_000, min_count=1, small_seed_updates=(2_000,), max_words=100)
MATH, SOUP = "Theorem and proof: $x^{%d} \\le \\sum y$", "Stir the soup for %d minutes"


def retrain(path: Path, *, swapped: bool = False) -> None:
    kinds = {"math": SOUP, "other": MATH} if swapped else {"math": MATH, "other": SOUP}
    lines = [
        (label, features(text % number, 100))
        for label, text in kinds.items()
        for number in range(9)
    ]
    train(lines * 4, SETTINGS, path, scratch=path.parent, note=lambda _: None)


def test_pages_are_scored_as_the_model_scores_their_features(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = tmp_path / "model.bin"
    retrain(path)
    texts = {f"{n:032x}": (MATH if n % 3 else SOUP) % n for n in range(700)} | {"f" * 32: ""}
    pages = spark.createDataFrame(list(texts.items()), "page_id string, text string")
    for partitions in (1, 7):
        scores = score_pages(pages.repartition(partitions), str(path), SETTINGS)
        assert scores.columns == schema("scores").names
        found = {row.page_id: row.score for row in scores.collect()}
        assert set(found) == set(texts)
        expected = Model.load(path).score([features(text, 100) for text in texts.values()])
        assert [found[page] for page in texts] == expected.tolist()
        assert all(0 <= score <= 1 for score in found.values())
    by_fasttext = score_pages(pages, str(path), SETTINGS, "fasttext").collect()
    assert len(by_fasttext) == len(texts)
    assert all(abs(row.score - found[row.page_id]) < 1e-5 for row in by_fasttext)

    # A model trained anew in the same place is not taken for the one before.
    retrain(path, swapped=True)
    again = {row.page_id: row.score for row in score_pages(pages, str(path), SETTINGS).collect()}
    assert (found[f"{1:032x}"] > 0.5) != (again[f"{1:032x}"] > 0.5)


def test_settings_that_read_pages_otherwise_are_refused(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = tmp_path / "model.bin"
    retrain(path)
    pages = spark.createDataFrame([("a", "text")], "page_id string, text string")
    with pytest.raises(ModelMismatch):
        score_pages(pages, str(path), Train(max_words=50))
