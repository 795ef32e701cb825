"""The pages of all crawls together, and those of them that a step is about.

Text is most of what a workspace holds, and never leaves the task that reads it but to be given
out: ids travel to the pages, or the narrow result of the pages is joined with ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.loop.run import Run
from pipeline.workspace.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: So many ids, some 100 bytes each in a hash table, are sent to every machine. Where there are
#: more, Spark sends a Bloom filter of them (session.py), or narrow rows are joined.
IDS_EVERYWHERE = 2_000_000


def all_pages(run: Run) -> DataFrame:
    """Table ``pages`` of all crawls."""
    return _of_all_crawls(run, run.workspace.pages)


def all_signatures(run: Run) -> DataFrame:
    """Table ``signatures`` of all crawls."""
    return _of_all_crawls(run, run.workspace.signatures)


def kept_rows(run: Run, work: Callable[[DataFrame], DataFrame]) -> DataFrame:
    """What ``work`` makes of the pages that the pool keeps, one copy of each page.

    ``work`` takes rows of table ``pages`` and gives rows with a page_id; each of its own page
    alone. Where copies are few they are left out before the work. Where they are many it is
    done for them too and its narrow result is joined: a score costs less than a shuffle.
    """
    pages = all_pages(run)
    return work(kept(run, pages)) if _few_copies(run) else kept(run, work(pages))


def kept(run: Run, rows: DataFrame) -> DataFrame:
    """Of narrow ``rows`` (page_id, …) those of pages that the pool keeps."""
    pool = run.workspace.pool().read(run.spark)
    if _few_copies(run):
        copies = pool.where("page_id <> kept_page_id").select("page_id")
        return rows.join(F.broadcast(copies), "page_id", "left_anti")
    return rows.join(pool.where("page_id = kept_page_id").select("page_id"), "page_id")


def _few_copies(run: Run) -> bool:
    counts = run.workspace.pool().existing().counts
    return counts.rows_in - counts.rows_out <= IDS_EVERYWHERE


def pages_of(run: Run, rows: DataFrame, number: int, columns: Sequence[Column | str]) -> DataFrame:
    """``columns`` of table ``pages`` (page_id among them) with the other columns of ``rows``.

    ``rows`` are at most ``number``, one for each page that is wanted, out of files: Spark makes
    a Bloom filter of nothing else.
    """
    pages = all_pages(run).select(*columns)
    if number <= IDS_EVERYWHERE:
        return pages.join(F.broadcast(rows), "page_id")
    # And of rows that something has been filtered out of.
    return pages.join(rows.where(F.col("page_id") > ""), "page_id")


def page_inputs(run: Run) -> dict[str, str]:
    """Identities of all crawls' pages, for a recipe."""
    return {
        f"pages of {crawl}": run.workspace.pages(crawl).existing().identity
        for crawl in run.config.crawls
    }


def _of_all_crawls(run: Run, table: Callable[[str], Table]) -> DataFrame:
    tables = [table(crawl).read(run.spark) for crawl in run.config.crawls]
    return reduce(lambda whole, more: whole.unionByName(more), tables)
