"""How much of a benchmark text a page holds, and whether that condemns the page.

The paper's grams were words of prose, ten of which say much. Ten small pieces of a formula
say little: they make up identity matrices and rows of binomials as well. So a text is
weighed as a whole: which part of it the page has, and how many telling words are in that
part. A word is telling where it has three letters or more and names no sign and no
function; two characters of a script without spaces count as one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from pipeline.config.settings import Decontaminate
from pipeline.text.characters import UNSPACED
from pipeline.text.formula_spelling import SIGN_NAMES

_LETTERS = re.compile(r"[^\W\d_]{3,}")
_UNSPACED = re.compile(f"[{UNSPACED}]")
#: Names of signs and functions, and what joins two values.
_FORMULA_WORDS = SIGN_NAMES | frozenset(
    "sqrt frac dfrac sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log exp lim max "
    "min mod lcm gcd det binom overline overrightarrow vec hat bar and".split()
)
#: Grams that are weighed together: bounds the memory that a page full of items takes.
_AT_ONCE = 20_000


def weight(word: str) -> int:
    """How telling a word is, in halves of a word of letters."""
    if _UNSPACED.fullmatch(word):
        return 1
    return 2 if _LETTERS.fullmatch(word) and word not in _FORMULA_WORDS else 0


class Evidence(NamedTuple):
    """What a page holds of one text.

    ``grams`` of the text's grams, which are the part ``gram_share`` of them; the part
    ``share`` of its words, which stand in these grams; ``words`` different telling ones.
    """

    grams: int
    gram_share: float
    share: float
    words: int


class EvidenceRule(NamedTuple):
    """From what evidence on a text condemns a page: settings of ``[decontaminate]``."""

    name: str
    least_share: float
    least_grams: int
    least_words: int

    @classmethod
    def of(cls, settings: Decontaminate) -> EvidenceRule:
        return cls(settings.rule, settings.least_share, settings.least_grams, settings.least_words)

    def condemns(self, field: str, evidence: Evidence) -> bool:
        """Whether a page that holds so much of a question or an answer is contaminated."""
        if self.name == "paper":
            return True
        most = evidence.gram_share >= self.least_share
        if field == "question":
            enough = most
        else:
            whole = evidence.gram_share >= min(1, _WHOLE * self.least_share)
            enough = most and evidence.words >= (1 if whole else self.least_words)
        if enough:
            return True
        # A short text has few grams: a large part of its words says as much as many grams do.
        if evidence.share >= _SHORT * self.least_share and evidence.words >= self.least_words - 1:
            return True
        tenth = evidence.gram_share >= _LEAST_PART * self.least_share
        return tenth and evidence.grams >= self.least_grams and evidence.words >= self.least_words


#: Parts of ``least_share``: of an answer's grams, so that hardly a word is needed; of a
#: text's words, where these are few; of its grams, where they are many. A formula named in
#: a long solution is some grams, but a small part.
_WHOLE = 1.5
_SHORT = 0.8
_LEAST_PART = 0.2


def of_short_text(words: tuple[str, ...]) -> Evidence:
    """A text of fewer words than a gram has, found whole."""
    return Evidence(0, 1.0, 1.0, sum(map(weight, set(words))) // 2)


class Weighing(NamedTuple):
    """The texts that are weighed: arrays of an index (``benchmark_index.Index``)."""

    starts: np.ndarray
    word_ids: np.ndarray
    weights: np.ndarray
    grams: int

    def weigh(self, positions: np.ndarray) -> dict[int, Evidence]:
        """Evidence by number of the text, of the ``positions`` in ``word_ids`` of its grams.

        ``positions`` are sorted, none twice.
        """
        weighed: dict[int, Evidence] = {}
        begin = 0
        while begin < len(positions):
            last = min(begin + _AT_ONCE, len(positions)) - 1
            text = int(np.searchsorted(self.starts, positions[last], side="right"))
            # Up to the end of the last one's text: none is weighed in two halves.
            border = self.starts[text] if text < len(self.starts) else len(self.word_ids)
            end = int(np.searchsorted(positions, border, side="left"))
            weighed.update(self._weigh(positions[begin:end]))
            begin = end
        return weighed

    def _weigh(self, positions: np.ndarray) -> dict[int, Evidence]:
        positions = positions.astype(np.int64)
        places = np.searchsorted(self.starts, positions, side="right") - 1
        texts, first = np.unique(places, return_index=True)
        grams = np.diff(np.append(first, len(positions)))
        # Words that a gram adds to those of the gram before it.
        added = np.minimum(np.diff(positions, prepend=-self.grams), self.grams)
        added[first] = self.grams
        covered = np.add.reduceat(added, first)
        ends = np.append(self.starts[1:], len(self.word_ids)).astype(np.int64)[texts]
        lengths = ends - self.starts[texts].astype(np.int64)
        ids = self.word_ids[positions[:, None] + np.arange(self.grams)].astype(np.int64)
        pairs = np.unique((places[:, None] * len(self.weights) + ids).ravel())
        halves = np.bincount(
            np.searchsorted(texts, pairs // len(self.weights)),
            weights=self.weights[pairs % len(self.weights)],
            minlength=len(texts),
        )
        return {
            text: Evidence(count, count / (length - self.grams + 1), words / length, int(half) // 2)
            for text, count, length, words, half in zip(
                texts.tolist(),
                grams.tolist(),
                lengths.tolist(),
                covered.tolist(),
                halves.tolist(),
                strict=True,
            )
        }
