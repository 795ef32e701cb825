import pytest

from pipeline.corpus.truth import labelled_pages
from pipeline.report.closing_topics import starved_lines, topic_table
from pipeline.topics.lexicon import PROOFS
from pipeline.topics.shares import (
    ANY,
    TopicRecall,
    page_topics,
    starves,
    topic_counts,
    topic_recall,
    topic_shares,
    wilson,
)

GEOMETRY = "The altitude of an isosceles triangle bisects the base; the hypotenuse is longer."
ALGEBRA = "Solve the quadratic equation by completing the square, then check the discriminant."
PROVED = (
    "Lemma. Suppose that the triangle is isosceles. Proof. By contradiction, hence an altitude."
)
PAGES = [("1", GEOMETRY), ("2", ALGEBRA), ("3", PROVED), ("4", "A day at the sea."), ("5", "")]


@pytest.mark.parametrize(
    ("taken", "candidates", "whole", "verdict"),
    [
        (12, 100, 0.48, True),
        (40, 100, 0.48, False),  # over half of what is taken elsewhere
        (0, 29, 0.9, False),  # too few pages to tell
        (0, 30, 0.9, True),
        (0, 30, 0.05, False),  # chance would do it
        (0, 0, 0.5, False),
        (0, 100, 0.0, False),  # nothing is taken of any topic
    ],
)
def test_when_a_topic_starves(taken, candidates, whole, verdict):
    assert starves(taken, candidates, whole) is verdict


def test_wilson_holds_the_share_and_narrows():
    for trials in (1, 10, 1_000):
        for successes in (0, trials // 2, trials):
            low, high = wilson(successes, trials)
            assert 0 <= low <= successes / trials <= high <= 1
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(500, 1_000)[1] - wilson(500, 1_000)[0] < wilson(5, 10)[1] - wilson(5, 10)[0]


def test_shares_are_of_pages_with_any_topic():
    candidates = {"geometry": 100, "algebra": 60, ANY: 150}
    rows = topic_shares(candidates, {"geometry": 10, "algebra": 50, ANY: 60})
    by_topic = {row.topic: row for row in rows}
    assert [row.topic for row in rows] == ["algebra", "geometry", ANY]
    assert by_topic["geometry"].candidate_share == pytest.approx(100 / 150)
    assert by_topic["geometry"].collected_share == pytest.approx(10 / 60)
    assert by_topic["geometry"].taken == pytest.approx(0.1)
    assert [row.starved for row in rows] == [False, True, False]


def test_closing_lines_name_what_starves():
    rows = topic_shares(
        {"geometry": 431, "statistics": 200, "algebra": 90, ANY: 700},
        {"geometry": 52, "statistics": 20, "algebra": 80, ANY: 336},
    )
    assert starved_lines(rows, None, None) == [
        "starved: geometry: 12.1% of 431 candidate pages collected, 48.0% of all",
        "starved: statistics: 10.0% of 200 candidate pages collected, 48.0% of all",
    ]
    recall = {
        "statistics": TopicRecall("statistics", 40, 39, 0.975),
        "algebra": TopicRecall("algebra", 50, 10, 0.2),
    }
    # Labels decide where there are enough: few of the candidates may be mathematics.
    assert starved_lines(rows, recall, 0.9) == [
        "starved: algebra: 88.9% of 90 candidate pages collected, 48.0% of all; "
        "20.0% of 50 labelled mathematical",
        "starved: geometry: 12.1% of 431 candidate pages collected, 48.0% of all",
        "thin: statistics: 10.0% of 200 candidate pages collected, 48.0% of all; "
        "97.5% of 40 labelled mathematical",
    ]


def test_table_has_a_column_a_round_and_recall_where_there_are_labels():
    first = topic_shares({"geometry": 10, ANY: 20}, {"geometry": 1, ANY: 10})
    last = topic_shares({"geometry": 10, ANY: 20}, {"geometry": 5, ANY: 12})
    header, geometry, whole = topic_table([first, last], {"geometry": 4, ANY: 8}, None)
    assert geometry == ["geometry", "10", "50.0%", "5", "41.7%", "4", "50.0%", "10.0%", "50.0%"]
    assert whole[0] == "any topic"
    assert len(header) == len(geometry)
    recall = {"geometry": TopicRecall("geometry", 3, 1, 1 / 3)}
    header, geometry, whole = topic_table([first], {}, recall)
    assert geometry[-2:] == ["3", "33.3%"]
    assert whole[-2:] == ["–", "–"]
    assert len(header) == len(geometry) == len(whole)
    # A round that was not looked at, and no corpus yet.
    header, geometry, _ = topic_table([(), last], None, None)
    assert "corpus" not in header
    assert geometry == ["geometry", "10", "50.0%", "5", "41.7%", "–", "50.0%"]


@pytest.mark.parametrize("partitions", [1, 7])
def test_pages_are_told_and_counted_on_any_number_of_partitions(spark, partitions):
    pages = spark.createDataFrame(PAGES, "page_id string, text string").repartition(partitions)
    topics = page_topics(pages).cache()
    rows = {(row["page_id"], row["topic"], row["foremost"]) for row in topics.collect()}
    assert rows >= {
        ("1", "geometry", True),
        ("2", "algebra", True),
        ("3", "geometry", True),
        ("3", PROOFS, False),
    }
    assert {page_id for page_id, _, _ in rows} == {"1", "2", "3"}
    assert topics.count() == len(rows)
    counts = topic_counts(topics)
    assert (counts["geometry"], counts[PROOFS], counts[ANY]) == (2, 1, 3)
    some = spark.createDataFrame([("3",), ("3",), ("4",), ("9",)], "page_id string")
    counts = topic_counts(topics, some)
    assert (counts["geometry"], counts[PROOFS], counts[ANY]) == (1, 1, 1)


def test_recall_is_of_pages_that_labels_call_mathematical(spark):
    topics = page_topics(spark.createDataFrame(PAGES, "page_id string, text string"))
    labelled = labelled_pages(
        spark.createDataFrame([(n, f"u{n}") for n, _ in PAGES], "page_id string, url string"),
        spark.createDataFrame([(n, n) for n, _ in PAGES], "page_id string, kept_page_id string"),
        spark.createDataFrame([("1",), ("2",)], "page_id string"),
        spark.createDataFrame(
            [("u1", "math", ""), ("u2", "not-math", ""), ("u3", "math", ""), ("u4", "math", "")],
            "url string, label string, kind string",
        ),
    )
    rows = {row.topic: row for row in topic_recall(labelled, topics)}
    assert rows["geometry"] == TopicRecall("geometry", 2, 1, 0.5)
    assert rows[PROOFS].recall == 0
    assert "algebra" not in rows
