"""How many tokens a language model would make of a text, roughly."""

from __future__ import annotations

import re

from pipeline.text.words import UNSPACED

# One alternative is one token. The shape is that of the pre-tokenisation which
# byte-pair vocabularies of about 100,000 entries share (GPT-4, DeepSeek, Llama 3):
# a space goes with the word after it, digits come in groups of up to three,
# punctuation in short runs. What such a vocabulary would split further is cut by
# length: Latin words after eight letters, other alphabets after three.
_TOKEN = re.compile(
    rf"[{UNSPACED}]"
    r"| ?\\?[A-Za-z]{1,8}"
    r"|\d{1,3}"
    rf"| ?[^\W\d_A-Za-z{UNSPACED}]{{1,3}}"
    r"|\n\s*"
    r"| ?[^\w\s]{1,3}"
    r"|_+"
)


def count_tokens(text: str) -> int:
    """Estimated tokens of a language model with a vocabulary of about 100,000.

    An estimate for budgets, the same everywhere and needing no vocabulary: English
    prose comes to 4 to 5 characters a token, Chinese to about one, LaTeX to 2 to 3.

    >>> count_tokens("the area of a circle is $\\\\pi r^2$")
    13
    """
    # Counted without making a string of each.
    return _TOKEN.subn("", text)[1]
