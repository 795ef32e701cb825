"""The pages of all crawls together, and those that the pool keeps of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from pipeline.loop.run import Run
from pipeline.workspace.places import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def all_pages(run: Run) -> DataFrame:
    """Table ``pages`` of all crawls."""
    return _of_all_crawls(run, run.workspace.pages)


def all_signatures(run: Run) -> DataFrame:
    """Table ``signatures`` of all crawls."""
    return _of_all_crawls(run, run.workspace.signatures)


def kept_pages(run: Run) -> DataFrame:
    """One copy of each page: the rows of ``pages`` that the pool keeps."""
    pool = run.workspace.pool().read(run.spark)
    kept = pool.where("page_id = kept_page_id").select("page_id")
    return all_pages(run).join(kept, "page_id")


def page_inputs(run: Run) -> dict[str, str]:
    """Identities of all crawls' pages, for a recipe."""
    return {
        f"pages of {crawl}": run.workspace.pages(crawl).existing().identity
        for crawl in run.config.crawls
    }


def _of_all_crawls(run: Run, table: Callable[[str], Table]) -> DataFrame:
    tables = [table(crawl).read(run.spark) for crawl in run.config.crawls]
    return reduce(lambda whole, more: whole.unionByName(more), tables)
