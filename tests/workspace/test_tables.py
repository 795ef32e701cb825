"""A table is what its manifest names; a build writes beside it, and one small write changes it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql.types import StructType

from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.places import Workspace
from pipeline.workspace.table_schemas import schema
from pipeline.workspace.tables import read_parquet
from pipeline.workspace.views import views, write_views

BEFORE = Manifest("", 1, Recipe("s", 1, {}, {}, {}), 1, 1, 1, Counts(1, 1), "", "", 0.0)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(str(tmp_path / "w"), lambda: None)


def write(workspace, table, folder, *rows):
    """Rows as Spark writes them into a folder, with Hadoop's sums beside them."""
    place = Path(workspace.storage.place(folder))
    place.mkdir(parents=True, exist_ok=True)
    name = f"part-{len(list(place.iterdir())):05d}.parquet"
    columns = table.declared.arrow()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=columns), place / name)
    (place / f".{name}.crc").write_bytes(b"sums")


def build(workspace, table, *rows):
    folder = table.begin()
    write(workspace, table, folder, *rows)
    manifest = replace(BEFORE, schema_version=table.schema_version, parts=table.written(folder))
    table.commit(manifest)
    return folder


def score(value):
    return {"page_id": "1", "score": value}


def scores_in(table):
    return [pq.read_table(file)["score"].to_pylist() for file in table.local_files()]


def test_build_is_seen_when_it_is_committed_and_what_was_before_stays_to_be_read(workspace):
    table = workspace.scores(1)
    first = build(workspace, table, score(0.5))
    opened = table.local_files()
    second = table.begin()
    write(workspace, table, second, score(0.25))
    assert scores_in(table) == [[0.5]]
    table.commit(replace(BEFORE, schema_version=table.schema_version, parts=[second]))
    assert scores_in(table) == [[0.25]]
    assert [pq.read_table(file)["score"].to_pylist() for file in opened] == [[0.5]]
    build(workspace, table, score(0.75))
    assert not Path(workspace.storage.place(first)).exists()
    assert Path(workspace.storage.place(second)).exists()
    assert scores_in(table) == [[0.75]]


def test_what_a_killed_build_left_goes_when_the_table_is_built_again_and_no_other(workspace):
    build(workspace, workspace.scores(1), score(0.5))
    left = {}
    for number in (1, 2):
        left[number] = Path(workspace.storage.place(workspace.scores(number).begin()))
        left[number].mkdir(parents=True)
    build(workspace, workspace.scores(1), score(0.25))
    assert {number: place.exists() for number, place in left.items()} == {1: False, 2: True}


def test_older_state_that_has_a_manifest_of_its_own_is_kept(workspace):
    pool = workspace.pool()
    first = build(workspace, pool)
    workspace.storage.write("pool/manifest-1.json", workspace.storage.read("pool/manifest.json"))
    for _ in range(3):
        build(workspace, pool)
    assert first in {f"pool/{name}" for name in workspace.storage.names("pool")}


def test_tables_of_before_are_read_as_they_lie_and_replaced(workspace):
    table = workspace.scores(1)
    write(workspace, table, table.path, score(0.5))
    document = json.loads(replace(BEFORE, schema_version=table.schema_version).to_json())
    del document["parts"]
    workspace.storage.write(table.manifest_path, json.dumps(document))
    assert table.parts() == ["rounds/1/scores"]
    assert scores_in(table) == [[0.5]]
    build(workspace, table, score(0.25))
    assert scores_in(table) == [[0.25]]
    build(workspace, table, score(0.75))
    assert len(workspace.storage.names(table.path)) == 3  # two folders and the manifest


def page(text):
    columns = schema("corpus").arrow()
    return {field.name: text if pa.types.is_string(field.type) else 0 for field in columns}


@pytest.mark.parametrize("of_before", [False, True])
def test_corpus_is_replaced_where_people_open_it(workspace, of_before):
    corpus = workspace.corpus()
    build(workspace, corpus, page("old"))
    if of_before:
        manifest = replace(corpus.existing(), parts=None)
        workspace.storage.write(corpus.manifest_path, manifest.to_json())
    place = Path(workspace.storage.place("corpus/data"))
    folder = corpus.begin()
    assert folder == "corpus/data"
    write(workspace, corpus, folder, page("new"))
    # Written and not committed: the corpus is the old one still.
    assert len(list(place.glob("*.parquet"))) == 2
    assert [pq.read_table(file)["text"].to_pylist() for file in corpus.local_files()] == [["old"]]
    corpus.commit(
        replace(BEFORE, schema_version=corpus.schema_version, parts=corpus.written(folder))
    )
    [file] = place.glob("*.parquet")
    assert pq.read_table(file)["text"].to_pylist() == ["new"]
    assert sorted(path.name for path in place.iterdir()) == [f".{file.name}.crc", file.name]


def test_corpus_of_a_build_that_was_killed_goes_when_the_next_one_begins(workspace):
    corpus = workspace.corpus()
    build(workspace, corpus, page("old"))
    write(workspace, corpus, corpus.begin(), page("killed"))
    corpus.begin()
    assert len(list(Path(workspace.storage.place("corpus/data")).glob("*.parquet"))) == 1


@pytest.mark.parametrize("name", ["w", "it's [a] {b}*", "a,b"])
def test_views_are_of_what_manifests_name_and_of_all_tables(tmp_path, monkeypatch, name):
    workspace = Workspace(str(tmp_path / name), lambda: None)
    (root := Path(workspace.storage.root)).mkdir()
    monkeypatch.chdir(root if "," in name else "/")
    with duckdb.connect() as connection:
        connection.execute(views(workspace))
        # Nothing is there yet: each view has no rows.
        for (view,) in connection.sql(
            "select view_name from duckdb_views() where not internal"
        ).fetchall():
            assert connection.sql(f"select * from {view}").fetchall() == [], view
        for number, value in ((1, 0.5), (2, 0.25), (10, 0.75)):
            build(workspace, workspace.scores(number), score(0.0))
            build(workspace, workspace.scores(number), score(value))
        # Of a version that this one does not know.
        build(workspace, workspace.scores(11), score(1.0))
        other = workspace.scores(11).manifest_path
        text = workspace.storage.read(other).replace('"schema_version": 1', '"schema_version": 99')
        workspace.storage.write(other, text)
        write_views(workspace)
        connection.execute((root / "views.sql").read_text())
        found = connection.sql("select round, score from scores order by round").fetchall()
    assert found == [(1, 0.5), (2, 0.25), (10, 0.75)]


def test_views_of_a_workspace_elsewhere_say_where_it_is():
    """Of a bucket, which DuckDB calls ``s3:``."""

    class Elsewhere:
        root = "s3a://bucket/run"

        def read_all(self, paths):
            table = workspace.pool()
            text = replace(BEFORE, schema_version=table.schema_version, parts=["pool/data-1"])
            return [text.to_json() if path == table.manifest_path else None for path in paths]

        def names(self, path):
            return []

    workspace = Workspace("/nowhere", lambda: None)
    workspace.storage = Elsewhere()
    assert "read_parquet(['s3://bucket/run/pool/data-1/**/*.parquet']" in views(workspace)


def test_spark_takes_no_place_for_a_pattern_and_each_part_once(spark, tmp_path):
    root = tmp_path / r"a [b] {c,d} * ? \e"
    places = []
    for number in range(3):
        folder = root / f"data-{number}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"page_id": [str(number)]}), folder / "part-0.parquet")
        places.append(f"file://{folder}")
    # What a pattern would match.
    shutil.copytree(root, tmp_path / r"a b c x y \e")
    rows = read_parquet(spark, places, StructType().add("page_id", "string"))
    assert sorted(row.page_id for row in rows.collect()) == ["0", "1", "2"]
