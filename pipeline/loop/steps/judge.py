"""A round's collection against known labels: recall and precision, by kind of page.

Only where the configuration names labels; no other step reads them.
"""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import functions as F

from pipeline.base.errors import InputMissing
from pipeline.base.file_identity import file_identity
from pipeline.corpus.truth import MATH, NOT_MATH, check_labels, judge_round, labelled_pages
from pipeline.loop.generations import collected_from
from pipeline.loop.pool_pages import all_pages
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_judgement import JUDGEMENT, JudgeNotes
from pipeline.topics.shares import topic_recall
from pipeline.workspace.manifest import Counts
from pipeline.workspace.storage import for_spark


def _labels(run: Run) -> Path:
    path = Path(run.config.labels.path)
    if not path.is_file():
        raise InputMissing(
            f"no labels at {path}", remedy="mend labels.path in the configuration, or leave it out"
        )
    return path


def _build(build: Build) -> Counts:
    build.progress.note("comparing with the labels")
    path = _labels(build.run)
    check_labels(path)
    labels = build.spark.read.schema("url string, label string, kind string").json(
        for_spark(str(path))
    )
    generation = collected_from(build.run, build.number)
    labelled = labelled_pages(
        all_pages(build.run, generation).select("page_id", "url"),
        generation.pool(build.workspace).read(build.spark).select("page_id", "kept_page_id"),
        build.workspace.collected(build.number).read(build.spark).select("page_id"),
        labels,
    )
    topics = generation.page_topics(build.workspace).read(build.spark)
    judged = JudgeNotes(**dict(judge_round(labelled)), topics=tuple(topic_recall(labelled, topics)))
    build.notes = judged
    build.stage_json(build.workspace.judgement(build.number), "judgement.json", judged.document())
    labelled_urls = (
        labels.where(F.col("label").isin(MATH, NOT_MATH)).select("url").distinct().count()
    )
    return Counts(
        labelled_urls, judged.pages, {"no kept page": labelled_urls - judged.pages}, unit="labels"
    )


JUDGE = Step(
    name="judge",
    version=2,
    outputs=lambda run, number: [run.workspace.judgement(number)],
    settings=lambda *_: {},
    inputs=lambda run, number: {
        "labels": file_identity(_labels(run)),
        "pool": collected_from(run, number).identity,
        "topics of pages": collected_from(run, number)
        .page_topics(run.workspace)
        .existing()
        .identity,
        "collection": run.workspace.collected(number).existing().identity,
    },
    build=_build,
    says=JUDGEMENT,
)
