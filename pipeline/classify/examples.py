"""The training file: examples shuffled on disk.

fastText reads its examples in the order of the file and lowers the learning rate
as it goes, so the classes must lie well mixed. The examples are shuffled on disk
by a hash of what they say: memory stays bounded whatever the size of the seed,
and the file is the same in whatever order they arrive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import xxhash

from pipeline.classify.model import LABELS

#: Files that the shuffle spreads the examples over; one at a time is in memory:
#: about 100 MB of a million examples of 6 KB.
BUCKETS = 64


@dataclass(frozen=True)
class Examples:
    """What a training file holds."""

    of: Counter[str]
    words: int
    #: examples left out because they have none
    without_words: int

    @property
    def total(self) -> int:
        return self.of.total()


def write_shuffled(lines: Iterable[tuple[str, str]], path: Path, *, seed: int) -> Examples:
    """Write fastText's training file of ``(label, line of features)``.

    The order depends on nothing but the lines and ``seed``.
    """

    def order(row: bytes) -> tuple[int, bytes]:
        return _hash(row, seed), row

    examples: Counter[str] = Counter()
    words = without_words = 0
    buckets = [path.with_name(f"{path.name}.{number:02}") for number in range(BUCKETS)]
    try:
        with ExitStack() as stack:
            files = [stack.enter_context(bucket.open("wb")) for bucket in buckets]
            for label, line in lines:
                assert label in LABELS, label
                if not line.strip():
                    without_words += 1
                    continue
                examples[label] += 1
                words += line.count(" ") + 1
                row = f"__label__{label} {line}\n".encode()
                # The top bits choose the bucket, so that buckets in order are rows in order.
                files[_hash(row, seed) * BUCKETS >> 64].write(row)
        with path.open("wb") as out:
            for bucket in buckets:
                rows = bucket.read_bytes().splitlines(keepends=True)
                rows.sort(key=order)
                out.writelines(rows)
                bucket.unlink()
    finally:
        for bucket in buckets:
            bucket.unlink(missing_ok=True)
    return Examples(examples, words, without_words)


def _hash(row: bytes, seed: int) -> int:
    return xxhash.xxh3_64_intdigest(row, seed=seed)
