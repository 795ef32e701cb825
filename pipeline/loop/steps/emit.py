"""The product: shards of text in the order of rank, and what describes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.base.errors import InputEmpty, InputMissing
from pipeline.corpus.budgets import budget_ends
from pipeline.corpus.cut import count_left_out, reason_to_leave_out, with_budget
from pipeline.corpus.shards import (
    INDEXED,
    ROW_GROUP_BYTES,
    EmitNotes,
    best_pages,
    corpus_rows,
    emptied_pages,
    into_shards,
    shard_count,
    shard_files,
)
from pipeline.corpus.tokenizer import tokenizer
from pipeline.loop.corpus_description import Size, describe, side_files
from pipeline.loop.generations import collected_from, in_terms_of
from pipeline.loop.pool_pages import pages_of
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_corpus import CORPUS
from pipeline.workspace.manifest import Counts
from pipeline.workspace.table_schemas import schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Columns of the corpus that table ``pages`` has. Its tokens are an estimate.
_OF_PAGES = [
    name for name in schema("corpus").names if name in schema("pages").names and name != "tokens"
]


def _build(build: Build) -> Counts:
    workspace, number, unit = build.workspace, build.number, build.config.decontaminate.unit
    collected = workspace.collected(number).read(build.spark)
    contamination = workspace.contamination().read(build.spark)
    collected_rows = workspace.collected(number).existing().rows
    emit, by = build.config.emit, tokenizer(build.config.tokens)
    build.progress.note("joining texts")
    clean = build.checkpoint(
        corpus_rows(
            lambda narrow: pages_of(
                build.run,
                collected_from(build.run, number),
                build.checkpoint(narrow, "taken"),
                collected_rows,
                _OF_PAGES,
            ),
            collected,
            _first_round(build),
            contamination,
            build.config.decontaminate,
            by,
        ),
        "corpus",
    )
    last_rank = collected.agg(F.max("rank")).first()
    assert last_rank is not None
    reason = reason_to_leave_out(emit)
    ends = budget_ends(clean.where(reason.isNull()), emit.budgets, last_rank[0] or 0)
    reason = with_budget(reason, emit, ends)
    ends = [end for end in ends if end.pages]
    left_out = count_left_out(clean, reason)
    rows = clean.where(reason.isNull())
    size = Size.of(rows)
    if not size.pages:
        raise InputEmpty(
            f"round {number} leaves no page for the corpus",
            expected="pages that score at least select.floor, hold no benchmark item and are not "
            f"left out ({_listed(left_out) or 'none is'})",
            remedy="look at the closing table: a lower floor, a larger seed or other WARCs; "
            "[emit] says what is left out",
        )
    shards = shard_count(size.bytes, emit)
    taken, hit = collected.count(), contamination.select("page_id").distinct().count()
    emptied = emptied_pages(
        collected=taken, contaminated=hit, emitted=size.pages + sum(left_out.values()), unit=unit
    )
    build.progress.note(f"writing {size.pages:,} pages in some {shards:,} shards")
    written = build.stage(
        workspace.corpus(),
        into_shards(rows, shards, last_rank[0], [end.last_rank for end in ends]),
        indexed=INDEXED,
        row_group_bytes=ROW_GROUP_BYTES,
    )
    files = shard_files(written)
    described = describe(
        build.run,
        number,
        rows,
        size,
        files=files,
        budgets=ends,
        contaminated=hit,
        left_out=left_out,
    )
    texts = side_files(build.run, number, described, build.recipe, datetime.now(UTC))
    for path, text in texts.items():
        build.side_file(workspace.corpus(), path, text)
    build.notes = EmitNotes(
        tokens=size.tokens,
        bytes_of_text=size.bytes,
        shards=len(files),
        best=best_pages(rows),
        round=number,
        files=files,
        budgets=tuple(ends),
        tokenizer=by.description,
    )
    aside = {"contaminated": hit} if unit == "page" else {"nothing left of it": emptied}
    return Counts(taken, size.pages, aside | left_out)


def _listed(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{pages:,} for {why}" for why, pages in left_out.items())


def _first_round(build: Build) -> DataFrame:
    run, last = build.run, collected_from(build.run, build.number)
    tables = [
        in_terms_of(
            run,
            build.workspace.collected(number).read(build.spark),
            collected_from(run, number),
            last,
        ).select("page_id", F.lit(number).alias("round"))
        for number in range(1, build.number + 1)
    ]
    whole = tables[0]
    for table in tables[1:]:
        whole = whole.unionByName(table)
    return whole.groupBy("page_id").agg(F.min("round").alias("round"))


def _inputs(run: Run, number: int) -> Mapping[str, str]:
    workspace = run.workspace
    contamination = workspace.contamination().existing()
    if contamination.recipe.inputs["collection"] != workspace.collected(number).existing().identity:
        raise InputMissing(
            f"the traces of benchmarks in {workspace.contamination().place} are of another "
            f"collection than that of round {number}",
            remedy=f"run jobs/decontaminate.py --round {number} first",
        )
    collections = {
        f"collection of round {earlier}": workspace.collected(earlier).existing().identity
        for earlier in range(1, number + 1)
    }
    return {
        **collected_from(run, number).page_inputs(),
        **collections,
        "contamination": contamination.identity,
        "tokenizer": tokenizer(run.config.tokens).description.identity,
    }


EMIT = Step(
    name="emit",
    version=4,
    outputs=lambda run, _: [run.workspace.corpus()],
    settings=lambda config, _: {
        "emit": config.emit.model_dump(),
        "decontaminate": {"unit": config.decontaminate.unit},
    },
    inputs=_inputs,
    build=_build,
    says=CORPUS,
    per_round=False,
)
