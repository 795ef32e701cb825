"""What pages are about, how much of each topic a round takes, and what the corpus holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.config.settings import Config
from pipeline.loop.generations import collected_from, newest, older_of
from pipeline.loop.pool_pages import carried_over, kept_rows
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_topics import TOPIC_SHARES
from pipeline.topics.lexicon import lexicon
from pipeline.topics.shares import (
    ANY,
    TopicCountNotes,
    TopicShareNotes,
    page_topics,
    topic_counts,
    topic_shares,
)
from pipeline.topics.topics_of_page import TOPICS_VERSION
from pipeline.workspace.manifest import Counts
from pipeline.workspace.tables import Table


def _build_pages(build: Build) -> Counts:
    build.progress.note("telling topics")
    run, generation = build.run, newest(build.run)
    older = older_of(run, build.recipe, lambda one: one.page_topics(build.workspace).manifest())
    if older and not run.force:
        before = older.page_topics(build.workspace).read(build.spark)
        topics = carried_over(run, older, generation, before, page_topics, build.checkpoint)
    else:
        topics = kept_rows(run, generation, page_topics)
    counts = topic_counts(build.stage(build.workspace.page_topics(), topics))
    build.notes = TopicCountNotes(topics=counts)
    return _with_topic(generation.manifest.counts.rows_out, counts[ANY])


def _build_round(build: Build) -> Counts:
    build.progress.note("counting topics")
    topics, collected = _topics_of(build), build.workspace.collected(build.number)
    candidates = TopicCountNotes.of(topics.existing()).topics
    taken = topic_counts(topics.read(build.spark), collected.read(build.spark))
    shares = topic_shares(candidates, taken)
    build.stage_rows(build.workspace.topics(build.number), map(asdict, shares))
    build.notes = TopicShareNotes(topics=tuple(shares))
    return _with_topic(collected.existing().rows, taken[ANY])


def _build_corpus(build: Build) -> Counts:
    build.progress.note("counting the corpus's topics")
    corpus = build.workspace.corpus()
    counts = topic_counts(_topics_of(build).read(build.spark), corpus.read(build.spark))
    build.stage_rows(
        build.workspace.corpus_topics(),
        (
            {"topic": topic, "pages": counts[topic]}
            for topic in (*lexicon().names, ANY)
            if counts.get(topic)
        ),
    )
    build.notes = TopicCountNotes(topics=counts)
    return _with_topic(corpus.existing().rows, counts[ANY])


def _topics_of(build: Build) -> Table:
    return collected_from(build.run, build.number).page_topics(build.workspace)


def _with_topic(pages: int, with_topic: int) -> Counts:
    return Counts(pages, with_topic, {"no topic told": pages - with_topic})


def _settings(_config: Config, _number: int) -> dict[str, Any]:
    return {"topics": {"version": TOPICS_VERSION, "lexicon": lexicon().digest}}


def _topic_inputs(run: Run, number: int) -> dict[str, str]:
    topics = collected_from(run, number).page_topics(run.workspace)
    return {"topics of pages": topics.existing().identity}


#: Once a pool: a round only joins.
PAGE_TOPICS = Step(
    name="page topics",
    version=1,
    outputs=lambda run, _: [run.workspace.page_topics()],
    settings=_settings,
    inputs=lambda run, _: {"pool": run.workspace.pool().existing().identity},
    build=_build_pages,
    per_round=False,
    of_pages=True,
)

TOPICS = Step(
    name="topics",
    version=1,
    outputs=lambda run, number: [run.workspace.topics(number)],
    settings=lambda *_: {},
    inputs=lambda run, number: {
        **_topic_inputs(run, number),
        "collection": run.workspace.collected(number).existing().identity,
    },
    build=_build_round,
    says=TOPIC_SHARES,
)

CORPUS_TOPICS = Step(
    name="corpus topics",
    version=1,
    outputs=lambda run, _: [run.workspace.corpus_topics()],
    settings=lambda *_: {},
    inputs=lambda run, number: {
        **_topic_inputs(run, number),
        "corpus": run.workspace.corpus().existing().identity,
    },
    build=_build_corpus,
    per_round=False,
)
