"""The one tokenisation that classifier, MinHash and decontamination share.

A word is a run of letters, a number, a LaTeX command, a sign, or one character of a
script that puts no spaces between words (Chinese, Japanese, Thai and kin): with
white space alone a whole Chinese problem would be a single word, too short for
any n-gram rule.

Whatever differs between two copies of the same mathematics without changing it
is folded away: case, width, punctuation, formula delimiters, and the spelling of
formulas, as :mod:`pipeline.text.formula_spelling` has it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
import xxhash

from pipeline.text.characters import fold_characters
from pipeline.text.formula_spelling import (
    PLAIN,
    Rewriting,
    rewritings,
    sign_runs,
    spelled_run,
)
from pipeline.text.word_scanner import WORD, find_words, word_name

#: Stored with whatever is built on words (signatures, models, indexes); another
#: version is refused there.
WORDS_VERSION = 2

#: By the number of a word's bytes, up to eight: which bits of a load are the word's.
_MASKS: Final = np.array([(1 << (8 * size)) - 1 for size in range(9)], dtype=np.uint64)
#: Bytes that two loads hold.
_HASHED_BYTES: Final = 16


def fold(text: str) -> str:
    """Signs as commands, case and width folded (NFKC, then case folding), one spelling."""
    if not text.isascii():
        for character, plain in PLAIN:
            text = text.replace(character, plain)
        runs = sign_runs(text)
        if runs:
            pieces = []
            end = 0
            for begin, after in runs:
                pieces.append(text[end:begin])
                pieces.append(spelled_run(text[begin:after]))
                end = after
            pieces.append(text[end:])
            text = "".join(pieces)
    text = fold_characters(text)
    for rewriting in rewritings(text):
        text = rewriting.rewritten(text)
    return text


def words(text: str) -> list[str]:
    """The words of ``text``, in order, folded; signs of formulas count as words.

    >>> words(r"Let $X \\leqslant 1{,}500$. 求圆的面积")
    ['let', 'x', 'leq', '1500', '求', '圆', '的', '面', '积']
    >>> words(r"$\\frac12 x^2 - \\pi$") == words("x²/2 − π") or words("½x² − π")
    ['1', '2', 'x', '^', '2', '-', 'pi']
    """
    return find_words(fold(text))


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """``(word, start, end)`` with character offsets into ``text`` as given.

    Slower than :func:`words` and meant for the few pages where a match has to be
    shown. Folding goes character by character, so that offsets can be kept; for
    text in NFC, as extraction leaves it, the words are those of :func:`words`.
    """
    folded, origin = _traced_fold(text)
    spans = []
    for match in WORD.finditer(folded):
        word = word_name(match.group())
        if word:
            spans.append((word, origin[match.start()], origin[match.end() - 1] + 1))
    return spans


def _traced_fold(text: str) -> tuple[str, list[int]]:
    """:func:`fold`, and for each of its characters where in ``text`` it comes from."""
    for character, plain in PLAIN:
        text = text.replace(character, plain)
    pieces = []
    origin: list[int] = []
    end = 0
    for begin, after in [*sign_runs(text), (len(text), len(text))]:
        for place in range(end, begin):
            piece = unicodedata.normalize("NFKC", text[place]).casefold()
            pieces.append(piece)
            origin.extend([place] * len(piece))
        piece = unicodedata.normalize("NFKC", spelled_run(text[begin:after])).casefold()
        pieces.append(piece)
        # Somewhere in the run; its end for the last character.
        origin.extend([begin + min(n, after - begin - 1) for n in range(len(piece) - 1)])
        origin.extend([after - 1] if piece else [])
        end = after
    folded = "".join(pieces)
    for rewriting in rewritings(folded):
        folded, origin = _rewritten(rewriting, folded, origin)
    return folded, origin


def _rewritten(rewriting: Rewriting, text: str, origin: list[int]) -> tuple[str, list[int]]:
    pieces: list[str] = []
    places: list[int] = []
    end = 0
    for match in rewriting.pattern.finditer(text):
        spelled = rewriting.spell(match)
        pieces += [text[end : match.start()], spelled]
        places += origin[end : match.start()]
        places += [origin[match.end() - 1]] * len(spelled)
        end = match.end()
    return "".join([*pieces, text[end:]]), places + origin[end:]


def hash_words(text_words: Sequence[str]) -> np.ndarray:
    """One 64-bit hash a word: ``uint64`` of shape ``(len(text_words),)``.

    Of a word's UTF-8 its first eight bytes, its last eight and their number are hashed, all
    words at once; the few that have more are hashed by xxh3. No word holds a line feed.
    """
    if not text_words:
        return np.empty(0, dtype=np.uint64)
    joined = "\n".join(text_words).encode("utf-8", "surrogatepass")
    size = len(joined)
    # Eight bytes from every byte on, which begin or end as a word does.
    loads = np.ndarray((size + 1,), "<u8", joined + bytes(8), strides=(1,))
    ends = np.append(np.flatnonzero(np.frombuffer(joined, dtype=np.uint8) == 10), size)
    starts = np.empty_like(ends)
    starts[0] = 0
    starts[1:] = ends[:-1] + 1
    sizes = ends - starts
    masks = _MASKS.take(sizes, mode="clip")
    hashes = (loads[starts] & masks) * np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(29)
    hashes += loads[np.maximum(ends - 8, starts)] & masks
    hashes += sizes.astype(np.uint64)
    hashes *= np.uint64(0xD6E8FEB86659FD93)
    hashes ^= hashes >> np.uint64(32)
    for word in np.flatnonzero(sizes > _HASHED_BYTES).tolist():
        hashes[word] = xxhash.xxh3_64_intdigest(joined[starts[word] : ends[word]])
    return hashes


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
