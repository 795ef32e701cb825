"""Judging a round by labels that no step ever reads."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.base.errors import InputMalformed
from pipeline.workspace.notes import Notes, SpacedNotes

MATH = "math"
NOT_MATH = "not-math"
_LABEL = "JSON lines with url, label (math or not-math) and, if you like, kind"


class KindShare(Notes):
    """Labelled pages of a kind, and those collected of them. For math ``share`` is recall, for
    not-math the share taken by mistake.
    """

    label: str
    kind: str | None
    pages: int
    collected: int
    share: float


class Judgement(SpacedNotes):
    """A round against labels. A share of nothing is None; kinds in alphabetical order."""

    pages: int
    math_pages: int
    math_collected: int
    other_pages: int
    other_collected: int
    precision: float | None
    recall: float | None
    kinds: tuple[KindShare, ...]


def check_labels(path: Path) -> None:
    """``InputMalformed`` with the line where a file of labels is not what it should be.

    Spark, which reads it then, would pass over a broken line without a word.
    """
    labelled = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.strip():
                    continue
                row = _label_of(line)
                if row is None:
                    raise InputMalformed(
                        f"{path}:{number}: no label of a page: {line[:100]!r}", expected=_LABEL
                    )
                labelled += row in (MATH, NOT_MATH)
    except (OSError, EOFError, zlib.error) as error:
        raise InputMalformed(f"{path} cannot be read: {error}", expected=_LABEL) from None
    if not labelled:
        raise InputMalformed(f"{path} labels no page", expected=_LABEL)


def _label_of(line: bytes) -> str | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("url"), str):
        return None
    label = row.get("label")
    return label if isinstance(label, str) else None


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


def judge_round(labelled: DataFrame) -> Judgement:
    """A round by what :func:`labelled_pages` gives; kinds are few enough for the driver."""
    counted = labelled.groupBy("label", "kind").agg(
        F.count("*").alias("pages"), F.count("taken").alias("collected")
    )
    kinds = [
        KindShare(**row.asDict(), share=row["collected"] / row["pages"])
        for row in counted.collect()
    ]
    return judgement_of(sorted(kinds, key=lambda kind: (kind.label, kind.kind or "")))


def judgement_of(kinds: Sequence[KindShare]) -> Judgement:
    """Precision and recall over all kinds."""

    def total(label: str) -> tuple[int, int]:
        of_label = [kind for kind in kinds if kind.label == label]
        return sum(kind.pages for kind in of_label), sum(kind.collected for kind in of_label)

    (math, right), (other, wrong) = total(MATH), total(NOT_MATH)
    return Judgement(
        pages=math + other,
        math_pages=math,
        math_collected=right,
        other_pages=other,
        other_collected=wrong,
        precision=right / (right + wrong) if right + wrong else None,
        recall=right / math if math else None,
        kinds=tuple(kinds),
    )
