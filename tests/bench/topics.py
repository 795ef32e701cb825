"""``make bench BENCH=topics``: how well the lexicon tells topics, and how fast.

By benchmarks whose problems have a subject, and by the real crawl's labels; skips what is
not beside the project. Problems are halved by a checksum of their id: while weights were
chosen, one half could be looked at, and the figures are those of the other
(``--half seen`` for the first).
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.base.outcomes import SetAside
from pipeline.base.printing import aligned
from pipeline.text import extract_page
from pipeline.topics.lexicon import PROOFS, lexicon
from pipeline.topics.topics_of_page import MOST_CHARACTERS, points_of, topics_of
from tests.bench.crawled import crawl, warcs
from tests.bench.interleaved import SHARED
from tests.bench.parts import captures

#: MATH's test problems come subject after subject; so many of each.
MATH = {
    "algebra": 1187,
    "counting_probability": 474,
    "geometry": 479,
    "intermediate_algebra": 903,
    "number_theory": 540,
    "prealgebra": 871,
    "precalculus": 546,
}
#: The three that differ in how hard a problem is more than in what it is about.
ALGEBRAS = ("prealgebra", "algebra", "intermediate_algebra")
#: Other benchmarks of one subject: file, beginning of ids, topics that are right.
OTHERS = (
    ("gsm8k", "gsm8k", ("arithmetic", "prealgebra")),
    ("asdiv", "asdiv", ("arithmetic", "prealgebra")),
    ("cmath", "cmath", ("arithmetic", "prealgebra")),
    ("mgsm_zh", "mgsm", ("arithmetic", "prealgebra")),
    ("minif2f", "mathd_numbertheory", ("number_theory",)),
    ("minif2f", "mathd_algebra", ALGEBRAS),
    ("mmlu_stem", "mmlu-abstract_algebra", ("abstract_algebra",)),
    ("mmlu_stem", "mmlu-high_school_statistics", ("statistics", "counting_probability")),
    ("mmlu_stem", "mmlu-elementary_mathematics", ("arithmetic", *ALGEBRAS)),
    ("mmlu_stem", "mmlu-college_biology", ()),
    ("mmlu_stem", "mmlu-conceptual_physics", ()),
    ("mmlu_stem", "mmlu-astronomy", ()),
    ("agieval_gaokao_biology", "agieval", ()),
    ("agieval_gaokao_physics", "agieval", ()),
)
#: The file of the crawl whose pages were not looked at.
_UNSEEN = "part-00002.warc.gz"
_NONE = "none"


@dataclass(frozen=True)
class Problem:
    """A benchmark's problem; ``text`` with its solution, where that is more than a number."""

    id: str
    question: str
    text: str


def problems(benchmark: str) -> list[Problem]:
    path = SHARED / "benchmarks" / f"{benchmark}.jsonl.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    return [
        Problem(row["id"], row["question"], f"{row['question']}\n{row['answer']}") for row in rows
    ]


def of_math() -> list[tuple[Problem, str]]:
    """MATH's test problems with their subjects; stops where the order is another."""
    found = problems("math")
    subjects = [subject for subject, count in MATH.items() for _ in range(count)]
    if not found:
        return []
    anchors = {p.question.strip(): p.id.split("/")[1] for p in problems("math500")}
    for problem, subject in zip(found, subjects, strict=True):
        told = anchors.get(problem.question.strip(), subject)
        if told.replace("_and_", "_") != subject:
            sys.exit(f"{problem.id} is of {told}: math.jsonl.gz is not in the order of subjects")
    return list(zip(found, subjects, strict=True))


def in_half(problem: Problem, half: str) -> bool:
    return half == "all" or (zlib.crc32(problem.id.encode()) % 2 == 0) == (half == "seen")


def foremost(text: str) -> str:
    return (topics_of(text).topics or (_NONE,))[0]


def likeliest(text: str) -> str:
    """The subject of MATH with the most points, however few."""
    known = lexicon()
    points, _ = points_of(text[:MOST_CHARACTERS].lower(), known)
    return max(MATH, key=lambda subject: points[known.names.index(subject)])


def math_tables(half: str) -> Iterator[str]:
    chosen = [(p, subject) for p, subject in of_math() if in_half(p, half)]
    if not chosen:
        yield "no MATH beside the project"
        return
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    among: Counter[str] = Counter()
    forced: Counter[str] = Counter()
    for problem, subject in chosen:
        confusion[subject][foremost(problem.text)] += 1
        among[subject] += subject in topics_of(problem.text).topics
        forced[subject] += likeliest(problem.text) == subject
    rows = [["subject", "problems", "told", "right of told", "among its topics", "likeliest of 7"]]
    for subject in (*confusion, "all"):
        parts = MATH if subject == "all" else (subject,)
        count = sum(confusion[part].total() for part in parts)
        told = count - sum(confusion[part][_NONE] for part in parts)
        right = sum(confusion[part][part] for part in parts)
        rows.append(
            [
                subject,
                f"{count:,}",
                *_shares(
                    (told, count),
                    (right, told),
                    (sum(among[part] for part in parts), count),
                    (sum(forced[part] for part in parts), count),
                ),
            ]
        )
    yield from aligned(rows)
    told = sum(line.total() - line[_NONE] for line in confusion.values())
    right = sum(
        sum(line[name] for name in (ALGEBRAS if subject in ALGEBRAS else (subject,)))
        for subject, line in confusion.items()
    )
    yield f"with the three algebras as one: {right / told:.1%} right of told"
    yield ""
    columns = [*(n for n in lexicon().names if n != PROOFS), _NONE]
    yield from aligned(
        [["subject \\ told as", *(name[:8] for name in columns)]]
        + [
            [s, *(str(line[c]) if line[c] else "·" for c in columns)]
            for s, line in confusion.items()
        ]
    )


def other_table(half: str) -> Iterator[str]:
    rows = [["benchmark", "right are", "problems", "told", "right of told", "told as"]]
    for benchmark, beginning, right in OTHERS:
        chosen = [p for p in problems(benchmark) if p.id.startswith(beginning) and in_half(p, half)]
        if not chosen:
            continue
        told = Counter(foremost(problem.text) for problem in chosen)
        count = len(chosen) - told.pop(_NONE, 0)
        rows.append(
            [
                benchmark if beginning in benchmark or benchmark in beginning else beginning,
                ", ".join(right) or "no topic",
                f"{len(chosen):,}",
                *_shares((count, len(chosen)), (sum(told[name] for name in right), count)),
                ", ".join(f"{name} {times}" for name, times in told.most_common(3)),
            ]
        )
    yield from aligned(rows)


def crawl_tables(pattern: str) -> Iterator[str]:
    """Speed, and how many labelled pages have a topic."""
    paths = warcs(pattern)
    labels = {}
    if (crawl() / "labels.jsonl.gz").is_file():
        with gzip.open(crawl() / "labels.jsonl.gz", "rt", encoding="utf-8") as stream:
            labels = {row["url"]: row["label"] for row in map(json.loads, stream)}
    pages = [page for path in paths for page in _texts(path)]
    topics_of(pages[0][1])
    started = time.process_time()
    told = [topics_of(text) for _, text in pages]
    seconds = time.process_time() - started
    size = sum(len(text) for _, text in pages) / len(pages)
    yield (
        f"{len(pages) / seconds:,.0f} pages a CPU second, over {len(pages):,} pages of "
        f"{', '.join(path.rpartition('/')[2] for path in paths)}, {size:,.0f} characters each"
    )
    rows = [["label", "pages", "with a topic", "with proofs", "topics"]]
    for label in sorted(set(labels.values())):
        found = [t for (url, _), t in zip(pages, told, strict=True) if labels.get(url) == label]
        if not found:
            continue
        names = Counter(name for topics in found for name in topics.topics)
        rows.append(
            [
                label,
                f"{len(found):,}",
                *_shares(
                    (sum(bool(t.topics) for t in found), len(found)),
                    (sum(t.proofs for t in found), len(found)),
                ),
                ", ".join(f"{name} {times}" for name, times in names.most_common(5)),
            ]
        )
    if len(rows) > 1:
        yield from aligned(rows)


def _texts(path: str) -> Iterator[tuple[str, str]]:
    for capture in captures(path):
        try:
            yield capture.url, extract_page(capture.body, content_type=capture.content_type).text
        except SetAside:
            continue


def _shares(*parts: tuple[int, int]) -> list[str]:
    return [f"{part / whole:.1%}" if whole else "–" for part, whole in parts]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", default="", help="file or glob; else the real crawl's last part")
    parser.add_argument("--half", choices=("unseen", "seen", "all"), default="unseen")
    options = parser.parse_args(arguments)
    unseen = crawl() / _UNSEEN
    pattern = options.warc or (str(unseen) if unseen.is_file() else "")
    for lines in (math_tables(options.half), other_table(options.half), crawl_tables(pattern)):
        print("\n".join(lines), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
