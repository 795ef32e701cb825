"""What is said of tags before a round takes them."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from pipeline.mine.patterns import Pattern, Patterns
from pipeline.mine.review import Given, Reach, given_by, reach, remarks
from pipeline.workspace.table_schemas import schema

PATTERNS = Patterns(
    [
        Pattern("a.org", True, "ada"),
        Pattern("a.org/about", False, "ada"),  # an exception of her own
        Pattern("a.org/forum", False, "bob"),  # which is none of hers
        Pattern("a.org/notes", True, "bob"),
        Pattern("b.org", True, "ada"),
        Pattern("b.org/x", False, "ada"),
        Pattern("b.org/y", False, "ada"),
        Pattern("gone.org/x", True, "ada"),
        Pattern("[2001:db8::1]/z", True, "ada", round=7),
    ]
)
URLS = {
    "http://a.org/": 1,
    "http://a.org/about/us": 2,
    "http://a.org/forum/1": 4,
    "http://a.org/notes/1": 3,
    "http://b.org/x": 2,
    "http://b.org/y": 2,
    "http://[2001:db8::1]/z/": 2,
    "http://nobody.org/": 5,
}


@pytest.fixture(scope="module")
def reached(spark: SparkSession) -> dict[str, Reach]:
    rows = [
        (f"{url}?{n}", url.split("/")[2], f"{url}?{n}")
        for url, count in URLS.items()
        for n in range(count)
    ]
    pages = spark.createDataFrame(rows, "page_id string, host string, url string")
    collected = pages.where("url like 'http://a.org/notes/1?0' or url like '%forum/1?0'")

    def seed(ids: dict[str, str], label: str = "math"):
        made = [(page, None, "h", label, origin, False) for page, origin in ids.items()]
        return spark.createDataFrame(made, schema("seed").spark())

    old = {"http://a.org/notes/1?0": "pattern:a.org/notes"}
    new = {
        "http://a.org/notes/1?1": "pattern:a.org/notes",
        "http://a.org/?0": "auto:a.org",
        "http://[2001:db8::1]/z/?0": "pattern:[2001:db8::1]/z",
    }
    negatives = seed({"http://nobody.org/?1": "random"}, "other")
    following = seed(old | new).unionByName(negatives)
    return reach(pages, PATTERNS, collected, following, seed(old))


def test_each_pattern_reaches_what_it_decides_on(reached: dict[str, Reach]) -> None:
    assert reached == {
        "a.org": Reach(matched=10, decided=1, uncollected=1, adds=1),
        "a.org/about": Reach(2, 2, 2, 0),
        "a.org/forum": Reach(4, 4, 3, 0),
        "a.org/notes": Reach(3, 3, 2, 1),
        "b.org": Reach(4, 0, 0, 0),
        "b.org/x": Reach(2, 2, 2, 0),
        "b.org/y": Reach(2, 2, 2, 0),
        "[2001:db8::1]/z": Reach(2, 2, 2, 1),
    }


def test_dead_needless_and_disputed_patterns_are_told(reached: dict[str, Reach]) -> None:
    counting = {pattern for pattern in PATTERNS if pattern.round < 7}
    told = {p.pattern: list(remarks(p, PATTERNS, reached, counting)) for p in PATTERNS}
    assert told == {
        "a.org": [],
        "a.org/about": ["no under yes a.org"],
        "a.org/forum": ["conflict: a.org is mathematical to ada"],
        "a.org/notes": ["needless: a.org says the same"],
        "b.org": ["shadowed: longer patterns decide on all of its pages"],
        "b.org/x": ["no under yes b.org"],
        "b.org/y": ["no under yes b.org"],
        "gone.org/x": ["dead: no page of the pool is under it"],
        "[2001:db8::1]/z": [
            "not yet: its domain was not found mathematical, or its round is to come"
        ],
    }


def test_decisions_are_told_by_round_and_reason(reached: dict[str, Reach]) -> None:
    beside = Pattern("nobody.org/x", False, "ada", round=1), Pattern("nobody.org/y", True, "ada")
    patterns = Patterns([*PATTERNS, *beside, Pattern("auto.org", True, "auto", round=1)])
    told = [*remarks(beside[0], patterns, {"nobody.org/x": Reach(2, 2)}, {beside[0]})]
    assert told == ["no beside yes nobody.org/y"]
    counts = reached | {"nobody.org/x": Reach(2, 2)}
    assert given_by(patterns, counts, {(1, "nobody.org"): "suspected"}) == {
        (0, ""): Given(5, 4, 1 + 2, 2 + 4 + 2 + 2, 2 + 4 + 2 + 2),
        (1, "suspected"): Given(0, 1, 0, 2, 2),
        (7, ""): Given(1, 0, 2, 0, 0),
    }
