"""What only looks like a formula stays as it is."""

from __future__ import annotations

import pytest

from pipeline.text import extract_page

PROSE = (
    "<p>This paragraph is plain prose, long enough that the extractor does not take the page "
    "for an empty one, and it has no formula at all.</p>"
)
#: A page that has mathematics is the harder case: the weak delimiters count there.
CERTAIN = r"<p>On the other hand \(x^2\) is a formula.</p>"

STAY = {
    "two prices": "It costs $5 and $7 for two.",
    "price range": "Between $100-$200 a month.",
    "prices in brackets": "One (US$5), two ($9), three (A$12).",
    "price with words": "He paid $100 (or 80 euros, as 1 US$ is less) at once.",
    "price list": "$5, $10, $15, $20",
    "price and unit": "$3M in 2010, then $4M.",
    "shell": "Set $HOME and $PATH, then run $0.",
    "shell path": "Look in $HOME/bin:$PATH for it.",
    "shell braces": "echo ${HOME}/${USER} here",
    "process id": "kill $$ ; echo $$",
    "PHP": "$user_name = $_POST['name']; $b->c($d);",
    "jQuery": "$('#a').show(); $('#b').hide();",
    "jQuery closing": "$(this).val($(that).val());",
    "template": "Hello $name$, your code is $user_code$ today.",
    "moustache": "Hello {{name}}, ${amount} due, ${other} not.",
    "Perl": "if ($x =~ /^a$/) { print $y; }",
    "R": "mean(df$height) and df$weight",
    "words in bracket escapes": r"He said \[citation needed\] twice.",
    "regular expression": r"Match \(.*\) with sed.",
    "Windows path": r"Open C:\begin\text and C:\(new) please.",
    "single dollar": "One $ sign only.",
    "escaped": r"It is \$5 or \$6 here.",
    "ordinal": "the 2",
    "dollars of countries": "US$5, A$12, HK$99, NZ$7 and C$3 or R$8.",
    "cells of a spreadsheet": "Write =SUM($A$1:$B$10) or $A$1 there.",
    "stock tickers": "Buy $AAPL and $TSLA, sell $MSFT.",
    "money with signs": "A loss of -$5, a gain of +$7 and ~$9.",
    "price per unit": "It is $5/kg here, $7/kg there.",
    "prices with k": "It rose from $5k to $7k or $9M.",
    "pairs of Perl": "my ($a, $b) = @_; print $a;",
    "LaTeX command in words": r"Use the \textbf command of LaTeX.",
    "newline": r"Split it at \n or \r\n or \t.",
    "path with share": r"Open \\server\share\file first.",
    "escapes of shells": r"find . -name \*.txt -exec rm {} \;",
    "backticks": "Run `make x` and `ls` now.",
    "two hashes": "Use ## for headings, ### for more.",
    "brackets": "See [tex] and [math] tags there.",
}


@pytest.mark.parametrize("name", STAY)
@pytest.mark.parametrize("formula", ["", CERTAIN], ids=["plain page", "page with a formula"])
def test_money_and_code_are_no_formulas(name: str, formula: str) -> None:
    page = extract_page(f"<body><article>{PROSE}<p>{STAY[name]}</p>{formula}</article>".encode())
    assert STAY[name] in page.text
    assert page.formulas == (1 if formula else 0)


#: Loads a program whose configuration makes single dollar signs delimiters.
DOLLARS = (
    "<script>MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']]}};</script>"
    '<script src="https://cdn.example/mathjax@3/es5/tex-chtml.js"></script>'
)
#: Where such a program would take these for formulas, and nobody can tell better.
TYPESET = {"template", "process id", "cells of a spreadsheet", "shell braces", "pairs of Perl"}


@pytest.mark.parametrize("name", [name for name in STAY if name not in TYPESET])
def test_money_and_code_are_no_formulas_where_dollars_are_delimiters(name: str) -> None:
    body = f"<article>{PROSE}<p>{STAY[name]}</p><p>Let $n$ be one, $x = 2$.</p></article>"
    page = extract_page(f"<head>{DOLLARS}</head><body>{body}</body>".encode())
    assert STAY[name] in page.text
    assert page.formulas == 2


@pytest.mark.parametrize(
    ("snippet", "text"),
    [
        ('<span class="formula">NaCl</span>', "NaCl"),
        ('<span class="formula">H2O</span>', "H2O"),
        ('<span class="formula">H<sub>2</sub>O</span>', "H2O"),
        ('<span class="chemf formula">CO<sub>2</sub></span>', "CO2"),
        ('<span class="equation-number">(1)</span>', "(1)"),
        ('<span class="equation-number">2.3</span>', "2.3"),
        ('<span class="math">(2.3)</span>', "(2.3)"),
        ('<a class="math" href="/m">Math</a>', "Math"),
        ('<li class="math"><a href="/m">Math</a></li>', "Math"),
        ('<span class="math-link"><a href="/m">x</a></span>', "x"),
        ('<span class="latex">LaTeX</span>', "LaTeX"),
        ('<span class="latex">L<sup>a</sup>T<sub>e</sub>X</span>', "X"),
        (
            '<span class="texhtml" style="font-family: serif;">L<span style="text-transform: '
            'uppercase; margin-left:-0.36em;">a</span>T<span style="text-transform: uppercase;">e'
            "</span>X</span>",
            "LaTeX",
        ),
        ('<div class="equation-editor">x</div>', "x"),
        ('<span class="tex">TeX</span>', "TeX"),
        ('<div class="formula-one">Race 1</div>', "Race 1"),
        ('<code class="latex">\\frac{1}{2}</code>', r"\frac{1}{2}"),
        ('<code class="language-tex">$x_1$</code>', "$x_1$"),
        ('<pre class="language-latex"><code>\\frac{1}{2}</code></pre>', r"\frac{1}{2}"),
        ('<pre class="tex">\\frac{1}{2}</pre>', r"\frac{1}{2}"),
        ('<div class="highlight-latex"><div class="highlight"><pre>$x_1$</pre></div></div>',
         "$x_1$"),
        ('<pre class="brush: latex">\\[x\\]</pre>', r"\[x\]"),
        ('<table><tr><td>$5</td><td>$7</td></tr><tr><td>$10</td><td>$12</td></tr></table>',
         "$5 | $7"),
        ('<table><tr><th>US$</th><th>A$</th></tr><tr><td>5</td><td>7</td></tr></table>',
         "US$ | A$"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("formula", ["", CERTAIN], ids=["plain page", "page with a formula"])
def test_elements_with_the_name_of_a_formula_may_be_none(
    snippet: str, text: str, formula: str
) -> None:
    page = extract_page(f"<body><article>{PROSE}<p>See</p>{snippet}{formula}</article>".encode())
    assert text in page.text
    assert page.formulas == (1 if formula else 0)


@pytest.mark.parametrize("tag", ["pre", "code", "textarea", "kbd", "samp", "option"])
def test_code_is_not_touched(tag: str) -> None:
    inside = r"\(x^2\) $\alpha$ $$y_1$$ \[z\]"
    page = extract_page(f"<body>{PROSE}<div>see <{tag}>{inside}</{tag}></div></body>".encode())
    assert page.formulas == 0
    if tag in ("pre", "code", "kbd", "samp"):
        assert inside in page.text


def test_source_of_scripts_is_no_text() -> None:
    page = extract_page(
        rf"<body>{PROSE}<script>var a = '\(x^2\)'; $('#x');</script><style>p{{}}</style>".encode()
    )
    assert page.formulas == 0
    assert "var a" not in page.text


@pytest.mark.parametrize(
    "snippet",
    [
        "as shown before<sup>[1]</sup>, or",
        "the 2<sup>nd</sup> of May",
        'see above<sup><a href="#n1">1</a></sup>, or',
        "Brand<sup>TM</sup> is",
        "a long word<sup>3</sup>, with a note",
    ],
)
def test_notes_and_ordinals_are_no_scripts(snippet: str) -> None:
    page = extract_page(f"<body>{PROSE}<p>{snippet}</p></body>".encode())
    assert "^" not in page.text


@pytest.mark.parametrize(
    "image",
    [
        '<img alt="A cat on the mat" src="cat.png">',
        '<img alt="Graph of a function over time" class="math" src="graph.png">',
        r'<img alt="C:\temp\new folder" src="x.png">',
        '<img alt="$5 off" src="x.png">',
        '<img src="photo.php?tex=1&size=2">',
    ],
)
def test_other_images_are_no_formulas(image: str) -> None:
    assert extract_page(f"<body>{PROSE}<p>see {image} here</p></body>".encode()).formulas == 0


def test_marks_used_inside_are_taken_out_of_pages_that_hold_them() -> None:
    page = extract_page(f"<body>{PROSE}<p>a \ua874x\ua875 b &#xa876;y&#xa877;</p>".encode())
    assert page.formulas <= 2
    assert not set("\ua874\ua875\ua876\ua877") & set(page.text)
