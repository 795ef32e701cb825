"""``make bench BENCH=classify``: what scoring costs at the paper's size, beside plain fastText.

The model is trained here, on pages of the WARCs, with the paper's dimension, buckets and
n-grams: a file of 2 GB, kept for the next time. Speed is of lines of features, and once from
the pages' texts: CPU time of a process, loading left out, in interleaved rounds. Memory is the
sum of the proportional set sizes (PSS) of some workers, all alive, each of which has scored all
lines.

One contender alone: ``python -m tests.bench.classify --contender NAME``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np

from tests.bench.interleaved import (
    PROJECT,
    Demand,
    Measured,
    demand,
    interleaved,
    problems,
    table,
    versions,
)
from tests.bench.peer import tell_time

FOLDER = PROJECT / "build" / "bench-classify"
MODEL, LINES, TEXTS = FOLDER / "model.bin", FOLDER / "lines.json", FOLDER / "texts.json"
PLAIN, FORKED, OURS = "fasttext.predict on a list", "the same, loaded before a fork", "folded"
FROM_TEXT = "from text to score, as the job does"
#: What is asked: pages from text to score in a CPU second; workers' memory beyond the first
#: one's, in bytes; difference of scores.
TEXTS_A_SECOND, FURTHER_WORKER, DIFFERENCE = 4_000, 150_000_000, 1e-5
WORKERS = (1, 2, 4)

Score = Callable[[list[str]], np.ndarray]


def plain() -> Score:
    import fasttext

    model = fasttext.load_model(str(MODEL))

    def score(lines: list[str]) -> np.ndarray:
        labels, values = model.predict(lines, k=2)
        found = [dict(zip(*pair, strict=True)) for pair in zip(labels, values, strict=True)]
        return np.array([one["__label__math"] for one in found])

    return score


def ours() -> Score:
    from pipeline.classify.model import Model

    return Model.load(MODEL).score


def from_text() -> Score:
    from pipeline.classify.features import features
    from pipeline.config.settings import Train

    score, most = ours(), Train().max_words
    return lambda texts: score([features(text, most) for text in texts])


CONTENDERS: dict[str, Callable[[], Score]] = {PLAIN: plain, OURS: ours, FROM_TEXT: from_text}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", default="", help="file or glob; default the real crawl")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="fail where a demand is not met")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--worker", choices=(*CONTENDERS, FORKED), help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contender:
        _contend(arguments.contender)
        return 0
    if arguments.worker:
        _work(arguments.worker, arguments.workers)
        return 0
    lines = _prepared(arguments.warc)
    words = sum(line.count(" ") + 1 for line in lines)
    print(
        f"{len(lines):,} pages of {words / len(lines):,.0f} words, a model of "
        f"{MODEL.stat().st_size / 1e9:.2f} GB: median of {arguments.rounds} rounds\n"
    )
    commands = {name: _command("--contender", name) for name in CONTENDERS}
    measured = interleaved(commands, arguments.rounds)
    memory = {name: [_memory(name, number) for number in WORKERS] for name in (PLAIN, OURS, FORKED)}
    print(table(_rows(measured, memory)))
    met = [
        _fast_enough(measured),
        _fast_from_text(measured),
        _small_enough(memory[OURS]),
        _equal_enough(lines),
    ]
    print("\n" + "\n".join([line for line, _ in met] + problems(measured)))
    print(f"\n{versions(measured)}")
    return int(arguments.check and not all(fulfilled for _, fulfilled in met))


def _command(action: str, name: str) -> list[str]:
    return [sys.executable, "-m", "tests.bench.classify", action, name]


def _prepared(warc: str) -> list[str]:
    """The lines to score, and a model in its place that was trained on them."""
    from pipeline.base.errors import MathmineError
    from pipeline.classify.features import features
    from pipeline.classify.fit import fit
    from pipeline.classify.model import FOLDED, Description, complete
    from pipeline.config.settings import BUCKETS, PAPER_DIM, Train
    from tests.bench.crawled import warcs
    from tests.bench.parts import texts

    settings = Train(dim=PAPER_DIM, buckets=BUCKETS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    pages = texts(warcs(warc)[0])
    TEXTS.write_text(json.dumps(pages), encoding="utf-8")
    lines = [features(text, settings.max_words) for text in pages]
    lines = [line for line in lines if line]
    LINES.write_text(json.dumps(lines), encoding="utf-8")
    with suppress(MathmineError):
        Description.of_model(MODEL, "fasttext").check(MODEL, settings.max_words)
        if (FOLDER / FOLDED).is_file():
            return lines
    print("training a model of the paper's size", file=sys.stderr)
    examples = FOLDER / "examples.txt"
    with examples.open("w", encoding="utf-8") as out:
        for line in lines:
            # Whatever tells two classes apart: what they mean costs nothing.
            out.write(f"__label__{'math' if chr(92) in line else 'other'} {line}\n")
    arguments = {
        "input": str(examples),
        "dim": settings.dim,
        "lr": 0.3,
        "wordNgrams": settings.word_ngrams,
        "minCount": 1,  # more words: a vocabulary nearer to a large seed's
        "epoch": settings.epochs,
        "bucket": settings.buckets,
        "thread": os.cpu_count() or 1,
    }
    fit(arguments, MODEL, note=lambda said: print(said, file=sys.stderr))
    complete(MODEL, settings.max_words)
    examples.unlink()
    return lines


def _contend(name: str) -> None:
    score = CONTENDERS[name]()
    lines = json.loads((TEXTS if name == FROM_TEXT else LINES).read_text(encoding="utf-8"))

    def one_pass() -> int:
        return len(score(lines))

    one_pass()
    tell_time(one_pass, ("fasttext-modern", "numpy"))


def _work(name: str, children: int) -> None:
    """Score, say so and wait; as one of several workers or, forked, as all of them."""
    lines = json.loads(LINES.read_text(encoding="utf-8"))
    if name != FORKED:
        score = CONTENDERS[name]()  # held while it waits
        score(lines)
        print("done", flush=True)
        sys.stdin.read()
        return
    score = plain()
    for _ in range(children):
        if not os.fork():
            score(lines)
            print("done", flush=True)
            sys.stdin.read()
            os._exit(0)
    for _ in range(children):
        os.wait()


def _memory(name: str, workers: int) -> float:
    """Bytes that so many workers hold together."""
    processes = 1 if name == FORKED else workers
    with ExitStack() as alive:
        started = [
            alive.enter_context(
                subprocess.Popen(
                    [*_command("--worker", name), "--workers", str(workers)],
                    cwd=PROJECT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(processes)
        ]
        for process in started:
            assert process.stdout
            for _ in range(workers // processes):
                if process.stdout.readline() != b"done\n":
                    sys.exit(f"{name}: a worker did not finish")
        return sum(_pss(pid) for process in started for pid in _family(process.pid))


def _family(pid: int) -> Iterator[int]:
    """A process and its children, which have none."""
    yield pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    yield from map(int, children.split())


def _pss(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(rollup.split("\nPss:")[1].split()[0]) * 1024


def _rows(
    measured: dict[str, Measured], memory: dict[str, list[float]]
) -> Iterator[tuple[str, ...]]:
    yield "", "pages/CPU-s", "x fasttext", *(f"MB with {n}" for n in WORKERS), "a further worker"
    base = measured[PLAIN].speed
    for name, held in memory.items():
        speed = measured[PLAIN if name == FORKED else name].speed
        yield (
            name,
            f"{speed:,.0f}",
            f"{speed / base:.1f}" if base else "-",
            *(f"{size / 1e6:,.0f}" for size in held),
            f"{_further(held) / 1e6:,.0f}",
        )
    yield FROM_TEXT, f"{measured[FROM_TEXT].speed:,.0f}", *("-" for _ in range(len(WORKERS) + 2))


def _further(held: list[float]) -> float:
    return (held[-1] - held[0]) / (WORKERS[-1] - WORKERS[0])


def _fast_enough(measured: dict[str, Measured]) -> Demand:
    ratio = measured[OURS].ratio_to(measured[PLAIN])
    if ratio is None:
        return "speed: not measured", False
    return demand(
        f"speed: {OURS} is {ratio.median:.1f} times as fast as {PLAIN} ({ratio.rounds(1)}; "
        "asked for: as fast)",
        ratio.median >= 1,
    )


def _fast_from_text(measured: dict[str, Measured]) -> Demand:
    speed = measured[FROM_TEXT].speed
    return demand(
        f"from text: {speed:,.0f} pages a CPU second (asked for: {TEXTS_A_SECOND:,})",
        speed >= TEXTS_A_SECOND,
    )


def _small_enough(held: list[float]) -> Demand:
    further = _further(held)
    return demand(
        f"memory: {further / 1e6:.0f} MB for each further worker (asked for: less than "
        f"{FURTHER_WORKER / 1e6:.0f})",
        further < FURTHER_WORKER,
    )


def _equal_enough(lines: list[str]) -> Demand:
    largest = float(np.abs(ours()(lines) - np.minimum(plain()(lines), 1)).max())
    return demand(
        f"scores: {largest:.1e} from fastText's at most (asked for: {DIFFERENCE:.0e})",
        largest <= DIFFERENCE,
    )


if __name__ == "__main__":
    sys.exit(main())
