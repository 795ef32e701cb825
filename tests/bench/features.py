"""``make bench BENCH=features``: what fastText should read of a page, tried on hosts held out.

Two questions over the labelled pages of the real crawl: how to part Chinese and Japanese
(characters; words of jieba; BPE pre-tokens, as DeepSeek-Coder-V2 does), and whether to read a
long page at its head or at head, middle and tail. Each way is trained and tried alike: hosts
are dealt into parts, and each part is scored by a model trained on the others.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash

from pipeline.base.outcomes import SetAside
from pipeline.classify.evaluation import RECALL, auc, precision_recall
from pipeline.classify.features import features
from pipeline.classify.model import Model
from pipeline.classify.training import train
from pipeline.config.settings import Train
from pipeline.text import extract_page
from pipeline.text.characters import UNSPACED
from tests.bench.crawled import warcs
from tests.bench.interleaved import PROJECT, SHARED, table
from tests.bench.parts import captures

#: The segmenters, and where pip puts them.
SEGMENTERS = ("jieba==0.42.1", "tokenizers==0.22.2")
PACKAGES = PROJECT / "build" / "bench-features" / "packages"
#: Characters read of a page while segmentations are compared: of one that is mostly Chinese
#: or Japanese, and of others. Lengths of reading, in words.
SEGMENTED_CHARACTERS = (750, 2_500)
LENGTHS = (500, 1_000, 2_000)
#: Tokens of the BPE, which is trained on the pages that the classifier trains on.
BPE_TOKENS = 32_000
#: No host gives more pages of one label: documentation of one program is one voice.
PAGES_OF_HOST = 50
#: Examples that a model sees over all epochs.
UPDATES = 40_000

_EAST_ASIAN = ("zh", "ja")
_RUN = re.compile(f"(?:(?<= )|^)(?:[{UNSPACED}](?: |$))+")
#: Where a sentence's parts end at a sign that is no word, a segmenter must not join: a word
#: that no page has.
_STOP = re.compile(r"[。、「」《》“”\r\n]")
_STOPPED = "stopstopstop"
Way = Callable[[list["Labelled"]], Callable[[str], str]]


@dataclass(frozen=True)
class Labelled:
    """A page that people's topics and tags label; ``text`` as the pipeline extracts it."""

    host: str
    mathematical: bool
    language: str
    text: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=2, help="ways to deal hosts into parts")
    parser.add_argument("--parts", type=int, default=3, help="parts of a split (%(default)s)")
    parser.add_argument("--only", choices=("segmentation", "reading"), default=None)
    arguments = parser.parse_args()
    if not (SHARED / "crawl").is_dir():
        sys.exit("this bench needs the labelled crawl in ../shared/crawl")
    if arguments.only != "reading":
        _install_segmenters()
    pages = labelled_pages()
    sides = Counter((page.language in _EAST_ASIAN, page.mathematical) for page in pages)
    hosts = len({page.host for page in pages})
    print(
        f"{len(pages):,} pages of {hosts} hosts, {sides[False, True] + sides[True, True]:,} of them"
        f" mathematical; Chinese and Japanese: {sides[True, True]} mathematical and"
        f" {sides[True, False]} others. Means over {arguments.splits} splits, each into"
        f" {arguments.parts} parts by host, and the least and greatest of a part.\n"
    )
    splits = range(arguments.splits)
    if arguments.only != "reading":
        east = np.array([page.language in _EAST_ASIAN for page in pages])
        _compare(SEGMENTATIONS, pages, splits, arguments.parts, "Chinese, Japanese", east)
    if arguments.only != "segmentation":
        for words in LENGTHS:
            longer = np.array([_is_longer(page.text, words) for page in pages])
            _compare(_readings(words), pages, splits, arguments.parts, f"over {words:,}", longer)
    return 0


def labelled_pages() -> list[Labelled]:
    """The crawl's pages that are labelled math or not-math, at most so many of a host."""
    path = SHARED / "crawl" / "labels.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        labels = {row["url"]: row for row in rows if row["label"] in ("math", "not-math")}
    found: list[Labelled] = []
    taken: Counter[tuple[str, str]] = Counter()
    wanted = sorted(labels, key=lambda url: xxhash.xxh3_64_intdigest(url.encode()))
    chosen = set()
    for url in wanted:
        row = labels[url]
        taken[row["host"], row["label"]] += 1
        if taken[row["host"], row["label"]] <= PAGES_OF_HOST:
            chosen.add(url)
    for warc in warcs():
        for capture in captures(warc):
            if capture.url not in chosen:
                continue
            chosen.remove(capture.url)
            row = labels[capture.url]
            try:
                page = extract_page(
                    capture.body, url=capture.url, content_type=capture.content_type
                )
            except SetAside:
                continue
            found.append(Labelled(row["host"], row["label"] == "math", page.language, page.text))
    return found


# Chinese and Japanese.


def _characters(_: list[Labelled]) -> Callable[[str], str]:
    """What the pipeline does: a character is a word, n-grams of words join them."""
    return _line


def _words(_: list[Labelled]) -> Callable[[str], str]:
    """Runs of characters parted by jieba; kana that it does not know stay characters."""
    import jieba

    jieba.setLogLevel(60)
    jieba.initialize()
    return lambda text: _resegmented(text, jieba.lcut)


def _bpe_of_runs(pages: list[Labelled]) -> Callable[[str], str]:
    """Runs of characters parted by BPE; everything else as the pipeline does."""
    runs = [run for page in pages for run in _RUN.findall(_stopped_line(page.text))]
    bpe = _trained_bpe(run.replace(" ", "") for run in runs)
    return lambda text: _resegmented(text, lambda run: bpe(run).split())


def _bpe_of_all(pages: list[Labelled]) -> Callable[[str], str]:
    """The whole text by BPE, formulas included, but for what delimits them."""
    bpe = _trained_bpe(page.text.replace("$", " ") for page in pages)
    return lambda text: " ".join(bpe(_head_of(text).replace("$", " ")).split())


SEGMENTATIONS: dict[str, Way] = {
    "characters (ours)": _characters,
    "words (jieba)": _words,
    "BPE of Chinese and Japanese": _bpe_of_runs,
    "BPE of the whole text": _bpe_of_all,
}


def _trained_bpe(texts: Iterable[str]) -> Callable[[str], str]:
    """Byte-level BPE after GPT-2's regular expression, as the DeepSeek tokenisers; tokens joined
    by a space."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=BPE_TOKENS,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts, trainer)
    return lambda text: " ".join(tokenizer.encode(text).tokens)


def _resegmented(text: str, segment: Callable[[str], list[str]]) -> str:
    """The pipeline's words, its runs of characters parted anew."""
    line = _RUN.sub(
        lambda run: " ".join(segment(run.group().replace(" ", ""))) + " ", _stopped_line(text)
    )
    return line.replace(_STOPPED, "")


def _stopped_line(text: str) -> str:
    """The line of features, with a word where a segmenter must stop."""
    return features(_STOP.sub(f" {_STOPPED} ", _head_of(text)), SEGMENTED_CHARACTERS[1])


def _line(text: str) -> str:
    return features(_head_of(text), SEGMENTED_CHARACTERS[1])


def _head_of(text: str) -> str:
    """The same head of a page for every way of parting it."""
    unspaced, spaced = SEGMENTED_CHARACTERS
    share = len(re.findall(f"[{UNSPACED}]", text[:unspaced])) / max(1, len(text[:unspaced]))
    return text[: unspaced if share > 0.3 else spaced]


# Long pages.


def _readings(words: int) -> dict[str, Way]:
    return {
        f"head, {words:,} words": lambda _: lambda text: features(text, words),
        f"head, middle, tail, {words:,}": lambda _: lambda text: _three_pieces(text, words),
    }


def _three_pieces(text: str, words: int) -> str:
    """A third of the words from each of head, middle and tail; a page that fits is whole."""
    if not _is_longer(text, words):
        return features(text, words)
    all_words = features(text, len(text) + 1).split(" ")
    third = words // 3
    middle = (len(all_words) - third) // 2
    return " ".join(all_words[:third] + all_words[middle : middle + third] + all_words[-third:])


def _is_longer(text: str, words: int) -> bool:
    return len(features(text, len(text) + 1).split(" ")) > words


# Trying.


def _compare(
    ways: dict[str, Way],
    pages: list[Labelled],
    splits: range,
    parts: int,
    group: str,
    grouped: np.ndarray,
) -> None:
    truth = np.array([page.mathematical for page in pages])
    print(
        f"{group}: {int((truth & grouped).sum())} mathematical and"
        f" {int((~truth & grouped).sum())} other pages"
    )
    rows: list[tuple[str, ...]] = [
        ("", "AUC", "precision at 95% recall", "AUC", "precision at 95% recall", "pages/CPU-s"),
        ("", "all", "all", group, group, group),
    ]
    for name, way in ways.items():
        figures: list[list[float]] = [[], [], [], []]
        speeds = []
        for split in splits:
            print(f"\r{name}, split {split + 1} of {len(splits)}", end="", file=sys.stderr)
            part_of = _dealt(pages, split, parts)
            scores, speed = _scores(way, pages, part_of, parts, grouped)
            speeds.append(speed)
            dealt = np.array([part_of[page.host] for page in pages])
            for at, group_rows in enumerate((np.ones(len(pages), dtype=bool), grouped)):
                for part in range(parts):
                    # Scores of different models are not of one scale.
                    rows_of = group_rows & (dealt == part)
                    if len(set(truth[rows_of])) < 2:
                        continue
                    figures[2 * at].append(auc(truth[rows_of], scores[rows_of]))
                    precision, recall = precision_recall(truth[rows_of], scores[rows_of])
                    figures[2 * at + 1].append(float(precision[np.argmax(recall >= RECALL)]))
        print(f"\r{'':60}\r", end="", file=sys.stderr, flush=True)
        rows.append((name, *map(_spread, figures), f"{np.median(speeds):,.0f}"))
        # A long bench that is cut short has told something.
        print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    print(table(rows), end="\n\n", flush=True)


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def _scores(
    way: Way, pages: list[Labelled], part_of: dict[str, int], parts: int, timed: np.ndarray
) -> tuple[np.ndarray, float]:
    """Each page's score by a model that knows nothing of its host; ``timed`` pages a CPU second."""
    scores = np.zeros(len(pages))
    seconds = 0.0
    settings = Train(dim=32, buckets=200_000, max_words=max(LENGTHS), small_seed_updates=(UPDATES,))
    for part in range(parts):
        learnt = [page for page in pages if part_of[page.host] != part]
        line_of = way(learnt)
        lines = []
        for page, counts in zip(pages, timed, strict=True):
            started = time.process_time()
            lines.append(line_of(page.text))
            seconds += (time.process_time() - started) * bool(counts)
        examples = [
            ("math" if page.mathematical else "other", line)
            for page, line in zip(pages, lines, strict=True)
            if part_of[page.host] != part
        ]
        held_out = [at for at, page in enumerate(pages) if part_of[page.host] == part]
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "model" / "model.bin"
            train(examples, settings, path, scratch=Path(scratch), note=lambda _: None)
            scores[held_out] = Model.load(path).score([lines[at] for at in held_out])
    return scores, int(timed.sum()) * parts / max(seconds, 1e-9)


def _dealt(pages: list[Labelled], split: int, parts: int) -> dict[str, int]:
    """Each host's part.

    Hosts with mathematical pages and hosts with none are dealt apart, largest first, so that
    each part has its share of both.
    """
    sizes: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    mathematical = {page.host for page in pages if page.mathematical}
    for page in pages:
        sizes[page.host in mathematical][page.host] += 1
    part_of = {}
    for counts in sizes.values():
        filled = [0] * parts
        # The split's hash shakes sizes a little, so that splits differ.
        for host in sorted(counts, key=lambda host: -counts[host] * _shake(host, split)):
            part = min(range(parts), key=lambda one: (filled[one], one))
            part_of[host] = part
            filled[part] += counts[host]
    return part_of


def _shake(host: str, split: int) -> float:
    return 0.5 + xxhash.xxh3_64_intdigest(host.encode(), seed=split) / 2**64


def _install_segmenters() -> None:
    """Into a folder of their own, once; the project does without."""
    if not PACKAGES.is_dir():
        unfinished = PACKAGES.with_name("packages.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(unfinished), *SEGMENTERS], check=True)
        unfinished.rename(PACKAGES)
    sys.path.insert(0, str(PACKAGES))


if __name__ == "__main__":
    sys.exit(main())
