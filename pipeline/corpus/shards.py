"""The rows of the corpus, and how they are cut into files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.base.errors import CountsDisagree
from pipeline.config.settings import Decontaminate, Emit
from pipeline.corpus.budgets import BudgetEnd
from pipeline.corpus.segments import without_segments
from pipeline.corpus.tokenizer import Tokenizer, TokenizerNotes
from pipeline.workspace.notes import Notes, SpacedNotes
from pipeline.workspace.partitions import into_partitions
from pipeline.workspace.table_schemas import schema

#: A formula as text holds it: never empty, no white space inside its delimiters.
_FORMULA = re.compile(
    r"(?<!\\)\$\$(?=\S)(?:[^$\\]|\\.)+(?<=\S)\$\$|(?<!\\)\$(?=\S)(?:[^$\\]|\\.)+(?<=\S)\$",
    re.DOTALL,
)


#: Columns with a Bloom filter in each row group, and about how many values of each are in one:
#: whoever looks for a page or a host skips the others.
INDEXED = {"page_id": 20_000, "host": 4_000}
#: Bytes of Parquet in a row group: ranks lie in order, so that small groups have narrow ranges of
#: scores; and each is still enough to be worth a request.
ROW_GROUP_BYTES = 32 << 20

#: Pages that are noted of the best, and characters of their text.
_BEST, _BEGINNING = 5, 60


class BestPage(Notes):
    """One of the highest rank: what a person looks at first. ``begins``: with these words."""

    rank: int
    score: float
    tokens: int
    url: str
    begins: str


class ShardFile(Notes):
    """A file of the corpus: its name in ``corpus/data``, and the ranks that it goes from and to."""

    name: str
    rows: int
    first_rank: int
    last_rank: int


class EmitNotes(SpacedNotes):
    """What step emit notes of the corpus of a ``round``.

    ``files`` are in the order of rank, ``budgets`` are those that the collection exceeds, smallest
    first. ``best``, ``round``, ``files``, ``budgets`` and ``tokenizer`` are None in notes of before
    they were noted.
    """

    tokens: int
    bytes_of_text: int
    shards: int
    best: tuple[BestPage, ...] | None = None
    round: int | None = None
    files: tuple[ShardFile, ...] | None = None
    budgets: tuple[BudgetEnd, ...] | None = None
    tokenizer: TokenizerNotes | None = None

    @property
    def ends(self) -> tuple[BudgetEnd, ...]:
        """Where the budgets end that there are."""
        return self.budgets or ()


def best_pages(rows: DataFrame) -> tuple[BestPage, ...]:
    """The best of table ``corpus``, by rank."""
    begins = F.substring(F.regexp_replace("text", r"\s+", " "), 1, _BEGINNING)
    best = rows.orderBy("rank").limit(_BEST)
    columns = best.select("rank", "score", "tokens", "url", begins.alias("begins"))
    return tuple(BestPage(**row.asDict()) for row in columns.collect())


def corpus_rows(
    pages_of: Callable[[DataFrame], DataFrame],
    collected: DataFrame,
    first_round: DataFrame,
    contamination: DataFrame,
    settings: Decontaminate,
    tokenizer: Tokenizer,
) -> DataFrame:
    """Table ``corpus``, in no order: collected pages less what is contaminated.

    ``pages_of`` gives table ``pages``, but for its tokens, with the columns of the narrow rows
    that it is given, by their page_id. ``collected`` is the last round's; ``first_round`` has
    page_id and round, the first that took the page. With ``settings.unit`` page, a page with any
    hit goes; with segment, the paragraphs that a hit touches go, tokens (by ``tokenizer``) and
    formulas are counted again, and a page that is left with nothing goes.
    """
    taken = collected.select("page_id", "score", "tokens", "rank").join(
        first_round.select("page_id", "round"), "page_id"
    )
    hit = contamination.select("page_id").distinct()
    clean = pages_of(taken.join(hit, "page_id", "left_anti")).select(*schema("corpus").names)
    if settings.unit == "page":
        return clean
    # A page's hits are bounded (decontaminate.ngrams.MOST_HITS).
    spans = contamination.groupBy("page_id").agg(
        F.collect_list(F.struct("position", "length")).alias("spans")
    )
    touched = pages_of(taken.join(spans, "page_id")).select(*schema("corpus").names, "spans")
    mended = touched.mapInArrow(_without_hits(tokenizer), schema("corpus").spark())
    return clean.unionByName(mended)


def emptied_pages(*, collected: int, contaminated: int, emitted: int, unit: str) -> int:
    """Pages that segment removal left with nothing; always 0 where the unit is the page.

    Counts are of pages: collected in the last round, with a hit, and in the
    corpus. ``CountsDisagree`` where no such number makes them agree.
    """
    gone = collected - emitted
    agree = gone == contaminated if unit == "page" else 0 <= gone <= contaminated
    if not agree:
        raise CountsDisagree(
            f"emit: {collected:,} pages collected, {contaminated:,} of them contaminated, "
            f"{emitted:,} emitted",
            expected=f"collected = emitted + those that decontamination removed (by {unit})",
            remedy="nothing was committed; this is a defect of mathmine, please report it",
        )
    return 0 if unit == "page" else gone


def shard_count(text_bytes: int, settings: Emit) -> int:
    """Files for a corpus of that much text (UTF-8), at least one."""
    return max(1, -(-text_bytes // settings.shard_bytes))


def into_shards(
    rows: DataFrame, shards: int, last_rank: int, ends: Sequence[int] = ()
) -> DataFrame:
    """``rows`` in partitions, one a file: contiguous in rank, sorted by it.

    Which shard a row goes to depends on its rank alone, so that it is the same on
    every run. ``last_rank`` is the highest rank there is. Shards have about the
    same number of pages, and of bytes as far as length does not go with score. There are
    ``shards`` of them, and where ``ends`` are given more: no shard goes beyond one of these
    ranks, so that all rows down to it are a whole number of files.
    """
    even = {-(-last_rank * index // shards) for index in range(1, shards)}
    cuts = sorted(cut for cut in even | {*ends} if 0 < cut < last_rank)
    # The first shard whose last rank is not above the row's.
    before = F.array(*(F.lit(cut).cast("long") for cut in cuts))
    shard = F.size(F.filter(before, lambda cut: cut < F.col("rank"))) if cuts else F.lit(0)
    return into_partitions(rows, len(cuts) + 1, shard).sortWithinPartitions("rank")


def shard_files(written: DataFrame) -> tuple[ShardFile, ...]:
    """The files that rows of table ``corpus`` were read from, in the order of rank."""
    rank = F.col("rank")
    files = (
        written.groupBy(F.col("_metadata.file_name").alias("name"))
        .agg(F.count("*").alias("rows"), F.min(rank).alias("first"), F.max(rank).alias("last"))
        .collect()
    )
    listed = (ShardFile(name=f[0], rows=f[1], first_rank=f[2], last_rank=f[3]) for f in files)
    return tuple(sorted(listed, key=lambda file: file.first_rank))


def _without_hits(
    tokenizer: Tokenizer,
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def without(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        columns = schema("corpus").arrow()
        for batch in batches:
            rows = []
            for row in batch.to_pylist():
                spans = [(span["position"], span["length"]) for span in row["spans"]]
                text = without_segments(row["text"], spans)
                if text:
                    formulas = min(row["formulas"], len(_FORMULA.findall(text)))
                    [tokens] = tokenizer.count([text])
                    changed = {"text": text, "tokens": tokens, "formulas": formulas}
                    rows.append({name: (row | changed)[name] for name in columns.names})
            yield pa.RecordBatch.from_pylist(rows, columns)

    return without
