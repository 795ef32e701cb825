"""What sites, services and publishing systems make of formulas, as ``notations_of_programs``."""

from __future__ import annotations

from tests.text.snippets import (
    DISPLAYED,
    SQUARE,
    annotated,
)

PUBLISHED: dict[str, tuple[str, str]] = {
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
