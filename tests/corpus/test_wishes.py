"""Pages are left out for what they say, and counted by the wish that was respected."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from pipeline.config.settings import Emit
from pipeline.corpus.cut import count_left_out
from pipeline.corpus.wishes import left_out_for

PAGES = [
    ("a", None, None),
    ("b", "CC-BY-4.0", None),
    ("c", "CC-BY-NC-SA-4.0", "noai-meta tdm-header"),
    ("d", "CC-BY-4.0 CC-BY-NC-ND-4.0", None),
    ("e", "other", None),
    ("f", None, "rsl"),
    ("g", "CC-BY-ND-4.0", None),
    ("h", "CC0-1.0", None),
]


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(PAGES, "page_id string, licence string, reservation string")


@pytest.mark.parametrize(
    ("wishes", "kept", "counts"),
    [
        ((), "abcdefgh", {}),
        (("reservation",), "abdegh", {"reservation": 2}),
        (("non-commercial",), "abefgh", {"non-commercial": 2}),
        (("no-derivatives",), "abcefh", {"no-derivatives": 2}),
        (("no-licence",), "bcdgh", {"no-licence": 3}),
        # A page counts once, for the wish that is named first.
        (("reservation", "no-licence"), "bdgh", {"no-licence": 2, "reservation": 2}),
    ],
)
def test_pages_are_left_out_for_what_they_say(
    rows: DataFrame, wishes: tuple, kept: str, counts: dict[str, int]
) -> None:
    left = rows.where(left_out_for(wishes).isNull()).select("page_id").collect()
    assert "".join(sorted(row[0] for row in left)) == kept
    assert count_left_out(rows, left_out_for(wishes)) == counts


def test_reservations_are_respected_unless_somebody_says_otherwise() -> None:
    assert Emit().respect == ("reservation",)
    with pytest.raises(ValueError, match="noai"):
        Emit(respect=("noai",))
