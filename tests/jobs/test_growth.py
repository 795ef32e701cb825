"""A crawl that comes after three rounds: it costs itself, and no round is built again unasked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from pipeline.classify.score_notes import ScoreNotes
from pipeline.config.sources import Crawl
from pipeline.loop.rounds import carry_out, last_round, only, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.step import Report
from pipeline.loop.steps.classify import CLASSIFY
from pipeline.loop.steps.topics import PAGE_TOPICS
from pipeline.loop.steps.train import TRAIN
from pipeline.sampleweb.generate import Size, generate
from tests.sample_runs import Finished, round_lines

#: Of the crawl that comes later.
PAGES = 500


def built(reports: list[Report]) -> list[str]:
    return [report.title for report in reports if report.state == "built"]


def rows(table: DataFrame) -> list[tuple]:
    return sorted(map(tuple, table.collect()))


@pytest.fixture(scope="module")
def grown(
    spark: SparkSession, finished: Finished, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, list[Report]]:
    """The finished workspace with one more crawl, and what the same command does then."""
    folder = tmp_path_factory.mktemp("grown")
    shutil.copytree(finished.workspace, folder / "w")
    generate(folder / "web", Size(PAGES, 2, 1), lambda _: None)
    for warc in (folder / "web" / "warc").iterdir():
        warc.rename(warc.with_name(f"later-{warc.name}"))
    later = Crawl(warcs=(str(folder / "web" / "warc" / "*.warc.gz"),))
    config = finished.web.config
    config = config.model_copy(update={"crawls": {**config.crawls, "later": later}})
    run = Run(config, str(folder / "w"))
    plan = whole_loop(config, finished.rounds)
    return run, list(carry_out(plan, run, dry_run=False))


def again(run: Run, folder: Path, **options: object) -> Run:
    """The same in a copy of the workspace."""
    shutil.copytree(run.uri, folder / "w")
    return Run(run.config, str(folder / "w"), **options)  # type: ignore[arg-type]


def test_no_step_of_an_earlier_round_runs(grown: tuple[Run, list[Report]]) -> None:
    run, reports = grown
    assert built(reports) == ["extract later", "signatures later", "dedupe", "page topics"]
    told = "\n".join(round_lines(run, 3))
    assert "generation 2 of the pool has pages that round 3 did not see" in told
    assert {r.state for r in carry_out(whole_loop(run.config, 3), run, dry_run=False)} == {
        "up to date"
    }
    # The loop had converged, and has not any more.
    assert last_round(run, 6) == 6


def test_what_was_passed_over_is_waited_for_where_people_ask_for_that(
    finished: Finished, tmp_path: Path
) -> None:
    run = again(finished.run, tmp_path)
    manifest = Path(run.uri) / run.workspace.model(2).manifest_path
    document = json.loads(manifest.read_text())
    assert "untagged" not in document["notes"]
    # As a run with --tags skip leaves it.
    document["notes"]["untagged"] = 2
    manifest.write_text(json.dumps(document))
    states = {}
    for tags in ("wait", "skip"):
        run.tags = tags
        [states[tags]] = carry_out(only(TRAIN)(run.config, 2), run, dry_run=True)
    assert states["wait"].reasons == ("2 domains were passed over that nobody had tagged",)
    assert states["skip"].state == "up to date"


def test_topics_carried_over_are_those_of_all_pages(
    grown: tuple[Run, list[Report]], spark: SparkSession, tmp_path: Path
) -> None:
    run, _ = grown
    carried = rows(run.workspace.page_topics().read(spark))
    forced = again(run, tmp_path, force=True)
    list(carry_out(only(PAGE_TOPICS)(run.config, 3), forced, dry_run=False))
    assert rows(forced.workspace.page_topics().read(spark)) == carried


def test_a_model_that_is_kept_scores_what_is_new_alone(
    grown: tuple[Run, list[Report]], spark: SparkSession, tmp_path: Path
) -> None:
    run, _ = grown
    kept = again(run, tmp_path, from_round=3, keep_model=True)
    reports = list(carry_out(whole_loop(run.config, 3), kept, dry_run=False))
    assert built(reports) == [
        *("classify 3", "tokens 3", "select 3", "converge 3", "mine 3", "prefixes 3", "topics 3"),
        *("judge 3", "decontaminate", "emit", "corpus topics", "report"),
    ]
    assert "2, model of 1" in "\n".join(round_lines(kept, 3))
    scores = kept.workspace.scores(3)
    pool = kept.workspace.pool().existing().counts.rows_out
    assert ScoreNotes.of(scores.existing()).generation == 2
    assert scores.existing().rows == pool > run.workspace.scores(3).existing().rows
    # From now on that is so without a word.
    kept.from_round, kept.keep_model = None, False
    kept.forget()
    assert {r.state for r in carry_out(whole_loop(run.config, 3), kept, dry_run=False)} == {
        "up to date"
    }
    carried = rows(scores.read(spark))
    kept.force = True
    list(carry_out(only(CLASSIFY)(run.config, 3), kept, dry_run=False))
    assert rows(scores.read(spark)) == carried
