"""Kinds of characters, as all that reads words asks for them, and their case.

What a regular expression looks up anew at each character is a table here, made by the same
expressions. It covers the Basic Multilingual Plane; what is beyond is rare, and looked up.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    # A native integer where this is compiled, and read by the type checker only.
    from mypy_extensions import i64

#: Scripts written without spaces: one character is one word.
UNSPACED: Final = (
    "\u0e00-\u0e7f"  # Thai
    "\u0e80-\u0eff"  # Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3041-\u309f\u30a0-\u30ff"  # kana, iteration marks
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\U00020000-\U000323af"  # Han, further planes
)

#: Kinds. A letter is any that a word is made of; of UNSPACED there are digits, what is
#: neither letter nor digit (marks), and the rest.
SIGN: Final = 0
SPACE: Final = 1
UNDERSCORE: Final = 2
LETTER: Final = 3
DIGIT: Final = 4
UNSPACED_LETTER: Final = 5
UNSPACED_DIGIT: Final = 6
UNSPACED_MARK: Final = 7

_BEYOND: Final = 0x10000


def _kinds_of(characters: str) -> bytes:
    table = bytearray(len(characters))

    def are(kind: int, match: re.Match[str], begin: int = 0) -> None:
        start, end = begin + match.start(), begin + match.end()
        table[start:end] = bytes([kind]) * (end - start)

    for kind, pattern in ((SPACE, r"\s+"), (LETTER, r"\w+"), (DIGIT, r"\d+"), (UNDERSCORE, "_+")):
        for match in re.finditer(pattern, characters):
            are(kind, match)
    for match in re.finditer(f"[{UNSPACED}]+", characters):
        are(UNSPACED_LETTER, match)
        for kind, pattern in ((UNSPACED_DIGIT, r"\d+"), (UNSPACED_MARK, r"\W+")):
            for part in re.finditer(pattern, match.group()):
                are(kind, part, match.start())
    return bytes(table)


#: The kind of each character, by its code; and the same as characters, as a compiled module
#: reads these faster than bytes.
KINDS: Final[bytes] = _kinds_of("".join(map(chr, range(_BEYOND))))
_KINDS: Final[str] = KINDS.decode("ascii")


def kind_at(text: str, at: i64) -> i64:
    """The kind of a character of ``text``."""
    code: i64 = ord(text[at])
    if code < _BEYOND:
        return ord(_KINDS[code])
    return _kinds_of(text[at])[0]


def digits_end(text: str, at: i64, end: i64) -> i64:
    """Where the digits end that begin at ``at``, at ``end`` at the latest."""
    while at < end:
        kind = kind_at(text, at)
        if kind != DIGIT and kind != UNSPACED_DIGIT:
            break
        at += 1
    return at


@functools.cache
def _folds() -> tuple[np.ndarray, np.ndarray]:
    """By code: what a character is folded to, ``uint32``, and whether there is more to it,
    ``bool``: that may be several characters, or depend on the one before. The last entry
    stands for all codes beyond.
    """
    folds = np.arange(_BEYOND + 1, dtype=np.uint32)
    more = np.zeros(_BEYOND + 1, dtype=np.bool_)
    folds[0x41:0x5B] += 32
    for code in range(0x80, _BEYOND):
        if not (0x3400 <= code <= 0xA000 or 0xAC00 <= code <= 0xD7A3):  # Han, Hangul syllables
            normal = unicodedata.normalize("NFKC", chr(code))
            folded = normal.casefold()
            more[code] = len(normal) > 1 or len(folded) > 1 or _joins(normal)
            folds[code] = ord(folded[0])
    more[_BEYOND] = True
    return folds, more


def _joins(character: str) -> bool:
    """Whether NFKC may join it to the character before: a mark, a part of a Hangul syllable."""
    return unicodedata.category(character)[0] == "M" or "\u1100" <= character <= "\u11ff"


def fold_characters(text: str) -> str:
    """Width and case folded: NFKC, then case folding.

    >>> fold_characters("Ｆull Ⅷ")
    'full viii'
    """
    if text.isascii():
        return text.lower()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folds, more = _folds()
    folded = folds.take(codes, mode="clip").tobytes().decode("utf-32-le", "surrogatepass")
    places = np.flatnonzero(more.take(codes, mode="clip"))
    if not len(places):
        return folded
    # Each run of these with the character before it, which a mark may join: what is outside
    # stays as it is, and a library's normalisation of a whole text takes ten times as long.
    borders = np.flatnonzero(np.diff(places) > 1)
    begins = np.maximum(places[np.append(0, borders + 1)] - 1, 0).tolist()
    ends = (places[np.append(borders, len(places) - 1)] + 1).tolist()
    pieces = []
    end = 0
    for begin, after in zip(begins, ends, strict=True):
        begin = max(begin, end)
        pieces.append(folded[end:begin])
        pieces.append(unicodedata.normalize("NFKC", text[begin:after]).casefold())
        end = after
    pieces.append(folded[end:])
    return "".join(pieces)
