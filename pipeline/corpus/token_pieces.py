"""Tokens of a text, counted piece by piece.

A tokenizer of bytes cuts a text into pieces (words, numbers, punctuation) and makes tokens of
each alone. Cutting takes the library ``tokenizers`` most of its time; here ``regex`` cuts, and
what the library makes of a piece is remembered, as pieces come again in every text.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    import tokenizers

#: How DeepSeek's tokenizers of V3 and later cut: by each of these in turn.
_NUMBERS = r"\p{N}{1,3}"
_EAST_ASIAN = "[一-龥\u3040-ゟ゠-ヿ]+"
_OTHERS = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"""
    "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\r\n]*"
    "|\\s*[\r\n]+"
    r"|\s+(?!\S)"
    r"|\s+"
)
_CUTS = [
    *(
        {"type": "Split", "pattern": {"Regex": one}, "behavior": "Isolated", "invert": False}
        for one in (_NUMBERS, _EAST_ASIAN, _OTHERS)
    ),
    {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
]
_SPACE = r"\t-\r\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_RUNS = regex.compile(f"({_EAST_ASIAN})")
#: Numbers and the others at once: where a number begins, a piece before it has ended. What
#: matches nothing (control characters) is a piece up to where something does.
_PIECES = regex.compile(
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]++"""
    "|[^\r\n\\p{L}\\p{P}\\p{S}\\p{N}]?[\\p{L}\\p{M}]++"
    "| ?[\\p{P}\\p{S}]++[\r\n]*+"
    r"|\p{N}{1,3}+"
    f"|[{_SPACE}]*[\r\n]++"
    rf"|[{_SPACE}]+(?![^{_SPACE}\p{{N}}])"
    f"|[{_SPACE}]++"
    rf"|(?:[^{_SPACE}\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}](?![\p{{L}}\p{{M}}]))++"
)
#: Pieces that are remembered at once, and characters of the longest one: some 20 MB.
_MOST_PIECES, _LONGEST = 1 << 17, 40


def pieces(text: str) -> list[str]:
    """What DeepSeek's tokenizer cuts ``text`` into, in order; together they are the text."""
    cut: list[str] = []
    for at, part in enumerate(_RUNS.split(text)):
        cut += [part] if at % 2 else _PIECES.findall(part)
    return cut


class PieceCounter:
    """Counts as ``read`` does, whose JSON is ``description``: one that :func:`counts_alike`."""

    def __init__(self, read: tokenizers.Tokenizer, description: dict[str, Any]) -> None:
        self._counts = _Counts(read)
        added = [one["content"] for one in description["added_tokens"]]
        self._added = regex.compile(r"\L<added>", added=added) if added else None

    def count(self, text: str) -> int | None:
        """Tokens of ``text``; none where only the library itself can tell.

        That is where an added token stands in it, or a character that Python's Unicode does not
        know yet: the library may know what it is.
        """
        if self._added is not None and self._added.search(text):
            return None
        try:
            return sum(map(self._counts.__getitem__, pieces(text)))
        except _UnknownCharacter:
            return None


def counts_alike(description: dict[str, Any]) -> bool:
    """Whether a ``tokenizer.json``'s tokens are those of its :func:`pieces`, one by one."""
    normalizer, cutter = description.get("normalizer"), description.get("pre_tokenizer") or {}
    return (
        (normalizer is None or normalizer == {"type": "Sequence", "normalizers": []})
        and cutter.get("type") == "Sequence"
        and cutter.get("pretokenizers") == _CUTS
        and description["model"].get("type") == "BPE"
        and not description["model"].get("dropout")
    )


class _UnknownCharacter(Exception):
    pass


class _Counts(dict[str, int]):
    """Tokens of pieces; the library is asked for those that have not been seen."""

    def __init__(self, read: tokenizers.Tokenizer) -> None:
        super().__init__()
        self._tokenize = read.model.tokenize

    def __missing__(self, piece: str) -> int:
        if not piece.isascii() and any(unicodedata.category(one) == "Cn" for one in piece):
            raise _UnknownCharacter
        tokens = len(self._tokenize(piece.encode().decode("latin-1").translate(_BYTES)))
        if len(piece) <= _LONGEST:
            if len(self) >= _MOST_PIECES:
                self.clear()
            self[piece] = tokens
        return tokens


def _byte_characters() -> dict[int, str]:
    """The printable character that stands for each byte in a vocabulary of bytes (GPT-2)."""
    shown = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = [byte for byte in range(0x100) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {
        byte: chr(0x100 + at) for at, byte in enumerate(hidden)
    }


_BYTES = _byte_characters()
