"""What programs that typeset mathematics make of formulas: snippet, and what its text is.

The markup is of the same form as what they emit, the formulas are of our own making.
"""

from __future__ import annotations

from tests.text.snippets import (
    DISPLAYED,
    KATEX_SQUARE,
    SQUARE,
    annotated,
    katex,
)

TYPESET: dict[str, tuple[str, str]] = {
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
}  # fmt: skip
