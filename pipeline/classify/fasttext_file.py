"""fastText's model file (version 12), memory-mapped: its dictionary and its two matrices.

What is in it stays on disk until it is used, so a file of 2 GB is read without holding
2 GB. The layout is that of fastText's ``FastText::saveModel``: little-endian, no padding.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.base.errors import InputMalformed

_MAGIC, _VERSION = 793_712_314, 12
_SUPERVISED, _SOFTMAX = 3, 3
#: Entry types of the dictionary.
_WORD = 0
#: Rows multiplied at once.
_ROWS = 1 << 15


@dataclass(frozen=True)
class FastTextFile:
    """A supervised model with softmax loss and without character n-grams."""

    word_ngrams: int
    #: the first rows of the input matrix
    words: list[bytes]
    labels: list[str]
    input: Matrix
    output: Matrix

    @classmethod
    def read(cls, path: Path) -> FastTextFile:
        """Raises ``InputMalformed`` where the file is cut, or of another kind of model."""
        try:
            return cls._read(_Cursor(path))
        except (struct.error, ValueError, IndexError) as error:
            raise InputMalformed(
                f"{path} is no fastText classifier that can be read: {error}",
                expected="a supervised model, softmax, no character n-grams, whole, format 12",
                remedy="train the model again",
            ) from None

    @classmethod
    def _read(cls, file: _Cursor) -> FastTextFile:
        if file.unpack("ii") != (_MAGIC, _VERSION):
            raise ValueError("not fastText's format 12")
        arguments = file.unpack("12i")
        ngrams, loss, kind, longest_subword = (arguments[i] for i in (5, 6, 7, 10))
        if (kind, loss, longest_subword) != (_SUPERVISED, _SOFTMAX, 0):
            raise ValueError(f"model {kind}, loss {loss}, character n-grams {longest_subword}")
        file.unpack("d")
        entries, words, _, _, kept = file.unpack("iiiqq")
        names = [file.entry() for _ in range(entries)]
        if any((kind == _WORD) != (row < words) for row, (_, kind) in enumerate(names)):
            raise ValueError("words and labels are mixed")
        if kept >= 0:
            raise ValueError("a quantized model")
        return cls(
            word_ngrams=ngrams,
            words=[name for name, _ in names[:words]],
            labels=[name.decode() for name, _ in names[words:]],
            input=Matrix(file),
            output=Matrix(file),
        )


class Matrix:
    """Rows of ``float32`` that are read as they are asked for."""

    def __init__(self, file: _Cursor) -> None:
        (quantized,) = file.unpack("?")
        if quantized:
            raise ValueError("a quantized model")
        self.rows, self.columns = file.unpack("qq")
        self._values = file.array(self.rows * self.columns, "<f4").reshape(self.rows, -1)

    def times(self, vector: np.ndarray) -> np.ndarray:
        """The product with each row: ``float32``, worked out in ``float64``."""
        blocks = [
            self.block(start, min(start + _ROWS, self.rows)) @ vector
            for start in range(0, self.rows, _ROWS)
        ]
        return np.concatenate(blocks).astype(np.float32) if blocks else np.empty(0, np.float32)

    def block(self, start: int, stop: int) -> np.ndarray:
        """Rows as ``float64``."""
        return self._values[start:stop].astype(np.float64)


class _Cursor:
    """Reads a mapped file from its beginning on."""

    def __init__(self, path: Path) -> None:
        self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        self._raw: Any = self._bytes.base  # the map itself, which can look for a byte
        self._at = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._raw, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def entry(self) -> tuple[bytes, int]:
        """A word of the dictionary and its type; how often it occurs is passed over."""
        end = self._raw.find(b"\0", self._at)
        if end < 0:
            raise ValueError("the dictionary is cut")
        word: bytes = self._raw[self._at : end]
        self._at = end + 1
        return word, self.unpack("qb")[1]

    def array(self, count: int, dtype: str) -> np.ndarray:
        size = count * np.dtype(dtype).itemsize
        part = self._bytes[self._at : self._at + size]
        if len(part) != size:
            raise ValueError("the file is cut")
        self._at += size
        return part.view(dtype)
