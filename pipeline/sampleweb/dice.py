"""Random choices that come out the same on every machine and in every process.

Each thing that the sample web holds (a host, a page, a record) has dice of its
own, derived from the run's seed and the thing's name; so anything can be made
alone, in any order. Only ``random.random`` is used, whose sequence Python
guarantees, and only exact floating-point operations are applied to it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Choices derived from a key of strings and integers.

    >>> Dice(1, "page", 7).below(100) == Dice(1, "page", 7).below(100)
    True
    """

    __slots__ = ("random",)

    def __init__(self, *key: str | int) -> None:
        name = "\0".join(map(str, key)).encode()
        seed = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big")
        self.random = random.Random(seed).random  # noqa: S311

    def below(self, n: int) -> int:
        """An integer of ``0 … n - 1``."""
        return int(self.random() * n)

    def between(self, low: int, high: int) -> int:
        """An integer of ``low … high``, both included."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``."""
        return items[int(self.random() * len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """Up to ``count`` of ``items``, at different places of the sequence."""
        left = list(items)
        drawn = []
        for _ in range(min(count, len(left))):
            at = int(self.random() * len(left))
            drawn.append(left[at])
            left[at] = left[-1]
            left.pop()
        return drawn

    def quantile(self, table: Sequence[float]) -> float:
        """A number whose quantiles, at equal steps from 0 to 1, are ``table``."""
        place = self.random() * (len(table) - 1)
        at = int(place)
        return table[at] + (table[at + 1] - table[at]) * (place - at)

    def hex(self, digits: int) -> str:
        """That many hexadecimal digits."""
        return "".join([_HEX[int(self.random() * 16)] for _ in range(digits)])


_HEX = "0123456789abcdef"
