"""All that a workspace knows of an address, looked up in its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import repeat
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pyspark.sql import functions as F

from pipeline.base.outcomes import SetAside
from pipeline.config.settings import Emit
from pipeline.corpus.cut import BELOW, BEYOND, TOO_SHORT
from pipeline.corpus.shards import EmitNotes
from pipeline.corpus.wishes import left_out_for
from pipeline.loop.generations import collected_from
from pipeline.loop.removal_list import that_removed
from pipeline.loop.run import Run
from pipeline.report.address_story import (
    Example,
    LedgerRecord,
    PageStory,
    PoolPlace,
    RoundScore,
    Story,
    Trace,
)
from pipeline.web.canonical import url_key
from pipeline.web.urls import host_of, registered_domain
from pipeline.workspace.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row

#: Pages and records of an address that are told, about; one of many crawls has many.
_MOST_PAGES = 20
#: Rows of each other table that are told of a page.
_MOST_ROWS = 100
#: Near addresses that are named, and characters of an address that are compared.
_NEAR, _COMPARED = 8, 300


def look_up(run: Run, addresses: Sequence[str]) -> list[Story]:
    """The story of every page and record of each address, in whatever spelling."""
    spellings = {address: spellings_of(address) for address in addresses}
    records = _ledger(run, spellings)
    rows = _pages(run, spellings)
    stories = {story.page_id: story for story in _stories(run, rows)}
    by_address: list[Story] = []
    for address in addresses:
        same = {*spellings[address]}
        key = _key(address)
        pages = [
            stories[r["page_id"]] for r in rows if r["url"] in same or url_key(r["url"]) == key
        ]
        of_address = [record for record in records if record.url in same]
        removed = [line for one in spellings[address] for line in _removals(run, one)]
        near = [] if pages or of_address or removed else _near(run, address.strip())
        lines = list(dict.fromkeys(removed))
        by_address.append(Story(address.strip(), of_address, pages, near, lines))
    return by_address


def _key(address: str) -> str:
    return url_key(spellings_of(address)[-1])


def spellings_of(address: str) -> list[str]:
    """``address``, and as others would write it: http or https, ``www.`` or none, a slash or none
    at its end. An address without a scheme is taken for one of the web.
    """
    address = address.strip()
    scheme, _, rest = address.rpartition("://")
    if scheme.lower() not in ("http", "https", ""):
        return [address]
    host, slash, path = rest.partition("/")
    bare = host.removeprefix("www.")
    path = path.removesuffix("/") if not set("?#") & set(path) else path
    hosts = dict.fromkeys((host, bare, f"www.{bare}"))
    ends = dict.fromkeys((f"{slash}{path}", f"/{path}", f"/{path}/" if path else ""))
    spelt = (f"{one}://{name}{end}" for one in ("https", "http") for name in hosts for end in ends)
    return list(dict.fromkeys((address, *spelt)))


def _removals(run: Run, address: str) -> list[str]:
    """Why there is nothing of an address any more."""
    return [
        f"removed on {one.made}, by removal {one.number} of {item.kind} {item.value}, "
        f"asked for on {item.date}: {item.reason}"
        for one, item in that_removed(run.workspace, address)
    ]


@dataclass(frozen=True)
class _Rows:
    """Rows of tables about some pages, by page_id; of what is not made yet there are none."""

    run: Run
    ids: list[str]

    def of(self, tables: Iterable[Table], work: Callable[[DataFrame], DataFrame] | None = None,
           marks: Sequence[object] = ()) -> Mapping[str, list[Row]]:  # fmt: skip
        """By page_id the rows of all tables; the column ``mark`` is the table's of ``marks``."""
        frames = []
        for table, mark in zip(tables, marks or repeat(None), strict=False):
            if table.manifest() is not None:
                rows = table.read(self.run.spark)
                rows = (work(rows) if work else rows).where(F.col("page_id").isin(self.ids))
                frames.append(rows.withColumn("mark", F.lit(mark)))
        by_page: dict[str, list[Row]] = {}
        if frames:
            union = reduce(lambda whole, more: whole.unionByName(more, True), frames)
            for row in union.limit(_MOST_ROWS * len(self.ids)).collect():
                by_page.setdefault(row["page_id"], []).append(row)
        return by_page


def _last_round(run: Run) -> int:
    """The number of the last round that collected; 0 before the first."""
    workspace = run.workspace
    collected = (n for n in workspace.rounds() if workspace.collected(n).manifest() is not None)
    return max(collected, default=0)


def _generation_table(run: Run, last: int, table: Callable[[int | None], Table]) -> Table:
    """Of the pages that round ``last`` stands on, as far as there are rounds."""
    generation = collected_from(run, last) if last else None
    return table(generation.number if generation and generation.is_older else None)


def _stories(run: Run, pages: list[Row]) -> list[PageStory]:
    workspace, last = run.workspace, _last_round(run)
    rows = _Rows(run, [page["page_id"] for page in pages])
    numbers = range(1, last + 1)
    scores = rows.of(map(workspace.scores, numbers), marks=numbers)
    collected = rows.of(map(workspace.collected, numbers), marks=numbers)
    examples = rows.of(map(workspace.seed, numbers), marks=numbers)
    traces = rows.of(
        [workspace.contamination(), workspace.let_pass(), workspace.exempted()],
        lambda table: table.select(
            "page_id",
            *(
                F.col(name) if name in table.columns else F.lit("").alias(name)
                for name in ("benchmark", "item", "gram")
            ),
        ),
        marks=["contamination", "let_pass", "exempted"],
    )
    topics = rows.of([_generation_table(run, last, workspace.page_topics)])
    ranks = rows.of([workspace.corpus()], lambda table: table.select("page_id", "rank"))
    pool = _generation_table(run, last, workspace.pool)
    places = _pool(run, pool, rows)
    copies = _copies(run, pool, rows)
    domains = _domains(run, last, [page[run.config.mine.domain] for page in pages])
    corpus_made = _corpus_is_of(run, last)
    beyond = _last_rank(run)

    def story(page: Row) -> PageStory:
        key = page["page_id"]
        of_round = {row["mark"]: row["score"] for row in scores.get(key, [])}
        rank_of = {row["mark"]: row["rank"] for row in collected.get(key, [])}
        tokens_of = {row["mark"]: row["tokens"] for row in collected.get(key, [])}
        tokens = tokens_of.get(last, page["tokens"])
        in_corpus = ranks.get(key, [])
        return PageStory(
            page_id=key,
            url=page["url"],
            crawl=page["crawl"],
            warc=page["warc"],
            offset=page["warc_offset"],
            length=page["warc_length"],
            fetched=page["fetch_time"],
            language=page["language"],
            title=page["title"],
            words=page["words"],
            tokens=tokens,
            formulas=page["formulas"],
            licence=page["licence"],
            reservation=page["reservation"],
            pool=places.get(key),
            copies=copies.get(key, []),
            rounds=[
                RoundScore(one, of_round.get(one), rank_of.get(one), run.config.select.floor)
                for one in numbers
            ],
            examples=sorted(
                (
                    Example(row["mark"], row["label"], row["origin"], row["held_out"])
                    for row in examples.get(key, [])
                ),
                key=lambda one: one.round,
            ),
            traces=[
                Trace(row["mark"], row["benchmark"], row["item"], row["gram"])
                for row in traces.get(key, [])
            ],
            topics=sorted(row["topic"] for row in topics.get(key, [])),
            domain=domains.get(page[run.config.mine.domain]),
            wish=page["wish"],
            cut=_cut(tokens, of_round.get(last), rank_of.get(last), run.config.emit, beyond),
            rank=in_corpus[0]["rank"] if in_corpus else None,
            corpus_made=corpus_made,
            unit=run.config.decontaminate.unit,
        )

    return [story(page) for page in pages]


def _union(frames: Iterable[DataFrame]) -> DataFrame | None:
    listed = list(frames)
    return reduce(lambda whole, more: whole.unionByName(more), listed) if listed else None


def _read(run: Run, table: Callable[[str], Table]) -> DataFrame | None:
    """The rows of all crawls that have the table."""
    tables = (table(crawl) for crawl in run.config.crawls)
    return _union(one.read(run.spark) for one in tables if one.manifest() is not None)


def _ledger(run: Run, spellings: Mapping[str, list[str]]) -> list[LedgerRecord]:
    ledger = _read(run, run.workspace.ledger)
    if ledger is None:
        return []
    most = _MOST_PAGES * len(spellings)
    rows = ledger.where((F.col("kind") == "record") & F.col("url").isin(_all(spellings)))
    return [
        LedgerRecord(
            row["url"],
            row["crawl"],
            row["warc"],
            row["warc_offset"],
            row["outcome"],
            row["detail"] or "",
        )
        for row in rows.orderBy("crawl", "warc", "warc_offset").limit(most).collect()
    ]


def _pages(run: Run, spellings: Mapping[str, list[str]]) -> list[Row]:
    """Rows of table ``pages`` without their texts, newest first, with the wish that each states."""
    pages = _read(run, run.workspace.pages)
    if pages is None:
        return []
    most = _MOST_PAGES * len(spellings)
    wanted = F.col("url").isin(_all(spellings))
    signatures = _read(run, run.workspace.signatures)
    if signatures is not None:
        same = signatures.where(F.col("url_key").isin([*map(_key, spellings)])).select("page_id")
        ids = [row["page_id"] for row in same.limit(most).collect()]
        wanted |= F.col("page_id").isin(ids)
    rows = pages.where(wanted).withColumn("wish", left_out_for(run.config.emit.respect))
    return rows.drop("text").orderBy(F.desc("fetch_time"), "page_id").limit(most).collect()


def _all(spellings: Mapping[str, list[str]]) -> list[str]:
    return list({one for spelt in spellings.values() for one in spelt})


def _pool(run: Run, pool: Table, rows: _Rows) -> dict[str, PoolPlace]:
    placed = rows.of([pool])
    kept_ids = [row["kept_page_id"] for of in placed.values() for row in of]
    urls = _urls(run, kept_ids)
    return {
        row["page_id"]: PoolPlace(
            row["kept_page_id"],
            urls.get(row["kept_page_id"], row["kept_page_id"]),
            row["method"] or "",
            row["similarity"],
        )
        for of in placed.values()
        for row in of
    }


def _copies(run: Run, pool: Table, rows: _Rows) -> dict[str, list[tuple[str, str]]]:
    """Addresses and methods of what was dropped for each page."""
    if pool.manifest() is None:
        return {}
    dropped = F.col("kept_page_id").isin(rows.ids) & (F.col("page_id") != F.col("kept_page_id"))
    copies = pool.read(run.spark).where(dropped).limit(_MOST_ROWS).collect()
    urls = _urls(run, [row["page_id"] for row in copies])
    by_page: dict[str, list[tuple[str, str]]] = {}
    for row in copies:
        copy = (urls.get(row["page_id"], row["page_id"]), row["method"])
        by_page.setdefault(row["kept_page_id"], []).append(copy)
    return {kept: sorted(copies) for kept, copies in by_page.items()}


def _urls(run: Run, ids: list[str]) -> dict[str, str]:
    pages = _read(run, run.workspace.pages) if ids else None
    if pages is None:
        return {}
    return dict(pages.where(F.col("page_id").isin(ids)).select("page_id", "url").collect())


def _domains(run: Run, last: int, names: list[str]) -> dict[str, tuple[int, int, float]]:
    table = run.workspace.domains(last) if last else None
    if table is None or table.manifest() is None:
        return {}
    rows = table.read(run.spark).where(F.col("domain").isin(names)).collect()
    return {row["domain"]: (row["pages"], row["collected"], row["share"]) for row in rows}


def _cut(
    tokens: int, score: float | None, rank: int | None, settings: Emit, beyond: int | None
) -> str | None:
    """What of ``[emit]`` keeps a collected page out of the corpus, if it is not there."""
    if tokens < settings.min_tokens:
        return TOO_SHORT
    if score is not None and score < settings.floor:
        return BELOW
    return BEYOND if rank and beyond and rank > beyond else None


def _last_rank(run: Run) -> int | None:
    """The rank at which the largest budget has cut the corpus; None where none has."""
    manifest = run.workspace.corpus().manifest()
    ends = EmitNotes.of(manifest).ends if manifest else ()
    wanted = max(run.config.emit.budgets, default=0)
    return ends[-1].last_rank if ends and ends[-1].budget == wanted else None


def _corpus_is_of(run: Run, last: int) -> bool:
    manifest = run.workspace.corpus().manifest()
    name = f"collection of round {last}"
    return manifest is not None and manifest.made_of(
        name, run.workspace.collected(last).manifest() if last else None
    )


def _near(run: Run, address: str) -> list[str]:
    """Addresses that are spelt nearly so: of the host, of its domain, or of hosts named like it."""
    pages = _read(run, run.workspace.pages)
    if pages is None:
        return []
    try:
        host = host_of(address if "://" in address else f"http://{address}")
    except SetAside:
        host = urlsplit(address).netloc or address[:_COMPARED]
    wanted = [F.col("host") == host, F.col("registered_domain") == registered_domain(host)]
    for condition in wanted:
        if near := _nearest(pages.where(condition).select("url"), address):
            return near
    hosts = pages.select(F.col("host").alias("url")).distinct()
    return _nearest(hosts, host)


def _nearest(urls: DataFrame, address: str) -> list[str]:
    distance = F.levenshtein(F.left("url", F.lit(_COMPARED)), F.lit(address[:_COMPARED]))
    # One that was cut short, as programs show them, is nearer to its whole than to short ones.
    begins = F.startswith("url", F.lit(address))
    ranked: list[Any] = urls.orderBy(F.desc(begins), distance, "url").limit(_NEAR).collect()
    return [row["url"] for row in ranked]
