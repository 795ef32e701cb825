"""Where pages keep TeX: their own delimiters, tags, attributes, elements, drawings and images."""

from __future__ import annotations

import pytest

from pipeline.text import extract_page
from tests.text.snippets import DOLLARS, MATHJAX, between, mathjax_config

KATEX = '<script src="https://cdn.example/katex/contrib/auto-render.min.js"></script>'


def _config2(pairs: str) -> str:
    kind = "text/x-mathjax-config"
    return (
        f'<script type="{kind}">MathJax.Hub.Config({{tex2jax: {{inlineMath: {pairs}}}}});</script>'
    )


#: Head, body and result.
CONFIGURED: dict[str, tuple[str, str, str]] = {
    "tildes": (_config2('[["~","~"]]'), "so ~m~ and ~k \\ge 2~", "so $m$ and $k \\ge 2$"),
    "at signs": (_config2('[["@","@"]]'), "so @m^2@ is", "so $m^2$ is"),
    "double at signs": (_config2('[["@@","@@"]]'), "so @@m^2@@ is", "so $m^2$ is"),
    "per cent": (_config2('[["%","%"]]'), "so %y^2 + 1% is", "so $y^2 + 1$ is"),
    "pipes": (_config2('[["||","||"]]'), "so ||y^2|| is", "so $y^2$ is"),
    "braces": (mathjax_config("inlineMath: [['{{','}}']]"), "so {{ a_1 }} is", "so $a_1$ is"),
    "triple braces": (
        mathjax_config("inlineMath: [['{{{','}}}']]"), "so {{{ a_1 }}} is", "so $a_1$ is",
    ),
    "itex": (
        mathjax_config("inlineMath: [['[itex]','[/itex]']]"), "so [itex]a_1[/itex] is",
        "so $a_1$ is",
    ),
    "brackets of one's own": (
        mathjax_config("inlineMath: [['[[',']]']]"), "so [[a_1]] is", "so $a_1$ is",
    ),
    "a sign of one's own": (
        mathjax_config("inlineMath: [['§','§']]"), "so §a_1 + b§ is", "so $a_1 + b$ is",
    ),
    "AsciiMath between hashes": (
        '<script type="text/x-mathjax-config">MathJax.Hub.Config({jax: ["input/AsciiMath"], '
        'asciimath2jax: {delimiters: [["#","#"]]}});</script>',
        "so #sqrt(y) + 1/3# and #7#", "so $\\sqrt{y} + \\frac{1}{3}$ and $7$",
    ),
    "KaTeX's": (
        KATEX + "<script>renderMathInElement(document.body, {delimiters: [{left: '%%', right: "
        "'%%', display: false}]});</script>",
        "so %%a_1%% is", "so $a_1$ is",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGURED)
def test_delimiters_that_the_page_configures(name: str) -> None:
    head, body, expected = CONFIGURED[name]
    assert between(f"<p>{body}</p>", head) == expected


def test_one_sign_that_the_page_configures_is_no_delimiter_of_prose() -> None:
    head = _config2('[["~","~"]]')
    assert between("<p>about ~5 people, or ~six of them</p>", head) == (
        "about ~5 people, or ~six of them"
    )


TAGGED = {
    "[latex]\\frac{2}{3}[/latex]": "$\\frac{2}{3}$",
    "[latex]y[/latex]": "$y$",
    "[tex]3y = 6[/tex]": "$3y = 6$",
    "[math]y^3[/math]": "$y^3$",
    "[itex]E = mc^2[/itex]": "$E = mc^2$",
    "[imath]n[/imath]": "$n$",
    "[katex]n^2[/katex]": "$n^2$",
    "{eq}z{/eq}": "$z$",
    "{tex}z^2{/tex}": "$z^2$",
    "##F = ma##": "$F = ma$",
    "##\\alpha##": "$\\alpha$",
    "$$$m$$$": "$m$",
    "$$$1 \\le m$$$": "$1 \\le m$",
    "$latex y^2$": "$y^2$",
    "{% katex %}y^2{% endkatex %}": "$y^2$",
    "{{< katex >}}y^2{{< /katex >}}": "$y^2$",
    "$<code>y^2</code>$": "$y^2$",
    # none
    "[math] tags and [tex] tags": "[math] tags and [tex] tags",
    "[math]words alone here[/math]": "[math]words alone here[/math]",
    "$$$ cheap, $$$ dear": "$$$ cheap, $$$ dear",
    "##a heading## of it": "##a heading## of it",
    "#1 and ##2": "#1 and ##2",
}


@pytest.mark.parametrize("body", TAGGED)
def test_tags_of_plugins_need_no_configuration(body: str) -> None:
    assert between(f"<p>so {body} is</p>") == f"so {TAGGED[body]} is"


def test_displayed_tags_are_displayed() -> None:
    assert "$$\\sum_i i$$" in between("<p>so $$$$$$\\sum_i i$$$$$$ is</p>")
    assert "$$\\sum_i i$$" in between("<p>[latexdisplay]\\sum_i i[/latexdisplay]</p>")
    assert "$$\\sum_i i$$" in between("<p>```math<br>\\sum_i i<br>```</p>")


#: What stands in a paragraph, and what it is read as; None: as it stands.
ELEMENTS = {
    # elements
    "<math-field>y^2</math-field>": "$y^2$",
    "<math-field value='y^2'></math-field>": "$y^2$",
    "<math-inline>y^2</math-inline>": "$y^2$",
    "<x-tex>y^2</x-tex>": "$y^2$",
    "<la-tex>y^2</la-tex>": "$y^2$",
    "<tex>y^2</tex>": "$y^2$",
    "<latex>\\beta</latex>": "$\\beta$",
    "<katex>\\beta</katex>": "$\\beta$",
    "<dt-math>y</dt-math>": "$y$",
    "<m>y^2</m>": "$y^2$",
    "<eq>y^2</eq>": "$y^2$",
    "<embed-katex><eq class='zenn-katex'>y^2</eq></embed-katex>": "$y^2$",
    "<em class='math'>y + 1</em>": "$y + 1$",
    "<i class='math'>y + 1</i>": "$y + 1$",
    "<span class='math inline'>y + 1</span>": "$y + 1$",
    # attributes
    "<span data-latex='y^2'></span>": "$y^2$",
    "<span data-type='inline-math' data-latex='y'></span>": "$y$",
    "<span class='katex-source' data-formula='y^2'></span>": "$y^2$",
    "<span class='ql-formula' data-value='y^2'></span>": "$y^2$",
    "<span class='math' data-value='y'></span>": "$y$",
    "<span class='anything' data-math='y^2'></span>": "$y^2$",
    "<span role='math' aria-label='\\frac{1}{y}'></span>": "$\\frac{1}{y}$",
    "<amp-mathml inline data-formula='\\(y^2\\)'></amp-mathml>": "$y^2$",
    "<span class='mwe-math-element' data-mw='{\"name\":\"math\",\"body\":{\"extsrc\":\"y^2\"}}'>"
    "</span>": "$y^2$",
    "<span data-attrs='{\"persistentExpression\":\"y^2\"}'></span>": "$y^2$",
    # drawings
    "<svg><title>\\gamma^2</title><g></g></svg>": "$\\gamma^2$",
    "<svg aria-label='\\gamma^2'><g></g></svg>": "$\\gamma^2$",
    "<svg><desc>\\gamma^2</desc><g></g></svg>": "$\\gamma^2$",
    "<span class='mjpage'><svg><title>y</title><g></g></svg></span>": "$y$",
    # images
    "<img class='inlineformula' alt='y'>": "$y$",
    "<img src='/images/latexrender/1.png' alt='y=3'>": "$y=3$",
    "<img src='/cgi-bin/mimetex/1.gif' alt='y=3'>": "$y=3$",
    "<img src='/x.png' title='\\frac{1}{y}'>": "$\\frac{1}{y}$",
    "<img src='https://site.example/equation_images/%255Cfrac%257B1%257D%257By%257D'>":
        "$\\frac{1}{y}$",
    "<img src='/camo/1' data-canonical-src='https://latex.codecogs.com/svg.latex?y^2'>": "$y^2$",
    "<a href='https://www.codecogs.com/eqnedit.php?latex=y^2'><img src='/1.png'></a>": "$y^2$",
    "<amp-img class='latex' alt='y^2' src='/1.png'></amp-img>": "$y^2$",
    "<object data='https://latex.codecogs.com/svg.latex?y^2'></object>": "$y^2$",
    # copies
    "<span class='inline-math'><img src='/1.svg' alt='y'><span style='display:none'>~y~</span>"
    "</span>": "$y$",
    "<span class='katex'>\\(y^2\\)</span>": "$y^2$",
    "\\(y^2\\)\\(y^2\\)": "$y^2$",
    # MathML
    "<math>\\frac{1}{y} + \\delta_1</math>": "$\\frac{1}{y} + \\delta_1$",
    "<math>y^2+1</math>": "$y^2+1$",
    "<math><mtext>\\delta_1</mtext></math>": "$\\delta_1$",
    "<math><mrow>\\delta_1</mrow></math>": "$\\delta_1$",
    "<math><mi>A</mi><mo>\\</mo><mi>B</mi></math>": "$A\\backslash B$",
    # none
    "<math-note>as has been said above by many</math-note>": "as has been said above by many",
    "<span class='math-note'>as has been said above</span>": "as has been said above",
    "<span class='lt-math-15120'>Prove that <i>it</i> is so</span>": "Prove that it is so",
    "<span data-value='12'>twelve</span>": "twelve",
    "<span data-content='a_tooltip of it'></span>": "",
    "<svg><title>Menu</title><g></g></svg>": "",
    "<svg aria-label='Open the menu'><g></g></svg>": "",
    "<svg><title>x squared plus one</title><g></g></svg>": "",
    "<img src='/tex/logo.png' alt='The TeX logo'>": "",
    "<img src='/formulas/car.png' alt='A racing car'>": "",
    "<var>name</var> and <var>x_1</var>": "name and x_1",
}  # fmt: skip


@pytest.mark.parametrize("snippet", ELEMENTS)
def test_formula_of_an_element(snippet: str) -> None:
    expected = f"so {ELEMENTS[snippet]} is"
    assert between(f"<p>so {snippet} is</p>") == " ".join(expected.split())


DISPLAYED = [
    "<math-div>\\sum_i i</math-div>",
    "<section><eqn>\\sum_i i</eqn></section>",
    "<section><eqn><embed-katex display-mode='1'>\\sum_i i</embed-katex></eqn></section>",
    "<me>\\sum_i i</me>",
    "<dt-math block>\\sum_i i</dt-math>",
    "<div data-type='block-math' data-latex='\\sum_i i'></div>",
    "<div class='latex-rendered' data-attrs='{\"persistentExpression\":\"\\\\sum_i i\"}'></div>",
    "<amp-mathml data-formula='\\[\\sum_i i\\]'></amp-mathml>",
    "<span class='mjpage mjpage__block'><svg><title>\\sum_i i</title><g></g></svg></span>",
    "<pre><code class='language-math'>\\sum_i i\n</code></pre>",
    "<pre lang='math'><code>\\sum_i i</code></pre>",
    "<div data-lang='math'><div class='highlight'><pre><code>\\sum_i i</code></pre></div></div>",
    "<div class='highlight-source-math'></div><pre class='language-math'>\\sum_i i</pre>",
    "<span class='display-math'><img alt='\\sum_i i'><span style='display:none'>$$\\sum_i i$$"
    "</span></span>",
]


@pytest.mark.parametrize("snippet", DISPLAYED)
def test_displayed_formula_of_an_element(snippet: str) -> None:
    assert between(f"<p>text</p>{snippet}") == "text\n\n$$\\sum_i i$$"


def test_rows_of_a_formula_are_aligned() -> None:
    assert between("<md><mrow>a &amp;= b</mrow><mrow>c &amp;= d</mrow></md>") == (
        "$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$"
    )


def test_variables_are_formulas_where_one_is_tex() -> None:
    body = "<p>given <var>M</var> and <var>B_j</var>, <var>1 \\leq M</var>, modulo <var>7</var></p>"
    assert between(body) == "given $M$ and $B_j$, $1 \\leq M$, modulo $7$"
    body = "<p>given <var>M</var> and <var>B_j</var>, \\(M \\ge 1\\)</p>"
    assert between(body, KATEX) == "given $M$ and $B_j$, $M \\ge 1$"
    assert between(body, MATHJAX) == "given M and B_j, $M \\ge 1$"
    assert between("<p>given <var>M</var> and <var>B_j</var></p>") == "given M and B_j"


CONTENT = {
    "<apply><plus/><ci>a</ci><cn>1</cn></apply>": "a+1",
    "<apply><times/><cn>2</cn><ci>a</ci></apply>": "2 a",
    "<apply><minus/><ci>a</ci><apply><minus/><ci>b</ci><ci>c</ci></apply></apply>": "a-(b-c)",
    "<apply><divide/><ci>a</ci><ci>b</ci></apply>": "\\frac{a}{b}",
    "<apply><power/><apply><plus/><ci>a</ci><ci>b</ci></apply><cn>2</cn></apply>": "(a+b)^2",
    "<apply><root/><degree><cn>3</cn></degree><ci>a</ci></apply>": "\\sqrt[3]{a}",
    "<apply><sin/><ci>a</ci></apply>": "\\sin a",
    "<apply><ci>f</ci><ci>a</ci></apply>": "f(a)",
    "<apply><in/><ci>a</ci><reals/></apply>": "a \\in \\mathbb{R}",
    "<apply><sum/><bvar><ci>i</ci></bvar><lowlimit><cn>1</cn></lowlimit><uplimit><ci>n</ci>"
    "</uplimit><ci>i</ci></apply>": "\\sum_{i=1}^n i",
    "<apply><int/><bvar><ci>t</ci></bvar><lowlimit><cn>0</cn></lowlimit><uplimit><cn>1</cn>"
    "</uplimit><ci>t</ci></apply>": "\\int_0^1 t \\, dt",
    "<apply><diff/><bvar><ci>t</ci></bvar><ci>y</ci></apply>": "\\frac{d y}{dt}",
    "<cn type='rational'>2<sep/>3</cn>": "\\frac{2}{3}",
    "<set><ci>a</ci><ci>b</ci></set>": "\\{a, b\\}",
    "<matrix><matrixrow><cn>1</cn><cn>2</cn></matrixrow></matrix>":
        "\\begin{pmatrix} 1 & 2 \\end{pmatrix}",
}  # fmt: skip


@pytest.mark.parametrize("markup", CONTENT)
def test_content_mathml_is_read(markup: str) -> None:
    assert between(f"<p>so <math>{markup}</math> is</p>") == f"so ${CONTENT[markup]}$ is"


MENDED = {
    "\\(f&#8217;(t) &#8211; g&#8221;(t)\\)": "$f'(t) - g''(t)$",
    "\\(a &amp;lt; b\\)": "$a < b$",
    "\\(a &amp;amp;lt; b\\)": "$a < b$",
    "\\(x \\r ightarrow y\\)": "$x \\rightarrow y$",
    "\\(\\fr ac{1}{2}\\)": "$\\frac{1}{2}$",
    "\\(\\frac&lt;br /&gt; {1}{2}\\)": "$\\frac {1}{2}$",
    "\\(a&lt;em&gt;1 + b&lt;/em&gt;2\\)": "$a_1 + b_2$",
    "\\(\\text{don&#8217;t} \\in A\\)": "$\\text{don’t} \\in A$",
    "\\(a &lt; b\\)": "$a < b$",
    "\\(\\in a\\)": "$\\in a$",
    "\\(2 × 3 ≤ π\\)": "$2 × 3 ≤ π$",
    # What Markdown leaves of two backslashes, and of those of delimiters.
    "\\(\\begin{bmatrix} 0\\ -2p\\ 1 \\end{bmatrix}\\)":
        "$\\begin{bmatrix} 0\\\\ -2p\\\\ 1 \\end{bmatrix}$",
    "\\(\\begin{cases} 0,&x<0\\ 1,&x>0\\ \\end{cases}\\)":
        "$\\begin{cases} 0,&x<0\\\\ 1,&x>0\\\\ \\end{cases}$",
    "\\(\\begin{cases} a &\\text{if}\\ b \\end{cases}\\)":
        "$\\begin{cases} a &\\text{if}\\ b \\end{cases}$",
    "\\(\\begin{aligned} a &= b\\ c \\end{aligned}\\)":
        "$\\begin{aligned} a &= b\\ c \\end{aligned}$",
    "( f(x) \\in \\mathbb{R} )": "$f(x) \\in \\mathbb{R}$",
    "(as \\LaTeX says)": "(as \\LaTeX says)",
    "(for all numbers \\alpha there are)": "(for all numbers \\alpha there are)",
    "[\\alpha]": "[\\alpha]",
}  # fmt: skip


def test_tex_in_brackets_is_displayed_where_it_is_a_block() -> None:
    body = "<p>so it is</p><p>[ \\int_0^1 t \\, dt ]</p><p>where we are</p>"
    shown = "so it is\n\n$$\\int_0^1 t \\, dt$$\n\nwhere we are"
    assert between(body, MATHJAX) == shown
    assert between(body) == shown.replace("$$\\int", "[ \\int").replace("dt$$", "dt ]")


@pytest.mark.parametrize("body", MENDED)
def test_what_sites_did_to_tex_is_undone(body: str) -> None:
    assert between(f"<p>so {body} is</p>", MATHJAX) == f"so {MENDED[body]} is"


@pytest.mark.parametrize(
    "body",
    [
        "Shares of $ABC, $DEF and $GHI rose; $JKL,$MNO fell.",
        "Long $ABC/$DEF, short ($GHI)($JKL).",
        "It is $ABC $DEF today.",
        "Watch $abc, $def, $ghi.",
    ],
)
def test_cashtags_are_no_formulas_where_dollars_are_delimiters(body: str) -> None:
    assert between(f"<p>{body}</p>", DOLLARS) == body


DATA = '{"a": [{"title": "Sum", "text": "Given $n$ numbers, find $\\\\sum_i a_i$, please."}]}'


def test_data_of_a_page_drawn_by_scripts_is_its_text() -> None:
    html = f'<body><div id=app></div><script type="application/json">{DATA}</script></body>'
    assert extract_page(html.encode()).text == "Given $n$ numbers, find $\\sum_i a_i$, please."


@pytest.mark.parametrize(
    "element",
    [
        '<section data-markdown><script type="text/template">{}</script></section>',
        "<template>{}</template>",
        '<textarea id="source">{}</textarea>',
        '<script type="text/markdown">{}</script>',
    ],
)
def test_slides_in_templates_are_the_text_of_a_page_without_any(element: str) -> None:
    head = "<head><script src='reveal/plugin/math/math.js'></script></head>"
    body = element.format("Let $y^2 + \\beta$ be a formula of some length.")
    assert extract_page(f"{head}<body>{body}</body>".encode()).text == (
        "Let $y^2 + \\beta$ be a formula of some length."
    )


def test_data_of_a_page_with_text_is_none_of_it() -> None:
    text = between(f'<p>text</p><script type="application/json">{DATA}</script>')
    assert text == "text"
