"""What holds of every page, whatever its bytes; and the fragments that hostile ones are made of."""

from __future__ import annotations

import unicodedata

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text import Extractor, extract_page
from pipeline.text.marks import without_marks

FRAGMENTS = [
    "<p>",
    "</p>",
    "<div class='nav'>",
    "</div>",
    "<table>",
    "<tr>",
    "<td>",
    "<math>",
    "</math>",
    "<mfrac>",
    "<msup>",
    "<mtable>",
    "<mtr>",
    "<mi>x</mi>",
    "<mo>∑</mo>",
    "<munderover>",
    "<semantics>",
    "<annotation encoding='application/x-tex'>",
    "<span class='katex'>",
    "<span class='katex-mathml'>",
    "<span class='katex-display'>",
    "<mjx-container>",
    "<script type='math/tex'>",
    "</script>",
    "<span class='MathJax'>",
    "<img alt='$x$'>",
    "<img class='latex' alt='\\pi'>",
    "<img src='latex.php?latex=%'>",
    "<sup>",
    "</sup>",
    "<sub>",
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\begin{align}",
    "\\end{align}",
    "\\$",
    "%",
    "\n",
    "\n\n",
    "<br>",
    "<em>",
    "</em>",
    "<pre>",
    "</pre>",
    "<!--",
    "-->",
    "<template>",
    "<svg>",
    "<select>",
    "<textarea>",
    "\0",
    "\ua874",
    "\ua875",
    "\ua876",
    "\ua877",
    "&#xa874;",
    "e\u0301",
    "&nbsp;",
    "text ",
    "x_1",
    "<ul><li><a href=x>link</a>",
    "<span data-tex='a'>",
    "<m:math>",
    "<span class='mwe-math-element'>",
    "<title>t",
    "<var>",
    "</var>",
    "<span class='sfrac'>",
    "<span class='num'>",
    "<span class='sup'>",
    "<span style='display:inline-block;border-top:1px solid'>",
    "<svg><title>\\pi</title>",
    "<math-field>",
    "<span data-latex='x'>",
    "<apply><plus/><ci>x</ci>",
    "\\newcommand{\\R}{",
    "\\def\\a#1{\\a{#1}}",
    "\\R",
    "{",
    "}",
    "[latex]",
    "[/latex]",
    "$$$",
    "##",
    "&amp;lt;",
    "’",
    "<hr>",
    '<script type=\'application/json\'>{"a": "$x$ is one of those that are here"}</script>',
    "<meta charset=gbk>",
    "&#xD800;",
    "<body>",
]


def check(html: bytes, content_type: str = "", extractor: Extractor = "fast") -> None:
    try:
        page = extract_page(html, content_type=content_type, extractor=extractor)
    except SetAside as reason:
        ended = reason.outcome
    else:
        ended = Outcome.PAGE
    # EXTRACTOR_FAILED is for bugs in foreign code, and none is known.
    assert ended in (Outcome.PAGE, Outcome.NO_TEXT, Outcome.BAD_CHARSET, Outcome.TOO_DEEP)
    if ended is not Outcome.PAGE:
        return
    for text in (page.text, page.title):
        text.encode("utf-8")
        assert unicodedata.is_normalized("NFC", text)
        assert "\0" not in text
        assert text == without_marks(text)
    assert page.text == page.text.strip() != ""
    assert page.formulas >= 0
    assert bool(page.notations) <= bool(page.formulas)
    assert page.notations == tuple(sorted(page.notations))
    assert page.language == "und" or len(page.language) == 2
