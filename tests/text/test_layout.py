"""From marked text to lines, and from pages to lines."""

from __future__ import annotations

import pytest

from pipeline.text import extract_page
from pipeline.text.layout import finish, lay_out
from pipeline.text.marks import (
    BLOCK,
    CELL,
    CODE_CLOSE,
    CODE_OPEN,
    DISPLAY_CLOSE,
    DISPLAY_OPEN,
    INLINE_CLOSE,
    INLINE_OPEN,
    LINE,
    without_marks,
)

PROSE = (
    "This paragraph is plain prose, long enough that nobody takes the page for an empty one, "
    "and it says nothing of any interest at all."
)


def text_of(inside: str) -> str:
    """The text of a page between two paragraphs of prose."""
    html = f"<body><main><p>{PROSE}</p>{inside}<p>{PROSE}</p></main></body>"
    text = extract_page(html.encode()).text
    assert text.startswith(f"{PROSE}\n\n"), text
    assert text.endswith(f"\n\n{PROSE}"), text
    return text.removeprefix(f"{PROSE}\n\n").removesuffix(f"\n\n{PROSE}")


LAYOUTS = {
    "paragraphs": ("<p>One.</p>\n<p>Two,\n  still two.</p>", "One.\n\nTwo, still two."),
    "line breaks": ("<p>One<br>two<br/> three</p>", "One\ntwo\nthree"),
    "lines of a number": ("<p>Evaluate 15 less<br>222.<br>-</p>", "Evaluate 15 less\n222.\n-"),
    "items without text": ("<ol><li>One</li><li> &#8203; </li><li><b></b></li></ol>", "1. One"),
    "headings": ("<h2>A <em>heading</em></h2><p>Text</p>", "A heading\n\nText"),
    "heading with a permalink": ('<h2>Sums<a href="#sums">¶</a></h2><p>Text</p>', "Sums\n\nText"),
    "list": ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
    "list of paragraphs": ("<ul><li><p>One</p></li><li><p>Two</p></li></ul>", "- One\n\n- Two"),
    "list in a list": (
        "<ul><li>One<ul><li>Inner</li><li>Other</li></ul></li><li>Two</li></ul>",
        "- One\n  - Inner\n  - Other\n- Two",
    ),
    "empty items": ("<ul><li></li><li>Two</li><li> </li></ul>", "- Two"),
    "definitions": ("<dl><dt>Term</dt><dd>What it is.</dd></dl>", "Term\nWhat it is."),
    "table": (
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "a | b\n1 | 2",
    ),
    "code": (
        "<pre><code>for x in y:\n    print(x)\n\n  done</code></pre>",
        "for x in y:\n    print(x)\n\n  done",
    ),
    "code with line breaks and numbers": (
        '<pre><span class="lineno">1</span>a<br><span class="lineno">2</span>  b</pre>',
        "a\n  b",
    ),
    "code beside its gutter": (
        '<table><tr><td class="gutter"><pre>1\n2</pre></td>'
        '<td class="code"><pre>a\nb</pre></td></tr></table>',
        "a\nb",
    ),
    "inline code": ("<p>Call <code>f(x)</code> twice.</p>", "Call f(x) twice."),
    "words of inline elements": (
        "<p>un<b>believ</b>able <span>and</span> <a href=/>so</a>.</p>", "unbelievable and so.",
    ),
    "unclosed": ("<p>One<p>Two<div>Three", "One\n\nTwo\n\nThree"),
    "display formula": ("<p>So \\[x\\] holds</p>", "So $$x$$ holds"),
    "equation number beside it": (
        '<div>\\[ x = y \\]</div><div class="eqno">(2.1)</div>', "$$x = y$$ (2.1)",
    ),
    "equation number in a cell": (
        "<table><tr><td>\\[ x = y \\]</td><td>(3)</td></tr></table>", "$$x = y$$ (3)",
    ),
    "text after a formula is no number": ("<p>\\[ x = y \\]</p><p>(so)</p>", "$$x = y$$\n\n(so)"),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_of_a_page(name: str) -> None:
    inside, expected = LAYOUTS[name]
    assert text_of(inside) == expected


def test_marks_are_laid_out() -> None:
    marked = f"a  b{LINE}c{BLOCK} {BLOCK}{LINE}d{CELL}{CELL}e{BLOCK}"
    assert lay_out(marked) == "a b\nc\n\nd | e"


def test_what_is_not_to_be_seen_is_taken_out() -> None:
    assert lay_out("a\u00adb\u200bc\ufeff d\x07 e\u00a0f\u2028g") == "abc d e f g"
    assert finish(" Cafe\u0301 ") == ("Café", 0)


def test_formulas_are_delimited_and_counted() -> None:
    marked = f"a {INLINE_OPEN}x {INLINE_CLOSE}{DISPLAY_OPEN} y{DISPLAY_CLOSE}{INLINE_OPEN}"
    assert finish(marked) == ("a $x$$$y$$", 2)
    assert finish(marked, inline=("(", ")"), display=("[", "]")) == ("a (x)[y]", 2)


def test_no_mark_is_left_in_text() -> None:
    hostile = f"{CODE_OPEN}x{CODE_CLOSE}{BLOCK}\ufdd7{DISPLAY_OPEN}"
    text, _ = finish(lay_out(hostile))
    assert text == without_marks(text)
