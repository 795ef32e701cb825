"""The settings of a run: one TOML, read once, frozen, every key known.

What DeepSeekMath (arXiv 2402.03300, section 2.1) fixes stands first, each number
with where it comes from; what it leaves open and we chose follows. Everything
else in the code takes its defaults from here.

Paths in a TOML are relative to the TOML's own folder.
"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.errors import ConfigError, InputMissing

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


class Section(BaseModel):
    """A table of the TOML. Frozen; a key that no field names is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Crawl(Section):
    """``[crawls.NAME]``: WARC files that belong together."""

    warcs: tuple[str, ...] = Field(min_length=1, description="paths and globs of WARC files")


class Extract(Section):
    """``[extract]``: from WARC records to pages of text."""

    reader: Literal["fastwarc", "warcio"] = "fastwarc"
    extractor: Literal["fast", "trafilatura"] = "fast"
    batch_warcs: int = Field(
        0, ge=0, description="WARCs whose pages are committed together; 0: four a core, 32 at least"
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
    seed: int = Field(1, ge=0, description="of the hash family")


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
    dim: int = Field(PAPER_DIM, ge=1)
    learning_rate: float = Field(PAPER_LEARNING_RATE, gt=0)
    word_ngrams: int = Field(PAPER_WORD_NGRAMS, ge=1)
    min_count: int = Field(PAPER_MIN_COUNT, ge=1)
    epochs: int = Field(PAPER_EPOCHS, ge=1, description="at least; more where the seed is small")
    min_updates: int = Field(
        130_000, ge=0, description="examples seen, over all epochs, below which epochs are added"
    )
    max_epochs: int = Field(50, ge=1)
    buckets: int = Field(BUCKETS, ge=1)
    threads: int = Field(1, ge=1, description="1 trains the same model every time")
    held_out: float = Field(0.1, gt=0, lt=1, description="share of hosts kept for the evaluation")
    max_words: int = Field(2_000, ge=1, description="of a page that the classifier reads")
    max_per_host: int = Field(0, ge=0, description="positives from one host; 0: no cap")
    seed: int = Field(1, ge=0)


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
    prefix_depth: int = Field(3, ge=1, description="path segments, in the table of prefixes")


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
    extract: Extract = Extract()
    dedupe: Dedupe = Dedupe()
    seed: Seed = Seed()
    train: Train = Train()
    select: Select = Select()
    mine: Mine = Mine()
    loop: Loop = Loop()
    tags: Tags = Tags()
    decontaminate: Decontaminate = Decontaminate()
    emit: Emit = Emit()
    labels: Labels = Labels()


def load_config(path: Path) -> Config:
    """Read a run's TOML.

    Raises ``InputMissing`` where there is no such file and ``ConfigError`` where
    it is no TOML, has an unknown key (the nearest known one is suggested) or a
    value out of range.
    """
    return parse_config(_read_toml(path), folder=path.parent, name=str(path))


def parse_config(document: dict[str, Any], *, folder: Path, name: str = "configuration") -> Config:
    """As :func:`load_config`, from what the TOML holds; paths start at ``folder``."""
    document = _with_seed_file(document, folder)
    try:
        config = Config.model_validate(document)
    except ValidationError as error:
        raise _explained(error, name) from None
    return _with_absolute_paths(config, folder)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputMissing(
            f"no configuration at {path}", remedy="give --config the path of a run's TOML"
        ) from None
    except OSError as error:
        raise InputMissing(
            f"the configuration {path} cannot be read: {error.strerror}",
            remedy="give --config the path of a run's TOML",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None


def _with_seed_file(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """``seed.texts`` may name a TOML that holds the same keys (openwebmath.toml)."""
    seed = document.get("seed")
    if not isinstance(seed, dict) or not isinstance(seed.get("texts"), str):
        return document
    path = folder / seed["texts"]
    texts = _read_toml(path)
    texts["paths"] = [_absolute(item, path.parent) for item in texts.get("paths", [])]
    return document | {"seed": seed | {"texts": texts}}


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    def absolute(text: str) -> str:
        return _absolute(text, folder)

    crawls = {
        name: crawl.model_copy(update={"warcs": tuple(map(absolute, crawl.warcs))})
        for name, crawl in config.crawls.items()
    }
    seed = config.seed
    if seed.texts:
        texts = seed.texts.model_copy(update={"paths": tuple(map(absolute, seed.texts.paths))})
        seed = seed.model_copy(update={"texts": texts})
    return config.model_copy(
        update={
            "crawls": crawls,
            "seed": seed,
            "tags": config.tags.model_copy(update={"file": absolute(config.tags.file)}),
            "decontaminate": config.decontaminate.model_copy(
                update={
                    "benchmarks": absolute(config.decontaminate.benchmarks),
                    "catalogue": absolute(config.decontaminate.catalogue),
                }
            ),
            "labels": config.labels.model_copy(update={"path": absolute(config.labels.path)}),
        }
    )


def _absolute(text: str, folder: Path) -> str:
    """A path made absolute; URIs and the empty string stay as they are."""
    if not text or "://" in text:
        return text
    return str((folder / text).resolve())


def _explained(error: ValidationError, name: str) -> ConfigError:
    # A misspelt required key is two errors; the spelling is the one to tell.
    first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    location = [str(part) for part in first["loc"]]
    key = ".".join(location)
    if first["type"] != "extra_forbidden":
        return ConfigError(f"{name}: {key or 'document'} is {first['input']!r}: {first['msg']}")
    known = sorted(_section_at(location[:-1]).model_fields)
    near = difflib.get_close_matches(location[-1], known, n=1)
    return ConfigError(
        f"{name}: unknown key {key}",
        expected=f"one of {', '.join(known)}",
        remedy=f"did you mean {near[0]}?" if near else "",
    )


def _section_at(location: list[str]) -> type[Section]:
    """The section whose key was refused: ``['seed', 'texts']`` gives SeedTexts."""
    nested: dict[tuple[str, ...], type[Section]] = {("seed", "texts"): SeedTexts}
    if location[:1] == ["crawls"]:
        return Crawl
    if tuple(location[:2]) in nested:
        return nested[tuple(location[:2])]
    if location:
        annotation = Config.model_fields[location[0]].annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, Section)
        return annotation
    return Config
