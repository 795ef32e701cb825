"""Files as others take them: cut where they are to be, indexed, and whole by their checksums."""

import hashlib
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.corpus.published import (
    Cell,
    configurations,
    own_groups,
    placed,
    write_files,
)
from pipeline.workspace.table_schemas import schema

ROW = {
    "text": "The square $x^2$.",
    "url": "https://a.example/",
    "registered_domain": "a.example",
    "crawl": "c",
    "title": "",
    "tokens": 6,
    "round": 1,
    "formulas": 1,
    "licence": None,
    "licence_source": None,
    "reservation": None,
    "warc": "w.warc.gz",
    "warc_offset": 0,
    "warc_length": None,
}


def rows(ranks, language="en", path="data/part-1/en-00000.parquet"):
    columns = schema("corpus").arrow().append(pa.field("path", pa.string()))
    listed = [
        ROW
        | {"page_id": f"{rank:032x}", "host": f"h{rank % 50}.example", "language": language}
        | {
            "fetch_time": datetime(2024, 1, 2, tzinfo=UTC),
            "score": 1 - rank / 1e6,
            "rank": rank,
            "path": path,
        }
        for rank in ranks
    ]
    return pa.RecordBatch.from_pylist(listed, columns)


def test_files_have_what_readers_skip_by_and_a_checksum(tmp_path):
    other = "data/part-1/other-00000.parquet"
    batches = [rows(range(1, 400)), rows(range(400, 600)), rows([3], "fr", other)]
    mixed = pa.Table.from_batches([batches[1], batches[2]]).combine_chunks().to_batches()
    written = list(write_files(tmp_path, [batches[0], *mixed], sorted_by_rank=True))
    assert [(one.path, one.rows) for one in written] == [
        ("data/part-1/en-00000.parquet", 599),
        (other, 1),
    ]
    english = written[0]
    assert (english.first_rank, english.last_rank, english.tokens) == (1, 599, 599 * 6)
    for one in written:
        data = (tmp_path / one.path).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (one.sha256, one.bytes)
    file = pq.ParquetFile(tmp_path / english.path)
    assert file.schema_arrow.equals(schema("corpus").arrow())
    group = file.metadata.row_group(0)
    assert group.sorting_columns[0].column_index == schema("corpus").names.index("rank")
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert columns["score"].statistics.has_min_max
    assert columns["rank"].has_column_index
    assert columns["rank"].has_offset_index
    filters = duckdb.execute(
        "select path_in_schema from parquet_metadata(?) where bloom_filter_offset is not null",
        [str(tmp_path / english.path)],
    ).fetchall()
    assert {name for (name,) in filters} == {"page_id", "host"}


def test_most_of_a_file_is_the_same_chunks_when_a_page_goes(tmp_path):
    """As the Hub's storage has it, which keeps equal chunks once (content-defined chunking)."""
    pages = [
        ROW
        | {"page_id": hashlib.md5(b"%d" % i).hexdigest(), "host": "h", "language": "en"}
        | {"text": " ".join(hashlib.sha256(b"%d/%d" % (i, j)).hexdigest() for j in range(60))}
        | {
            "fetch_time": datetime(2024, 1, 2, tzinfo=UTC),
            "score": 0.5,
            "rank": i,
            "path": "data/part-1/en-00000.parquet",
        }
        for i in range(1, 1_500)
    ]
    columns = schema("corpus").arrow().append(pa.field("path", pa.string()))
    chunks = []
    for number, listed in enumerate((pages, pages[:700] + pages[701:])):
        folder = tmp_path / str(number)
        batch = pa.RecordBatch.from_pylist(listed, columns)
        [one] = write_files(folder, [batch], sorted_by_rank=True)
        file = pq.ParquetFile(folder / one.path)
        text = file.metadata.row_group(0).column(schema("corpus").names.index("text"))
        data = (folder / one.path).read_bytes()
        start, end = text.data_page_offset, text.data_page_offset + text.total_compressed_size
        chunks.append(data[start:end])
    # From its end on the second is the first, byte for byte, but for the page that holds it.
    assert chunks[0][-1_000_000:] == chunks[1][-1_000_000:]
    assert len(chunks[0]) > 2_000_000


def test_what_is_too_little_shares_files_with_others():
    sizes = {"en": 9_000, "zh": 900, "fr": 99, "und": 1, "../x": 5_000, "other": 9_000}
    assert own_groups(sizes, 10**6) == ["en", "zh"]
    assert own_groups(sizes, 99) == ["en", "fr", "zh"]


def test_files_are_about_as_large_as_they_are_to_be():
    cells = [Cell(1, "en", place, 10) for place in range(100)] + [Cell(2, "en", 0, 5)]
    paths = placed(cells, 300)
    sizes = {}
    for (part, group, place), path in paths.items():
        assert path.startswith(f"data/part-{part}/{group}-")
        sizes[path] = sizes.get(path, 0) + (10 if part == 1 else 5)
        later = paths.get((part, group, place + 1), path)
        assert path <= later
    assert sorted(sizes.values()) == [5, 250, 250, 250, 250]
    assert placed([], 300) == {}


@pytest.mark.parametrize("mixed", [False, True])
def test_budgets_are_whole_parts_and_languages_whole_files_unless_mixed(mixed):
    made = configurations([("40B", 1), ("80B", 2)], ["zh"], mixed=mixed)
    assert made[:2] == [
        ("40B", ["data/part-1/*.parquet"], []),
        ("80B", ["data/part-1/*.parquet", "data/part-2/*.parquet"], []),
    ]
    files = ["data/*/*.parquet"] if mixed else ["data/*/zh-*.parquet"]
    assert made[2:] == [("zh", files, [["language", "=", "zh"]] if mixed else [])]
