"""What describes the corpus beside its shards: card, metadata for programs, and list of hosts.

Out of the rows of the corpus and the manifests of what it was made of, whoever has the rows:
the step that emits them, a removal that takes some of them out, the job that publishes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from pipeline.base.version import __version__
from pipeline.config.settings import Config
from pipeline.corpus.budget_files import budgets_file, files_of
from pipeline.corpus.budgets import BudgetEnd
from pipeline.corpus.domains_file import domains_file, host_totals
from pipeline.corpus.selection import SelectNotes
from pipeline.corpus.shards import ShardFile
from pipeline.corpus.tokenizer import tokenizer
from pipeline.decontaminate.findings import DecontaminateNotes
from pipeline.loop.corpus_origin import origin_manifests
from pipeline.loop.run import Run
from pipeline.report.corpus_card import corpus_card
from pipeline.report.corpus_facts import (
    TOP_HOSTS,
    BenchmarkFacts,
    Configuration,
    CorpusFacts,
    RoundFacts,
    Share,
)
from pipeline.report.croissant import croissant_json
from pipeline.report.provenance import provenance
from pipeline.workspace.manifest import Recipe

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Languages, crawls, licences and reservations that are listed, the largest.
_MOST_SHARES = 100


@dataclass(frozen=True)
class Size:
    """How much a corpus is: ``bytes`` of its text, as UTF-8."""

    pages: int
    tokens: int
    bytes: int

    @classmethod
    def of(cls, rows: DataFrame) -> Size:
        """That of rows of table ``corpus``."""
        sums = rows.agg(F.count("*"), F.sum("tokens"), F.sum(F.octet_length("text"))).first()
        return cls(*(value or 0 for value in sums or (0, 0, 0)))


@dataclass(frozen=True)
class Description:
    """What is known of a corpus, and the texts of its lists of hosts and of budgets."""

    facts: CorpusFacts
    domains: str
    budgets: str


def describe(
    run: Run,
    number: int,
    rows: DataFrame,
    size: Size,
    *,
    files: Sequence[ShardFile],
    budgets: Sequence[BudgetEnd],
    contaminated: int,
    left_out: Mapping[str, int],
) -> Description:
    """Of the corpus of round ``number``: ``rows`` are those of its table, in any order.

    ``files`` are those of its rows, and ``budgets`` what they exceed, or fill, as
    :func:`pipeline.corpus.budgets.budget_ends` tells; no file goes beyond the end of one.
    ``contaminated``: collected pages with a hit. ``left_out``: by reason, pages that ``[emit]``
    leaves out.
    """
    respect: tuple[str, ...] = run.config.emit.respect
    by = tokenizer(run.config.tokens)
    domains = domains_file(host_totals(rows), size.tokens, TOP_HOSTS)
    facts = CorpusFacts(
        version=__version__,
        pages=size.pages,
        tokens=size.tokens,
        text_bytes=size.bytes,
        shards=len(files),
        host_count=domains.hosts,
        languages=_shares(rows, "language"),
        crawls=_shares(rows, "crawl"),
        hosts=[Share(one.host, one.pages, one.tokens) for one in domains.largest],
        licences=_shares(rows, "licence"),
        reservations=_shares(rows, "reservation"),
        left_out=[(why, pages) for why, pages in left_out.items() if why in respect],
        cut=[(why, pages) for why, pages in left_out.items() if why not in respect],
        rounds=_rounds(run, number),
        settings=_shaping_settings(run.config),
        contaminated_pages=contaminated,
        unit=run.config.decontaminate.unit,
        tokenizer=by.description.shown,
        is_estimated=by.is_estimate,
        budgets=budgets,
        configurations=[
            Configuration(end.name, [f"data/{file.name}" for file in files_of(end, files)])
            for end in budgets
        ],
        **_decontamination(run),
    )
    return Description(facts, domains.text, budgets_file(budgets, files))


def side_files(
    run: Run, number: int, described: Description, recipe: Recipe, now: datetime
) -> dict[str, str]:
    """The texts of the files beside the shards, by their places in the workspace.

    ``recipe``: that of the corpus, which was made at the time ``now``.
    """
    workspace = run.workspace
    origin = provenance(origin_manifests(run, number), recipe, now)
    return {
        workspace.corpus_card(): corpus_card(described.facts),
        workspace.croissant(): croissant_json(described.facts, origin, now),
        workspace.domains_file(): described.domains,
        workspace.budgets_file(): described.budgets,
    }


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
        "emit.min_tokens emit.floor emit.budgets tokens.tokenizer"
    ).split()
    rows = []
    for key in keys:
        section, name = key.split(".")
        rows.append((key, str(document[section][name])))
    return rows
