from dataclasses import astuple
from pathlib import Path

import pytest

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList, Entry
from pipeline.decontaminate.benchmark_index import build_index
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.findings import scan_report
from pipeline.decontaminate.ngrams import find_traces
from pipeline.decontaminate.rulings import Subject
from pipeline.decontaminate.scan import contaminating, exempted, let_pass, scan_pages
from pipeline.workspace.table_schemas import schema

QUESTION = "A baker fills seven trays with twelve rolls each; how many rolls leave the oven?"
ALLOWED = AllowList(
    allowed=(Entry(text="they are equal", reason="a phrase of English", reviewed="a test"),)
)
INDEX = build_index(
    [
        Item("bakery", "test", "1", QUESTION, "They are equal"),
        Item("maths", "dev", "2", "求圆的面积", ""),
    ],
    Decontaminate(),
    ALLOWED,
)
TEXTS = {
    "a": "nothing at all",
    "b": f"see: {QUESTION}",
    "c": "",
    "d": f"求圆的面积。{QUESTION}",
    "e": "It seems that they are equal.",
    "h": "A baker fills seven trays with twelve rolls each; how many may that be?",
}
SUBJECT = Subject("bakery", "test", "1", "question")


def pages_of(spark, texts):
    return spark.createDataFrame(
        [(page_id, text, 10) for page_id, text in texts.items()],
        "page_id string, text string, tokens int",
    )


def traces(spark, texts, rulings=None):
    return scan_pages(pages_of(spark, texts).repartition(3), INDEX, rulings)


def test_a_scan_finds_in_each_page_what_the_page_holds(spark):
    found = traces(spark, TEXTS).cache()
    hits, passed, spared = contaminating(found), let_pass(found), exempted(found)
    assert passed.columns == schema("let_pass").names
    assert hits.columns == schema("contamination").names
    assert spared.columns == schema("exempted").names
    alone = {page_id: find_traces(text, INDEX) for page_id, text in TEXTS.items()}
    got = sorted(tuple(row) for row in hits.collect())
    assert got == sorted((p, *astuple(hit)) for p, one in alone.items() for hit in one.hits)
    assert [row[0] for row in got] == ["b", "d", "d", "h"]
    got = [tuple(row) for row in spared.collect()]
    assert got == [(p, *astuple(one)) for p in alone for one in alone[p].exempted]
    assert [(row[0], row[1]) for row in got] == [("e", "they are equal")]


def test_no_traces_are_an_empty_table(spark):
    assert traces(spark, {"a": "clean"}).collect() == []


def test_many_hits_go_back_in_batches(spark, monkeypatch):
    monkeypatch.setattr("pipeline.decontaminate.scan._BATCH_ROWS", 2)
    texts = {str(number): QUESTION for number in range(7)}
    assert {row["page_id"] for row in traces(spark, texts).collect()} == set(texts)


def test_the_report_is_of_the_tables(spark):
    texts = TEXTS | {"f": TEXTS["b"], "g": f"{TEXTS['e']} {TEXTS['d']}"}
    rulings = {
        "h": {SUBJECT: "chance"},
        "b": {SUBJECT: "leak"},
        "d": {SUBJECT: "near"},
        "f": {Subject("bakery", "test", "other", "question"): "chance"},
    }
    found = traces(spark, texts, rulings).cache()
    notes = scan_report(
        contaminating(found),
        let_pass(found),
        exempted(found),
        ALLOWED,
        pages_of(spark, texts),
        "evidence",
    )
    assert notes.pages_hit == {"bakery": 4, "maths": 2}
    assert notes.weighed.rule == "evidence"
    assert (notes.weighed.condemned.pages, notes.weighed.condemned.tokens) == (4, 40)
    assert (notes.weighed.let_pass.pages, notes.weighed.by_paper.pages) == (1, 5)
    assert notes.reviewed.condemned == {"chance": 1, "leak": 1, "near": 1}
    assert notes.reviewed.precision == pytest.approx(2 / 3)
    assert notes.items_hit == {"bakery": 1, "maths": 1}
    bread, circle = notes.top_grams
    assert (bread.pages, bread.alone, bread.benchmark) == (4, 2, "bakery")
    assert (circle.rule, circle.gram, circle.alone) == ("exact", "求 圆 的 面 积", 0)
    [entry] = notes.allowed
    assert (entry.entry, entry.pages, entry.grams) == ("they are equal", 2, 1)
    assert entry.reason == "a phrase of English"
    # Page g holds an allowed gram too, but is not spared.
    assert (notes.exempted_pages, notes.exempted_grams, notes.spared_pages) == (2, 1, 1)


def test_the_index_is_shipped_once_a_process(spark):
    """A cluster's driver serves one file of a name: a second path for it is an error there."""
    traces(spark, {"a": "clean"})
    traces(spark, {"b": "clean too"})
    files = spark.sparkContext._jsc.sc().listFiles()
    paths = [files.apply(number) for number in range(files.length())]
    names = [Path(path).name for path in paths if "benchmarks-" in path]
    assert names
    assert len(names) == len(set(names))
