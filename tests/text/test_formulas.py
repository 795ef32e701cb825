"""Golden snippets, one or more a notation: what a page writes, what the text says."""

from __future__ import annotations

import pytest

from pipeline.text import EXTRACTORS, Extractor, extract_page

PROSE = (
    "<p>This paragraph stands before the one with the formula and is plain prose, long enough "
    "that no extractor takes the page for an empty one.</p>"
)
AFTER = "<p>And this one stands after it, so that the formula is in the midst of the content.</p>"


def page_of(snippet: str, extractor: Extractor = "fast", head: str = "") -> str:
    html = (
        f"<!DOCTYPE html><html><head><title>Snippet</title>{head}</head>"
        f"<body><article><h1>Snippet</h1>{PROSE}{snippet}{AFTER}</article></body></html>"
    )
    return extract_page(html.encode(), extractor=extractor).text


GOLDEN = {
    "paren": (r"<p>We see \(a^2+b^2=c^2\) here.</p>", "We see $a^2+b^2=c^2$ here."),
    "bracket": (r"<p>We see \[ \int_0^1 x\,dx \] here.</p>", r"$$\int_0^1 x\,dx$$"),
    "dollar": (r"<p>We see $\alpha_1 + x$ here.</p>", r"We see $\alpha_1 + x$ here."),
    "dollars": ("<p>We see</p><p>$$ E = mc^2 $$</p>", "$$E = mc^2$$"),
    "environment": (
        r"<p>\begin{align} a &amp;= b \\ c &amp;= d \end{align}</p>",
        r"$$\begin{align} a &= b \\ c &= d \end{align}$$",
    ),
    "starred environment": (
        r"<p>\begin{gather*}x\end{gather*}</p>",
        r"$$\begin{gather*}x\end{gather*}$$",
    ),
    "several lines": (
        "<p>\\[ a\n  = b % a comment\n + c \\]</p>",
        "$$a = b + c$$",
    ),
    "over line breaks": (r"<p>\[ a &lt;<br>\n b \]</p>".replace(r"\n", "\n"), "$$a < b$$"),
    "emphasis left by Markdown": (
        r"<p>So $x<em>{1} + y</em>{2} = \beta$ holds.</p>",
        r"So $x_{1} + y_{2} = \beta$ holds.",
    ),
    "bracket over elements": (
        r"<p>so \(x<sub>1</sub> = \beta\) holds</p>",
        r"so $x_{1} = \beta$ holds",
    ),
    "formula inside text inside a formula": (
        r"<p>\[ f = 0 \text{ if $x=1$} \]</p>",
        r"$$f = 0 \text{ if \(x=1\)}$$",
    ),
    "Chinese around it": ("<p>设$x_1$为实数，则$n\\in N$成立。</p>", "设$x_1$为实数，则$n\\in N$"),
    "script": (
        '<p>so <script type="math/tex">x < y_1</script>, as said</p>',
        "so $x < y_1$, as said",
    ),
    "script, display": (
        '<p>so <script type="math/tex; mode=display">\\sum_i x_i</script></p>',
        "$$\\sum_i x_i$$",
    ),
    "script, CDATA of kramdown": (
        '<p>so <script type="math/tex">% <![CDATA[\nx &= 1 %]]></script> yes</p>',
        "so $x &= 1$ yes",
    ),
    "MathJax 2": (
        '<p>so <span class="MathJax_Preview">x_2</span><span class="MathJax" id="E1-Frame">'
        '<nobr><span class="math"><span class="mi">x</span><span class="mn">2</span></span></nobr>'
        '</span><script type="math/tex" id="E1">x_2</script> holds</p>',
        "so $x_2$ holds",
    ),
    "MathJax 2, display": (
        '<p>so</p><div class="MathJax_Display"><span class="MathJax">x2</span></div>'
        '<script type="math/tex; mode=display">x_2</script><p>holds</p>',
        "$$x_2$$",
    ),
    "MathJax 2 without its script": (
        '<p>so <span class="MathJax" data-mathml="&lt;math&gt;&lt;msup&gt;&lt;mi&gt;x&lt;/mi&gt;'
        '&lt;mn&gt;2&lt;/mn&gt;&lt;/msup&gt;&lt;/math&gt;"><nobr>x2</nobr></span> holds</p>',
        "so $x^2$ holds",
    ),
    "MathJax 3": (
        '<p>so <mjx-container class="MathJax" jax="CHTML"><mjx-math><mjx-c></mjx-c></mjx-math>'
        '<mjx-assistive-mml unselectable="on"><math><msub><mi>x</mi><mn>1</mn></msub></math>'
        "</mjx-assistive-mml></mjx-container> holds</p>",
        "so $x_1$ holds",
    ),
    "MathJax 3, display": (
        '<p>so <mjx-container class="MathJax" jax="SVG" display="true"><svg><text>x</text></svg>'
        '<mjx-assistive-mml><math display="block"><mi>x</mi></math></mjx-assistive-mml>'
        "</mjx-container></p>",
        "$$x$$",
    ),
    "MathJax 4 with data-latex": (
        '<p>so <mjx-container class="MathJax"><mjx-math data-latex="\\frac12">½</mjx-math>'
        "</mjx-container> holds</p>",
        "so $\\frac12$ holds",
    ),
    "KaTeX": (
        '<p>so <span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>x</mi>'
        '</mrow><annotation encoding="application/x-tex">x \\in \\R</annotation></semantics></math>'
        '</span><span class="katex-html" aria-hidden="true">x∈R</span></span> holds</p>',
        "so $x \\in \\R$ holds",
    ),
    "KaTeX, display": (
        '<p>so <span class="katex-display"><span class="katex"><span class="katex-mathml"><math>'
        '<semantics><mi>x</mi><annotation encoding="application/x-tex">x</annotation></semantics>'
        '</math></span><span class="katex-html">x</span></span></span></p>',
        "$$x$$",
    ),
    "MathML with annotation": (
        "<p>so <math><semantics><mi>x</mi><annotation "
        'encoding="application/x-tex">{\\displaystyle x_0}</annotation></semantics></math> is</p>',
        "so $x_0$ is",
    ),
    "MathML with alttext": (
        '<p>so <math alttext="\\sqrt{2}" display="block"><msqrt><mn>2</mn></msqrt></math></p>',
        "$$\\sqrt{2}$$",
    ),
    "Wikipedia": (
        '<p>so <span class="mwe-math-element"><span class="mwe-math-mathml-inline" '
        'style="display: none;"><math alttext="{\\displaystyle e^{x}}"><semantics><mi>e</mi>'
        '<annotation encoding="application/x-tex">{\\displaystyle e^{x}}</annotation></semantics>'
        '</math></span><img src="https://wikimedia.org/api/rest_v1/media/math/render/svg/0" '
        'class="mwe-math-fallback-image-inline" alt="{\\displaystyle e^{x}}"></span> holds</p>',
        "so $e^{x}$ holds",
    ),
    "Wikipedia's image alone": (
        '<p>so <img class="mwe-math-fallback-image-display" alt="{\\displaystyle e^{x}}"></p>',
        "$$e^{x}$$",
    ),
    "WordPress": (
        '<p>so <img src="https://s0.wp.com/latex.php?latex=%5Cfrac%7B1%7D%7B2%7D+x&amp;bg=ffffff" '
        'alt="&#92;frac{1}{2} x" class="latex" /> holds</p>',
        "so $\\frac{1}{2} x$ holds",
    ),
    "CodeCogs": (
        '<p>so <img src="https://latex.codecogs.com/svg.latex?%5Cdpi%7B120%7D%20x%5E2"> holds</p>',
        "so $x^2$ holds",
    ),
    "Sphinx's image": ('<p>so <img class="math" src="_images/math/0.png" alt="x" /></p>', "so $x$"),
    "Sphinx's image, display": (
        '<div class="math"><p><img src="_images/math/0.png" alt="\\pi = 3" /></p></div>',
        "$$\\pi = 3$$",
    ),
    "LaTeX2HTML": ('<p>so <img src="img1.png" alt="$x_{1}$"> holds</p>', "so $x_{1}$ holds"),
    "AoPS": ('<p>so <img class="latex" alt="$a+b$" src="//latex.example/0.png"></p>',
             "so $a+b$"),
    "Zhihu": (
        '<p>so <span class="ztext-math" data-eeimg="1" data-tex="\\phi">x</span> on</p>',
        "so $\\phi$ on",
    ),
    "superscript": ("<p>the area r<sup>2</sup> and 10<sup>-3</sup></p>", "r^2 and 10^{-3}"),
    "subscript": ("<p>take <i>a</i><sub>n+1</sub> next</p>", "take a_{n+1} next"),
}  # fmt: skip


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("name", GOLDEN)
def test_notation_ends_as_latex_in_its_place(name: str, extractor: Extractor) -> None:
    snippet, expected = GOLDEN[name]
    assert expected in page_of(snippet, extractor)


@pytest.mark.parametrize("name", ["MathJax 2", "MathJax 3", "KaTeX", "Wikipedia", "WordPress"])
def test_rendered_formulas_are_not_doubled(name: str) -> None:
    snippet, expected = GOLDEN[name]
    text = page_of(snippet)
    middle = text.split("an empty one.")[1].split("And this one")[0].strip()
    assert middle == expected


@pytest.mark.parametrize(
    ("snippet", "notation"),
    [
        (r"<p>\(x\)</p>", "paren"),
        (r"<p>\[x\]</p>", "bracket"),
        (r"<p>$\pi$</p>", "dollar"),
        (r"<p>$$\pi$$</p>", "dollars"),
        (r"<p>\begin{align}x\end{align}</p>", "environment"),
        ("<script type='math/tex'>x</script>", "script"),
        ("<math><mi>x</mi></math>", "mathml"),
        ("<math alttext='\\pi'><mi>π</mi></math>", "mathml-tex"),
        ("<img class=latex alt='x'>", "image"),
    ],
)
def test_page_names_the_notation_it_found(snippet: str, notation: str) -> None:
    page = extract_page(f"<body><article>{PROSE}{snippet}</article></body>".encode())
    assert (page.formulas, page.notations) == (1, (notation,))


def test_formulas_are_counted_one_by_one() -> None:
    page = extract_page(rf"<body>{PROSE}<p>\(x\), \(y\) and \[z\]; cost: $5.</p></body>".encode())
    assert page.formulas == 3
    assert page.notations == ("bracket", "paren")


def test_weak_formulas_count_where_the_page_typesets_tex() -> None:
    snippet = "<p>Let $n$ be a number, and $m = n+1$ another.</p>"
    mathjax = '<script src="https://cdn.example/MathJax.js"></script>'
    assert "Let $n$ be" in page_of(snippet, head=mathjax)
    with_it = extract_page(f"<head>{mathjax}</head><body>{PROSE}{snippet}</body>".encode())
    without = extract_page(f"<body>{PROSE}{snippet}</body>".encode())
    assert (with_it.formulas, without.formulas) == (2, 0)


def test_formulas_never_begin_or_end_with_space() -> None:
    assert r"$x \in A$" in page_of(r"<p>\(  x \in A \ \)</p>")


def test_empty_delimiters_are_no_formula() -> None:
    page = extract_page(rf"<body>{PROSE}<p>\( \) and $$ $$</p></body>".encode())
    assert page.formulas == 0


def test_more_formulas_than_a_page_can_need_stay_as_they_are() -> None:
    from pipeline.text.reading.formula_pieces import MAX_FORMULAS

    images = '<img class="math" alt="x">' * (MAX_FORMULAS + 5)
    assert extract_page(f"<body>{PROSE}<p>{images}</p></body>".encode()).formulas == MAX_FORMULAS
