"""The characters that carry structure while a page is text but not yet finished.

A page goes through extraction as one string. What the string must remember about
itself (where a block ends, what is code, where a formula stands) it says with
characters that no page means to use. One that does can do no more than spoil its own
layout: none of them is left in finished text. Marks that can stand within a line are
printable letters of rare scripts, because trafilatura drops what is not printable;
the others are noncharacters, which Unicode keeps free for such internal use.
"""

from __future__ import annotations

import re

#: Formulas: 'Phags-pa punctuation, practically unused on the web.
INLINE_OPEN, INLINE_CLOSE, DISPLAY_OPEN, DISPLAY_CLOSE = FORMULA_MARKS = "\ua874\ua875\ua876\ua877"
#: Opening mark of a formula to its closing mark.
MARKED = {INLINE_OPEN: INLINE_CLOSE, DISPLAY_OPEN: DISPLAY_CLOSE}
#: Code, in which no dollar sign opens a formula; and inline elements that may turn
#: out to be part of a formula. Javanese punctuation.
CODE_OPEN, CODE_CLOSE = "\ua9de\ua9df"
SUP_OPEN, SUP_CLOSE, SUB_OPEN, SUB_CLOSE = "\ua9c1\ua9c2\ua9c3\ua9c4"
EM_OPEN, EM_CLOSE, STRONG_OPEN, STRONG_CLOSE = "\ua9c5\ua9c6\ua9c7\ua9c8"
VAR_OPEN, VAR_CLOSE = "\ua9c9\ua9ca"

#: End of a paragraph; of a line; of a table's cell.
BLOCK, LINE, CELL = "\ufdd0\ufdd1\ufdd2"
#: What precedes belongs on the line of what follows: a list item's bullet.
GLUE = "\ufdd3"
#: White space that counts: in code, and before nested items.
KEPT_SPACE, KEPT_NEWLINE = "\ufdd4\ufdd5"

#: The character class of all of them, for regular expressions.
ALL = "\ua874-\ua877\ua9c1-\ua9ca\ua9de\ua9df\ufdd0-\ufdef"
_ANY = re.compile(f"[{ALL}]")


def without_marks(text: str) -> str:
    """``text`` without characters that are marks here."""
    return text if text.isascii() else _ANY.sub("", text)
