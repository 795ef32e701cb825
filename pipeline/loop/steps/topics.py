"""What pages are about, how much of each topic a round takes, and what the corpus holds."""

from __future__ import annotations

from typing import Any

from pipeline.config.settings import Config
from pipeline.loop.step import Build, Counts, Step
from pipeline.topics.lexicon import lexicon
from pipeline.topics.shares import ANY, as_rows, page_topics, topic_counts, topic_shares
from pipeline.topics.topics_of_page import TOPICS_VERSION


def _build_pages(build: Build) -> Counts:
    build.progress.note("telling topics")
    pages = build.run.kept_pages().select("page_id", "text")
    topics = build.stage(build.workspace.page_topics(), page_topics(pages))
    kept = build.workspace.pool().existing().counts["out"]
    told = topic_counts(topics)
    build.notes["topics"] = told
    aside = kept - told[ANY]
    return Counts(kept, told[ANY], {"no topic told": aside} if aside else {})


def _build_round(build: Build) -> Counts:
    build.progress.note("counting topics")
    table = build.workspace.topics(build.number)
    topics = build.workspace.page_topics().read(build.spark)
    collected = build.workspace.collected(build.number)
    candidates = build.workspace.page_topics().existing().notes["topics"]
    taken = topic_counts(topics, collected.read(build.spark))
    rows = as_rows(topic_shares(candidates, taken))
    assert table.declared is not None
    cells = [tuple(row[name] for name in table.declared.names) for row in rows]
    build.stage(table, build.spark.createDataFrame(cells, table.declared.spark()).coalesce(1))
    build.notes["topics"] = rows
    aside = collected.existing().rows - taken[ANY]
    whole = collected.existing().rows
    return Counts(whole, taken[ANY], {"no topic told": aside} if aside else {})


def _build_corpus(build: Build) -> Counts:
    build.progress.note("counting the corpus's topics")
    table, corpus = build.workspace.corpus_topics(), build.workspace.corpus()
    topics = build.workspace.page_topics().read(build.spark)
    told = topic_counts(topics, corpus.read(build.spark))
    assert table.declared is not None
    cells = [(topic, told[topic]) for topic in (*lexicon().names, ANY) if told.get(topic)]
    build.stage(table, build.spark.createDataFrame(cells, table.declared.spark()).coalesce(1))
    build.notes["topics"] = told
    whole = corpus.existing().rows
    aside = whole - told[ANY]
    return Counts(whole, told[ANY], {"no topic told": aside} if aside else {})


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
