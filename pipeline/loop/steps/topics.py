"""What pages are about, how much of each topic a round takes, and what the corpus holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.config.settings import Config
from pipeline.loop.pool_pages import kept_rows
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


def _build_pages(build: Build) -> Counts:
    build.progress.note("telling topics")
    topics = kept_rows(build.run, page_topics)
    counts = topic_counts(build.stage(build.workspace.page_topics(), topics))
    build.notes = TopicCountNotes(topics=counts)
    return _with_topic(build.workspace.pool().existing().counts.rows_out, counts[ANY])


def _build_round(build: Build) -> Counts:
    build.progress.note("counting topics")
    topics, collected = build.workspace.page_topics(), build.workspace.collected(build.number)
    candidates = TopicCountNotes.of(topics.existing()).topics
    taken = topic_counts(topics.read(build.spark), collected.read(build.spark))
    shares = topic_shares(candidates, taken)
    build.stage_rows(build.workspace.topics(build.number), map(asdict, shares))
    build.notes = TopicShareNotes(topics=tuple(shares))
    return _with_topic(collected.existing().rows, taken[ANY])


def _build_corpus(build: Build) -> Counts:
    build.progress.note("counting the corpus's topics")
    corpus = build.workspace.corpus()
    counts = topic_counts(build.workspace.page_topics().read(build.spark), corpus.read(build.spark))
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


def _with_topic(pages: int, with_topic: int) -> Counts:
    return Counts(pages, with_topic, {"no topic told": pages - with_topic})


def _settings(_config: Config, _number: int) -> dict[str, Any]:
    return {"topics": {"version": TOPICS_VERSION, "lexicon": lexicon().digest}}


#: Once a pool: a round only joins.
PAGE_TOPICS = Step(
    name="page topics",
    version=1,
    outputs=lambda run, _: [run.workspace.page_topics()],
    settings=_settings,
    inputs=lambda run, _: {"pool": run.workspace.pool().existing().identity},
    build=_build_pages,
    per_round=False,
)

TOPICS = Step(
    name="topics",
    version=1,
    outputs=lambda run, number: [run.workspace.topics(number)],
    settings=lambda *_: {},
    inputs=lambda run, number: {
        "topics of pages": run.workspace.page_topics().existing().identity,
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
    inputs=lambda run, _: {
        "topics of pages": run.workspace.page_topics().existing().identity,
        "corpus": run.workspace.corpus().existing().identity,
    },
    build=_build_corpus,
    per_round=False,
)
