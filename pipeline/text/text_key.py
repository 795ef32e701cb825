"""What two pages have in common that are duplicates beyond doubt."""

from __future__ import annotations

from collections.abc import Sequence

import xxhash

from pipeline.text.words import words


def comparable_words(text: str) -> list[str]:
    """The words by which ``text`` is compared: never none.

    A text without a word (signs only) is one word, itself, so that such pages are
    alike only where they are the same.
    """
    return words(text) or [" ".join(text.split())]


def text_key(text_words: Sequence[str]) -> str:
    """32 hex digits, equal for texts of the same words in the same order.

    White space, case, width, punctuation and formula delimiters make no
    difference, as the shared tokenisation folds them.
    """
    joined = " ".join(text_words).encode("utf-8", "surrogatepass")
    return xxhash.xxh3_128_hexdigest(joined)
