"""The corpus of a finished run as others take it: files, card, checksums, mixed or not."""

import hashlib
import itertools
import json
import shutil
from collections import Counter

import duckdb
import pytest

from pipeline.corpus.budgets import BudgetEnd
from pipeline.loop.publishing import publish
from pipeline.loop.run import Run
from tests.jobs.in_process import job

#: Ranks down to which a budget goes that the corpus is given here.
END = 150


@pytest.fixture(scope="module")
def workspace(finished, tmp_path_factory):
    """The finished run, with a budget that its corpus exceeds."""
    copy = tmp_path_factory.mktemp("to publish") / "w"
    shutil.copytree(finished.workspace, copy)
    manifest = copy / "corpus/manifest.json"
    document = json.loads(manifest.read_text())
    [(pages, tokens)] = duckdb.sql(
        f"select count(*), sum(tokens)::bigint from '{copy}/corpus/data/*.parquet' "
        f"where rank <= {END}"
    ).fetchall()
    end = BudgetEnd(name="some", budget=tokens, pages=pages, tokens=tokens, last_rank=END)
    document["notes"]["budgets"] = [end.document()]
    manifest.write_text(json.dumps(document))
    return copy


def published(finished, workspace, folder, **options):
    config = finished.web.config
    emit = config.emit.model_copy(update={"shard_bytes": 1_000_000})
    run = Run(config.model_copy(update={"emit": emit}), str(workspace))
    *_, place = publish(run, str(folder), **{"seed": None, "public": False} | options)
    assert place == str(folder)
    return folder


@pytest.fixture(scope="module")
def by_rank(finished, workspace, tmp_path_factory):
    return published(finished, workspace, tmp_path_factory.mktemp("published") / "by rank")


@pytest.fixture(scope="module")
def mixed(finished, workspace, tmp_path_factory):
    return published(finished, workspace, tmp_path_factory.mktemp("published") / "mixed", seed=7)


def rows(folder, query="select page_id, language, rank, text"):
    return duckdb.sql(f"{query} from '{folder}/data/*/*.parquet'").fetchall()


@pytest.mark.parametrize("form", ["by_rank", "mixed"])
def test_all_of_the_corpus_is_there_and_each_file_as_its_checksum_says(form, finished, request):
    folder = request.getfixturevalue(form)
    whole = duckdb.sql(
        f"select page_id, language, rank, text from '{finished.workspace}/corpus/data/*.parquet'"
    ).fetchall()
    assert sorted(rows(folder)) == sorted(whole)
    manifest = json.loads((folder / "manifest.json").read_text())
    there = {str(path.relative_to(folder)) for path in (folder / "data").rglob("*.parquet")}
    assert {one["path"] for one in manifest["files"]} == there
    assert len(there) > 2
    for one in manifest["files"]:
        data = (folder / one["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == one["sha256"]
        ranks = duckdb.sql(
            f"select count(*), min(rank), max(rank) from '{folder / one['path']}'"
        ).fetchall()
        assert ranks == [(one["rows"], one["first_rank"], one["last_rank"])]
    within = [one for one in manifest["files"] if one["path"].startswith("data/part-1/")]
    assert max(one["last_rank"] for one in within) <= END
    assert min(one["first_rank"] for one in manifest["files"] if one not in within) > END
    for name in ("README.md", "croissant.json", "domains.csv", "budgets.json"):
        assert (folder / name).stat().st_size > 100
    assert "data/*/*.parquet" in (folder / "croissant.json").read_text()


def test_languages_have_files_of_their_own_in_the_order_of_rank(by_rank):
    languages = Counter(language for _, language, _, _ in rows(by_rank))
    for language in ("en", "zh"):
        files = sorted(by_rank.glob(f"data/*/{language}-*.parquet"))
        found = [
            row
            for file in files
            for row in duckdb.sql(f"select language, rank from '{file}'").fetchall()
        ]
        assert {of for of, _ in found} == {language}
        assert len(found) == languages[language]
        assert found == sorted(found)


def test_a_seed_gives_one_order_and_another_seed_another(finished, workspace, mixed, tmp_path):
    order = rows(mixed)
    assert rows(published(finished, workspace, tmp_path / "again", seed=7)) == order
    assert rows(published(finished, workspace, tmp_path / "other", seed=8)) != order
    ranks = [rank for _, _, rank, _ in order if rank > END]
    # Next to each other lie pages from everywhere.
    steps = [abs(one - another) for one, another in itertools.pairwise(ranks)]
    assert sum(steps) / len(steps) > len(ranks) / 5


def test_a_folder_with_anything_else_in_it_is_left_alone(finished, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").write_text("years of work")
    where = ["--workspace", finished.workspace, "--config", finished.web.config_path]
    told = job("publish", *where, "--to", tmp_path / "mine")
    assert told.status == 1
    assert "holds something else than a published corpus" in told.err
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "thesis.tex"]


@pytest.mark.parametrize("form", ["by_rank", "mixed"])
def test_datasets_streams_it_by_configuration(form, request, tmp_path):
    datasets = pytest.importorskip("datasets", reason="the library datasets is not installed here")
    folder = request.getfixturevalue(form)
    expected = {"default": sorted(page_id for page_id, *_ in rows(folder))}
    expected["some"] = sorted(row[0] for row in rows(folder) if row[2] <= END)
    for language in ("en", "zh"):
        expected[language] = sorted(row[0] for row in rows(folder) if row[1] == language)
    assert {*expected} <= {*datasets.get_dataset_config_names(str(folder))}
    for name, pages in expected.items():
        stream = datasets.load_dataset(
            str(folder), name, split="train", streaming=True, cache_dir=str(tmp_path)
        )
        assert sorted(row["page_id"] for row in stream) == pages, name
