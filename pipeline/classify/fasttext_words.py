"""Lines as fastText reads them: where words end, which number stands for each.

Whole batches at once, in NumPy: a loop over the bytes of a word for all words together
instead of one over the words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: What fastText reads at the end of each line, as a word; a line is read no further.
END_OF_LINE = "</s>"
_LABEL = "__label__"

_SPACES = " \t\v\f\r\0"
_IS_SPACE = np.zeros(256, dtype=bool)
_IS_SPACE[list((_SPACES + "\n").encode())] = True
_AFTER_END = re.compile(rf"(?<![^{_SPACES}]){END_OF_LINE}(?![^{_SPACES}]).*", re.DOTALL)
_LABELS = re.compile(rf"(?<![^{_SPACES}]){_LABEL}[^{_SPACES}]*")

#: FNV-1a's start and prime, of 32 bits as in fastText, and of 64 bits.
_START, _PRIME = np.uint32(0x811C9DC5), np.uint32(0x01000193)
_START_64, _PRIME_64 = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
#: Longer words are hashed one by one from here on: there are few, and some without end.
_TOGETHER = 64


@dataclass(frozen=True)
class Words:
    """The words of some lines, one line after the other, each ended by ``END_OF_LINE``."""

    #: fastText's hash of each word: ``uint32``
    hashes: np.ndarray
    #: another hash that tells words apart, never 0: ``uint64``
    keys: np.ndarray
    #: index of each line's last word
    ends: np.ndarray


def read_lines(lines: Sequence[str]) -> Words:
    """The words of the lines; of each, what fastText reads when a newline follows it."""
    text = "".join(f"{_read_of(line)} {END_OF_LINE}\n" for line in lines).encode()
    data = np.frombuffer(text, dtype=np.uint8)
    spaces = np.flatnonzero(data <= ord(" "))
    spaces = spaces[_IS_SPACE[data[spaces]]]
    starts = np.empty_like(spaces)
    starts[:1] = 0
    starts[1:] = spaces[:-1] + 1
    lengths = spaces - starts
    words = np.flatnonzero(lengths)
    hashes, keys = _hashed(data, starts[words], lengths[words])
    # A newline comes right after the end of line, so it follows a word.
    return Words(hashes, keys, ends=np.flatnonzero(data[spaces[words]] == ord("\n")))


def keys_of(words: Sequence[bytes]) -> np.ndarray:
    """``Words.keys`` of words none of which has white space in it."""
    data = np.frombuffer(b"".join(words), dtype=np.uint8)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    return _hashed(data, np.cumsum(lengths) - lengths, lengths)[1]


def _read_of(line: str) -> str:
    """The part of a line that counts: up to its first end, and no labels."""
    if "\n" in line:
        line = line[: line.index("\n")]
    if END_OF_LINE in line:
        line = _AFTER_END.sub("", line)
    if _LABEL in line:
        line = _LABELS.sub("", line)
    return line


def _hashed(
    data: np.ndarray, starts: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    # fastText takes bytes for signed numbers: those over 127 set all higher bits.
    signed = data.view(np.int8).astype(np.int32).view(np.uint32)
    # Longest first, so that the words that have another byte are always the first ones.
    order = np.argsort(np.minimum(lengths, _TOGETHER + 1).astype(np.uint8), kind="stable")[::-1]
    at, left = starts[order], lengths[order]
    hashes, keys = np.full(len(at), _START), np.full(len(at), _START_64)
    having = len(at) - np.cumsum(np.bincount(np.minimum(left, _TOGETHER + 1)))
    for count in having[:_TOGETHER].tolist():
        byte = signed[at[:count]]
        hashes[:count] ^= byte
        hashes[:count] *= _PRIME
        keys[:count] ^= byte
        keys[:count] *= _PRIME_64
        at[:count] += 1
    for place in range(having[_TOGETHER] if len(having) > _TOGETHER else 0):
        rest = signed[at[place] : at[place] + left[place] - _TOGETHER].tolist()
        hashes[place], keys[place] = _hashed_on(int(hashes[place]), int(keys[place]), rest)
    ordered = np.empty_like(hashes), np.empty_like(keys)
    ordered[0][order], ordered[1][order] = hashes, np.maximum(keys, 1)
    return ordered


def _hashed_on(hash_32: int, hash_64: int, later_bytes: list[int]) -> tuple[int, int]:
    for byte in later_bytes:
        hash_32 = (hash_32 ^ byte) * 0x01000193 & 0xFFFFFFFF
        hash_64 = (hash_64 ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return hash_32, hash_64
