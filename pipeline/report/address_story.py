"""What became of an address, and the lines that tell it to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.base.outcomes import Outcome
from pipeline.base.printing import LONGEST_NAME, sentence, visible

#: Characters of a trace's words that are shown.
_LONGEST_GRAM = 120
_MEANINGS = {outcome.value: outcome.meaning for outcome in Outcome}
#: Copies, traces and near addresses that are shown.
_MOST = 10


@dataclass(frozen=True)
class LedgerRecord:
    """A record of the address that made no page, by the ledger."""

    url: str
    crawl: str
    warc: str
    offset: int | None
    outcome: str
    detail: str


@dataclass(frozen=True)
class RoundScore:
    """What a round made of a page; score and rank are None where it has none."""

    round: int
    score: float | None
    rank: int | None
    floor: float

    @property
    def collected(self) -> bool:
        return self.rank is not None


@dataclass(frozen=True)
class Trace:
    """Words of a benchmark that the page holds; ``table`` says what they did: contamination,
    let_pass, exempted (benchmark and item are empty then, and ``gram`` is an allowed one).
    """

    table: str
    benchmark: str
    item: str
    gram: str


@dataclass(frozen=True)
class Example:
    """The page as an example that a round's classifier was trained or tried on."""

    round: int
    label: str
    origin: str
    held_out: bool


@dataclass(frozen=True)
class PoolPlace:
    """Whether the page is a copy: of which (its address), found by what; None and empty if kept."""

    kept_page_id: str
    kept_url: str
    method: str
    similarity: float | None


@dataclass(frozen=True)
class PageStory:
    """All that the workspace knows of a page.

    ``pool`` is None where the pool does not have it (yet). ``rank`` is its rank in the corpus,
    None where it is not there; ``wish`` the reason of ``emit.respect`` that keeps it out, and
    ``cut`` what else of ``[emit]`` does.
    ``corpus_made``: whether there is a corpus of the last round. ``unit`` is what a hit removes.
    ``copies``: addresses of pages dropped for this one.
    """

    page_id: str
    url: str
    crawl: str
    warc: str
    offset: int
    length: int | None
    fetched: datetime
    language: str
    title: str
    words: int
    tokens: int
    formulas: int
    licence: str | None
    reservation: str | None
    pool: PoolPlace | None = None
    copies: Sequence[tuple[str, str]] = ()
    rounds: Sequence[RoundScore] = ()
    examples: Sequence[Example] = ()
    traces: Sequence[Trace] = ()
    topics: Sequence[str] = ()
    domain: tuple[int, int, float] | None = None
    wish: str | None = None
    cut: str | None = None
    rank: int | None = None
    corpus_made: bool = False
    unit: str = "page"

    @property
    def condemned(self) -> bool:
        """Whether a trace of a benchmark condemns it."""
        return any(trace.table == "contamination" for trace in self.traces)


@dataclass(frozen=True)
class Story:
    """All records and pages of an address, or what is near it where there is none."""

    address: str
    records: Sequence[LedgerRecord] = ()
    pages: Sequence[PageStory] = ()
    near: Sequence[str] = ()
    #: removals that are about it, a line each
    removed: Sequence[str] = ()
    #: lines about the parts of a page's text, by page_id
    text: dict[str, list[str]] = field(default_factory=dict)


def fate(page: PageStory) -> str:
    """What became of a page, in one sentence: the last that happened to it."""
    if page.pool is None:
        return "extracted, and not in the pool: it has not been deduplicated yet"
    if page.pool.kept_page_id != page.page_id:
        how = {
            "url": "the same address",
            "exact": "the same words",
            "minhash": f"nearly the same words (similarity {page.pool.similarity or 0:.2f})",
        }.get(page.pool.method, page.pool.method)
        return f"dropped as a copy of {_name(page.pool.kept_url)}: {how}"
    if not page.rounds:
        return "kept by deduplication; no round has scored it yet"
    last = page.rounds[-1]
    if last.score is None:
        return f"kept by deduplication; round {last.round} has no score of it"
    if not last.collected:
        before = [one.round for one in page.rounds if one.collected]
        earlier = f"; round {before[-1]} took it" if before else ""
        if last.score != last.score or last.score < last.floor:
            return (
                f"not collected: round {last.round} scores it {last.score:.4f}, under the floor "
                f"{last.floor:g}{earlier}"
            )
        return (
            f"not collected: it scores {last.score:.4f}, and pages that score more fill the "
            f"budget of round {last.round}{earlier}"
        )
    if not page.corpus_made:
        return f"collected in round {last.round}; there is no corpus of that round yet"
    if page.rank is not None:
        without = ", without the paragraphs that hold an item of a benchmark"
        return f"in the corpus, at rank {page.rank:,}{without if page.condemned else ''}"
    if page.condemned and page.unit == "page":
        return "collected, and left out of the corpus: it holds an item of a benchmark"
    if page.wish:
        return f"collected, and left out of the corpus for what it says of itself ({page.wish})"
    if page.cut:
        return f"collected, and left out of the corpus: {page.cut}"
    if page.condemned:
        return "collected, and nothing is left of it without what it holds of benchmarks"
    return "collected, and not in the corpus, which is of an earlier collection"


def story_lines(story: Story) -> Iterator[str]:
    """Everything, for a person: the fate of each page and record first."""
    for line in story.removed:
        yield f"{_name(story.address)}: {sentence(line)}"
    if story.removed:
        yield "  no table has anything of it any more, and no later crawl brings it back"
    elif not story.pages and not story.records:
        yield f"{_name(story.address)}: no record that was read has this address"
        if story.near:
            yield "near it:"
            yield from (f"  {_name(url)}" for url in story.near)
    for record in story.records:
        yield from _record_lines(record)
    for page in story.pages:
        yield from _page_lines(page)
        yield from story.text.get(page.page_id, [])


def _record_lines(record: LedgerRecord) -> Iterator[str]:
    yield f"{_name(record.url)}: set aside: {record.outcome}: {_MEANINGS.get(record.outcome, '')}"
    if record.detail:
        yield f"  {visible(record.detail, LONGEST_NAME)}"
    yield f"  record: {_place(record.crawl, record.warc, record.offset, None)}"


def _page_lines(page: PageStory) -> Iterator[str]:
    yield f"{_name(page.url)}: {fate(page)}"
    yield f"  page: {page.page_id}, fetched {page.fetched:%Y-%m-%d %H:%M:%S}"
    yield f"  record: {_place(page.crawl, page.warc, page.offset, page.length)}"
    yield (
        f"  text: {page.words:,} words, {page.tokens:,} tokens, {page.formulas:,} formulas, "
        f"language {page.language}, title {_name(page.title) or '(none)'}"
    )
    if page.licence or page.reservation:
        licence, reservation = page.licence or "none", page.reservation or "none"
        yield f"  it says of itself: licence {licence}, reservation {reservation}"
    if page.topics:
        yield f"  topics: {', '.join(map(_name, page.topics))}"
    if page.domain:
        pages, collected, share = page.domain
        yield f"  domain: {collected:,} of its {pages:,} pages collected ({share:.1%})"
    if page.copies:
        shown = [f"{_name(url)} ({method})" for url, method in page.copies[:_MOST]]
        yield f"  copies dropped for it: {', '.join(shown)}{_more(page.copies)}"
    for one in page.rounds:
        score = "no score" if one.score is None else f"score {one.score:.4f}"
        rank = "not collected" if one.rank is None else f"collected, rank {one.rank:,}"
        yield f"  round {one.round}: {score}, {rank}"
    for example in page.examples:
        use = "to try" if example.held_out else "to train"
        yield (
            f"  round {example.round} used it {use} its classifier: {example.label}, "
            f"{_name(example.origin)}"
        )
    for trace in page.traces[:_MOST]:
        gram = visible(trace.gram, _LONGEST_GRAM)
        of = f"{_name(trace.benchmark)} {_name(trace.item)}: " if trace.benchmark else ""
        yield f"  {trace.table}: {of}{gram}"
    if len(page.traces) > _MOST:
        yield f"  and {len(page.traces) - _MOST:,} traces more"


def _place(crawl: str, warc: str, offset: int | None, length: int | None) -> str:
    size = "" if length is None else f", {length:,} bytes"
    where = "somewhere" if offset is None else f"byte {offset:,}"
    return f"{_name(crawl)}, {_name(warc)}, {where}{size}"


def _name(text: str) -> str:
    return visible(text, LONGEST_NAME)


def _more(names: Sequence[object]) -> str:
    return f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
