"""A removal in the corpus and what describes it, and in pages that people look at."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from pyspark.sql import functions as F

from pipeline.corpus.budgets import counted_again
from pipeline.corpus.cut import BELOW, BEYOND, TOO_SHORT
from pipeline.corpus.shards import (
    INDEXED,
    ROW_GROUP_BYTES,
    EmitNotes,
    best_pages,
    shard_files,
)
from pipeline.corpus.wishes import left_out_for
from pipeline.loop.corpus_description import Size, describe, side_files
from pipeline.loop.removal_list import Removed
from pipeline.loop.removal_of_rounds import Concerned, Gone, contaminated
from pipeline.loop.removal_rewriting import Rewriting, shifted
from pipeline.loop.run import Run
from pipeline.workspace.tables import read_parquet

#: Of what the corpus does not hold, what no setting of ``[emit]`` leaves out.
CONTAMINATED, EMPTIED = "contaminated", "nothing left of it"
#: Addresses in HTML and JSON.
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
#: In the place of an address that was removed.
_NOTHING = "(removed)"


def round_of_corpus(run: Run) -> int:
    """The round whose collection the corpus is, as far as anything says."""
    manifest = run.workspace.corpus().manifest()
    noted = EmitNotes.of(manifest).round if manifest else None
    rounds = run.workspace.rounds()
    collected = [one for one in rounds if run.workspace.collected(one).manifest() is not None]
    return noted or max(collected, default=1)


def rewrite_corpus(rewriting: Rewriting, gone: Gone, concerned: Sequence[Concerned]) -> None:
    """Write the shards anew that have removed pages, and what describes the corpus."""
    run, workspace = rewriting.run, rewriting.workspace
    corpus = workspace.corpus()
    manifest = corpus.manifest()
    if manifest is None:
        return
    number = round_of_corpus(run)
    reasons = _reasons(run, gone, number)
    of_corpus = next((one for one in concerned if one.table == corpus), None)
    rows_gone = of_corpus.rows if of_corpus else 0
    if of_corpus is None and not reasons:
        return
    if of_corpus:
        corpus.begin()
        manifest = corpus.existing()  # of before parts had names, it names them now
        rewriting.rewrite(
            corpus,
            manifest,
            of_corpus.files,
            gone.left,
            row_group_bytes=ROW_GROUP_BYTES,
            indexed=INDEXED,
        )
    counts = shifted(
        manifest.counts,
        -rows_gone - sum(reasons.values()),
        -rows_gone,
        {reason: -rows for reason, rows in reasons.items()},
    )
    assert corpus.declared
    places = [rewriting.storage.uri(part) for part in rewriting.expanded(corpus.named_by(manifest))]
    rows = read_parquet(run.spark, places, corpus.declared.spark(), folders_are_columns=False)
    files, size = shard_files(rows), Size.of(rows)
    budgets = counted_again(EmitNotes.of(manifest).ends, rows)
    in_traces = workspace.contamination().existing().counts.set_aside.get(CONTAMINATED, 0)
    described = describe(
        run,
        number,
        rows,
        size,
        files=files,
        budgets=budgets,
        contaminated=in_traces - contaminated(gone),
        left_out={
            reason: rows
            for reason, rows in counts.set_aside.items()
            if reason not in (CONTAMINATED, EMPTIED)
        },
    )
    texts = side_files(run, number, described, manifest.recipe, datetime.now(UTC))
    for path, text in texts.items():
        rewriting.write(path, text, undone=False)
    notes = EmitNotes.of(manifest).model_copy(
        update={
            "tokens": size.tokens,
            "bytes_of_text": size.bytes,
            "shards": len(files),
            "best": best_pages(rows),
            "files": files,
            "budgets": tuple(budgets),
        }
    )
    rewriting.put(corpus, manifest, rows=size.pages, counts=counts, notes=notes)


def _reasons(run: Run, gone: Gone, number: int) -> dict[str, int]:
    """Why removed pages that the round collected are not in the corpus, and how many."""
    workspace, emit = run.workspace, run.config.emit
    collected = gone.gone(workspace.collected(number).read(run.spark))
    missing = collected.select("page_id", "score", "tokens").join(
        workspace.corpus().read(run.spark).select("page_id"), "page_id", "left_anti"
    )
    if not missing.head(1):
        return {}
    hits = workspace.contamination().read(run.spark).select("page_id").distinct()
    rows = missing.join(hits.withColumn("hit", F.lit(True)), "page_id", "left")
    wishes = None
    for crawl in workspace.crawls():
        pages = gone.gone(workspace.pages(crawl).read(run.spark)).select(
            "page_id", left_out_for(emit.respect).alias("wish")
        )
        wishes = pages if wishes is None else wishes.unionByName(pages)
    assert wishes is not None
    whole_page = run.config.decontaminate.unit == "page"
    hit = F.coalesce("hit", F.lit(False))
    reason = F.coalesce(
        F.when(hit & F.lit(whole_page), F.lit(CONTAMINATED)),
        F.col("wish"),
        F.when(F.col("tokens") < emit.min_tokens, F.lit(TOO_SHORT)),
        F.when(F.col("score") < F.lit(emit.floor).cast("float"), F.lit(BELOW)),
        F.when(hit, F.lit(EMPTIED)),
        F.lit(BEYOND),
    )
    counted = rows.join(wishes, "page_id", "left").groupBy(reason.alias("reason")).count()
    return dict(counted.collect())


def rewrite_pages_for_people(rewriting: Rewriting, wanted: Removed) -> list[str]:
    """Take removed addresses out of the pages about classifiers; what is to go, and be made anew:
    the report of the corpus, which shows texts, and counts of its topics.
    """
    workspace, storage = rewriting.workspace, rewriting.storage
    for number in workspace.rounds():
        paths = [table(number).manifest_path for table in (workspace.model, workspace.seed)]
        for path in (workspace.report(number), *paths):
            text = rewriting.now.get(path) or storage.read(path)
            if text and (changed := without_addresses(text, wanted)) != text:
                rewriting.write(path, changed)
    again: list[str] = []
    for table in (workspace.corpus_topics(), workspace.corpus_report()):
        if (manifest := table.manifest()) is not None:
            again += [table.manifest_path, *table.named_by(manifest)]
    if storage.read(workspace.corpus_report_page()) is not None:
        again.append(workspace.corpus_report_page())
    return again


def without_addresses(text: str, wanted: Removed) -> str:
    """HTML or JSON in which no removed address stands."""

    def shown(match: re.Match[str]) -> str:
        return _NOTHING if wanted(html.unescape(match[0])) else match[0]

    return _ADDRESS.sub(shown, text)
