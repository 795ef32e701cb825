"""The one tokenisation that classifier, MinHash and decontamination share.

A word is a run of letters, a number, a LaTeX command, or one character of a
script that puts no spaces between words (Chinese, Japanese, Thai and kin): with
white space alone a whole Chinese problem would be a single word, too short for
any n-gram rule.

Whatever differs between two copies of the same mathematics without changing it
is folded away: case, width, punctuation, formula delimiters, LaTeX spacing and
sizing. Numbers stay as they are written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import xxhash

#: Stored with whatever is built on words (signatures, models, indexes); another
#: version is refused there.
WORDS_VERSION = 1

#: Scripts written without spaces: one character is one word.
UNSPACED = (
    "\u0e00-\u0e7f"  # Thai
    "\u0e80-\u0eff"  # Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3041-\u309f\u30a0-\u30ff"  # kana, iteration marks
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\U00020000-\U000323af"  # Han, further planes
)

_WORD = re.compile(
    r"\\\\"  # LaTeX line break, dropped below; must not lend its slash to the next word
    r"|\\[a-z]+"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)"
    r"|\d+(?:\.\d+)?"
    rf"|[{UNSPACED}]"
    rf"|[^\W\d_{UNSPACED}]+"
)

#: Commands that only space, size or style what stands beside them.
_SILENT = frozenset(
    ["\\\\"]
    + [
        "\\" + name
        for name in (
            "left right middle big bigl bigr bigg biggl biggr quad qquad hspace hfill "
            "displaystyle textstyle scriptstyle limits nolimits text textrm mathrm rm "
            "thinspace medspace thickspace nobreak allowbreak nonumber notag label"
        ).split()
    ]
)
#: Two spellings of one symbol.
_SAME = {
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
    "\\cfrac": "\\frac",
    "\\le": "\\leq",
    "\\leqslant": "\\leq",
    "\\ge": "\\geq",
    "\\geqslant": "\\geq",
    "\\ne": "\\neq",
    "\\to": "\\rightarrow",
    "\\lt": "<",
    "\\gt": ">",
    "\\dots": "\\ldots",
    "\\cdots": "\\ldots",
    "\\varnothing": "\\emptyset",
    "\\dbinom": "\\binom",
    "\\tbinom": "\\binom",
}
# A symbol that one copy writes as a command and another as a character must not
# be a word in one of them only: what maps to punctuation is dropped.
_SILENT = _SILENT | {name for name, same in _SAME.items() if not same.startswith("\\")}


def fold(text: str) -> str:
    """Case and width folded (NFKC, then case folding)."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    """The words of ``text``, in order, folded.

    >>> words(r"Let $X \\leqslant 1{,}5$. 求圆的面积")
    ['let', 'x', '\\\\leq', '1', '5', '求', '圆', '的', '面', '积']
    """
    folded = fold(text)
    found: list[str] = _WORD.findall(folded)
    if "\\" not in folded:
        return found
    return [_SAME.get(word, word) for word in found if word not in _SILENT]


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """``(word, start, end)`` with character offsets into ``text`` as given.

    Slower than :func:`words` and meant for the few pages where a match has to be
    shown. Folding goes character by character, so that offsets can be kept; for
    text in NFC, as extraction leaves it, the words are those of :func:`words`.
    """
    folded: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        piece = fold(character)
        folded.append(piece)
        origin.extend([index] * len(piece))
    spans = []
    for match in _WORD.finditer("".join(folded)):
        word = match.group()
        if word not in _SILENT:
            spans.append(
                (_SAME.get(word, word), origin[match.start()], origin[match.end() - 1] + 1)
            )
    return spans


def hash_words(found: Sequence[str]) -> np.ndarray:
    """One 64-bit hash a word (xxh3, seed 0): ``uint64`` of shape ``(len(found),)``."""
    # One encoding of all words costs a tenth of one encoding a word.
    encoded = "\n".join(found).encode("utf-8", "surrogatepass").split(b"\n") if found else []
    return np.fromiter(map(xxhash.xxh3_64_intdigest, encoded), dtype=np.uint64, count=len(found))


def ngram_hashes(hashes: np.ndarray, n: int) -> np.ndarray:
    """One 64-bit hash for each run of ``n`` words.

    ``uint64`` of shape ``(len(hashes) - n + 1,)``, empty where there are fewer
    than ``n`` words. The hash depends on the order of the words; it is a
    polynomial in an odd multiplier modulo 2**64, then mixed so that all its bits
    depend on all words.
    """
    count = len(hashes) - n + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    multiplier = np.uint64(0x9E3779B97F4A7C15)
    rolled = np.zeros(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for shift in range(n):
            rolled *= multiplier
            rolled += hashes[shift : shift + count]
        rolled ^= rolled >> np.uint64(32)
        rolled *= np.uint64(0xD6E8FEB86659FD93)
        rolled ^= rolled >> np.uint64(32)
    return rolled
