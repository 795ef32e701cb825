"""Formulas out of images: by service, by attribute, by class; and images that are none."""

from __future__ import annotations

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.text.formulas.sources.images import from_image
from pipeline.text.formulas.tex import Formula


def read(html: str) -> Formula | None:
    image = LexborHTMLParser(f"<body>{html}</body>").css_first("img")
    assert image is not None
    return from_image(image)


#: Address to TeX.
SERVICES = {
    "https://s0.wp.com/latex.php?latex=x%5E2&bg=ffffff&fg=000000&s=0": "x^2",
    "https://s0.wp.com/latex.php?zoom=2&latex=%5Cdisplaystyle+a+%2B+b&bg=fff": "a + b",
    "http://l.wordpress.com/latex.php?latex=%5Cpi": r"\pi",
    "https://latex.codecogs.com/gif.latex?x^2": "x^2",
    "https://latex.codecogs.com/svg.image?\\bg{white}\\dpi{110}x_1": "x_1",
    "https://latex.codecogs.com/png.image?%5Cinline%20%5Cfn_cm%20%5Clarge%20x": "x",
    "https://latex.codecogs.com/png.latex?\\dpi{200}\\bg_white%20\\fn_jvn%20x": "x",
    "https://latex.codecogs.com/gif.latex?a&amp;space;&amp;plus;&amp;space;b": "a + b",
    "http://www.codecogs.com/eq.latex?\\frac{1}{2}": r"\frac{1}{2}",
    "https://private.codecogs.com/gif.latex?%5Calpha": r"\alpha",
    "https://latex.csdn.net/eq?x%5E2": "x^2",
    "https://g.yuque.com/gr/latex?x%5E2": "x^2",
    "http://mathurl.com/render.cgi?T_s%3D1%5Cnocache": "T_s=1",
    "https://chart.googleapis.com/chart?cht=tx&chl=x%5E2%2B1": "x^2+1",
    "https://chart.apis.google.com/chart?chl=a+%2B+b&cht=tx": "a + b",
    "/cgi-bin/mimetex.cgi?x^2": "x^2",
    "http://forum.example/cgi-bin/mimetex.cgi?\\Large%20x^2": "x^2",
    "/cgi-bin/mathtex.cgi?\\frac12": r"\frac12",
    "/mimetex.exe?\\pi": r"\pi",
    "http://www.texify.com/img/%5CLARGE%5C%21x%5E2.gif": "x^2",
    "https://i.upmath.me/svg/x%5E2": "x^2",
    "https://tex.s2cms.ru/svg/x%5E2%20%2B%201": "x^2 + 1",
    "https://render.githubusercontent.com/render/math?math=x%5E2&mode=inline": "x^2",
    "https://math.now.sh?from=x%5E2": "x^2",
    "https://math.vercel.app/?from=x%5E2": "x^2",
    "https://www.zhihu.com/equation?tex=a+%2B+b": "a + b",
    "https://juejin.cn/equation?tex=%5Cpi": r"\pi",
    "https://www.nowcoder.com/equation?tex=O(n)": "O(n)",
    "https://math.jianshu.com/math?formula=x%5E2": "x^2",
    "//api.bilibili.com/x/web-frontend/mathjax/tex?formula=x%5E2": "x^2",
    "https://tex.z-dn.net/?f=%5Csqrt%7B2%7D": r"\sqrt{2}",
    "http://latex.numberempire.com/render?%5Cint&sig=00ff": r"\int",
    "http://www.sitmo.com/gg/latex/latex2png.2.php?z=100&eq=x%5E2": "x^2",
    "http://www.mathtran.org/cgi-bin/mathtran?D=1;tex=x%5E2": "x^2",
}


@pytest.mark.parametrize("address", SERVICES)
def test_service_has_the_formula_in_its_address(address: str) -> None:
    assert read(f"<img src='{address}'>") == Formula(SERVICES[address])


READ = {
    "<img class=latex alt='x^2'>": ("x^2", False),
    "<img class=tex alt='x'>": ("x", False),
    "<img class=latexcenter alt='\\[x\\]'>": ("x", True),
    "<img alt='$x_1$'>": ("x_1", False),
    "<img alt='\\(x\\)'>": ("x", False),
    "<img alt='\\begin{displaymath}x\\end{displaymath}'>": ("x", True),
    "<img alt='\\frac{1}{2}'>": (r"\frac{1}{2}", False),
    "<img class=formulaInl alt='$x$'>": ("x", False),
    "<img class=formulaDsp alt='\\[x\\]'>": ("x", True),
    "<img class=mwe-math-fallback-image-display alt='x'>": ("x", True),
    "<img eeimg=1 alt='x'>": ("x", False),
    "<img eeimg=1 alt='x\\\\'>": ("x", True),
    "<img mathimg=1 class=math-block alt='x'>": ("x", True),
    "<img class=equation_image alt='LaTeX: x^2' data-equation-content='x^2'>": ("x^2", False),
    "<img class=equation_image alt='LaTeX: x^2'>": ("x^2", False),
    "<img data-latex='\\pi' src='a.png'>": (r"\pi", False),
    "<img class=Wirisformula data-mathml='«math»«mi»x«/mi»«/math»' alt='ex'>": ("x", False),
    "<img src='https://www.zhihu.com/equation?tex=a+b' alt='a+b' eeimg=1>": ("a+b", False),
    "<img data-src='https://latex.codecogs.com/gif.latex?x' src='a.gif'>": ("x", False),
    "<img data-src='https://latex.codecogs.com/gif.latex?x' src='a.gif?b'>": ("x", False),
    "<!-- MATH $x < y$ --><img alt='tex2html_wrap_inline7'>": ("x < y", False),
    "<!-- MATH: \\begin{displaymath}x\\end{displaymath} --> <img alt=a>": ("x", True),
    "<div class=math><p><img alt='x^2'></p></div>": ("x^2", True),
    "<span class=InlineEquation><img alt='$$x^2$$'></span>": ("x^2", False),
    "<img class=math-display alt='y = αx'>": (r"y = \alpha x", True),
}


@pytest.mark.parametrize("html", READ)
def test_image_is_a_formula(html: str) -> None:
    assert read(html) == Formula(*READ[html])


@pytest.mark.parametrize(
    "html",
    [
        "<img src='cat.png' alt='A cat'>",
        "<img src='cat.png'>",
        "<img alt=''>",
        "<img alt='x'>",
        "<img alt='x^2 plot'>",
        "<img alt='$5 off'>",
        "<img alt='$5 to $7'>",
        "<img alt='C:\\temp\\new'>",
        "<img class=math alt='The graph of this function over time'>",
        "<img class=latexcenter alt='[asy] size(100); draw((0,0)--(1,1)); [/asy]'>",
        "<img class=math alt='tex2html_wrap_inline12'>",
        "<!-- MATHEMATICS --> text <img alt='a cat'>",
        "<!-- a comment --><img alt='a cat'>",
        "<img src='photo.php?tex=1&size=2'>",
        "<img src='https://example.com/chart?cht=p&chl=a|b'>",
        "<img src='https://example.com/?f=photo.png'>",
        "<img src='/svg/logo.svg'>",
        "<img src='https://example.com/image.latex.png?v=2' alt='LaTeX'>",
        "<img data-mathml='' alt='a cat'>",
        "<img data-latex='' alt='a cat'>",
        "<img class=math-display alt='∑n\n i=1  i'>",
        "<img class=math-display alt='x2'>",
    ],
)
def test_image_is_no_formula(html: str) -> None:
    assert read(html) is None


@pytest.mark.parametrize(
    "bait",
    ["latex.php?", "chart?cht=tx", "&latex=", "chart?", "latex2png?", "/mathtran?", "?tex=",
     "\\dpi{1}", "/svg/", "\\", "+", "$", "texify.com/img/", "%5C!", "«math»", "&plus;", "^{"],
)  # fmt: skip
def test_time_is_linear(bait: str) -> None:
    long = bait * 40_000
    for html in (
        f"<img src='?{long}'>",
        f"<img src='https://latex.codecogs.com/gif.latex?{long}' alt='{long}'>",
        f"<img class=math alt='{long}'>",
        f"<img data-mathml='{long}'>",
        f"<img data-latex='{long}'>",
    ):
        began = time.process_time()
        read(html)
        assert time.process_time() - began < 1
