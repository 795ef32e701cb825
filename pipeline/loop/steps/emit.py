"""The product: shards of text in the order of rank, and what describes them: card, metadata
for programs, and the list of hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from pipeline.base.errors import InputEmpty, InputMissing
from pipeline.base.version import __version__
from pipeline.config.settings import Config
from pipeline.corpus.cut import count_left_out, reason_to_leave_out
from pipeline.corpus.domains_file import domains_file, host_totals
from pipeline.corpus.selection import SelectNotes
from pipeline.corpus.shards import (
    EmitNotes,
    best_pages,
    corpus_rows,
    emptied_pages,
    into_shards,
    shard_count,
)
from pipeline.decontaminate.findings import DecontaminateNotes
from pipeline.loop.corpus_origin import origin_manifests
from pipeline.loop.generations import collected_from, in_terms_of
from pipeline.loop.pool_pages import pages_of
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_corpus import CORPUS
from pipeline.report.corpus_card import corpus_card
from pipeline.report.corpus_facts import (
    TOP_HOSTS,
    BenchmarkFacts,
    CorpusFacts,
    RoundFacts,
    Share,
)
from pipeline.report.croissant import croissant_json
from pipeline.report.provenance import provenance
from pipeline.workspace.manifest import Counts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


#: Languages, crawls, licences and reservations that are listed, the largest.
_MOST_SHARES = 100


def _build(build: Build) -> Counts:
    workspace, number, unit = build.workspace, build.number, build.config.decontaminate.unit
    collected = workspace.collected(number).read(build.spark)
    contamination = workspace.contamination().read(build.spark)
    collected_rows = workspace.collected(number).existing().rows
    build.progress.note("joining texts")
    clean = build.checkpoint(
        corpus_rows(
            lambda narrow: pages_of(
                build.run,
                collected_from(build.run, number),
                build.checkpoint(narrow, "taken"),
                collected_rows,
                ["*"],
            ),
            collected,
            _first_round(build),
            contamination,
            build.config.decontaminate,
        ),
        "corpus",
    )
    last_rank = collected.agg(F.max("rank")).first()
    assert last_rank is not None
    reason = reason_to_leave_out(clean, build.config.emit, last_rank[0] or 0)
    left_out = count_left_out(clean, reason)
    rows = clean.where(reason.isNull())
    sums = rows.agg(F.count("*"), F.sum("tokens"), F.sum(F.octet_length("text"))).first()
    pages, tokens, size = (value or 0 for value in sums or (0, 0, 0))
    if not pages:
        raise InputEmpty(
            f"round {number} leaves no page for the corpus",
            expected="pages that score at least select.floor, hold no benchmark item and are not "
            f"left out ({_listed(left_out) or 'none is'})",
            remedy="look at the closing table: a lower floor, a larger seed or other WARCs; "
            "[emit] says what is left out",
        )
    respect: tuple[str, ...] = build.config.emit.respect
    shards = shard_count(size, build.config.emit)
    taken, hit = collected.count(), contamination.select("page_id").distinct().count()
    emptied = emptied_pages(
        collected=taken, contaminated=hit, emitted=pages + sum(left_out.values()), unit=unit
    )
    domains = domains_file(host_totals(rows), tokens, TOP_HOSTS)
    facts = CorpusFacts(
        version=__version__,
        pages=pages,
        tokens=tokens,
        text_bytes=size,
        shards=shards,
        host_count=domains.hosts,
        languages=_shares(rows, "language"),
        crawls=_shares(rows, "crawl"),
        hosts=[Share(one.host, one.pages, one.tokens) for one in domains.largest],
        licences=_shares(rows, "licence"),
        reservations=_shares(rows, "reservation"),
        left_out=[(why, pages) for why, pages in left_out.items() if why in respect],
        cut=[(why, pages) for why, pages in left_out.items() if why not in respect],
        rounds=_rounds(build.run, number),
        settings=_shaping_settings(build.config),
        contaminated_pages=hit,
        unit=unit,
        **_decontamination(build.run),
    )
    now = datetime.now(UTC)
    origin = provenance(origin_manifests(build.run, number), build.recipe, now)
    for path, text in (
        (workspace.corpus_card(), corpus_card(facts)),
        (workspace.croissant(), croissant_json(facts, origin, now)),
        (workspace.domains_file(), domains.text),
    ):
        build.side_file(workspace.corpus(), path, text)
    build.progress.note(f"writing {pages:,} pages in {shards:,} shards")
    # Last of all: people open the place of the corpus, where the shards of before still are.
    build.stage(workspace.corpus(), into_shards(rows, shards, last_rank[0]))
    build.notes = EmitNotes(
        tokens=tokens, bytes_of_text=size, shards=shards, best=best_pages(rows), round=number
    )
    aside = {"contaminated": hit} if unit == "page" else {"nothing left of it": emptied}
    return Counts(taken, pages, aside | left_out)


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


def _shares(rows: DataFrame, column: str) -> list[Share]:
    counted = (
        rows.groupBy(column)
        .agg(F.count("*").alias("pages"), F.sum("tokens").alias("tokens"))
        .orderBy(F.desc("tokens"), column)
        .limit(_MOST_SHARES)
    )
    return [Share(row[column] or "", row["pages"], row["tokens"]) for row in counted.collect()]


def _rounds(run: Run, last: int) -> list[RoundFacts]:
    facts = []
    for number in range(1, last + 1):
        manifest = run.workspace.collected(number).existing()
        notes = SelectNotes.of(manifest)
        known = notes.already_collected
        facts.append(
            RoundFacts(
                number,
                manifest.rows,
                notes.tokens,
                known.page_share if known else None,
                known.token_share if known else None,
            )
        )
    return facts


def _decontamination(run: Run) -> dict[str, Any]:
    notes = DecontaminateNotes.of(run.workspace.contamination().existing())
    return {
        "benchmarks": [
            BenchmarkFacts(name, line.items, line.unseen_items, notes.pages_hit.get(name, 0))
            for name, line in notes.benchmarks.items()
        ],
        "missing_names": notes.missing_names,
    }


def _shaping_settings(config: Config) -> list[tuple[str, str]]:
    """The settings that shaped the data, as the card shows them."""
    document = config.model_dump()
    keys = (
        "extract.extractor extract.min_words dedupe.shingle_words dedupe.bands dedupe.rows "
        "train.dim train.epochs train.buckets select.floor mine.domain mine.share "
        "decontaminate.rule decontaminate.grams decontaminate.min_grams decontaminate.unit "
        "emit.min_tokens emit.floor emit.budget"
    ).split()
    rows = []
    for key in keys:
        section, name = key.split(".")
        rows.append((key, str(document[section][name])))
    return rows


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
    }


EMIT = Step(
    name="emit",
    version=3,
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
