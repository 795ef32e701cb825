"""``make bench BENCH=decontamination``: our search for benchmark texts beside the plain ways.

    python -m tests.bench.decontamination                        the table
    python -m tests.bench.decontamination NAME TEXTS BENCHMARKS  one contender's JSON line

All are given the same texts of pages and every benchmark, and each tokenises for itself,
with the tokenisation of ``pipeline.text.words``. The plain ways say which pages hold one
of the benchmarks' 10-grams, and no more; ours finds short texts too, and says of each hit
what it is and where. All must flag the same pages, or the command fails.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.base.cpu import cpu_seconds
from pipeline.base.outcomes import SetAside
from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.benchmark_index import build_index, open_index, write_index
from pipeline.decontaminate.benchmark_texts import Rule, texts_of
from pipeline.decontaminate.benchmarks import Item, load_benchmarks
from pipeline.decontaminate.ngrams import find_traces
from pipeline.text import extract_page
from pipeline.text.words import hash_words, ngram_hashes, words
from tests.bench.crawled import every, warcs
from tests.bench.interleaved import PROJECT, SAMPLE, SHARED, interleaved, problems, table, versions
from tests.bench.peer import LEAST_CPU_SECONDS
from tests.bench.peers import environment

GRAMS = Decontaminate().grams
OURS = "ours, with positions and short texts"
_PLACE = PROJECT / "build" / "bench-decontamination"
_INDEX = "*.index"
#: Whether a text holds a 10-gram of a benchmark.
Contender = Callable[[str], bool]


def every_benchmark() -> Decontaminate:
    """All benchmarks beside the project, or the sample web's where there are none."""
    shared = SHARED / "benchmarks"
    folder = shared if shared.is_dir() else SAMPLE / "benchmarks"
    return Decontaminate(benchmarks=str(folder), names=("*",))


def _long_texts() -> Iterator[tuple[str, ...]]:
    """The words of all benchmark texts of ten words and more, as the command wrote them down."""
    column = pq.read_table(_PLACE / "long.parquet").column("words")
    yield from (tuple(text.as_py().split(" ")) for text in column)


def _write_long_texts(items: Iterable[Item], settings: Decontaminate) -> None:
    texts = (text for item in items for text in texts_of(item, settings))
    # No word holds a space.
    spelled = [" ".join(text.words) for text in texts if text.rule is Rule.NGRAM]
    pq.write_table(pa.table({"words": spelled}), _PLACE / "long.parquet")


def _grams(found: tuple[str, ...] | list[str]) -> Iterator[tuple[str, ...]]:
    # The last ones end where the words do.
    return zip(*[found[shift:] for shift in range(GRAMS)], strict=False)


def ours() -> Contender:
    [path] = _PLACE.glob(_INDEX)
    index = open_index(path)

    def holds(text: str) -> bool:
        traces = find_traces(text, index)
        return any(trace.rule == Rule.NGRAM for trace in [*traces.hits, *traces.passed])

    return holds


def set_of_tuples() -> Contender:
    known: set[tuple[str, ...]] = set()
    for text in _long_texts():
        known.update(_grams(tuple(map(sys.intern, text))))
    return lambda text: not known.isdisjoint(_grams(words(text)))


def set_of_hashes() -> Contender:
    known: set[int] = set()
    for text in _long_texts():
        known.update(map(hash, _grams(text)))
    return lambda text: not known.isdisjoint(map(hash, _grams(words(text))))


def sorted_hashes() -> Contender:
    hashes = [ngram_hashes(hash_words(text), GRAMS) for text in _long_texts()]
    known = np.unique(np.concatenate(hashes))

    def holds(text: str) -> bool:
        wanted = ngram_hashes(hash_words(words(text)), GRAMS)
        return bool((known.take(np.searchsorted(known, wanted), mode="clip") == wanted).any())

    return holds


def _patterns() -> Iterator[str]:
    # Spaces on either side, so that no word is met within another.
    seen: set[str] = set()
    for text in _long_texts():
        for gram in _grams(text):
            pattern = f" {' '.join(gram)} "
            if pattern not in seen:
                seen.add(pattern)
                yield pattern


def pyahocorasick() -> Contender:
    import ahocorasick

    automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
    for pattern in _patterns():
        automaton.add_word(pattern)
    automaton.make_automaton()
    return lambda text: any(True for _ in automaton.iter(f" {' '.join(words(text))} "))


def ahocorasick_rs() -> Contender:
    from ahocorasick_rs import AhoCorasick

    automaton = AhoCorasick(_patterns(), store_patterns=False)
    return lambda text: bool(
        automaton.find_matches_as_indexes(f" {' '.join(words(text))} ", overlapping=False)
    )


CONTENDERS: dict[str, Callable[[], Contender]] = {
    OURS: ours,
    "set of tuples": set_of_tuples,
    "set of hashed tuples": set_of_hashes,
    "sorted hashes (NumPy)": sorted_hashes,
    "Aho-Corasick (pyahocorasick)": pyahocorasick,
    "Aho-Corasick (ahocorasick_rs)": ahocorasick_rs,
}


def tell(name: str) -> None:
    """Print a contender's JSON line: pages, CPU seconds, bytes that it took, pages flagged."""
    # Behind our own packages, so that none of those is replaced.
    search = environment("search").python
    sys.path.append(sysconfig.get_path("purelib", vars={"base": str(Path(search).parents[1])}))
    texts = pq.read_table(_PLACE / "texts.parquet").column("text").to_pylist()
    find_traces("warm up", build_index([], Decontaminate()))
    before = _resident()
    holds = CONTENDERS[name]()
    flagged = sum(map(holds, texts))
    memory = _resident() - before
    pages, started = 0, cpu_seconds()
    while (spent := cpu_seconds() - started) < LEAST_CPU_SECONDS:
        for text in texts:
            holds(text)
        pages += len(texts)
    told = {"pages": pages, "cpu": spent, "memory": memory, "versions": f"{flagged} pages"}
    print(json.dumps(told))


def _resident() -> int:
    """Bytes of this process in memory, mapped files among them."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS in /proc/self/status")


def _write_texts(most: int, pattern: str) -> int:
    texts = []
    for capture in every(warcs(pattern), 5):
        try:
            texts.append(extract_page(capture.body, content_type=capture.content_type).text)
        except SetAside:
            continue
        if len(texts) == most:
            break
    pq.write_table(pa.table({"text": texts}), _PLACE / "texts.parquet")
    return len(texts)


def main() -> int:
    if len(sys.argv) == 2 and sys.argv[1] in CONTENDERS:
        tell(sys.argv[1])
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", default="", help="file or glob (default: the real crawl)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=2_000)
    arguments = parser.parse_args()
    shutil.rmtree(_PLACE, ignore_errors=True)
    _PLACE.mkdir(parents=True)
    pages = _write_texts(arguments.pages, arguments.warc)
    settings = every_benchmark()
    items = load_benchmarks(settings)
    _write_long_texts(items, settings)
    index = build_index(items, settings)
    size = write_index(index, _PLACE).stat().st_size
    command = [sys.executable, "-m", "tests.bench.decontamination"]
    measured = interleaved({name: [*command, name] for name in CONTENDERS}, arguments.rounds)
    plain = max(one.speed for name, one in measured.items() if name != OURS)
    rows = [("way", "pages/CPU-s", "x the best plain way", "MB a worker")]
    for name, one in measured.items():
        if one.speed:
            ratio = f"{one.speed / plain:.2f}"
            rows.append((name, f"{one.speed:,.0f}", ratio, f"{one.memory / 1e6:,.0f}"))
    benchmarks = len({item.benchmark for item in items})
    print(
        f"{pages:,} pages against {benchmarks} benchmarks: {len(items):,} items, "
        f"{len(index.arrays['hashes']):,} grams; tokenisation included, "
        f"median of {arguments.rounds} interleaved rounds"
    )
    print(table(rows))
    print(f"our index is a file of {size / 1e6:,.0f} MB, which a machine's workers share")
    print("\n".join(problems(measured)))
    flagged = {name: one.versions for name, one in measured.items() if one.versions}
    if len(set(flagged.values())) != 1:
        print(f"the ways disagree: {flagged}", file=sys.stderr)
        return 1
    print(f"all flag the same {flagged[OURS]} by 10-grams")
    print(versions({}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
