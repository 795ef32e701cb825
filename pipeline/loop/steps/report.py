"""The report of the corpus: all that was counted on the way to it, as one page for people."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from pipeline.base.version import __version__
from pipeline.classify.train_notes import TrainNotes
from pipeline.corpus.candidates import TokenNotes
from pipeline.corpus.convergence import ConvergeNotes, overlap_matrix
from pipeline.corpus.cut_offs import (
    BEST_BEYOND,
    PageBeyond,
    ReportNotes,
    best_beyond,
    by_step,
    cut_offs,
    names_of,
    step_under_floor,
    under_floor,
)
from pipeline.corpus.report_counts import (
    cluster_counts,
    domain_counts,
    largest_domains,
    named_by,
    named_by_several,
    pages_by_benchmark,
    sample_of_tenths,
    score_counts,
    tenths_of,
    totals,
)
from pipeline.corpus.selection import SelectNotes
from pipeline.corpus.shards import EmitNotes
from pipeline.decontaminate.findings import DecontaminateNotes
from pipeline.loop.generations import collected_from
from pipeline.loop.pool_pages import pages_of
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_corpus import REPORT_PAGE
from pipeline.report.corpus_report import corpus_report
from pipeline.report.funnel import funnel
from pipeline.report.report_figures import (
    SCORE_BINS,
    BenchmarkFigures,
    CopyFigures,
    DomainFigures,
    Reason,
    ReportFigures,
    RoundFigures,
    SamplePage,
    Total,
)
from pipeline.workspace.manifest import Counts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Pages of each tenth that are shown, and characters of their texts.
_PAGES_OF_TENTH, _CHARACTERS = 2, 1_500


def _build(build: Build) -> Counts:
    workspace, number = build.workspace, build.number
    build.progress.note("counting")
    corpus = workspace.corpus().existing()
    generation = collected_from(build.run, number)
    pool = generation.pool(workspace)
    scores = workspace.scores(number).read(build.spark)
    collected = workspace.collected(number).read(build.spark)
    domains = workspace.domains(number).read(build.spark)
    all_scores, collected_scores = score_counts(scores, collected, SCORE_BINS)
    tenths = tenths_of(all_scores)
    counted = TokenNotes.of(workspace.candidates(number).existing())
    beyond = _beyond(build)
    figures = ReportFigures(
        version=__version__,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        round=number,
        pages=corpus.rows,
        tokens=EmitNotes.of(corpus).tokens,
        # A line a host, below that of the names.
        hosts=(workspace.storage.read(workspace.domains_file()) or "\n").count("\n") - 1,
        floor=build.config.select.floor,
        stages=tuple(funnel(build.run, number, pool.existing().counts)),
        rounds=tuple(_rounds(build)),
        scores=tuple(all_scores),
        collected_scores=tuple(collected_scores),
        tenths=tuple(tenths),
        totals=_totals(build),
        domain_threshold=build.config.mine.share,
        domain_shares=tuple(domain_counts(domains)),
        domains=tuple(DomainFigures(**row.asDict()) for row in largest_domains(domains)),
        copies=tuple(
            Reason(name=name, rows=rows) for name, rows in pool.existing().counts.set_aside.items()
        ),
        clusters=tuple(
            CopyFigures(**row.asDict()) for row in cluster_counts(pool.read(build.spark))
        ),
        samples=tuple(_samples(build, scores, collected, tenths)),
        tokenizer=counted.tokenizer.shown,
        estimates=counted.by_language if counted.tokenizer.sha256 else (),
        cut_offs=beyond.cut_offs,
        best_beyond=beyond.best_beyond,
        **_contamination(build),
    )
    build.notes = beyond
    table = workspace.corpus_report()
    build.stage_json(table, "figures.json", figures.document())
    build.side_file(table, workspace.corpus_report_page(), corpus_report(figures))
    return Counts(corpus.rows, corpus.rows)


def _rounds(build: Build) -> list[RoundFigures]:
    workspace = build.workspace
    numbers = range(1, build.number + 1)
    taken = [workspace.collected(number).existing() for number in numbers]
    compared = [workspace.convergence(number).manifest() for number in numbers]
    in_both = [ConvergeNotes.of(one).in_both if one else {} for one in compared]
    overlap = overlap_matrix([manifest.rows for manifest in taken], in_both)
    lowest = [
        workspace.collected(number)
        .read(build.spark)
        .agg(F.min("score").alias("lowest"))
        .withColumn("round", F.lit(number))
        for number in numbers
    ]
    lowest_scores = {row["round"]: row["lowest"] for row in reduce(_union, lowest).collect()}
    figures = []
    for number, manifest, shares in zip(numbers, taken, overlap, strict=True):
        model = workspace.model(number).manifest()
        figures.append(
            RoundFigures(
                round=number,
                pages=manifest.rows,
                tokens=SelectNotes.of(manifest).tokens,
                lowest_score=lowest_scores[number],
                overlap=tuple(shares),
                held_out=TrainNotes.of(model).held_out if model else None,
            )
        )
    return figures


def _union(whole: DataFrame, more: DataFrame) -> DataFrame:
    return whole.unionByName(more)


def _pages(build: Build) -> DataFrame:
    tables = (build.workspace.pages(crawl).read(build.spark) for crawl in build.config.crawls)
    return reduce(_union, tables)


def _totals(build: Build) -> dict[str, tuple[Total, ...]]:
    columns = ("language", "host", "crawl", "licence")
    corpus = build.workspace.corpus().read(build.spark).select("page_id", "tokens", *columns)
    narrow = corpus.select("page_id", "tokens")
    notations = _pages(build).select("page_id", F.split("notations", " ").alias("notations"))
    topics = (
        collected_from(build.run, build.number)
        .page_topics(build.workspace)
        .read(build.spark)
        .groupBy("page_id")
        .agg(F.collect_list("topic").alias("topics"))
    )
    named = (
        named_by(corpus, columns)
        .unionByName(
            named_by_several(narrow.join(notations, "page_id"), "notation", F.col("notations"))
        )
        .unionByName(
            named_by_several(narrow.join(topics, "page_id", "left"), "topic", F.col("topics"))
        )
    )
    return {
        sort: tuple(Total(name=row["name"], pages=row["pages"], tokens=row["tokens"]) for row in of)
        for sort, of in totals(named).items()
    }


def _samples(
    build: Build, scores: DataFrame, collected: DataFrame, tenths: list[float]
) -> list[SamplePage]:
    """Of each tenth of the pool by score, best first."""
    chosen = build.checkpoint(sample_of_tenths(scores, tenths, _PAGES_OF_TENTH), "sample")
    taken = collected.select("page_id", F.lit(True).alias("collected"))
    places = (
        _pages(build)
        .select("page_id", "warc", "warc_offset")
        .join(F.broadcast(chosen), "page_id")
        .join(taken, "page_id", "left")
        .collect()
    )
    if not places:
        return []
    # Records lie in the order of their offsets, so that next to no other text is read.
    records = (
        (F.col("warc") == place["warc"]) & (F.col("warc_offset") == place["warc_offset"])
        for place in places
    )
    texts = (
        _pages(build)
        .where(reduce(operator.or_, records))
        .select(
            *("page_id", "url", "title", "language"),
            F.left("text", F.lit(_CHARACTERS)).alias("text"),
            (F.length("text") <= _CHARACTERS).alias("whole"),
        )
    )
    of_page = {row["page_id"]: row.asDict() for row in texts.collect()}
    samples = [
        SamplePage(
            tenth=place["tenth"],
            score=place["score"],
            collected=bool(place["collected"]),
            **of_page[place["page_id"]],
        )
        for place in places
    ]
    return sorted(samples, key=lambda page: (-page.tenth, -page.score, page.page_id))


def _beyond(build: Build) -> ReportNotes:
    """What each cut-off adds, and the best pages that the corpus has not."""
    workspace, number, floor = build.workspace, build.number, build.config.select.floor
    generation = collected_from(build.run, number)
    corpus = workspace.corpus()
    ends, largest = (
        EmitNotes.of(corpus.existing()).ends,
        max(build.config.emit.budgets, default=0),
    )
    corpus_step = len(ends)
    over = by_step(
        workspace.candidates(number).read(build.spark),
        workspace.collected(number).read(build.spark),
        corpus.read(build.spark).select("page_id", "tokens"),
        ends,
        ends[-1].last_rank if ends and ends[-1].budget == largest else None,
    )
    under = build.checkpoint(
        under_floor(workspace.scores(number).read(build.spark), floor), "under the floor"
    )
    columns = ["page_id", "language", "tokens"]
    lower = pages_of(build.run, generation, under, under.count(), columns)
    lower = lower.withColumn("step", step_under_floor(corpus_step + 3, floor))
    rows = build.checkpoint(over.unionByName(lower.select(*over.columns)), "cut-offs")
    topics = generation.page_topics(workspace).read(build.spark)
    best = build.checkpoint(best_beyond(rows, corpus_step), "best beyond")
    shown = pages_of(
        build.run, generation, best, BEST_BEYOND, ["page_id", "url", "title", "language"]
    )
    pages = shown.orderBy(F.desc("score"), "page_id").drop("page_id").collect()
    return ReportNotes(
        cut_offs=cut_offs(rows, topics, names_of(ends, number, floor), corpus_step),
        best_beyond=tuple(PageBeyond(**page.asDict()) for page in pages),
    )


def _contamination(build: Build) -> dict[str, Any]:
    workspace = build.workspace
    notes = DecontaminateNotes.of(workspace.contamination().existing())
    # Without benchmarks there is no such table.
    let_pass = workspace.let_pass()
    passed = pages_by_benchmark(let_pass.read(build.spark)) if let_pass.manifest() else {}
    return {
        "benchmarks": tuple(
            BenchmarkFigures(
                name=name,
                items=line.items,
                unseen_items=line.unseen_items,
                items_hit=notes.items_hit.get(name, 0),
                pages_hit=notes.pages_hit.get(name, 0),
                let_pass_pages=passed.get(name, 0),
            )
            for name, line in notes.benchmarks.items()
        ),
        "missing_benchmarks": notes.missing_names,
        "decontamination_rule": notes.weighed.rule,
        "let_pass_pages": notes.weighed.let_pass.pages,
        "exempted_pages": notes.exempted_pages,
    }


def _inputs(run: Run, number: int) -> Mapping[str, str]:
    workspace, generation = run.workspace, collected_from(run, number)
    models = {
        f"model of round {one}": manifest.identity
        for one in range(1, number + 1)
        if (manifest := workspace.model(one).manifest())
    }
    return {
        "corpus": workspace.corpus().existing().identity,
        "scores": workspace.scores(number).existing().identity,
        "candidates": workspace.candidates(number).existing().identity,
        "domains": workspace.domains(number).existing().identity,
        "topics of pages": generation.page_topics(workspace).existing().identity,
        "pool": generation.identity,
        "contamination": workspace.contamination().existing().identity,
        **models,
    }


REPORT = Step(
    name="report",
    version=2,
    outputs=lambda run, _: [run.workspace.corpus_report()],
    settings=lambda config, _: {
        "mine": {"share": config.mine.share},
        "select": {"floor": config.select.floor},
        "emit": {"budgets": list(config.emit.budgets)},
    },
    inputs=_inputs,
    build=_build,
    says=REPORT_PAGE,
    per_round=False,
)
