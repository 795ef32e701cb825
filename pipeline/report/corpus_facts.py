"""What is known of a corpus: what its card, its metadata and its report are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.corpus.budgets import BudgetEnd

#: Hosts that card and report name; the rest is one line.
TOP_HOSTS = 20
#: Its Parquet files, seen from the folder that the card lies in.
DATA_FILES = "data/*.parquet"
#: Where the method is described.
PAPER = "https://arxiv.org/abs/2402.03300"
#: What whoever uses data out of Common Crawl agrees to.
TERMS_OF_USE = "https://commoncrawl.org/terms-of-use"


@dataclass(frozen=True)
class Share:
    """Pages and tokens of one language, crawl, host, licence or reservation; no name: of none."""

    name: str
    pages: int
    tokens: int


@dataclass(frozen=True)
class RoundFacts:
    """One round of the loop. The shares are of its pages and tokens that the round
    before had already; None in round 1.
    """

    round: int
    collected_pages: int
    collected_tokens: int
    known_page_share: float | None = None
    known_token_share: float | None = None


@dataclass(frozen=True)
class BenchmarkFacts:
    """One benchmark: items looked for and not indexable, pages with a trace of it."""

    name: str
    items: int
    unseen_items: int
    pages_hit: int


@dataclass(frozen=True)
class Configuration:
    """A part of the corpus that the Hub loads by its name: patterns of its files, in their order.

    They are seen from the card's folder. ``filters``: of their rows, those that meet all of these
    (column, operator, value), as pyarrow has them.
    """

    name: str
    data_files: Sequence[str]
    filters: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class CorpusFacts:
    """All that the card tells.

    ``hosts`` are the largest by tokens, largest first, out of ``host_count``;
    ``settings`` are those of the run that shaped the data, by their key in the
    TOML. ``benchmarks`` is empty where the run was given none; ``missing_names``
    are benchmarks that it was told to use and did not find. ``left_out``: by the
    wish for which pages were left out, how many; ``cut``: by what of ``[emit]`` cut them off.
    ``tokenizer``: what counted tokens, and whether it is the estimate; ``budgets``: where each
    ends.
    ``data_files``: the pattern of all files; ``configurations``: parts of it beside the whole.
    """

    version: str
    pages: int
    tokens: int
    text_bytes: int
    shards: int
    host_count: int
    languages: Sequence[Share]
    crawls: Sequence[Share]
    hosts: Sequence[Share]
    rounds: Sequence[RoundFacts]
    settings: Sequence[tuple[str, str]]
    benchmarks: Sequence[BenchmarkFacts] = ()
    missing_names: Sequence[str] = ()
    contaminated_pages: int = 0
    unit: Literal["page", "segment"] = "page"
    licences: Sequence[Share] = ()
    reservations: Sequence[Share] = ()
    left_out: Sequence[tuple[str, int]] = ()
    cut: Sequence[tuple[str, int]] = ()
    data_files: str = DATA_FILES
    configurations: Sequence[Configuration] = ()
    tokenizer: str = ""
    is_estimated: bool = False
    budgets: Sequence[BudgetEnd] = ()
