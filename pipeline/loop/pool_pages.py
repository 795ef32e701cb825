"""The pages of a generation of the pool, and those of them that a step is about.

Text is most of what a workspace holds, and never leaves the task that reads it but to be given
out: ids travel to the pages, or the narrow result of the pages is joined with ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.dedupe.pool_notes import CrawlPages
from pipeline.loop.generations import Generation
from pipeline.loop.run import Run
from pipeline.workspace.table_schemas import Checkpoint

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: So many ids, some 100 bytes each in a hash table, are sent to every machine. Where there are
#: more, Spark sends a Bloom filter of them (session.py), or narrow rows are joined.
IDS_EVERYWHERE = 2_000_000


def all_pages(run: Run, generation: Generation) -> DataFrame:
    """Table ``pages`` of all crawls, as it was when the generation was made."""
    return _union([_pages_of_crawl(run, *one) for one in generation.pages.items()])


def all_signatures(run: Run, generation: Generation) -> DataFrame:
    """Table ``signatures`` of all crawls; of crawls that have grown since, with what is new."""
    return _union([run.workspace.signatures(one).read(run.spark) for one in generation.pages])


def kept_rows(
    run: Run, generation: Generation, work: Callable[[DataFrame], DataFrame]
) -> DataFrame:
    """What ``work`` makes of the pages that the pool keeps, one copy of each page.

    ``work`` takes rows of table ``pages`` and gives rows with a page_id; each of its own page
    alone. Where copies are few they are left out before the work. Where they are many it is
    done for them too and its narrow result is joined: a score costs less than a shuffle.
    """
    return _kept_rows_of(run, generation, all_pages(run, generation), work)


def carried_over(
    run: Run,
    older: Generation,
    generation: Generation,
    rows: DataFrame,
    work: Callable[[DataFrame], DataFrame],
    checkpoint: Checkpoint,
) -> DataFrame:
    """What :func:`kept_rows` gives, without the work that was done for an older generation.

    ``rows`` are what ``work`` made of the pages that ``older`` keeps. The work is done of pages
    in batches that came later, and of the few that only now are kept.
    """
    pool, pool_before = (one.pool(run.workspace).read(run.spark) for one in (generation, older))
    kept_ids = pool.where("page_id = kept_page_id").select("page_id")
    parts = [rows.join(kept_ids, "page_id", "left_semi")]
    if later := later_batches(older.pages, generation.pages):
        pages = _union(
            [
                run.workspace.pages(crawl).read_parts(run.spark, parts)
                for crawl, parts in later.items()
            ]
        )
        parts.append(_kept_rows_of(run, generation, pages, work))
    # A copy is kept again where the page that it was a copy of turns out to be another's.
    copies_before = pool_before.where("page_id <> kept_page_id").select("page_id")
    again = checkpoint(kept_ids.join(copies_before, "page_id", "left_semi"), "kept again")
    if number := again.count():
        parts.append(work(pages_of(run, older, again, number, ["*"])))
    return _union(parts)


def later_batches(
    older: Mapping[str, CrawlPages], newer: Mapping[str, CrawlPages]
) -> dict[str, list[str]]:
    """The batches that ``newer`` has and ``older`` has not, by crawl where there are some."""
    parts = {
        crawl: sorted({*pages.parts} - {*(older[crawl].parts if crawl in older else ())})
        for crawl, pages in newer.items()
    }
    return {crawl: batches for crawl, batches in parts.items() if batches}


def kept(run: Run, generation: Generation, rows: DataFrame) -> DataFrame:
    """Of narrow ``rows`` (page_id, …) those of pages that the pool keeps."""
    pool = generation.pool(run.workspace).read(run.spark)
    if _few_copies(generation):
        copies = pool.where("page_id <> kept_page_id").select("page_id")
        return rows.join(F.broadcast(copies), "page_id", "left_anti")
    return rows.join(pool.where("page_id = kept_page_id").select("page_id"), "page_id")


def kept_of(
    run: Run,
    generation: Generation,
    rows: DataFrame,
    checkpoint: Checkpoint,
) -> DataFrame:
    """As :func:`kept`, of rows that are few beside the pool: their ids travel to it."""
    if _few_copies(generation):
        return kept(run, generation, rows)
    rows = checkpoint(rows, "to be kept")
    pool = generation.pool(run.workspace).read(run.spark).where("page_id = kept_page_id")
    # The pool stands first: Spark makes a filter for what stands there.
    return pool.select("page_id").join(sought(rows), "page_id")


def pages_of(
    run: Run,
    generation: Generation,
    rows: DataFrame,
    number: int,
    columns: Sequence[Column | str],
) -> DataFrame:
    """``columns`` of table ``pages`` (page_id among them) with the other columns of ``rows``.

    ``rows`` are at most ``number``, one for each page that is wanted, out of files.
    """
    pages = all_pages(run, generation).select(*columns)
    if number <= IDS_EVERYWHERE:
        return pages.join(F.broadcast(rows), "page_id")
    return pages.join(sought(rows), "page_id")


def sought(rows: DataFrame) -> DataFrame:
    """``rows`` (page_id, …) out of files, by whose ids other tables are filtered before a join.

    Spark makes a Bloom filter of nothing but what is read, and of that only where something is
    filtered out.
    """
    return rows.where(F.col("page_id") > "")


def _kept_rows_of(
    run: Run, generation: Generation, pages: DataFrame, work: Callable[[DataFrame], DataFrame]
) -> DataFrame:
    if _few_copies(generation):
        return work(kept(run, generation, pages))
    return kept(run, generation, work(pages))


def _few_copies(generation: Generation) -> bool:
    counts = generation.manifest.counts
    return counts.rows_in - counts.rows_out <= IDS_EVERYWHERE


def _pages_of_crawl(run: Run, crawl: str, pages: CrawlPages) -> DataFrame:
    return run.workspace.pages(crawl).read_parts(run.spark, pages.parts)


def _union(tables: Sequence[DataFrame]) -> DataFrame:
    return reduce(lambda whole, more: whole.unionByName(more), tables)
