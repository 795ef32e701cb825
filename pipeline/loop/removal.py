"""Taking pages out of a workspace: out of all tables at once, file by file, and for good.

Tables keep their identity: nothing is built anew for it. Each is as if the pages had never been in
it, but for what was learnt and counted of them: models stay, and figures of domains, topics and
rounds are of the time when they were made.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from itertools import count
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.base.errors import ConfigError, CountsDisagree
from pipeline.base.printing import LONGEST_NAME, visible
from pipeline.loop.removal_journal import Journal, carry_out, go_on, settle, undo
from pipeline.loop.removal_list import (
    Item,
    Kind,
    Removal,
    Removed,
    item_of,
    items_in,
    removal_text,
)
from pipeline.loop.removal_of_crawls import rewrite_crawl
from pipeline.loop.removal_of_products import (
    rewrite_corpus,
    rewrite_pages_for_people,
    round_of_corpus,
)
from pipeline.loop.removal_of_rounds import Gone, rewrite_pools, rewrite_tables
from pipeline.loop.removal_rewriting import Rewriting
from pipeline.loop.run import Run
from pipeline.loop.step import execute
from pipeline.loop.steps.emit import EMIT
from pipeline.loop.steps.report import REPORT
from pipeline.loop.steps.topics import CORPUS_TOPICS
from pipeline.workspace.table_schemas import Checkpoint, schema
from pipeline.workspace.tables import Table, read_parquet, write_parquet
from pipeline.workspace.views import write_views

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Hosts that are told of.
_MOST_HOSTS = 10
#: What is kept of a page, and of a row of the ledger.
_OF_PAGE = ("page_id", "url", "host", "crawl", "warc", "_file")
_OF_RECORD = ("url", "crawl", "warc", "outcome", "_file")


@dataclass(frozen=True)
class Matched:
    """What a removal is about.

    ``items``: what was asked for, and what goes along. ``pages``: page_id, url, host, crawl, warc
    and _file of each page; ``records``: crawl, warc, outcome and _file of each row of the ledger
    that names such an address. ``copies``: how many pages at other addresses are the same as some
    that were asked for.
    """

    items: Sequence[Item]
    pages: DataFrame
    records: DataFrame
    copies: int


@dataclass(frozen=True)
class Request:
    """What a person asks of the job."""

    items: Sequence[Item] = ()
    copies: bool = False
    undo: int | None = None
    final: bool = False
    dry_run: bool = False


def asked_for(given: Namespace) -> Request:
    """What the command line says. Raises ``InputMalformed`` and ``ConfigError``."""
    reason, when = given.reason, given.date
    kinds: dict[Kind, list[str]] = {"url": given.url, "host": given.host, "pattern": given.pattern}
    items = [item_of(kind, one, reason, when) for kind, of in kinds.items() for one in of]
    items += items_in(given.file, reason, when) if given.file else []
    if bool(items) == (given.undo is not None) and not (given.final and not items):
        raise ConfigError(
            "nothing to remove" if not items else "--undo takes back, and removes nothing",
            expected="--url, --host, --pattern or --file, with --reason; or --undo ID; or --final",
        )
    return Request(items, given.copies, given.undo, given.final, given.dry_run)


def carried_out(run: Run, asked: Request) -> Iterator[str]:
    """Do it; lines that tell what was done. Only under the lock, but for a dry run."""
    if asked.undo is not None:
        if asked.dry_run:
            yield f"removal {asked.undo} would be taken back"
        else:
            yield from take_back(run, asked.undo)
        return
    if asked.items:
        yield from remove(run, asked.items, copies=asked.copies, dry_run=asked.dry_run)
    if asked.final and not asked.dry_run:
        number = settle(run.workspace)
        yield "the removed rows are deleted" if number else "nothing is kept of removed rows"


def find(run: Run, items: Sequence[Item], *, copies: bool) -> Matched:
    """The pages and records that ``items`` mean; with ``copies`` also all of the addresses at
    which the newest pool has a page that is the same as one of these.
    """
    pages, records = _matching(run, items)
    pool = run.workspace.pool()
    if pool.manifest() is None:
        return Matched(items, pages, records, 0)
    rows, ids = pool.read(run.spark), pages.select("page_id")
    clusters = rows.join(ids, "page_id", "left_semi").select("cluster").distinct()
    same = rows.join(clusters, "cluster", "left_semi").select("page_id")
    along = same.join(ids, "page_id", "left_anti").cache()
    number = along.count()
    if copies and number:
        of_all = _rows(run, run.workspace.pages, "pages")
        urls = of_all.join(along, "page_id", "left_semi").select("url").distinct()
        first = items[0]
        items = [
            *items,
            *(
                Item(kind="copy", value=row["url"], reason=first.reason, date=first.date)
                for row in urls.orderBy("url").collect()
            ),
        ]
        pages, records = _matching(run, items)
    return Matched(items, pages, records, number)


def _matching(run: Run, items: Sequence[Item]) -> tuple[DataFrame, DataFrame]:
    """Pages and records of the ledger at addresses that are meant."""
    wanted = Removed(items)
    # Reading starts Spark, without which there are no functions.
    ledger = _rows(run, run.workspace.ledger, "ledger").where("kind = 'record'")
    pages = _rows(run, run.workspace.pages, "pages")
    is_removed = F.udf(lambda url: wanted(url), "boolean")
    return (
        pages.where(is_removed("url")).select(*_OF_PAGE),
        ledger.where(is_removed("url")).select(*_OF_RECORD),
    )


def _rows(run: Run, table: Callable[[str], Table], name: str) -> DataFrame:
    """Of all crawls, with their files."""
    rewriting, declared = Rewriting(run, 0), schema(name)
    parts: list[str] = []
    for crawl in run.workspace.crawls():
        of_crawl = table(crawl)
        if (manifest := of_crawl.manifest()) is not None:
            parts += of_crawl.named_by(manifest)
    return rewriting.rows_of(declared, parts)


def remove(run: Run, items: Sequence[Item], *, copies: bool, dry_run: bool) -> Iterator[str]:
    """Carry a removal out; lines that tell what was done. Only under the lock, but for a dry run,
    which changes nothing.
    """
    workspace, run.doing = run.workspace, "remove"
    if not dry_run and settle(workspace):
        yield "the removal before this one can no longer be undone"
    matched = find(run, items, copies=copies)
    checkpoint = _checkpoints(run)
    if dry_run:
        pages, records = matched.pages.cache(), matched.records.cache()
    else:
        pages, records = (checkpoint(rows, "removed") for rows in (matched.pages, matched.records))
    number_of_pages, number_of_records = pages.count(), records.count()
    yield f"pages: {number_of_pages:,}; records that made no page: {number_of_records:,}"
    yield from _hosts(pages)
    yield from _about_copies(matched.copies, copies=copies)
    gone = Gone(run, pages.select("page_id").distinct())
    concerned = gone.concerned()
    if dry_run:
        for one in concerned:
            yield f"{one.table.path}: {one.rows:,} rows in {len(one.files):,} files"
        yield "nothing was changed"
        return
    number = 1 + max(workspace.removals(), default=0)
    rewriting = Rewriting(run, number)
    removal = Removal(
        number=number,
        made=datetime.now(UTC).date().isoformat(),
        items=tuple(matched.items),
        pages=number_of_pages,
        records=number_of_records,
    )
    wanted = Removed(removal.items)
    for crawl in workspace.crawls():
        rewrite_crawl(rewriting, crawl, pages, records, wanted)
    changed = rewrite_pools(rewriting, gone, checkpoint)
    rewrite_tables(rewriting, gone, concerned, changed)
    rewrite_corpus(rewriting, gone, concerned)
    again = rewrite_pages_for_people(rewriting, wanted) if number_of_pages else []
    rewriting.write(workspace.removal_file(number), removal_text(removal), undone=False)
    journal = Journal(
        number=number,
        now=rewriting.now,
        before=rewriting.before,
        gone=[*rewriting.open, *again],
        old=rewriting.old,
        new=rewriting.new,
    )
    carry_out(workspace, journal)
    run.forget()
    for one in concerned:
        yield (
            f"{one.table.path}: {one.manifest.rows:,} rows before, "
            f"{one.table.existing().rows:,} now; {len(one.files):,} files written anew"
        )
    looked, tables = prove(run, wanted, pages)
    yield f"looked through {looked:,} rows of {tables:,} tables: none is of a removed page"
    if again:
        yield from _describe_again(run)
    workspace.clear_scratch()
    yield f"removal {number} is on the list; until the next run --undo {number} takes it back"


def take_back(run: Run, number: int) -> Iterator[str]:
    """Undo a removal; lines that tell so. Only under the lock."""
    workspace, run.doing = run.workspace, f"undo removal {number}"
    corpus = workspace.corpus()
    last = round_of_corpus(run)
    go_on(workspace)
    journal = undo(workspace, number)
    run.forget()
    yield f"removal {number} is undone: {len(journal.before):,} tables and files are as they were"
    if corpus.manifest_path in journal.now:
        execute(EMIT, run, last)
        yield f"{corpus.path}: {corpus.existing().rows:,} pages, written anew"
        yield from _describe_again(run)


def _describe_again(run: Run) -> Iterator[str]:
    """The report of the corpus, and counts of its topics, which are gone."""
    last = round_of_corpus(run)
    for step in (CORPUS_TOPICS, REPORT):
        yield f"{step.title(last)}: {execute(step, run, last).state}"
    write_views(run.workspace)


def prove(run: Run, wanted: Removed, pages: DataFrame) -> tuple[int, int]:
    """Look for removed pages in every table, by id and by address; rows and tables looked at.

    Raises ``CountsDisagree`` where there is one.
    """
    is_removed = F.udf(lambda url: wanted(url), "boolean")
    ids = pages.select("page_id").distinct().withColumn("known", F.lit(True))
    counted = []
    for table, _ in Gone(run, ids).tables():
        rows, is_of = table.read(run.spark), F.lit(False)
        if "url" in rows.columns:
            is_of |= F.coalesce(is_removed("url"), F.lit(False))
        if "page_id" in rows.columns:
            rows = rows.join(ids, "page_id", "left")
            is_of |= F.coalesce("known", F.lit(False))
        sums = rows.agg(F.count("*").alias("rows"), F.count_if(is_of).alias("matched"))
        counted.append(sums.withColumn("place", F.lit(table.path)))
    if not counted:
        return 0, 0
    rows_of = reduce(lambda whole, more: whole.unionByName(more), counted).collect()
    if left := {row["place"]: row["matched"] for row in rows_of if row["matched"]}:
        raise CountsDisagree(
            f"rows of removed pages are left: {left}",
            expected="none in any table",
            remedy="this is a defect of mathmine, please report it",
        )
    return sum(row["rows"] for row in rows_of), len(rows_of)


def _hosts(pages: DataFrame) -> Iterator[str]:
    largest = pages.groupBy("host").count().orderBy(F.desc("count"), "host").limit(_MOST_HOSTS)
    for row in largest.collect():
        yield f"  {row['count']:,} of {visible(row['host'], LONGEST_NAME)}"


def _about_copies(number: int, *, copies: bool) -> Iterator[str]:
    if number and copies:
        yield f"{number:,} of them, at other addresses, are the same as the others, and go along"
    elif number:
        yield (
            f"{number:,} pages at other addresses are the same as these, and stay: the best of "
            "each is kept in its place from now on; --copies takes them along"
        )


def _checkpoints(run: Run) -> Checkpoint:
    """Rows are written down, and read back."""
    numbers = count()

    def checkpoint(rows: DataFrame, name: str) -> DataFrame:
        target = run.workspace.storage.uri(
            run.workspace.scratch(f"removal-{next(numbers):04d}-{name}")
        )
        write_parquet(rows, target)
        return read_parquet(run.spark, [target], rows.schema)

    return checkpoint
