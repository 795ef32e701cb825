"""What programs and sites make of formulas, one golden snippet or more for each.

The markup is of the same form as what they emit, the formulas are of our own making.
What is compared is all that stands between two paragraphs: nothing doubled, nothing lost.
"""

from __future__ import annotations

import time

import pytest

from pipeline.text import EXTRACTORS, Extractor, extract_page

BEFORE = (
    "This paragraph stands before the one with the formula and is plain prose, long enough that "
    "no extractor takes the page for an empty one."
)
AFTER = "And this one stands after it, so that the formula is in the midst of the content."


def between(snippet: str, head: str = "", extractor: Extractor = "fast") -> str:
    html = (
        f"<!DOCTYPE html><html><head><title>Snippet</title>{head}</head><body><article>"
        f"<h1>Snippet</h1><p>{BEFORE}</p>{snippet}<p>{AFTER}</p></article></body></html>"
    )
    text = extract_page(html.encode(), extractor=extractor).text
    return text.split(BEFORE)[1].split(AFTER)[0].strip()


def annotated(mathml: str, tex: str, attributes: str = "") -> str:
    return (
        f'<math xmlns="http://www.w3.org/1998/Math/MathML"{attributes}><semantics><mrow>{mathml}'
        f'</mrow><annotation encoding="application/x-tex">{tex}</annotation></semantics></math>'
    )


SQUARE = "<msup><mi>x</mi><mn>2</mn></msup>"
KATEX_SQUARE = (
    '<span class="katex-html" aria-hidden="true"><span class="base"><span class="strut" '
    'style="height:0.8141em;"></span><span class="mord"><span class="mord mathnormal">x</span>'
    '<span class="msupsub"><span class="vlist-t"><span class="vlist-r"><span class="vlist" '
    'style="height:0.8141em;"><span style="top:-3.063em;margin-right:0.05em;"><span '
    'class="pstrut" style="height:2.7em;"></span><span class="sizing reset-size6 size3 mtight">'
    '<span class="mord mtight">2</span></span></span></span></span></span></span></span></span>'
    "</span>"
)


def katex(tex: str = "x^2", *, mathml: bool = True) -> str:
    hidden = f'<span class="katex-mathml">{annotated(SQUARE, tex)}</span>' if mathml else ""
    return f'<span class="katex">{hidden}{KATEX_SQUARE}</span>'


def mathjax_config(options: str) -> str:
    return f"<script>window.MathJax = {{tex: {{{options}}}}};</script>"


MATHJAX = '<script src="https://cdn.example/mathjax@3/es5/tex-mml-chtml.js"></script>'
ASCIIMATH = '<script src="https://cdn.example/MathJax.js?config=AM_CHTML"></script>'
DOLLARS = mathjax_config("inlineMath: [['$', '$'], ['\\\\(', '\\\\)']]") + MATHJAX
DISPLAYED = "text\n\n$$x^2$$"

#: Name to snippet and what stands there in the end.
NOTATIONS: dict[str, tuple[str, str]] = {
    # --- delimiters in text
    "paren": (r"<p>so \(x^2\) holds</p>", "so $x^2$ holds"),
    "bracket": (r"<p>so \[x^2\] holds</p>", "so $$x^2$$ holds"),
    "dollars of code fences": (r"<p>so $$\alpha$$ holds</p>", r"so $$\alpha$$ holds"),
    "number beside it": (r"<p>\[x^2\] (1)</p>", "$$x^2$$ (1)"),
    "number in a span": (r"<div>\[x^2\]<span class='eqno'>(2.3)</span></div>", "$$x^2$$ (2.3)"),
    "several in a line": (
        r"<p>if \(a\) and $\beta$, \(c\)</p>", r"if $a$ and $\beta$, $c$",
    ),
    "in cells": (
        r"<table><tr><td>\(a\)</td><td>\(b^2\)</td></tr></table>", "$a$ | $b^2$",
    ),
    "Chinese prose": (
        r"<p>设函数$f(x)=\ln x$，则\(f'(1)=1\)。</p>", r"设函数$f(x)=\ln x$，则$f'(1)=1$。",
    ),
    "Hexo: underscores that were emphasis": (
        r"<p>so $a<em>{1}+\beta b</em>{2}$ holds</p>", r"so $a_{1}+\beta b_{2}$ holds",
    ),
    "Hugo: less-than signs": (r"<p>so \(a &lt; b\) holds</p>", "so $a < b$ holds"),
    "one line break within": (r"<p>so $x_1<br>+ \beta$ holds</p>", r"so $x_1 + \beta$ holds"),
    # --- scripts
    "script with a preview of kramdown": (
        '<p>so <span class="MathJax_Preview">x^2</span><script type="math/tex">x^2</script> is</p>',
        "so $x^2$ is",
    ),
    "script, display": (
        '<p>text</p><script type="math/tex; mode=display">x^2</script>', DISPLAYED,
    ),
    "script, CDATA": (
        '<p>text</p><script type="math/tex; mode=display">% <![CDATA[\na < b %]]></script>',
        "text\n\n$$a < b$$",
    ),
    "script of MathML": (
        f'<p>so <script type="math/mml"><math>{SQUARE}</math></script> is</p>', "so $x^2$ is",
    ),
    "script of AsciiMath": (
        '<p>so <script type="math/asciimath">sum_(i=1)^n i</script> is</p>',
        r"so $\sum_{i=1}^n i$ is",
    ),
    # --- MathJax 2
    "MathJax 2, HTML-CSS": (
        '<p>so <span class="MathJax_Preview" style="color: inherit;"></span><span class="MathJax" '
        'id="MathJax-Element-1-Frame" tabindex="0" data-mathml="&lt;math&gt;&lt;mi&gt;x&lt;/mi&gt;'
        '&lt;/math&gt;" role="presentation"><nobr aria-hidden="true"><span class="math" '
        'id="MathJax-Span-1"><span class="mrow"><span class="mi">x</span></span></span></nobr>'
        '<span class="MJX_Assistive_MathML" role="presentation"><math><mi>x</mi></math></span>'
        '</span><script type="math/tex" id="MathJax-Element-1">x</script> holds</p>',
        "so $x$ holds",
    ),
    "MathJax 2, CommonHTML, display": (
        '<p>text<span class="MathJax_Preview"></span><span class="mjx-chtml MJXc-display" '
        'style="text-align: center;"><span id="MathJax-Element-2-Frame" class="mjx-chtml '
        'MathJax_CHTML"><span class="mjx-math"><span class="mjx-mrow"><span class="mjx-mi">'
        '<span class="mjx-char">x</span></span></span></span></span></span><script '
        'type="math/tex; mode=display" id="MathJax-Element-2">x^2</script></p>',
        "text $$x^2$$",
    ),
    "MathJax 2, SVG, display": (
        '<p>text</p><span class="MathJax_Preview"></span><div class="MathJax_SVG_Display">'
        '<span class="MathJax_SVG" id="MathJax-Element-3-Frame"><svg><text>x2</text></svg></span>'
        '</div><script type="math/tex; mode=display" id="MathJax-Element-3">x^2</script>',
        DISPLAYED,
    ),
    "MathJax 2, SVG, Elsevier": (
        '<p>so <span class="math"><span class="MathJax_Preview" style="color: inherit;"></span>'
        f'<span class="MathJax_SVG" data-mathml="&lt;math/&gt;"><svg><g></g></svg><span '
        f'class="MJX_Assistive_MathML" role="presentation"><math>{SQUARE}</math></span></span>'
        f'<script type="math/mml" id="MathJax-Element-4"><math>{SQUARE}</math></script></span>'
        " holds</p>",
        "so $x^2$ holds",
    ),
    # --- MathJax 3 and 4
    "MathJax 3, CHTML": (
        '<p>so <mjx-container class="MathJax" jax="CHTML" tabindex="0"><mjx-math class="MJX-TEX" '
        'aria-hidden="true"><mjx-msup><mjx-mi class="mjx-i"><mjx-c class="mjx-c1D465 TEX-I">'
        '</mjx-c></mjx-mi><mjx-script style="vertical-align: 0.363em;"><mjx-mn class="mjx-n" '
        'size="s"><mjx-c class="mjx-c32"></mjx-c></mjx-mn></mjx-script></mjx-msup></mjx-math>'
        f'<mjx-assistive-mml unselectable="on" display="inline"><math>{SQUARE}</math>'
        "</mjx-assistive-mml></mjx-container> holds</p>",
        "so $x^2$ holds",
    ),
    "MathJax 3, SVG": (
        '<p>text</p><mjx-container class="MathJax" jax="SVG" display="true"><svg><g></g></svg>'
        f'<mjx-assistive-mml unselectable="on" display="block"><math display="block">{SQUARE}'
        "</math></mjx-assistive-mml></mjx-container>",
        DISPLAYED,
    ),
    "MathJax 4": (
        '<p>so <mjx-container class="MathJax" jax="CHTML"><mjx-math data-latex="x^2" '
        'data-semantic-structure="(2 0 1)"><mjx-c>x</mjx-c></mjx-math></mjx-container> is</p>',
        "so $x^2$ is",
    ),
    # --- KaTeX
    "KaTeX": (f"<p>so {katex()} holds</p>", "so $x^2$ holds"),
    "KaTeX, HTML alone": (f"<p>so {katex(mathml=False)} holds</p>", "so $x^2$ holds"),
    "KaTeX, MathML alone": (
        f'<p>so <span class="katex">{annotated(SQUARE, "x^2")}</span> is</p>', "so $x^2$ is",
    ),
    "KaTeX, display": (
        f'<p>text</p><p><span class="katex-display">{katex()}</span></p>', DISPLAYED,
    ),
    "KaTeX, error": (
        '<p>so <span class="katex-error" title="ParseError: KaTeX parse error: Undefined control '
        r'sequence: \foo" style="color:#cc0000">\foo x^2</span> is</p>',
        r"so $\foo x^2$ is",
    ),
    "KaTeX of CSDN, without MathML's tags": (
        '<p>so <span class="katex--inline"><span class="katex"><span class="katex-mathml">\n     '
        f"\n      \n        x\n        2\n      \n      x^2\n   </span>{KATEX_SQUARE}</span></span>"
        " holds</p>",
        "so $x^2$ holds",
    ),
    "KaTeX of CSDN": (
        '<p>text</p><div class="katex--display"><span class="katex-display">'
        f"{katex()}</span></div>",
        DISPLAYED,
    ),
    "Docusaurus": (
        f'<p>text</p><div class="math math-display"><span class="katex-display">{katex()}</span>'
        "</div>",
        DISPLAYED,
    ),
    "Luogu": (f'<div class="marked"><p>给定 {katex()}，求</p></div>', "给定 $x^2$，求"),
    "Notion": (
        '<p>so <style>@import url("https://cdn.example/katex.min.css")</style><span '
        'data-token-index="0" contenteditable="false" class="notion-text-equation-token" '
        f'style="user-select:all"><span></span><span>{katex()}</span></span> holds</p>',
        "so $x^2$ holds",
    ),
    "Notion, display": (
        '<p>text</p><figure class="equation"><style>@import url("katex.css")</style><div '
        f'class="equation-container"><span class="katex-display">{katex()}</span></div></figure>',
        DISPLAYED,
    ),
    # --- MathML
    "MathML with TeX": (f"<p>so {annotated(SQUARE, 'x^2')} is</p>", "so $x^2$ is"),
    "MathML with alttext": (
        r'<p>so <math alttext="\sqrt{2}"><msqrt><mn>2</mn></msqrt></math> is</p>',
        r"so $\sqrt{2}$ is",
    ),
    "MathML": (f"<p>so <math>{SQUARE}</math> is</p>", "so $x^2$ is"),
    "MathML, display": (f'<p>text</p><math display="block">{SQUARE}</math>', DISPLAYED),
    "MathML with m:": (
        "<p>so <m:math><m:msup><m:mi>x</m:mi><m:mn>2</m:mn></m:msup></m:math> is</p>",
        "so $x^2$ is",
    ),
    "MathML with mml:": (
        "<p>so <mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></p>",
        "so $x^2$",
    ),
    "Temml": (
        f'<p>text</p>{annotated(SQUARE, "x^2", " display=block class=tml-display")}', DISPLAYED,
    ),
    "itex of nLab": (
        f'<p>so {annotated(SQUARE, "x^2", " display=inline class=maruku-mathml")} is</p>',
        "so $x^2$ is",
    ),
    "itex of nLab, display with its number": (
        '<p>text</p><div class="maruku-equation" id="eq:one">'
        f'{annotated(SQUARE, "x^2", " display=block class=maruku-mathml")}'
        '<span class="maruku-eq-number">(1)</span></div>',
        "text\n\n$$x^2$$ (1)",
    ),
    "LaTeXML": (
        '<p class="ltx_p">so <math id="p1.m1" class="ltx_Math" alttext="x^{2}" display="inline">'
        f"<semantics>{SQUARE}<annotation-xml encoding='MathML-Content'><apply><ci>x</ci></apply>"
        '</annotation-xml><annotation encoding="application/x-tex">x^{2}</annotation></semantics>'
        "</math> is</p>",
        "so $x^{2}$ is",
    ),
    "LaTeXML, aligned": (
        '<p>text</p><table class="ltx_equationgroup ltx_eqn_align ltx_eqn_table" id="E2"><tbody '
        'id="E2.1"><tr class="ltx_equation ltx_eqn_row ltx_align_baseline"><td class="ltx_eqn_cell '
        'ltx_eqn_center_padleft"></td><td class="ltx_td ltx_align_right ltx_eqn_cell"><math '
        'class="ltx_Math" alttext="\\displaystyle a" display="inline"><mi>a</mi></math></td><td '
        'class="ltx_td ltx_align_left ltx_eqn_cell"><math class="ltx_Math" alttext='
        '"\\displaystyle=b" display="inline"><mi>b</mi></math></td><td class="ltx_eqn_cell '
        'ltx_eqn_center_padright"></td><td class="ltx_eqn_cell ltx_eqn_eqno"><span class="ltx_tag '
        'ltx_tag_equation">(1)</span></td></tr></tbody><tbody id="E2.2"><tr class="ltx_equation '
        'ltx_eqn_row"><td class="ltx_td ltx_eqn_cell"></td><td class="ltx_td ltx_align_left '
        'ltx_eqn_cell"><math class="ltx_Math" alttext="\\displaystyle=c" display="inline">'
        "<mi>c</mi></math></td></tr></tbody></table>",
        r"text" "\n\n" r"$$\begin{align} a&=b \tag{1} \\ &=c \end{align}$$",
    ),
    # --- Wikimedia
    "Wikipedia": (
        '<p>so <span class="mwe-math-element mwe-math-element-inline"><span '
        'class="mwe-math-mathml-inline mwe-math-mathml-a11y" style="display: none;">'
        + annotated(SQUARE, r"{\displaystyle x^{2}}", r' alttext="{\displaystyle x^{2}}"')
        + '</span><img src="https://wikimedia.org/api/rest_v1/media/math/render/svg/0a" '
        'class="mwe-math-fallback-image-inline mw-invert skin-invert" aria-hidden="true" '
        r'alt="{\displaystyle x^{2}}"></span> is</p>',
        "so $x^{2}$ is",
    ),
    "Wikipedia, block": (
        '<p>text</p><div class="mwe-math-element mwe-math-element-block"><span '
        'class="mwe-math-mathml-display mwe-math-mathml-a11y" style="display: none;">'
        + annotated(SQUARE, r"{\displaystyle x^{2}}", ' display="block"')
        + '</span><img src="https://wikimedia.org/api/rest_v1/media/math/render/svg/0a" '
        r'class="mwe-math-fallback-image-display" alt="{\displaystyle x^{2}}"></div>',
        "text\n\n$$x^{2}$$",
    ),
    "Wikipedia's image in its element": (
        '<p>so <span class="mwe-math-element"><img class="mwe-math-fallback-image-inline" '
        r'src="https://wikimedia.org/x" alt="{\displaystyle x^{2}}"></span> is</p>',
        "so $x^{2}$ is",
    ),
    "Wikipedia's image alone": (
        '<p>so <img class="mwe-math-fallback-image-inline" src="https://wikimedia.org/x" '
        r'alt="{\displaystyle x^{2}}"> is</p>',
        "so $x^{2}$ is",
    ),
    "Wikipedia, chemistry": (
        '<p>so <span class="mwe-math-element"><span class="mwe-math-mathml-inline" '
        'style="display: none;">'
        + annotated("<mi>H</mi>", r"{\displaystyle {\ce {H2O}}}")
        + r'</span><img alt="{\displaystyle {\ce {H2O}}}"></span> is</p>',
        r"so ${\ce {H2O}}$ is",
    ),
    "MediaWiki's texhtml": (
        '<p>so <span class="texhtml"><i>x</i><sub>1</sub><sup>2</sup> &minus; sin <i>&alpha;</i>'
        "</span> is</p>",
        r"so $x_1^2- \sin \alpha$ is",
    ),
    "MediaWiki's variable": (
        '<p>so <span class="texhtml mvar" style="font-style:italic;">n</span> is</p>', "so $n$ is",
    ),
    "MediaWiki's fraction": (
        '<p>so <span class="texhtml"><span class="sfrac"><span class="tion"><span class="num">'
        '<i>a</i> + 1</span><span class="sr-only">/</span><span class="den">2</span></span></span>'
        "</span> is</p>",
        r"so $\frac{a+ 1}{2}$ is",
    ),
    "MediaWiki's root": (
        '<p>so <span class="texhtml"><span class="nowrap">&#8730;<span style="border-top:1px '
        'solid; padding:0 0.1em;">2<i>x</i></span></span></span> is</p>',
        r"so $\sqrt{2x}$ is",
    ),
    "MediaWiki's old image": (
        '<p>so <img class="tex" alt="x^2" src="/math/a/b/c/abc.png" /> is</p>', "so $x^2$ is",
    ),
    # --- images
    "WordPress": (
        '<p>so <img src="https://s0.wp.com/latex.php?latex=x%5E2+%2B+1&amp;bg=ffffff&amp;fg=000'
        '&amp;s=0&amp;c=20201002" alt="x^2 + 1" class="latex" /> is</p>',
        "so $x^2 + 1$ is",
    ),
    "WordPress, late": (
        '<p>so <img data-lazy-src="https://s0.wp.com/latex.php?latex=x%5E2&amp;bg=ffffff" '
        'src="data:image/gif;base64,R0lGOD" alt="x^2" class="latex" /> is</p>',
        "so $x^2$ is",
    ),
    "QuickLaTeX": (
        '<p>so <img src="https://blog.example/wp-content/ql-cache/quicklatex.com-0_l3.png" '
        'class="ql-img-inline-formula quicklatex-auto-format" alt="&#120;&#94;&#50;" '
        'title="Rendered by QuickLaTeX.com" height="12" width="6"/> is</p>',
        "so $x^2$ is",
    ),
    "QuickLaTeX, display with its number": (
        '<p>text</p><p class="ql-center-displayed-equation" style="line-height: 18px;"><span '
        'class="ql-right-eqno"> (1) </span><span class="ql-left-eqno"> &nbsp; </span><img '
        'src="https://blog.example/wp-content/ql-cache/quicklatex.com-0_l3.png" height="18" '
        'class="ql-img-displayed-equation quicklatex-auto-format" alt="&#92;&#91;&#120;&#94;&#50;'
        '&#92;&#93;" title="Rendered by QuickLaTeX.com"/></p>',
        "text\n\n(1) $$x^2$$",
    ),
    "CodeCogs, linked": (
        '<p>so <a href="https://www.codecogs.com/eqnedit.php?latex=x^2" target="_blank"><img '
        'src="https://latex.codecogs.com/gif.latex?x^2" title="x^2" /></a> is</p>',
        "so $x^2$ is",
    ),
    "Sphinx's image": (
        '<p>so <img class="math" src="_images/math/0.png" alt="x^2"/> is</p>', "so $x^2$ is",
    ),
    "Sphinx's image, display with its number": (
        '<p>text</p><div class="math" id="equation-e">\n<p><span class="eqno">(1)<a '
        'class="headerlink" href="#equation-e" title="Permalink">¶</a></span><img '
        'src="_images/math/0.png"\nalt="x^2"/></p>\n</div>',
        "text\n\n(1) $$x^2$$",
    ),
    "Sphinx": (
        r'<p>so <span class="math notranslate nohighlight">\(x^2\)</span> is</p>', "so $x^2$ is",
    ),
    "Sphinx, display with its number": (
        '<p>text</p><div class="math notranslate nohighlight" id="equation-e">\n<span '
        'class="eqno">(1)<a class="headerlink" href="#equation-e">¶</a></span>\\[x^2\\]</div>',
        "text\n\n(1) $$x^2$$",
    ),
    "LaTeX2HTML": (
        '<P>so <IMG WIDTH="14" HEIGHT="13" ALIGN="BOTTOM" BORDER="0" SRC="img1.png" '
        'ALT="$x^2$"> is</P>',
        "so $x^2$ is",
    ),
    "LaTeX2HTML, comment": (
        '<P>so <!-- MATH\n $x^2$\n -->\n<IMG SRC="img1.gif" ALT="tex2html_wrap_inline12"> is</P>',
        "so $x^2$ is",
    ),
    "LaTeX2HTML, display": (
        '<P>text</P><P></P><DIV ALIGN="CENTER"><!-- MATH\n \\begin{displaymath}\nx^2\n'
        '\\end{displaymath}\n -->\n\n<IMG SRC="img2.png" ALT="\\begin{displaymath}x^2'
        '\\end{displaymath}">\n</DIV><P></P>',
        DISPLAYED,
    ),
    "LaTeX2HTML, number": (
        '<P>text</P><DIV ALIGN="CENTER"><TABLE WIDTH="100%"><TR VALIGN="MIDDLE"><TD NOWRAP '
        'ALIGN="CENTER"><IMG SRC="img3.png" ALT="\\begin{displaymath}x^2\\end{displaymath}"></TD>'
        '<TD NOWRAP WIDTH="10" ALIGN="RIGHT">(1)</TD></TR></TABLE></DIV>',
        "text\n\n$$x^2$$ (1)",
    ),
    "LaTeX2HTML without images": (
        '<P>so <SPAN CLASS="MATH"><I>x</I><SUP>2</SUP></SPAN> is</P>', "so $x^2$ is",
    ),
    "tex4ht": (
        '<p class="noindent">so <span class="cmmi-10">x</span><sup><span class="cmr-7">2</span>'
        "</sup> is</p>",
        "so x^2 is",
    ),
    "tex4ht, picture": (
        '<p>text</p><table class="equation"><tr><td><a id="x1-2r1"></a><center '
        'class="math-display"><img src="doc1x.png" alt="y = x + v " class="math-display" >'
        '</center></td><td class="equation-label">(1)</td></tr></table>',
        "text\n\n$$y = x + v$$ (1)",
    ),
    "tex4ht with MathJax": (
        '<p>text</p><div class="mathjax-env mathjax-align">\\begin{align} x^2 \\end{align}</div>',
        "text\n\n$$\\begin{align} x^2 \\end{align}$$",
    ),
    "HeVeA": (
        '<p>so <span style="font-style:italic">x</span><sup>2</sup> is</p>', "so x^2 is",
    ),
    "Doxygen": (
        '<p>text</p><p class="formulaDsp"><img class="formulaDsp" alt="\\[ x^2 \\]" '
        'src="form_1.png"/></p>',
        DISPLAYED,
    ),
    "AoPS": (
        '<p>so <img src="//latex.artofproblemsolving.com/3/4/b/0.png" class="latex" alt="$x^2$" '
        'style="vertical-align: 0px" width="14" height="13"> is</p>',
        "so $x^2$ is",
    ),
    "AoPS, display": (
        '<p>text<img src="//latex.artofproblemsolving.com/0.png" class="latexcenter" '
        'alt="\\[x^2\\]" width="14"></p>',
        "text $$x^2$$",
    ),
    # --- Chinese sites
    "Zhihu, image": (
        '<p>令 <img src="https://www.zhihu.com/equation?tex=x%5E2" alt="x^2" eeimg="1"> 则</p>',
        "令 $x^2$ 则",
    ),
    "Zhihu, span": (
        '<p>令 <span class="ztext-math" data-eeimg="1" data-tex="x^2">x^2</span> 则</p>',
        "令 $x^2$ 则",
    ),
    "Zhihu, formula drawn late": (
        '<p>令 <span class="ztext-math" data-eeimg="1" data-tex="x^2"><span></span><span><span '
        'class="MathJax_Preview"></span><span class="MathJax_SVG"><svg></svg></span><script '
        'type="math/tex;mode=inline">x^2</script></span></span> 则</p>',
        "令 $x^2$ 则",
    ),
    "Zhihu, display": (
        '<p>令 <span class="ztext-math" data-eeimg="1" data-tex="x^2\\\\">x^2</span> 则</p>',
        "令 $$x^2$$ 则",
    ),
    "mdnice": (
        '<p>令 <span class="span-inline-equation" data-formula="x^2" style="cursor: pointer;">'
        "<svg><g></g></svg></span> 则</p>",
        "令 $x^2$ 则",
    ),
    "cnblogs": (
        r'<p>text</p><div class="math display">\[x^2\]</div>', DISPLAYED,
    ),
    "Jianshu": (
        '<p>令 <img class="math-inline" src="https://math.jianshu.com/math?formula=x%5E2" '
        'alt="x^2" mathimg="1"> 则</p>',
        "令 $x^2$ 则",
    ),
    "Jianshu, display": (
        '<p>text</p><p><img class="math-block" src="https://math.jianshu.com/math?formula=x%5E2" '
        'alt="x^2" mathimg="1"></p>',
        DISPLAYED,
    ),
    "Bilibili": (
        '<p>令 <img type="latex" class="latex" src="//api.bilibili.com/x/web-frontend/mathjax/tex'
        '?formula=x%5E2" alt="x^2"> 则</p>',
        "令 $x^2$ 则",
    ),
    # --- elements that hold TeX
    "Stack Exchange": (r'<p>so <span class="math-container">$x$</span> is</p>', "so $x$ is"),
    "Stack Exchange, display": (
        r'<p>so <span class="math-container">$$x^2$$</span> is</p>', "so $$x^2$$ is",
    ),
    "GitHub": (
        '<p>so <math-renderer class="js-inline-math" style="display: inline-block" '
        'data-run-id="0">$x$</math-renderer> is</p>',
        "so $x$ is",
    ),
    "GitHub, display": (
        '<p>text</p><math-renderer class="js-display-math" style="display: block" '
        'data-run-id="0">$$x^2$$</math-renderer>',
        DISPLAYED,
    ),
    "GitLab": (
        '<p>so <code class="code math js-render-math" data-math-style="inline">x^2</code> is</p>',
        "so $x^2$ is",
    ),
    "GitLab, display": (
        '<p>text</p><pre class="code math js-render-math" data-math-style="display">x^2</pre>',
        DISPLAYED,
    ),
    "GitLab, display with code": (
        '<p>text</p><pre class="code highlight js-syntax-highlight language-math" '
        'data-math-style="display"><code class="js-render-math">x^2</code></pre>',
        DISPLAYED,
    ),
    "Discourse": (r'<p>so <span class="math">x</span> is</p>', "so $x$ is"),
    "Discourse, display": ('<p>text</p><div class="math">\nx^2\n</div>', DISPLAYED),
    "JATS": (
        "<p>so <inline-formula><alternatives><tex-math id='M1'>\\documentclass[12pt]{minimal}\n"
        "\\usepackage{amsmath}\n\\begin{document}$$x^2$$\\end{document}</tex-math><mml:math>"
        "<mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math><inline-graphic "
        'xlink:href="a.gif"/></alternatives></inline-formula> is</p>',
        "so $x^2$ is",
    ),
    "JATS, display with its number": (
        "<p>text</p><disp-formula id='E1'><label>(1)</label><alternatives><tex-math>"
        "\\begin{document}$$x^2$$\\end{document}</tex-math><mml:math><mml:mi>x</mml:mi></mml:math>"
        "</alternatives></disp-formula>",
        "text\n\n(1) $$x^2$$",
    ),
    "JATS, MathML alone": (
        "<p>text <disp-formula><mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup>"
        "</mml:math></disp-formula></p>",
        "text $$x^2$$",
    ),
    "Springer": (r'<p>so <span class="mathjax-tex">\(x^2\)</span> is</p>', "so $x^2$ is"),
    "Springer, display": (
        '<p>text</p><div id="Equ1" class="c-article-equation"><div '
        'class="c-article-equation__content"><span class="mathjax-tex">$$\\begin{aligned} x^2 '
        '\\end{aligned}$$</span></div><div class="c-article-equation__number"> (1) </div></div>',
        "text\n\n$$\\begin{aligned} x^2 \\end{aligned}$$ (1)",
    ),
    "Elsevier": (
        f'<p>so <span class="math"><math altimg="si1.svg" class="math">{SQUARE}</math></span></p>',
        "so $x^2$",
    ),
    "Elsevier, display with its number": (
        '<p>text</p><span class="display"><span id="fd1" class="formula"><span class="label">(1)'
        f'</span><span class="math"><math display="block">{SQUARE}</math></span></span></span>',
        "text\n\n(1) $$x^2$$",
    ),
    "Pandoc": (r'<p>so <span class="math inline">\(x^2\)</span> is</p>', "so $x^2$ is"),
    "Pandoc, display": (r'<p>so <span class="math display">\[x^2\]</span></p>', "so $$x^2$$"),
    "Pandoc for KaTeX": (
        '<p>so <span class="math inline">x</span> <span class="math display">x^2</span></p>',
        "so $x$ $$x^2$$",
    ),
    "Pandoc without an engine": (
        '<p>so <span class="math inline"><em>x</em><sup>2</sup> + <em>y</em></span> is</p>',
        "so $x^2+y$ is",
    ),
    "Pandoc, MathML": (
        f'<p>text</p><p>{annotated(SQUARE, "x^2", " display=block")}</p>', DISPLAYED,
    ),
    "Pandoc, images": (
        '<p>so <img style="vertical-align:middle" src="https://latex.codecogs.com/png.latex?x%5E2"'
        ' alt="x^2" title="x^2" class="math inline" /> is</p>',
        "so $x^2$ is",
    ),
    "Quarto": (
        r'<p>text <span id="eq-one"><span class="math display">\[x^2 \tag{1}\]</span></span></p>',
        r"text $$x^2 \tag{1}$$",
    ),
    "Docutils": (
        '<p>so <span class="formula"><i>x</i><sup>2</sup> = <span class="fraction"><span '
        'class="ignored">(</span><span class="numerator">1</span><span class="ignored">)/(</span>'
        '<span class="denominator">2</span><span class="ignored">)</span></span></span> is</p>',
        r"so $x^2=\frac{1}{2}$ is",
    ),
    "Jupyter, Markdown": (
        '<div class="jp-RenderedHTMLCommon jp-RenderedMarkdown jp-MarkdownOutput" '
        'data-mime-type="text/markdown"><p>so $x_1 + \\alpha$ is</p></div>',
        r"so $x_1 + \alpha$ is",
    ),
    "Jupyter, output": (
        '<p>text</p><div class="output_latex output_subarea output_execute_result">\n'
        "$$x^2$$\n</div>",
        DISPLAYED,
    ),
    "JupyterLab, output": (
        '<p>text</p><div class="jp-RenderedLatex jp-OutputArea-output" '
        'data-mime-type="text/latex">$\\displaystyle x^{2}$</div>',
        "text\n\n$x^{2}$",
    ),
    "PreTeXt": (r'<p>so <span class="process-math">\(x^2\)</span> is</p>', "so $x^2$ is"),
    "PreTeXt, display": (
        '<p>text</p><div class="displaymath process-math" data-contains-math-knowls="">'
        "\\begin{equation*}\nx^2\n\\end{equation*}\n</div>",
        "text\n\n$$\\begin{equation*} x^2 \\end{equation*}$$",
    ),
    "jsMath": ('<p>so <span class="math">x_1</span> is</p>', "so $x_1$ is"),
    "arithmatex": (r'<p>so <span class="arithmatex">\(x^2\)</span> is</p>', "so $x^2$ is"),
    "arithmatex, display": (
        '<p>text</p><div class="arithmatex">\\[\nx^2\n\\]</div>', DISPLAYED,
    ),
    "arithmatex with a preview": (
        '<p>so <span class="arithmatex"><span class="MathJax_Preview">x^2</span><script '
        'type="math/tex">x^2</script></span> is</p>',
        "so $x^2$ is",
    ),
    "kramdown": ('<p>text</p><div class="kdmath">$$\nx^2\n$$</div>', DISPLAYED),
    "Moodle": (
        '<span class="filter_mathjaxloader_equation"><p>so <span class="nolink">\\(x^2\\)</span> '
        "is</p></span>",
        "so $x^2$ is",
    ),
    "Moodle, one formula": (
        '<p>so <span class="filter_mathjaxloader_equation"><span class="nolink">\\(3\\)</span>'
        "</span> is</p>",
        "so $3$ is",
    ),
    "Moodle, image": (
        '<p>so <a class="texrender"><img class="texrender" title="x^2" alt="x^2" '
        'src="https://moodle.example/filter/tex/pix.php/0.gif" /></a> is</p>',
        "so $x^2$ is",
    ),
    "Wiris": (
        '<p>so <img class="Wirisformula" role="math" alt="x squared" src="x.png" data-mathml="'
        "«math xmlns=¨http://www.w3.org/1998/Math/MathML¨»«msup»«mi»x«/mi»«mn»2«/mn»«/msup»"
        '«/math»"> is</p>',
        "so $x^2$ is",
    ),
    "MathQuill": (
        '<p>so <span class="mq-math-mode"><span class="mq-selectable">$x^2$</span><span '
        'class="mq-root-block"><var>x</var><span class="mq-supsub"><span class="mq-sup">2</span>'
        "</span></span></span> is</p>",
        "so $x^2$ is",
    ),
    "MathQuill, old": (
        '<p>so <span class="mathquill-embedded-latex">x^2</span> is</p>', "so $x^2$ is",
    ),
    "Wikidot": (
        '<p>text</p><div class="math-equation" id="equation-1">\\begin{align} x^2 \\end{align}'
        "</div>",
        "text\n\n$$\\begin{align} x^2 \\end{align}$$",
    ),
    "Distill": (
        "<p>so <d-math>x^2</d-math> is</p><d-math block>y^2</d-math>", "so $x^2$ is\n\n$$y^2$$",
    ),
    "R's manual": ('<p>so <code class="reqn">x^2</code> is</p>', "so $x^2$ is"),
    "Codeforces, old": (
        '<p>so <span class="tex-span">1 ≤ <i>n</i> ≤ 10<sup class="upper-index">5</sup></span></p>',
        r"so $1 \leq n\leq 10^5$",
    ),
    # --- no formulas, but mathematics
    "superscripts and subscripts": (
        "<p>so x<sup>2</sup> + a<sub>n</sub> and y<sup>n+1</sup></p>", "so x^2 + a_n and y^{n+1}",
    ),
    "superscript at the beginning": ("<p>text</p><p>x<sup>2</sup> is</p>", "text\n\nx^2 is"),
    "Unicode": ("<p>so ∀x ∈ ℝ: x² ≥ 0</p>", "so ∀x ∈ ℝ: x² ≥ 0"),
    "backticks where no AsciiMath is loaded": ("<p>so `x^2` is</p>", "so `x^2` is"),
}  # fmt: skip


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
    began = time.perf_counter()
    extract_page(html.encode())
    assert time.perf_counter() - began < 4
