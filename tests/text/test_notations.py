"""What programs and sites make of formulas, one golden snippet or more for each.

The markup is of the same form as what they emit, the formulas are of our own making.
What is compared is all that stands between two paragraphs: nothing doubled, nothing lost.
"""

from __future__ import annotations

import time

import pytest

from pipeline.text import EXTRACTORS, extract_page
from tests.text.notations_of_programs import TYPESET
from tests.text.notations_of_sites import PUBLISHED
from tests.text.snippets import (
    ASCIIMATH,
    BEFORE,
    DOLLARS,
    MATHJAX,
    SQUARE,
    between,
    mathjax_config,
)

NOTATIONS = TYPESET | PUBLISHED


@pytest.mark.parametrize("name", NOTATIONS)
def test_notation_is_read_once_and_in_its_place(name: str) -> None:
    snippet, expected = NOTATIONS[name]
    assert between(snippet) == expected


@pytest.mark.parametrize("name", NOTATIONS)
def test_notation_is_read_by_the_other_extractor(name: str) -> None:
    snippet, expected = NOTATIONS[name]
    found = between(snippet, extractor=EXTRACTORS[1])
    assert sorted(_formulas(found)) == sorted(_formulas(expected))


def _formulas(text: str) -> list[str]:
    return [part for part in text.split("$")[1::2] if part] if "$" in text else []


#: Head, body and result.
CONFIGURED: dict[str, tuple[str, str, str]] = {
    "MathJax's defaults": (MATHJAX, r"<p>so \(x\) is</p>", "so $x$ is"),
    "dollars": (DOLLARS, "<p>so $n$ is</p>", "so $n$ is"),
    "pairs of Physics Forums": (
        mathjax_config("inlineMath: [['##', '##']], displayMath: [['$$', '$$']]"),
        "<p>so ##x## is, $$y$$</p>",
        "so $x$ is, $$y$$",
    ),
    "pairs of edX": (
        "<script>MathJax.Hub.Config({tex2jax: {inlineMath: [['[mathjaxinline]',"
        "'[/mathjaxinline]']], displayMath: [['[mathjax]','[/mathjax]']]}});</script>",
        "<p>so [mathjaxinline]x[/mathjaxinline] is [mathjax]x^2[/mathjax]</p>",
        "so $x$ is $$x^2$$",
    ),
    "pairs of Codeforces": (
        "<script type='text/x-mathjax-config'>MathJax.Hub.Config({tex2jax: {inlineMath: "
        "[['$$$','$$$']], displayMath: [['$$$$$$','$$$$$$']]}});</script>",
        "<p>so $$$n$$$ is $$$$$$n^2$$$$$$</p>",
        "so $n$ is $$n^2$$",
    ),
    "KaTeX's auto-render": (
        "<script>renderMathInElement(document.body, {delimiters: [{left: '$$', right: '$$', "
        "display: true}, {left: '$', right: '$', display: false}]});</script>",
        "<p>so $n$ is $$n^2$$</p>",
        "so $n$ is $$n^2$$",
    ),
    "AsciiMath": (ASCIIMATH, "<p>so `x/2` is</p>", r"so $\frac{x}{2}$ is"),
    "AsciiMath of Asciidoctor": (
        "<script type='text/x-mathjax-config'>MathJax.Hub.Config({asciimath2jax: {delimiters: "
        '[["\\\\$", "\\\\$"]], ignoreClass: "nostem"}});</script>',
        r"<p>so \$x/2\$ is</p>",
        r"so $\frac{x}{2}$ is",
    ),
    "backticks around code where AsciiMath is loaded": (
        ASCIIMATH, "<p>so `print(x);` is</p>", "so `print(x);` is",
    ),
    "money beside formulas": (
        DOLLARS,
        "<p>Let $n$ apples cost $5 and $m$ pears $7 or $9 each; US$3 in all, $100-$200 at most."
        "</p>",
        "Let $n$ apples cost $5 and $m$ pears $7 or $9 each; US$3 in all, $100-$200 at most.",
    ),
    "escaped money beside formulas": (
        DOLLARS, r"<p>Let $n=2$ cost \$5 and $m=3$ cost \$7.</p>",
        r"Let $n=2$ cost \$5 and $m=3$ cost \$7.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGURED)
def test_what_the_page_configures_counts(name: str) -> None:
    head, snippet, expected = CONFIGURED[name]
    assert between(snippet, head) == expected


def test_money_is_not_counted_where_dollars_are_configured() -> None:
    head, snippet, _ = CONFIGURED["money beside formulas"]
    page = extract_page(f"<head>{head}</head><body><p>{BEFORE}</p>{snippet}</body>".encode())
    assert page.formulas == 2


def test_numbers_of_latexml_stand_on_the_line_of_their_equation() -> None:
    table = (
        '<p>text</p><table id="S1.E1" class="ltx_equation ltx_eqn_table"><tbody><tr '
        'class="ltx_equation ltx_eqn_row ltx_align_baseline"><td class="ltx_eqn_cell '
        'ltx_eqn_center_padleft"></td><td class="ltx_eqn_cell ltx_align_center"><math '
        f'class="ltx_Math" alttext="x^{{2}}\\," display="block">{SQUARE}</math></td><td '
        'class="ltx_eqn_cell ltx_eqn_center_padright"></td><td rowspan="1" class="ltx_eqn_cell '
        'ltx_eqn_eqno ltx_align_middle ltx_align_right"><span class="ltx_tag ltx_tag_equation '
        'ltx_align_right">(1)</span></td></tr></tbody></table>'
    )
    assert between(table) == "text\n\n$$x^{2}\\,$$ (1)"


@pytest.mark.parametrize("name", [*NOTATIONS])
def test_time_is_linear(name: str) -> None:
    snippet, _ = NOTATIONS[name]
    html = f"<body><p>{BEFORE}</p>{snippet * max(1, 300_000 // len(snippet))}"
    began = time.process_time()
    extract_page(html.encode())
    assert time.process_time() - began < 4
