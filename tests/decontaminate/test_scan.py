from dataclasses import astuple

from pipeline.config import Decontaminate
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.ngrams import build_index, find_hits
from pipeline.decontaminate.scan import scan_pages
from pipeline.tables import schema

QUESTION = "A baker fills seven trays with twelve rolls each; how many rolls leave the oven?"
INDEX = build_index(
    [Item("bakery", "test", "1", QUESTION, ""), Item("maths", "dev", "2", "求圆的面积", "")],
    Decontaminate(),
)


def test_a_scan_finds_in_each_page_what_the_page_holds(spark):
    texts = {
        "a": "nothing at all",
        "b": f"see: {QUESTION}",
        "c": "",
        "d": f"求圆的面积。{QUESTION}",
    }
    pages = spark.createDataFrame(list(texts.items()), "page_id string, text string")
    hits = scan_pages(pages.repartition(3), INDEX)
    assert hits.columns == schema("contamination").names
    got = sorted(tuple(row) for row in hits.collect())
    expected = [
        (page_id, *astuple(hit))
        for page_id, text in texts.items()
        for hit in find_hits(text, INDEX)
    ]
    assert got == sorted(expected)
    assert [row[0] for row in got] == ["b", "d", "d"]


def test_no_hits_are_an_empty_table(spark):
    pages = spark.createDataFrame([("a", "clean")], "page_id string, text string")
    assert scan_pages(pages, INDEX).collect() == []
