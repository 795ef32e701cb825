import re
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.corpus.budgets import BudgetEnd
from pipeline.report.corpus_card import corpus_card
from pipeline.report.corpus_facts import (
    BenchmarkFacts,
    Configuration,
    CorpusFacts,
    RoundFacts,
    Share,
)
from pipeline.workspace.table_schemas import schema

FACTS = CorpusFacts(
    version="0.1.0",
    pages=3_000,
    tokens=9_000_000,
    text_bytes=40_000_000,
    shards=2,
    host_count=22,
    languages=[Share("en", 2_000, 6_000_000), Share("zh", 1_000, 3_000_000)],
    crawls=[Share("sample", 3_000, 9_000_000)],
    hosts=[Share("math.example", 1_500, 4_500_000), Share("b.example", 500, 900_000)],
    rounds=[RoundFacts(1, 1_200, 3_000_000), RoundFacts(2, 3_000, 9_000_000, 0.4, 0.333)],
    settings=[("select.floor", "0.5"), ("mine.share", "0.1")],
    benchmarks=[BenchmarkFacts("gsm8k", 1_319, 0, 12), BenchmarkFacts("cmath", 2_058, 3, 0)],
    contaminated_pages=12,
    licences=[Share("", 2_900, 8_900_000), Share("CC-BY-4.0", 100, 100_000)],
    reservations=[Share("", 3_000, 9_000_000)],
    left_out=[("reservation", 41)],
    cut=[("fewer tokens than emit.min_tokens", 7)],
    tokenizer="deepseek 0.3.0, SHA-256 8f9f37ca37fd…",
    budgets=[BudgetEnd(name="5m", budget=5_000_000, pages=900, tokens=4_999_000, last_rank=988)],
    configurations=[Configuration("5m", ["data/part-0.parquet"])],
)


def test_the_card_tells_the_facts():
    card = corpus_card(FACTS)
    for line in [
        "3,000 pages, 9,000,000 tokens (3,000 a page), 40,000,000 bytes of text in 2",
        "Tokens are counted by `deepseek 0.3.0, SHA-256 8f9f37ca37fd…`. How",
        "| `5m` | 900 | 4,999,000 | 988 |",
        "Mined from `sample` by mathmine `0.1.0`.",
        "12 collected pages with a trace of a benchmark were left out.",
        "| `gsm8k` | 1,319 | 0 | 12 |",
        "| `cmath` | 2,058 | 3 | 0 |",
        "| 1 | 1,200 | 3,000,000 | – | – |",
        "| 2 | 3,000 | 9,000,000 | 40.0% | 33.3% |",
        "| `select.floor` | `0.5` |",
        "| `en` | 2,000 | 6,000,000 | 66.7% |",
        "| `math.example` | 1,500 | 4,500,000 | 50.0% |",
        "| 20 more | 1,000 | 3,600,000 | 40.0% |",
        "Common Crawl's terms of use",
        "| (none) | 2,900 | 8,900,000 | 98.9% |",
        "| `CC-BY-4.0` | 100 | 100,000 | 1.1% |",
        "left out for what they say: 41 for `reservation`.",
        "is this corpus. Left out of it: 7 for `fewer tokens than emit.min_tokens`.",
    ]:
        assert line in card, line
    assert "WARNING" not in card
    assert card.endswith("\n")


def test_every_column_is_described():
    card = corpus_card(FACTS)
    for column in schema("corpus").columns:
        assert f"| `{column.name}` | `{column.type}` | " in card


def test_a_corpus_that_nobody_decontaminated_says_so_at_the_top():
    card = corpus_card(replace(FACTS, benchmarks=[], contaminated_pages=0))
    assert "## NOT DECONTAMINATED" in card
    assert "**WARNING: no benchmarks were given" in card
    assert card.index("NOT DECONTAMINATED") < card.index("## How it was made")


def test_benchmarks_that_were_not_found_are_warned_of():
    card = corpus_card(replace(FACTS, missing_names=["math", "agieval*"]))
    assert "**WARNING: the run was to check `math`, `agieval*` too" in card


def test_segments_are_told_from_pages():
    card = corpus_card(replace(FACTS, unit="segment"))
    assert "were kept without the paragraphs that hold one" in card


HOSTILE = "e`vil|<script>\n# [x](http://y)\u202e\x00"


def test_names_out_of_the_crawl_cannot_mark_up_the_card():
    card = corpus_card(replace(FACTS, hosts=[Share(HOSTILE, 1, 1), Share("x" * 500, 1, 1)]))
    [line] = [line for line in card.splitlines() if "vil" in line]
    assert line.startswith("| `e'vil\\|<script> # [x](http://y)` | 1 | 1 |")
    assert max(len(line) for line in card.splitlines() if "xxx" in line) < 150
    plain = re.sub(r"`[^`\n]*`", "", card)
    assert "script" not in plain
    assert "http://y" not in plain


def test_an_empty_corpus_has_a_card():
    empty = CorpusFacts("0", 0, 0, 0, 1, 0, [], [], [], [], [])
    assert "0 pages" in corpus_card(empty)


def test_the_queries_of_the_card_run(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    row = {
        "page_id": "a" * 32,
        "text": "The square $x^2$.",
        "url": "https://example.org/",
        "host": "example.org",
        "registered_domain": "example.org",
        "crawl": "sample",
        "fetch_time": datetime(2024, 1, 2, tzinfo=UTC),
        "language": "en",
        "title": "Squares",
        "tokens": 6,
        "score": 0.9,
        "rank": 1,
        "round": 1,
        "formulas": 1,
        "warc": "w.warc.gz",
        "warc_offset": 0,
        "warc_length": None,
    }
    table = pa.Table.from_pylist([row], schema("corpus").arrow())
    pq.write_table(table, tmp_path / "data/part-0.parquet")
    monkeypatch.chdir(tmp_path)
    [block] = re.findall(r"```sql\n(.*?)```", corpus_card(FACTS), re.DOTALL)
    answers = [duckdb.sql(query).fetchall() for query in block.split(";") if query.strip()]
    assert answers == [
        [("en", 1, 6)],
        [("The square $x^2$.",)],
        [("https://example.org/", "Squares", 1)],
    ]
