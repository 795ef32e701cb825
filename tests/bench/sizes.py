"""How large a model few examples need: ``python -m tests.bench.sizes --each 500``.

Real pages with known labels (../shared/crawl), hosts kept apart: what models of several sizes,
trained on the same examples, make of pages of other hosts.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import resource
import sys
import tempfile
from pathlib import Path

from pipeline.base.outcomes import SetAside
from pipeline.classify.features import features
from pipeline.classify.model import Model
from pipeline.classify.sizes import sized
from pipeline.classify.training import train
from pipeline.classify.trials import HeldOutExample, Sample
from pipeline.config.settings import BUCKETS, PAPER_DIM, Train
from pipeline.text.page import extract_page
from pipeline.web.warc import read_warc
from tests.places import SHARED

#: Known labels that count as mathematical; the others that count are not-math.
_MATH = ("math", "mixed")
#: Of 256 hosts so many are for trying.
_TRIED = 100
#: Examples seen over all epochs: half as long as the default, for a bench of minutes.
_UPDATES = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=500, help="examples of each class")
    parser.add_argument(
        "--sizes", nargs="*", default=["16x50000", "64x50000"], help="DIMxBUCKETS, beside our own"
    )
    parser.add_argument("--paper", action="store_true", help="the paper's size too: 2 GB")
    asked = parser.parse_args()
    learnt, tried = _examples(asked.each)
    sample = Sample.of(tried)
    print(f"{len(learnt):,} examples, tried on {len(sample.lines):,} pages of other hosts")
    share = sum(label == "math" for label, _ in learnt) / len(learnt)
    own = sized(Train(), len(learnt))
    sizes = [tuple(map(int, size.split("x"))) for size in asked.sizes]
    sizes += [(own.dim, own.buckets)] + [(PAPER_DIM, BUCKETS)] * asked.paper
    for dim, buckets in sizes:
        settings = Train(dim=dim, buckets=buckets, small_seed_updates=(_UPDATES,))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryDirectory(prefix="mathmine-sizes-") as folder:
            path = Path(folder) / "model" / "model.bin"
            report = train(learnt, settings, path, scratch=Path(folder), note=lambda _: None)
            figures, _ = sample.judged(Model.load(path).uncalibrated(sample.lines), share)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"dim {dim:4}  buckets {buckets:9,}  model {report.model_bytes / 1e6:6,.0f} MB  "
            f"trainer {cpu:4.0f} s of CPU  AUC {figures.auc:.4f}  average precision "
            f"{figures.average_precision:.4f}  F1 {figures.f1:.4f}",
            flush=True,
        )


def _examples(each: int) -> tuple[list[tuple[str, str]], list[HeldOutExample]]:
    """To learn from, and to try on: labels and lines of features."""
    crawl = SHARED / "crawl"
    if not crawl.is_dir():
        sys.exit("the real data are not here: no crawl in ../shared")
    with gzip.open(crawl / "labels.jsonl.gz", "rt", encoding="utf-8") as lines:
        labels = {row["url"]: row for row in map(json.loads, lines)}
    learnt: dict[str, list[str]] = {"math": [], "other": []}
    tried: list[HeldOutExample] = []
    for warc in sorted(crawl.glob("part-0000[01].warc.gz")):
        for record in read_warc(warc):
            known = None if isinstance(record, SetAside) else labels.get(record.url)
            if known is None or known["label"] not in (*_MATH, "not-math"):
                continue
            try:
                line = features(extract_page(record.body, url=record.url).text, 2_000)
            except SetAside:
                continue
            label = "math" if known["label"] in _MATH else "other"
            if hashlib.md5(known["host"].encode()).digest()[0] < _TRIED:
                tried.append(HeldOutExample(label, line, known["host"]))
            else:
                learnt[label].append(line)
    draw = random.Random(1)
    examples: list[tuple[str, str]] = []
    for label, of_class in learnt.items():
        draw.shuffle(of_class)
        examples += [(label, line) for line in of_class[:each]]
    return examples, tried


if __name__ == "__main__":
    main()
