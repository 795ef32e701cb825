"""What the corpus's report shows, as its step counts it: ``figures.json`` holds the very same."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.classify.train_notes import HeldOut
from pipeline.corpus.candidates import EstimateOfLanguage
from pipeline.corpus.cut_offs import CutOff, PageBeyond
from pipeline.workspace.notes import Notes

#: Equal steps of the scale of scores that are counted.
SCORE_BINS = 1_000


class Reason(Notes):
    """Why rows did not come through a stage, in words, and how many."""

    name: str
    rows: int
    meaning: str = ""


class Stage(Notes):
    """A stage of the funnel: rows that went in, came out, and were lost for each reason."""

    name: str
    unit: str
    rows_in: int
    rows_out: int
    lost: tuple[Reason, ...]


class Total(Notes):
    """Pages and tokens of the corpus under one name; empty: of none."""

    name: str
    pages: int
    tokens: int


class RoundFigures(Notes):
    """A round: what it took, and how its classifier did on hosts held out.

    ``lowest_score`` is the cut-off: that of the last page taken. ``overlap`` are shares of its
    pages that each round took, this one too, from round 1; None where they were not compared.
    """

    round: int
    pages: int
    tokens: int
    lowest_score: float | None
    overlap: tuple[float | None, ...]
    held_out: HeldOut | None


class DomainFigures(Notes):
    """A domain of the pool, and how much of it the last round took."""

    domain: str
    pages: int
    collected: int
    share: float
    mathematical: bool


class CopyFigures(Notes):
    """Clusters of copies of between ``least`` and ``most`` pages, and their pages together."""

    least: int
    most: int
    clusters: int
    pages: int


class BenchmarkFigures(Notes):
    """A benchmark: items looked for, and those that cannot be; items and pages hit; pages that
    hold a trace which condemns no page.
    """

    name: str
    items: int
    unseen_items: int
    items_hit: int
    pages_hit: int
    let_pass_pages: int


class SamplePage(Notes):
    """A page of one tenth of the pool, by score; the beginning of its text."""

    tenth: int
    page_id: str
    url: str
    title: str
    language: str
    score: float
    collected: bool
    text: str
    whole: bool


class ReportFigures(Notes):
    """All of the report.

    ``scores`` are the pool's pages in the last round, in ``SCORE_BINS`` equal steps of score,
    and ``collected_scores`` those taken. ``tenths`` are the lowest scores of the pool's tenths,
    from the second up. ``domain_shares`` are domains in steps of 5% of their pages taken,
    ``domain_threshold`` the share from which one is mathematical. ``totals`` are by language,
    host, notation, topic, crawl and licence, the largest of each; a page may have several
    notations and topics. ``estimates`` tell how far the estimate of tokens was off, where a
    tokenizer counted; ``cut_offs`` what other cut-offs would have, ``best_beyond`` the best pages
    that the corpus has not.
    """

    version: str
    finished: str
    round: int
    pages: int
    tokens: int
    hosts: int
    floor: float
    stages: tuple[Stage, ...]
    rounds: tuple[RoundFigures, ...]
    scores: tuple[int, ...]
    collected_scores: tuple[int, ...]
    tenths: tuple[float, ...]
    totals: Mapping[str, tuple[Total, ...]]
    domain_threshold: float
    domain_shares: tuple[int, ...]
    domains: tuple[DomainFigures, ...]
    copies: tuple[Reason, ...]
    clusters: tuple[CopyFigures, ...]
    benchmarks: tuple[BenchmarkFigures, ...]
    missing_benchmarks: tuple[str, ...]
    decontamination_rule: str
    let_pass_pages: int
    exempted_pages: int
    samples: tuple[SamplePage, ...]
    tokenizer: str
    estimates: tuple[EstimateOfLanguage, ...]
    cut_offs: tuple[CutOff, ...]
    best_beyond: tuple[PageBeyond, ...]
