import pytest

from pipeline.corpus.truth import judge_round, judgement_of, labelled_pages


def test_a_round_is_judged_by_kept_pages_of_known_labels(spark):
    pages = [
        ("1", "u1"),
        ("2", "u2"),
        ("3", "u3"),
        ("4", "u4"),
        ("5", "u5"),
        ("6", "u6"),
        ("7", "u7"),
    ]
    pool = [(n, n) for n in "123567"] + [("4", "3")]
    labels = [
        ("u1", "math", "forum"),
        ("u2", "math", "forum"),
        ("u3", "math", "notes"),
        ("u4", "math", "notes"),  # a duplicate that the pool dropped
        ("u5", "not-math", "shop"),
        ("u6", "mixed", "manual"),
        ("u7", "math", "twice"),
        ("u7", "not-math", "twice"),
        ("u8", "math", "forum"),  # never crawled
    ]
    labelled = labelled_pages(
        spark.createDataFrame(pages, "page_id string, url string"),
        spark.createDataFrame(pool, "page_id string, kept_page_id string"),
        spark.createDataFrame([("1",), ("3",), ("5",), ("6",)], "page_id string"),
        spark.createDataFrame(labels, "url string, label string, kind string"),
    )
    judged = judge_round(labelled).document()
    assert judged.pop("kinds") == [
        {"label": "math", "kind": "forum", "pages": 2, "collected": 1, "share": 0.5},
        {"label": "math", "kind": "notes", "pages": 1, "collected": 1, "share": 1.0},
        {"label": "not-math", "kind": "shop", "pages": 1, "collected": 1, "share": 1.0},
    ]
    assert judged == {
        "pages": 4,
        "math pages": 3,
        "math collected": 2,
        "other pages": 1,
        "other collected": 1,
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
    }


def test_shares_of_nothing_are_none():
    judged = judgement_of([])
    assert (judged.precision, judged.recall) == (None, None)
