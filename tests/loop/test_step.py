"""A step runs only when needed, reconciles, and leaves all of its outputs or none."""

import json

import pytest

from pipeline.base.errors import (
    CountsDisagree,
    InputMissing,
    SchemaMismatch,
    StorageFull,
    WorkspaceError,
)
from pipeline.config.run_file import parse_config
from pipeline.loop.run import Run
from pipeline.loop.step import Step, execute
from pipeline.workspace.manifest import Counts, Recipe
from pipeline.workspace.notes import Notes
from pipeline.workspace.places import SCRATCH


@pytest.fixture
def run(spark, tmp_path):
    config = parse_config({"crawls": {"one": {"warcs": ["none.warc.gz"]}}}, folder=tmp_path)
    return Run(config, str(tmp_path / "workspace"))


def scores(spark, *values):
    rows = [(f"{i:032x}", value) for i, value in enumerate(values)]
    return spark.createDataFrame(rows, "page_id string, score float")


def scoring(build, *, settings=None, inputs=None, version=1):
    return Step(
        name="classify",
        version=version,
        outputs=lambda run, number: [run.workspace.scores(number)],
        settings=lambda *_: settings or {"train": {"dim": 4}},
        inputs=lambda *_: inputs or {"pool": "abc"},
        build=build,
    )


class ScoreNotes(Notes):
    threshold: float


def score_two(build):
    build.stage(build.workspace.scores(build.number), scores(build.spark, 0.5, 0.25))
    build.notes = ScoreNotes(threshold=0.5)
    return Counts(3, 2, {"duplicate": 1})


def test_table_is_written_with_a_manifest_that_tells_all(run, spark):
    report = execute(scoring(score_two), run)
    assert report.state == "built"
    table = run.workspace.scores(1)
    manifest = table.existing()
    assert (manifest.rows, manifest.files > 0, manifest.bytes > 0) == (2, True, True)
    assert manifest.counts.set_aside == {"duplicate": 1}
    assert manifest.recipe.inputs == {"pool": "abc"}
    assert sorted(r.score for r in table.read(spark).collect()) == [0.25, 0.5]


def test_second_time_nothing_is_done(run):
    execute(scoring(score_two), run)

    def fail(_):
        raise AssertionError("built again")

    report = execute(scoring(fail), run)
    assert report.state == "up to date"
    assert report.counts == Counts(3, 2, {"duplicate": 1})
    assert ScoreNotes.of(run.workspace.scores(1).existing()).threshold == 0.5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"settings": {"train": {"dim": 8}}}, "setting train.dim: 4 → 8"),
        ({"inputs": {"pool": "def"}}, "input pool changed"),
        ({"inputs": {"pool": "abc", "model": "m"}}, "input model is new"),
        ({"version": 2}, "step classify itself changed (version 1 → 2)"),
    ],
)
def test_what_changed_is_the_reason_to_build_again(run, change, reason):
    execute(scoring(score_two), run)
    assert execute(scoring(score_two, **change), run, dry_run=True).reasons == (reason,)
    assert execute(scoring(score_two, **change), run).reasons == (reason,)


def test_dry_run_writes_nothing(run, tmp_path):
    report = execute(scoring(score_two), run, dry_run=True)
    assert (report.state, report.counts) == ("would run", None)
    assert not (tmp_path / "workspace").exists()


def test_rows_that_are_not_accounted_for_fail_the_step_and_commit_nothing(run):
    def lose_a_row(build):
        score_two(build)
        return Counts(3, 2)

    with pytest.raises(CountsDisagree, match="3 pages went in, 2 came out and 0 were set aside"):
        execute(scoring(lose_a_row), run)
    assert run.workspace.scores(1).manifest() is None


def test_failure_leaves_the_old_table_as_it_was(run, spark):
    execute(scoring(score_two), run)

    def fail(build):
        build.stage(build.workspace.scores(build.number), scores(build.spark, 1.0))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        execute(scoring(fail, version=2), run)
    assert run.workspace.scores(1).read(spark).count() == 2


def test_files_without_a_manifest_are_no_table(run, spark):
    execute(scoring(score_two), run)
    table = run.workspace.scores(1)
    run.workspace.storage.delete(table.manifest_path)
    with pytest.raises(InputMissing, match=r"(?s)no rounds/1/scores.*jobs/classify.py"):
        table.read(spark)
    assert execute(scoring(score_two), run).reasons == ("no rounds/1/scores yet",)


def test_other_schema_version_is_refused(run):
    execute(scoring(score_two), run)
    table = run.workspace.scores(1)
    document = json.loads(run.workspace.storage.read(table.manifest_path))
    document["schema_version"] = 99
    run.workspace.storage.write(table.manifest_path, json.dumps(document))
    with pytest.raises(SchemaMismatch, match="schema version 99"):
        execute(scoring(score_two), run)


def test_unreadable_manifest_names_itself(run):
    execute(scoring(score_two), run)
    table = run.workspace.scores(1)
    run.workspace.storage.write(table.manifest_path, '{"schema_version": 1}')
    with pytest.raises(WorkspaceError, match="is no manifest"):
        table.manifest()


def test_columns_of_another_type_never_reach_a_table(run):
    def wrong(build):
        frame = scores(build.spark, 0.5).selectExpr("page_id", "cast(score as double) score")
        build.stage(build.workspace.scores(1), frame)
        return Counts(1, 1)

    with pytest.raises(SchemaMismatch, match="double"):
        execute(scoring(wrong), run)


def test_error_of_a_worker_arrives_as_ours(run):
    def full(batches):
        raise StorageFull("nothing left", remedy="sweep")
        yield from batches

    def build(build):
        frame = build.spark.range(2).mapInArrow(full, "page_id string, score float")
        build.stage(build.workspace.scores(1), frame)
        return Counts(0, 0)

    with pytest.raises(StorageFull) as caught:
        execute(scoring(build), run)
    assert (caught.value.problem, caught.value.remedy) == ("nothing left", "sweep")


def test_checkpoints_are_gone_afterwards(run):
    def build(build):
        kept = build.checkpoint(scores(build.spark, 0.5, 0.75), "scores")
        build.stage(build.workspace.scores(1), kept)
        return Counts(2, 2)

    execute(scoring(build), run)
    assert run.workspace.storage.names(SCRATCH) == []


def test_recipes_differ_exactly_when_something_that_matters_does():
    recipe = Recipe("train", 1, {"seed": 1}, {"train": {"dim": 4, "names": ("a",)}}, {"pool": "x"})
    same = Recipe("train", 1, {"seed": 1}, {"train": {"names": ["a"], "dim": 4}}, {"pool": "x"})
    other = Recipe("train", 1, {"seed": 1}, {"train": {"dim": 5, "names": ["a"]}}, {"pool": "x"})
    assert recipe.fingerprint == same.fingerprint
    assert recipe.changes_since(same) == []
    assert recipe.fingerprint != other.fingerprint
