"""Other people's tables beside a run's domains, whatever they are joined by."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from pipeline.base.errors import ConfigError, InputMissing
from pipeline.config.settings import Mine
from pipeline.config.sources import Annotation, Read
from pipeline.extract.annotation_tables import key_of, read_tables
from pipeline.mine.annotations import KEYS, annotated_domains, host_of_key
from pipeline.mine.domains import domain_table
from pipeline.workspace.table_schemas import schema


@pytest.mark.parametrize(
    ("text", "key", "host"),
    [
        ("org,mathoverflow", "surt_host_name", "mathoverflow.org"),
        ("com,www", "surt_host_name", "www.com"),
        ("org,mathoverflow)/questions/1", "url_surtkey", "mathoverflow.org"),
        ("org,mathoverflow:8080)/", "url_surtkey", "mathoverflow.org"),
        ("www.Mathoverflow.org", "url_host_name", "mathoverflow.org"),
        ("mathoverflow.org", "site", "mathoverflow.org"),
        ("https://www.mathoverflow.org/q?x=1", "url", "mathoverflow.org"),
        ("", "host", None),
        ("no host", "host", None),
        ("mailto:a@b.org", "url", None),
    ],
)
def test_a_key_names_a_host(text: str, key: str, host: str | None) -> None:
    assert host_of_key(text, key) == host


@pytest.fixture(scope="module")
def domains(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([("a.org",), ("b.org",), ("c.edu",)], "domain string")


def said(frame: DataFrame) -> dict[tuple[str, str], tuple[str | None, bool]]:
    assert frame.columns == schema("annotations").names
    return {(row.domain, row.name): (row.value, row.queued) for row in frame.collect()}


def test_numbers_are_meant_and_texts_are_counted(spark: SparkSession, domains: DataFrame) -> None:
    rows = spark.createDataFrame(
        [
            ("https://a.org/1", 2.0, "algebra"),
            ("https://www.a.org/2", 4.0, "algebra"),
            ("http://a.org/3", 3.0, "news"),
            ("https://b.org/", 1.0, None),
            ("https://elsewhere.org/", 5.0, "algebra"),
            ("nonsense", 5.0, "algebra"),
        ],
        "url string, score double, topic string",
    )
    annotation = Annotation(
        tables=("x",),
        key="url",
        columns=("score", "topic"),
        queue="score > 3 and topic = 'algebra'",
    )
    assert said(annotated_domains(rows, "edu", annotation, domains, Mine())) == {
        ("a.org", "score"): ("3.0", True),
        ("a.org", "topic"): ("algebra", True),
        ("b.org", "score"): ("1.0", False),
        ("b.org", "topic"): (None, False),
    }


def test_hosts_turned_round_join_registered_domains(
    spark: SparkSession, domains: DataFrame
) -> None:
    rows = spark.createDataFrame(
        [("edu,c,math", 1), ("edu,c", 3), ("org,d", 9)], "surt_host_name string, rank int"
    )
    annotation = Annotation(tables=("x",), key="surt_host_name", columns=("rank",))
    settings = Mine(domain="registered_domain")
    found = said(annotated_domains(rows, "ranks", annotation, domains, settings))
    assert found == {("c.edu", "rank"): ("2.0", False)}


def test_tables_are_read_and_their_key_is_found(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.createDataFrame([("a.org", 1)], "host string, rank int")
    rows.write.parquet(str(tmp_path / "t"))
    table = read_tables(spark, [str(tmp_path / "t")], Read())
    assert key_of(table, "t", "", KEYS) == "host"
    with pytest.raises(ConfigError, match=r"annotations\.t has no column site"):
        key_of(table, "t", "site", KEYS)
    with pytest.raises(ConfigError, match="has no column surt_host_name or"):
        key_of(table.drop("host"), "t", "", KEYS)
    with pytest.raises(InputMissing, match="no annotation at"):
        read_tables(spark, [str(tmp_path / "nothing")], Read())


def test_chosen_domains_with_enough_pages_are_queued(spark: SparkSession) -> None:
    pages = [(f"{host}{n}", host, host, "en", False, False) for host, count in
             (("math.org", 12), ("chosen.org", 12), ("small.org", 3), ("other.org", 12))
             for n in range(count)]  # fmt: skip
    columns = (
        "page_id string, host string, registered_domain string, language string, "
        "fetched boolean, suspected boolean"
    )
    collected = [(f"math.org{n}",) for n in range(6)]
    table = domain_table(
        spark.createDataFrame(pages, columns),
        spark.createDataFrame(collected, "page_id string"),
        Mine(),
        chosen=spark.createDataFrame(
            [("chosen.org",), ("chosen.org",), ("small.org",)], "domain string"
        ),
    )
    rows = {row.domain: (row.queued, row.reason) for row in table.collect()}
    assert rows == {
        "math.org": (True, "share"), "chosen.org": (True, "annotation"),
        "small.org": (False, None), "other.org": (False, None),
    }  # fmt: skip
