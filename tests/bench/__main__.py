"""``make bench``: which benches there are; ``make bench BENCH=name`` runs one.

    python -m tests.bench                    lists them
    python -m tests.bench NAME [ARGUMENT …]  runs one; its --help has its arguments

What a bench needs is made first. It exits as the bench does.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.interleaved import PROJECT, SAMPLE

_SAMPLE_PAGES = 4_000


@dataclass(frozen=True)
class Bench:
    """A bench. ``modules`` run one after the other, the first with the arguments."""

    modules: tuple[str, ...]
    about: str
    cost: str
    needs_sample_web: bool = True
    #: whether to compile text extraction, as on a user's machine with a compiler
    compiled: bool = False


BENCHES = {
    "steps": Bench(
        ("steps",),
        "each step of a round, and its parts beside peers",
        "one round on the sample web, Spark started for each step",
    ),
    "sizes": Bench(
        ("sizes",),
        "how large a model few examples need, on real pages",
        "pages of two WARCs are extracted, three small models trained; --paper: 2 GB more",
        needs_sample_web=False,
    ),
    "reading": Bench(
        ("reading",),
        "WARC files up to captures, beside bare loops",
        "a few passes over the WARCs",
    ),
    "lookup": Bench(
        ("lookup",),
        "what of the columnar index a look-up of hosts asks for",
        "a part file is made and served",
        needs_sample_web=False,
    ),
    "planning": Bench(
        ("planning",),
        "listing and planning 90,000 WARCs, and looking at what was made of them",
        "seconds",
        needs_sample_web=False,
    ),
    "rights": Bench(
        ("rights",),
        "licences and reservations of pages, and what reading them costs",
        "one pass over the WARCs",
    ),
    "extraction": Bench(
        ("extraction",),
        "speed of text extraction, beside its limit and beside peers",
        "peers are installed from PyPI, once",
        compiled=True,
    ),
    "batches": Bench(
        ("batches",),
        "how long cores wait while a crawl is read in many batches",
        "77,000 real pages are extracted",
        needs_sample_web=False,
        compiled=True,
    ),
    "fidelity": Bench(
        ("fidelity",),
        "what survives text extraction, beside peers",
        "peers are installed from PyPI, once",
    ),
    "flow": Bench(
        ("flow",),
        "bytes that each step shuffles, as for billions of pages",
        "two rounds on the sample web",
        needs_sample_web=False,
    ),
    "growth": Bench(
        ("growth",),
        "the loop at 10,000, 100,000 and a million pages of text, and crawls that come in turn",
        "an hour or more for the million: ARGS='--sizes 10000 100000' leaves it out",
        needs_sample_web=False,
    ),
    "threads": Bench(
        ("threads",),
        "what several threads of training do to a classifier",
        "ten models; the labelled crawl in ../shared",
        needs_sample_web=False,
    ),
    "calibration": Bench(
        ("calibration",),
        "whether scores are the chances that they claim to be, on hosts never met",
        "18 small models; the labelled crawl in ../shared",
        needs_sample_web=False,
    ),
    "dedupe": Bench(
        ("dedupe",),
        "signing, growth to a million pages, near-duplicates of a crawl beside peers",
        "the growth has an executor of 4 GB; peers are installed from PyPI, once",
    ),
    "decontamination": Bench(
        ("decontamination", "injection"),
        "the search for benchmark texts beside plain ways, and texts that are planted",
        "every text of every benchmark is planted",
    ),
    "classify": Bench(
        ("classify",),
        "scoring at the paper's size, beside fastText",
        "5 GB of disk, and a model that is trained once",
    ),
    "features": Bench(
        ("features",),
        "what the classifier reads of a page: segmentation, head or more",
        "dozens of models; two segmenters from PyPI, once; the labelled crawl in ../shared",
        needs_sample_web=False,
    ),
    "topics": Bench(
        ("topics",),
        "how well topics are told, and how fast",
        "one pass over benchmarks and pages",
    ),
    "shards": Bench(
        ("shards",),
        "the corpus as it is published, beside plain files: sizes, streaming, questions",
        "three rounds on a small sample web, 2 GB of text made of it and written three times",
        needs_sample_web=False,
    ),
    "removal": Bench(
        ("removal",),
        "a host and an address taken out of a corpus of 2 GB of text",
        "one round on a small sample web, its workspace made larger",
        needs_sample_web=False,
    ),
    "rounds": Bench(
        ("taggers",),
        "rounds on the sample web by scripts that tag, one that errs",
        "up to four rounds, twice",
        needs_sample_web=False,
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Run the bench that the first argument names; list them where there is none."""
    if not arguments or not arguments[0]:
        print("\n".join(listing()))
        return 0
    name, *rest = arguments
    if name not in BENCHES:
        print(f"there is no bench {name!r}: say one of {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    bench = BENCHES[name]
    if bench.compiled and _python("pipeline.base.native"):
        print("measured as the interpreter runs it", file=sys.stderr)
    if bench.needs_sample_web:
        made = _python("pipeline.sampleweb", "--out", str(SAMPLE), "--pages", str(_SAMPLE_PAGES))
        if made:
            return made
    for number, module in enumerate(bench.modules):
        status = _python(f"tests.bench.{module}", *(rest if number == 0 else ()))
        if status:
            return status
    return 0


def listing() -> list[str]:
    """A line or two on each bench."""
    lines = ["make bench BENCH=name [ARGS='…']   (ARGS=--help: what a bench can be told)", ""]
    width = max(map(len, BENCHES))
    for name, bench in BENCHES.items():
        lines += [f"  {name:{width}}  {bench.about}", f"  {'':{width}}  ({bench.cost})"]
    return lines


def _python(module: str, *arguments: str) -> int:
    """The exit status of a module that is run."""
    return subprocess.call([sys.executable, "-m", module, *arguments], cwd=PROJECT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
