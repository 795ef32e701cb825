"""Formulas written down: TeX, MathML, plain text, spoken, and as real sites have them."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from pipeline.sampleweb.mathematics import Node

#: symbol: TeX, Unicode, plain ASCII, spoken.
_SYMBOLS: dict[str, tuple[str, str, str, str]] = {
    "plus": ("+", "+", " + ", "plus"),
    "minus": ("-", "−", " - ", "minus"),
    "eq": ("=", "=", " = ", "equals"),
    "leq": ("\\leq", "≤", " <= ", "is at most"),
    "geq": ("\\geq", "≥", " >= ", "is at least"),
    "lt": ("<", "<", " < ", "is less than"),
    "gt": (">", ">", " > ", "is greater than"),
    "neq": ("\\neq", "≠", " != ", "is not equal to"),
    "equiv": ("\\equiv", "≡", " = ", "is congruent to"),
    "to": ("\\to", "→", " -> ", "to"),
    "infinity": ("\\infty", "∞", "infinity", "infinity"),
    "pi": ("\\pi", "π", "pi", "pi"),
    "lim": ("\\lim", "lim", "lim", "the limit as"),
    "in": ("\\in", "∈", " in ", "in"),
    "colon": (":", ":", ": ", "from"),
    "partial": ("\\partial", "∂", "d", "partial"),
    "subset": ("\\subset", "⊂", " subset of ", "is a subset of"),
    "times": ("\\times", "×", " x ", "times"),
    "oplus": ("\\oplus", "⊕", " (+) ", "direct sum"),
    "otimes": ("\\otimes", "⊗", " (x) ", "tensor"),
    "cap": ("\\cap", "∩", " n ", "intersected with"),
    "cup": ("\\cup", "∪", " u ", "union"),
    "cong": ("\\cong", "≅", " ~ ", "is isomorphic to"),
    "forall": ("\\forall", "∀", "for all ", "for all"),
    "exists": ("\\exists", "∃", "there is ", "there exists"),
    "sum": ("\\sum", "∑", "sum", "the sum"),
    "prod": ("\\prod", "∏", "product", "the product"),
    "int": ("\\int", "∫", "int", "the integral"),
}
_GREEK_LETTERS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "lambda": "λ",
    "mu": "μ",
    "phi": "φ",
    "psi": "ψ",
    "sigma": "σ",
    "theta": "θ",
    "omega": "ω",
    "rho": "ρ",
    "tau": "τ",
}
_SYMBOLS |= {name: ("\\" + name, sign, name, name) for name, sign in _GREEK_LETTERS.items()}


def tex(node: Node) -> str:
    r"""LaTeX, without delimiters.

    >>> tex(("r", (("^", ("v", "x"), ("n", "2")), ("s", "leq"), ("q", ("v", "y")))))
    'x^2 \\leq \\sqrt{y}'
    """
    tag = node[0]
    if tag in "nv":
        return str(node[1])
    if tag == "s":
        return _SYMBOLS[node[1]][0]
    if tag == "r":
        return " ".join([tex(part) for part in node[1]])
    if tag in "^_":
        base, script = tex(node[1]), tex(node[2])
        return f"{base}{tag}{script if len(script) == 1 else '{' + script + '}'}"
    if tag == "/":
        return f"\\frac{{{tex(node[1])}}}{{{tex(node[2])}}}"
    if tag == "q":
        return f"\\sqrt{{{tex(node[1])}}}"
    if tag == "f":
        if node[1] == "mod":
            return f"\\operatorname{{mod}} {tex(node[2])}"
        return f"\\{node[1]} {tex(node[2])}"
    if tag == "(":
        return f"({tex(node[1])})"
    if tag == "|":
        return f"|{tex(node[1])}|"
    if tag == "big":
        return f"{_SYMBOLS[node[1]][0]}_{{{tex(node[2])}}}^{{{tex(node[3])}}}"
    if tag == "m":
        rows = " \\\\ ".join([" & ".join([tex(cell) for cell in row]) for row in node[1]])
        return f"\\begin{{pmatrix}} {rows} \\end{{pmatrix}}"
    if tag == "b":
        return f"\\binom{{{tex(node[1])}}}{{{tex(node[2])}}}"
    if tag == "bb":
        return f"\\mathbb{{{node[1]}}}"
    raise ValueError(f"no node {tag!r}")


def mathml(node: Node) -> str:
    """Presentation MathML, without the ``<math>`` element around it."""
    tag = node[0]
    if tag == "n":
        return f"<mn>{node[1]}</mn>"
    if tag == "v":
        return f"<mi>{node[1]}</mi>"
    if tag == "s":
        sign = escape(_SYMBOLS[node[1]][1])
        kind = "mi" if node[1] in _GREEK_LETTERS or node[1] in ("pi", "infinity") else "mo"
        return f"<{kind}>{sign}</{kind}>"
    if tag == "r":
        return "<mrow>" + "".join([mathml(part) for part in node[1]]) + "</mrow>"
    if tag in "^_":
        kind = "msup" if tag == "^" else "munder" if node[1] == ("s", "lim") else "msub"
        return f"<{kind}>{mathml(node[1])}{mathml(node[2])}</{kind}>"
    if tag == "/":
        return f"<mfrac>{mathml(node[1])}{mathml(node[2])}</mfrac>"
    if tag == "q":
        return f"<msqrt>{mathml(node[1])}</msqrt>"
    if tag == "f":
        return f"<mi>{node[1]}</mi><mo>&#8289;</mo>{mathml(node[2])}"
    if tag == "(":
        return f"<mo>(</mo>{mathml(node[1])}<mo>)</mo>"
    if tag == "|":
        return f"<mo>|</mo>{mathml(node[1])}<mo>|</mo>"
    if tag == "big":
        sign = _SYMBOLS[node[1]][1]
        return f"<munderover><mo>{sign}</mo>{mathml(node[2])}{mathml(node[3])}</munderover>"
    if tag == "m":
        rows = "".join(
            [
                "<mtr>" + "".join([f"<mtd>{mathml(cell)}</mtd>" for cell in row]) + "</mtr>"
                for row in node[1]
            ]
        )
        return f"<mo>(</mo><mtable>{rows}</mtable><mo>)</mo>"
    if tag == "b":
        inside = f'<mfrac linethickness="0">{mathml(node[1])}{mathml(node[2])}</mfrac>'
        return f"<mo>(</mo>{inside}<mo>)</mo>"
    if tag == "bb":
        return f'<mi mathvariant="double-struck">{node[1]}</mi>'
    raise ValueError(f"no node {tag!r}")


def plain(node: Node) -> str:
    """As people type formulas into a forum: ``x^2 + 3xy >= sqrt(2)``."""
    tag = node[0]
    if tag in ("n", "v", "bb"):
        return str(node[1])
    if tag == "s":
        return _SYMBOLS[node[1]][2]
    if tag == "r":
        return "".join([plain(part) for part in node[1]])
    if tag in "^_":
        script = plain(node[2])
        return f"{plain(node[1])}{tag}{script if len(script) == 1 else '(' + script + ')'}"
    if tag == "/":
        over, under = plain(node[1]), plain(node[2])
        over = over if over.isalnum() else f"({over})"
        return f"{over}/{under if under.isalnum() else f'({under})'}"
    if tag == "q":
        return f"sqrt({plain(node[1])})"
    if tag == "f":
        return f"{node[1]} {plain(node[2])}"
    if tag == "(":
        return f"({plain(node[1])})"
    if tag == "|":
        return f"|{plain(node[1])}|"
    if tag == "big":
        return f"{_SYMBOLS[node[1]][2]} from {plain(node[2])} to {plain(node[3])} of "
    if tag == "m":
        return "[" + "; ".join([", ".join([plain(cell) for cell in row]) for row in node[1]]) + "]"
    if tag == "b":
        return f"C({plain(node[1])}, {plain(node[2])})"
    raise ValueError(f"no node {tag!r}")


_POWERS = {"2": "squared", "3": "cubed"}


def spoken(node: Node) -> str:
    """As a screen reader has it: ``x squared plus the square root of y``."""
    tag = node[0]
    if tag in ("n", "v", "bb"):
        return str(node[1])
    if tag == "s":
        return _SYMBOLS[node[1]][3]
    if tag == "r":
        return " ".join([spoken(part) for part in node[1]])
    if tag == "^":
        power = spoken(node[2])
        return f"{spoken(node[1])} {_POWERS.get(power, 'to the power ' + power)}"
    if tag == "_":
        return f"{spoken(node[1])} sub {spoken(node[2])}"
    if tag == "/":
        return f"{spoken(node[1])} over {spoken(node[2])}"
    if tag == "q":
        return f"the square root of {spoken(node[1])}"
    if tag == "f":
        return f"{node[1]} of {spoken(node[2])}"
    if tag == "(":
        return f"open bracket {spoken(node[1])} close bracket"
    if tag == "|":
        return f"the absolute value of {spoken(node[1])}"
    if tag == "big":
        return f"{_SYMBOLS[node[1]][3]} from {spoken(node[2])} to {spoken(node[3])} of"
    if tag == "m":
        return "the matrix with rows " + " and ".join(
            [" ".join([spoken(cell) for cell in row]) for row in node[1]]
        )
    if tag == "b":
        return f"{spoken(node[1])} choose {spoken(node[2])}"
    raise ValueError(f"no node {tag!r}")


def _math_element(node: Node, display: bool, annotation: str = "") -> str:
    block = ' display="block"' if display else ""
    body = mathml(node)
    if annotation:
        source = f'<annotation encoding="application/x-tex">{escape(annotation)}</annotation>'
        body = f"<semantics><mrow>{body}</mrow>{source}</semantics>"
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{block}>{body}</math>'


def _dollars(node: Node, display: bool) -> str:
    mark = "$$" if display else "$"
    return f"{mark}{escape(tex(node), quote=False)}{mark}"


def _brackets(node: Node, display: bool) -> str:
    source = escape(tex(node), quote=False)
    return f"\\[ {source} \\]" if display else f"\\({source}\\)"


def _script(node: Node, display: bool) -> str:
    mode = "; mode=display" if display else ""
    preview = '<span class="MathJax_Preview"></span>'
    return f'{preview}<script type="math/tex{mode}">{tex(node)}</script>'


def _katex(node: Node, display: bool) -> str:
    source = tex(node)
    glyphs = "".join(
        [
            f'<span class="mord mathnormal">{escape(sign)}</span>'
            for sign in plain(node).replace(" ", "")
        ]
    )
    shown = (
        f'<span class="katex"><span class="katex-mathml">{_math_element(node, display, source)}'
        '</span><span class="katex-html" aria-hidden="true"><span class="base">'
        f'<span class="strut" style="height:0.8141em;"></span>{glyphs}</span></span></span>'
    )
    return f'<span class="katex-display">{shown}</span>' if display else shown


def _wiki(node: Node, display: bool) -> str:
    source = "{\\displaystyle " + tex(node) + "}"
    side = "display" if display else "inline"
    return (
        f'<span class="mwe-math-element"><span class="mwe-math-mathml-{side} '
        f'mwe-math-mathml-a11y" style="display: none;">{_math_element(node, display, source)}'
        f'</span><img src="/media/math/render/svg/{len(source):04x}.svg" '
        f'class="mwe-math-fallback-image-{side}" aria-hidden="true" alt="{escape(source)}"/></span>'
    )


def _bare_mathml(node: Node, display: bool) -> str:
    return _math_element(node, display)


def _image_spoken(node: Node, display: bool) -> str:
    words = escape(spoken(node))
    place = "eq" if display else "in"
    return f'<img class="formula" src="/images/{place}{len(words)}.gif" alt="{words}">'


def _image_tex(node: Node, display: bool) -> str:
    source = escape(tex(node))
    shown = " display" if display else ""
    return f'<img class="latex{shown}" src="/latex.php?bg=ffffff&amp;s=0" alt="{source}"/>'


def _typed(node: Node, display: bool) -> str:  # noqa: ARG001
    return escape(plain(node), quote=False)


#: Notation of a host: formula and whether it is displayed → HTML.
NOTATIONS: dict[str, Callable[[Node, bool], str]] = {
    "dollars": _dollars,
    "brackets": _brackets,
    "script": _script,
    "katex": _katex,
    "wiki": _wiki,
    "mathml": _bare_mathml,
    "image-spoken": _image_spoken,
    "image-tex": _image_tex,
    "typed": _typed,
}
#: Those of them that hold the TeX.
TEX_NOTATIONS = frozenset(("dollars", "brackets", "script", "katex", "wiki", "image-tex"))
