"""The settings of a run, frozen, every key known; ``run_file.py`` reads them from a TOML.

What DeepSeekMath (arXiv 2402.03300, section 2.1) fixes stands first, each number
with where it comes from; what it leaves open and we chose follows. Everything
else in the code takes its defaults from here.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# --- What the paper fixes (DeepSeekMath, section 2.1) -------------------------

#: Positives and negatives in the first round's training set, each.
PAPER_EXAMPLES_PER_CLASS = 500_000
#: The two classes are of one size.
PAPER_NEGATIVES_PER_POSITIVE = 1.0
#: fastText: vector dimension, learning rate, word n-grams, minimum count, epochs.
PAPER_DIM = 256
PAPER_LEARNING_RATE = 0.1
PAPER_WORD_NGRAMS = 3
PAPER_MIN_COUNT = 3
PAPER_EPOCHS = 3
#: Tokens kept by rank: 40B in round 1. For the later rounds the paper tells of
#: trials at 80B, 120B and 160B and of a final 120B; these are the ones we take.
PAPER_TOKEN_BUDGETS = (40_000_000_000, 80_000_000_000, 120_000_000_000, 120_000_000_000)
#: A domain is mathematical when over this share of its pages was collected.
PAPER_DOMAIN_SHARE = 0.10
#: Share of a round's pages that the round before had already: time to stop.
PAPER_STOP_SHARE = 0.98
#: Decontamination: a run of this many grams condemns; benchmark texts shorter
#: than that, but of at least the second number, must match exactly.
PAPER_CONTAMINATION_GRAMS = 10
PAPER_CONTAMINATION_MIN_GRAMS = 3
#: The benchmarks that the paper decontaminates against (file or entry names).
PAPER_BENCHMARKS = ("gsm8k", "math", "cmath", "agieval*")

# --- What it leaves open ------------------------------------------------------

#: fastText's own default number of hash buckets: with dim 256 a 2 GB model.
BUCKETS = 2_000_000
#: Near-duplicates: FineWeb's banding, even odds near Jaccard 0.72.
MINHASH_BANDS = 14
MINHASH_ROWS = 8
SHINGLE_WORDS = 5
#: Where the true similarity is asked for, pages below this one are not dropped.
LEAST_SIMILARITY = 0.75
#: CPU seconds that a reader of WARC files may take from one record to the next.
MAX_RECORD_SECONDS = 60.0


#: How pages are scored: fastText's model folded to a number a word, or fastText itself.
Scorer = Literal["folded", "fasttext"]


class Section(BaseModel):
    """A table of the TOML. Frozen; a key that no field names is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


#: What Common Crawl calls its crawls.
CRAWL_ID = re.compile(r"CC-MAIN-\d{4}-\d{2}(?:-\d{2})?")
#: Files of URL patterns: people's tags, or a pattern a line.
PATTERN_FILES = (".tsv", ".txt")
#: Where Common Crawl is: path listings, WARC files and the columnar index are under it.
COMMON_CRAWL = "https://data.commoncrawl.org/"


class Crawl(Section):
    """``[crawls.NAME]``: WARC files that belong together, or pages out of an index."""

    warcs: tuple[str, ...] = Field(
        (),
        description="paths, globs, s3:// and https:// addresses; lists of these (*.paths, "
        "*.paths.gz, *.txt); ids of Common Crawl's crawls, such as CC-MAIN-2024-10",
    )
    first: int = Field(0, ge=0, description="so many of the WARCs, as they are named; 0: all")
    fraction: float = Field(
        1.0, gt=0, le=1, description="a share of the WARCs, the same ones every time"
    )
    index: tuple[str, ...] = Field(
        (),
        description="Common Crawl's columnar index: Parquet files or folders, s3:// too, or ids "
        "of crawls. Without warcs, the pages that patterns match are fetched one by one; with "
        "them, it only says how many pages each host has",
    )
    patterns: tuple[str, ...] = Field(
        (), description="URL patterns or hosts; files of them, *.tsv as people's tags are"
    )

    @model_validator(mode="after")
    def _has_pages(self) -> Crawl:
        if not self.warcs and not (self.index and self.patterns):
            raise ValueError("it names neither warcs, nor an index together with patterns")
        if self.warcs and self.patterns:
            raise ValueError("warcs are read whole: patterns go with an index alone")
        return self


class S3(Section):
    """``[read.s3]``: how S3 is reached, beyond what AWS's own configuration says."""

    endpoint: str = Field("", description="URL of another server than AWS's")
    region: str = ""
    anonymous: bool = Field(False, description="requests without a signature")
    requester_pays: bool = False


class Read(Section):
    """``[read]``: WARC files over the network."""

    common_crawl: str = Field(COMMON_CRAWL, description="or s3://commoncrawl/")
    connections: int = Field(
        32, ge=1, le=1024, description="open at once on one machine, over all its processes"
    )
    timeout_seconds: float = Field(60, gt=0, description="without a byte: the connection is dead")
    patience_seconds: float = Field(
        900, gt=0, description="without progress, over all attempts: the file has failed"
    )
    longest_wait_seconds: float = Field(60, gt=0, description="between two attempts")
    s3: S3 = S3()


class Extract(Section):
    """``[extract]``: from WARC records to pages of text."""

    reader: Literal["fastwarc", "warcio"] = "fastwarc"
    extractor: Literal["fast", "trafilatura"] = "fast"
    batch_warcs: int = Field(
        0, ge=0, description="WARCs whose pages are committed together; 0: four a core, 32 at least"
    )
    max_record_seconds: float = Field(
        MAX_RECORD_SECONDS,
        gt=0,
        le=3600,
        description="of CPU from one record to the next; then reading goes on"
        " behind what was read, and the ledger says so",
    )
    max_page_bytes: int = Field(5_000_000, ge=1024, description="larger bodies are set aside")
    max_page_seconds: float = Field(
        20, gt=0, le=3600, description="of CPU; pages that take longer are set aside"
    )
    max_page_memory: int = Field(
        2_000_000_000, ge=1 << 20, description="bytes; pages that take more are set aside"
    )
    min_words: int = Field(10, ge=1, description="pages with fewer words are set aside")


class Dedupe(Section):
    """``[dedupe]``: by URL, by exact text, by MinHash."""

    shingle_words: int = Field(SHINGLE_WORDS, ge=1)
    bands: int = Field(MINHASH_BANDS, ge=1)
    rows: int = Field(MINHASH_ROWS, ge=1)
    seed: int = Field(1, ge=0, lt=1 << 32, description="of the hash family")
    minhash: Literal["numpy", "datasketch"] = Field(
        "numpy", description="what signs; datasketch is several times slower"
    )
    verify: bool = Field(
        False, description="drop a near-duplicate only where its true Jaccard similarity says so"
    )
    least_similarity: float = Field(
        LEAST_SIMILARITY, gt=0, le=1, description="with verify: pages less similar are kept"
    )


class SeedTexts(Section):
    """Texts known to be mathematical: Parquet or JSONL with a text column."""

    paths: tuple[str, ...] = Field(min_length=1, description="files and globs")
    format: Literal["parquet", "jsonl"] = "parquet"
    text_column: str = "text"
    url_column: str = Field("", description="gives each text its host; empty where there is none")
    homepage: str = ""
    download: str = Field("", description="the command that fetches the files, for a person to run")


class Seed(Section):
    """``[seed]``: what round 1 learns mathematics from. One of the two, or both."""

    texts: SeedTexts | None = None
    patterns: tuple[str, ...] = Field((), description="URL patterns: pages of the crawl under them")


class Train(Section):
    """``[train]``: the fastText classifier."""

    positives: int = Field(PAPER_EXAMPLES_PER_CLASS, ge=1, description="at most; round 1's seed")
    negatives: int = Field(PAPER_EXAMPLES_PER_CLASS, ge=1, description="at most")
    negatives_per_positive: float = Field(
        PAPER_NEGATIVES_PER_POSITIVE,
        gt=0,
        description="at most; a small crawl taken whole would be learnt by heart, its unfound "
        "mathematics included",
    )
    max_tagged_negatives: float = Field(
        0.5,
        ge=0,
        le=1,
        description="of the negatives that may be pages people tagged as not mathematical; "
        "the others are random",
    )
    dim: int = Field(PAPER_DIM, ge=1)
    learning_rate: float = Field(PAPER_LEARNING_RATE, gt=0)
    word_ngrams: int = Field(PAPER_WORD_NGRAMS, ge=1)
    min_count: int = Field(PAPER_MIN_COUNT, ge=1)
    epochs: int = Field(PAPER_EPOCHS, ge=1, description="at least; more where the seed is small")
    min_updates: int = Field(
        130_000, ge=0, description="examples seen, over all epochs, below which epochs are added"
    )
    max_epochs: int = Field(50, ge=1)
    update_factors: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (0.5, 1.0, 2.0),
        description="multiples of min_updates that are tried where the seed is small, beside "
        "epochs alone; held-out hosts choose. Empty: min_updates untried",
    )
    quantize: bool = Field(False, description="product quantization: model.bin in an eighth")
    quantize_rows: int = Field(
        0, ge=0, description="words and n-grams that a quantized model keeps; 0: all"
    )
    buckets: int = Field(BUCKETS, ge=1)
    threads: int = Field(1, ge=1, description="1 trains the same model every time")
    held_out: float = Field(0.1, gt=0, lt=1, description="share of hosts kept for the evaluation")
    max_words: int = Field(2_000, ge=1, description="of a page that the classifier reads")
    max_host_share: float = Field(
        0.1, gt=0, le=1, description="of the positives from one host; 1: no cap"
    )
    min_host_cap: int = Field(
        1_000, ge=1, description="positives that one host may give whatever its share"
    )
    seed: int = Field(1, ge=0)


class Classify(Section):
    """``[classify]``: every page's score."""

    scorer: Scorer = Field(
        "folded",
        description="fastText's scores within 1e-5 either way; folded is faster, and a machine "
        "holds it once, where fasttext holds 2 GB in each Python worker",
    )


class Evaluate(Section):
    """``[evaluate]``: how a round's classifier is tried, beyond its held-out hosts."""

    left_out_groups: int = Field(
        3,
        ge=0,
        description="languages, notations and domains that a small model is trained without",
    )
    left_out_examples: int = Field(
        10_000, ge=100, description="at most, that the small models are trained and tried on"
    )


class Select(Section):
    """``[select]``: rank by score, cut at a token budget."""

    budgets: tuple[int, ...] = Field(
        PAPER_TOKEN_BUDGETS, min_length=1, description="tokens, a round each; the last one repeats"
    )
    floor: float = Field(0.5, ge=0, le=1, description="pages that score less are never taken")


class Mine(Section):
    """``[mine]``: domains by the share of their pages that was collected."""

    domain: Literal["host", "registered_domain"] = "host"
    share: float = Field(PAPER_DOMAIN_SHARE, ge=0, lt=1, description="over this: mathematical")
    min_pages: int = Field(10, ge=1, description="smaller domains are never called mathematical")
    denominator: Literal["index", "read"] = Field(
        "index",
        description="what pages fetched by pattern are a share of: the pages that the columnar "
        "index has beside them, or those that were fetched",
    )
    prefix_depth: int = Field(3, ge=1, description="path segments, in the table of prefixes")
    max_prefixes: int = Field(
        200, ge=1, le=100_000, description="rows of a domain in that table, largest first"
    )
    samples: int = Field(
        5, ge=1, le=100, description="pages of a prefix to look at: so many collected, and others"
    )
    sample_characters: int = Field(2_000, ge=1, description="of the text of a page to look at")


class Loop(Section):
    """``[loop]``: when to stop."""

    stop_share: float = Field(
        PAPER_STOP_SHARE, gt=0, le=1, description="of a round's pages that the last one had"
    )


class Tags(Section):
    """``[tags]``: people's word on URL patterns."""

    file: str = Field("", description="url_patterns.tsv")
    auto_share: float = Field(0.5, gt=0, le=1, description="TAGS=auto takes prefixes over this")
    auto_min_pages: int = Field(10, ge=1)


class Decontaminate(Section):
    """``[decontaminate]``: no benchmark item may reach the corpus."""

    benchmarks: str = Field("", description="folder of benchmark files")
    catalogue: str = Field("", description="TOML that says how published files are read")
    allowed: str = Field("", description="TOML of grams that condemn no page, each with its reason")
    names: tuple[str, ...] = Field(PAPER_BENCHMARKS, description="benchmarks that count; globs")
    grams: int = Field(PAPER_CONTAMINATION_GRAMS, ge=2)
    min_grams: int = Field(PAPER_CONTAMINATION_MIN_GRAMS, ge=1)
    unit: Literal["page", "segment"] = Field("page", description="what a hit removes")


class Emit(Section):
    """``[emit]``: the shards."""

    shard_bytes: int = Field(512_000_000, ge=1_000_000, description="of text in a Parquet file")


class Labels(Section):
    """``[labels]``: known truth, to judge rounds by; nothing is learnt from it."""

    path: str = Field("", description="JSONL: url, label (math, not-math, else ignored), kind")


#: A crawl's name is a folder of the workspace.
CrawlName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Config(Section):
    """A whole run."""

    crawls: dict[CrawlName, Crawl] = Field(min_length=1)
    read: Read = Read()
    extract: Extract = Extract()
    dedupe: Dedupe = Dedupe()
    seed: Seed = Seed()
    train: Train = Train()
    classify: Classify = Classify()
    evaluate: Evaluate = Evaluate()
    select: Select = Select()
    mine: Mine = Mine()
    loop: Loop = Loop()
    tags: Tags = Tags()
    decontaminate: Decontaminate = Decontaminate()
    emit: Emit = Emit()
    labels: Labels = Labels()
