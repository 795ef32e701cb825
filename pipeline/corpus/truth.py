"""Judging a round by labels that no step ever reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

MATH = "math"
NOT_MATH = "not-math"


def labelled_pages(
    pages: DataFrame, pool: DataFrame, collected: DataFrame, labels: DataFrame
) -> DataFrame:
    """``page_id, label, kind, taken`` of the pages that labels speak of.

    ``pages`` has page_id and url, ``pool`` page_id and kept_page_id, ``collected``
    page_id, ``labels`` url, label and kind. Labels belong to the page of exactly
    that URL; only pages that the pool keeps count, and only the labels math and
    not-math. ``taken`` is null where the page was not collected.
    """
    known = (
        labels.where(F.col("label").isin(MATH, NOT_MATH))
        .groupBy("url")
        .agg(
            F.min("label").alias("label"), F.max("label").alias("last"), F.min("kind").alias("kind")
        )
        # A URL that is labelled both ways says nothing.
        .where("label = last")
    )
    kept = pool.where("page_id = kept_page_id").select("page_id")
    taken = collected.select("page_id", F.lit(1).alias("taken"))
    return (
        pages.select("page_id", "url")
        .join(known, "url")
        .join(kept, "page_id")
        .join(taken, "page_id", "left")
        .select("page_id", "label", "kind", "taken")
    )


def judge_round(labelled: DataFrame) -> dict[str, Any]:
    """Precision and recall of a round (see :func:`precision_recall`), and ``kinds``:
    a row for each label and kind of page, with pages, collected and share.

    ``labelled`` is what :func:`labelled_pages` gives. For math ``share`` is recall, for
    not-math the share taken by mistake. Kinds are few, so the rows come to the driver;
    alphabetical order.
    """
    counted = labelled.groupBy("label", "kind").agg(
        F.count("*").alias("pages"), F.count("taken").alias("collected")
    )
    rows = sorted(
        (row.asDict() | {"share": row["collected"] / row["pages"]} for row in counted.collect()),
        key=lambda row: (row["label"], row["kind"] or ""),
    )
    return precision_recall(rows) | {"kinds": rows}


def precision_recall(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Over all kinds: labelled pages and those collected, by label, precision and recall.

    A share of nothing is None.
    """
    rows = list(rows)

    def total(column: str, label: str) -> int:
        return sum(int(row[column]) for row in rows if row["label"] == label)

    right, wrong = total("collected", MATH), total("collected", NOT_MATH)
    there = total("pages", MATH)
    elsewhere = total("pages", NOT_MATH)
    return {
        "pages": there + elsewhere,
        "math pages": there,
        "math collected": right,
        "other pages": elsewhere,
        "other collected": wrong,
        "precision": right / (right + wrong) if right + wrong else None,
        "recall": right / there if there else None,
    }
