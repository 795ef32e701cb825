from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from pipeline.base.errors import InputEmpty, InputMalformed, InputMissing
from pipeline.classify.outside_texts import read_texts
from pipeline.config.run_file import load_config
from pipeline.config.settings import SeedTexts

PROJECT = Path(__file__).resolve().parents[2]


class TestReadTexts:
    def parquet(self, folder: Path, **columns: list[Any]) -> str:
        pq.write_table(pa.table(columns), folder / "part.parquet")
        return str(folder / "*.parquet")

    def test_parquet_with_hosts(self, spark: SparkSession, tmp_path: Path) -> None:
        urls = ["https://www.Math.org/a", "no url", None, "http://b.org/"]
        path = self.parquet(tmp_path, text=["sum", "proof", "lemma", "  "], url=urls)
        rows = read_texts(spark, SeedTexts(paths=(path,), url_column="url")).collect()
        assert {row.text: row.host for row in rows} == {"sum": "math.org", "proof": "", "lemma": ""}
        assert all(len(row.source_id) == 32 for row in rows)
        assert len({row.source_id for row in rows}) == 3

    def test_jsonl(self, spark: SparkSession, tmp_path: Path) -> None:
        path = tmp_path / "seed.jsonl"
        lines = [json.dumps({"body": "求和", "n": 1}), "", json.dumps({"body": "sum"})]
        path.write_text("\n".join(lines), encoding="utf-8")
        source = SeedTexts(paths=(str(path),), format="jsonl", text_column="body")
        rows = read_texts(spark, source).collect()
        assert {(row.text, row.host) for row in rows} == {("求和", ""), ("sum", "")}

    def test_broken_lines_are_told_and_not_dropped(
        self, spark: SparkSession, tmp_path: Path
    ) -> None:
        path = tmp_path / "seed.jsonl"
        path.write_text('{"text": "sum"}\n{broken\n[1]\n', encoding="utf-8")
        with pytest.raises(InputMalformed, match=r"2 lines of .* no JSON objects, such as: '\{bro"):
            read_texts(spark, SeedTexts(paths=(str(path),), format="jsonl"))

    def test_the_same_text_has_the_same_id_in_both_formats(
        self, spark: SparkSession, tmp_path: Path
    ) -> None:
        parquet = SeedTexts(paths=(self.parquet(tmp_path, text=["∑ sum"]),))
        (tmp_path / "seed.jsonl").write_text(json.dumps({"text": "∑ sum"}))
        jsonl = SeedTexts(paths=(str(tmp_path / "seed.jsonl"),), format="jsonl")
        assert read_texts(spark, parquet).collect() == read_texts(spark, jsonl).collect()

    @pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
    def test_no_files(self, spark: SparkSession, tmp_path: Path, file_format: Any) -> None:
        source = SeedTexts(
            paths=(str(tmp_path / "none*"),), format=file_format, download="fetch it"
        )
        with pytest.raises(InputMissing, match="nothing matches") as caught:
            read_texts(spark, source)
        assert "fetch it" in caught.value.remedy

    def test_no_text_column(self, spark: SparkSession, tmp_path: Path) -> None:
        path = self.parquet(tmp_path, content=["sum"], url=["u"])
        with pytest.raises(InputMalformed, match=r"column text is missing .* content, url"):
            read_texts(spark, SeedTexts(paths=(path,)))
        (tmp_path / "seed.jsonl").write_text(json.dumps({"content": "sum", "n": 3}))
        source = SeedTexts(paths=(str(tmp_path / "seed.jsonl"),), format="jsonl")
        with pytest.raises(InputMalformed, match=r"column text is missing .* content, n"):
            read_texts(spark, source)

    def test_a_text_column_of_numbers(self, spark: SparkSession, tmp_path: Path) -> None:
        with pytest.raises(InputMalformed, match="column text is not text"):
            read_texts(spark, SeedTexts(paths=(self.parquet(tmp_path, text=[1, 2]),)))

    def test_files_of_another_format(self, spark: SparkSession, tmp_path: Path) -> None:
        (tmp_path / "a.parquet").write_text("plain words, no Parquet")
        with pytest.raises(InputMalformed, match=r"a\.parquet"):
            read_texts(spark, SeedTexts(paths=(str(tmp_path / "a.parquet"),)))
        with pytest.raises(InputMalformed, match="there are: none"):
            read_texts(spark, SeedTexts(paths=(str(tmp_path / "a.parquet"),), format="jsonl"))

    def test_nothing_in_them(self, spark: SparkSession, tmp_path: Path) -> None:
        path = self.parquet(tmp_path, text=["", " "])
        with pytest.raises(InputEmpty):
            read_texts(spark, SeedTexts(paths=(path,)))
        (tmp_path / "seed.jsonl").write_text("")
        with pytest.raises(InputEmpty):
            read_texts(spark, SeedTexts(paths=(str(tmp_path / "seed.jsonl"),), format="jsonl"))


def test_openwebmath_can_be_named_as_the_seed(tmp_path: Path) -> None:
    run = tmp_path / "run.toml"
    seed = PROJECT / "seeds" / "openwebmath.toml"
    run.write_text(f'[crawls.c]\nwarcs = ["x"]\n[seed]\ntexts = "{seed}"\n')
    texts = load_config(run).seed.texts
    assert texts is not None
    assert texts.paths == (str(PROJECT / "seeds" / "openwebmath" / "data" / "*.parquet"),)
    assert texts.download == "make openwebmath"
