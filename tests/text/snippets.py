"""Pages around a snippet, and what programs write around a formula."""

from __future__ import annotations

from pipeline.text import Extractor, extract_page

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
