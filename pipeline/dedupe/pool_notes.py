"""What step dedupe notes of the pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.dedupe.buckets import BucketCounts
from pipeline.workspace.notes import Notes, SpacedNotes

#: Why a page that the pool keeps is in no round: it was a copy of a page that was removed.
PROMOTED = "kept since a page was removed"


class Banding(Notes):
    """Bands of a signature, and minima in each."""

    bands: int
    rows: int


class VerificationCounts(SpacedNotes):
    """Near-duplicates that true similarity dropped; those dropped for another page than the
    best of their cluster; pages that were kept because the turns had ended.
    """

    dropped: int
    not_like_the_best_of_their_cluster: int
    left_when_turns_ended: int


class CrawlPages(Notes):
    """The pages that a crawl has: the identity of their table, and its parts, one a batch."""

    identity: str
    parts: tuple[str, ...]


class SignatureNotes(Notes):
    """The parts of the pages that were signed, see ``CrawlPages``; None in an earlier version."""

    parts: tuple[str, ...] | None = None


class GenerationNotes(SpacedNotes):
    """The settings that signatures were made with; which generation of the pool this is, and the
    pages that it was made of, by crawl: None where an earlier version made it.
    """

    signatures: Mapping[str, Any]
    generation: int | None = None
    pages: Mapping[str, CrawlPages] | None = None

    @property
    def number(self) -> int:
        """Of the generation."""
        return self.generation or 1


class PoolNotes(GenerationNotes):
    """The expected recall is of pairs of a Jaccard similarity, by that. ``verified`` is None
    without verification.
    """

    banding: Banding
    expected_recall_by_similarity: Mapping[str, float]
    buckets: BucketCounts
    verified: VerificationCounts | None = None


def count_verified(verified: DataFrame) -> VerificationCounts:
    """Of the rows of :func:`pipeline.dedupe.verification.verified_survivors`."""
    row = verified.agg(
        F.count("similarity"), F.count_if(F.col("turn") != 1), F.count_if(F.col("turn") == 0)
    ).collect()[0]
    return VerificationCounts(
        dropped=row[0], not_like_the_best_of_their_cluster=row[1], left_when_turns_ended=row[2]
    )
