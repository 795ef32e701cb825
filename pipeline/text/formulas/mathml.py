"""Presentation MathML to LaTeX (MathML Core and the elements of MathML 3 in use).

Where a ``<math>`` carries its TeX, as an annotation or as ``alttext``, that is
taken; this is for those that do not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resiliparse.parse.html import TEXT

from pipeline.text.formulas.symbols import to_latex
from pipeline.text.formulas.tex import Formula, formula

#: Deeper ones are generated junk: below it only their text counts.
MAX_NESTING = 60
#: Nodes of one formula that are looked at.
MAX_NODES = 4_000

_TEX_ANNOTATION = (
    'annotation[encoding="application/x-tex"], annotation[encoding="TeX"], '
    'annotation[encoding="LaTeX"], annotation[encoding="application/x-latex"], '
    'annotation[encoding="text/x-tex"], annotation[encoding="application/tex"]'
)
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan log ln lg exp lim limsup "
    "liminf max min sup inf det dim ker deg gcd hom arg Pr".split()
)
_BIG = frozenset(
    "\\sum \\prod \\coprod \\int \\bigcup \\bigcap \\lim \\max \\min \\sup \\inf".split()
)
_OVER = {
    "^": "hat", "ˆ": "hat", "̂": "hat", "~": "tilde", "˜": "tilde", "∼": "tilde", "̃": "tilde",
    "¯": "bar", "‾": "overline", "―": "overline", "_": "overline", "̅": "overline", "→": "vec",
    "⃗": "vec", "˙": "dot", "̇": "dot", ".": "dot", "¨": "ddot", "̈": "ddot", "ˇ": "check",
    "̌": "check", "˘": "breve", "⏞": "overbrace", "︷": "overbrace", "⇀": "vec",
}  # fmt: skip
_UNDER = {"_": "underline", "̲": "underline", "⏟": "underbrace", "︸": "underbrace"}
_VARIANTS = {
    "bold": "mathbf",
    "bold-italic": "boldsymbol",
    "double-struck": "mathbb",
    "script": "mathcal",
    "bold-script": "mathcal",
    "fraktur": "mathfrak",
    "sans-serif": "mathsf",
    "monospace": "mathtt",
}
_FENCES = {"{": "\\{", "}": "\\}", "⟨": "\\langle ", "⟩": "\\rangle ", "‖": "\\|", "": "."}


def tex_of(math: Any) -> Formula | None:
    """The TeX that a ``<math>`` carries about itself, if it does."""
    display = is_display(math)
    for annotation in math.query_selector_all(_TEX_ANNOTATION).values():
        if found := formula(annotation.text, display=display):
            return found
    # TeX without a command, such as "x", is as good as what MathML would give.
    alternative = math.getattr("alttext") or ""
    return formula(alternative, display=display) if "\\" in alternative else None


def latex_of(math: Any) -> Formula | None:
    """LaTeX for a ``<math>``, from its elements."""
    return formula(_row(_Converter(), math, 0), display=is_display(math))


def is_display(math: Any) -> bool:
    """Whether a ``<math>`` stands on a line of its own."""
    return bool(math.getattr("display") == "block" or math.getattr("mode") == "display")


def _group(tex: str) -> str:
    tex = tex.strip()
    return tex if len(tex) == 1 else f"{{{tex}}}"


class _Converter:
    """One formula; counts its nodes, so that no page costs more than its bounds."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def row(self, node: Any, depth: int) -> str:
        return "".join([self.node(child, depth + 1) for child in node.child_nodes.values()])

    def node(self, node: Any, depth: int) -> str:
        self.left -= 1
        if node.node_type == TEXT:
            return to_latex((node.value or "").strip())
        if self.left < 0 or depth > MAX_NESTING:
            return to_latex(" ".join((node.text or "").split())[:200])
        tag = (node.tag or "").rpartition(":")[2]
        handler = _ELEMENTS.get(tag)
        if handler is not None:
            return handler(self, node, depth)
        if tag.startswith("annotation") or tag == "#comment":
            return ""
        return self.row(node, depth)

    def parts(self, node: Any, depth: int) -> list[str]:
        return [
            self.node(child, depth + 1)
            for child in node.child_nodes.values()
            if child.node_type != TEXT and child.tag != "#comment"
        ]


def _identifier(_: _Converter, node: Any, __: int) -> str:
    text = (node.text or "").strip()
    if text in _FUNCTIONS:
        return f"\\{text} "
    tex = to_latex(text)
    if variant := _VARIANTS.get(node.getattr("mathvariant") or ""):
        return f"\\{variant}{{{tex.strip()}}}"
    if len(text) > 1 and text.isalpha():
        return f"\\operatorname{{{tex.strip()}}}" if text.isascii() else f"\\text{{{text}}}"
    return tex


def _number(_: _Converter, node: Any, __: int) -> str:
    tex = to_latex("".join((node.text or "").split()))
    if variant := _VARIANTS.get(node.getattr("mathvariant") or ""):
        return f"\\{variant}{{{tex.strip()}}}"
    return tex


def _operator(_: _Converter, node: Any, __: int) -> str:
    text = (node.text or "").strip()
    if text.isalpha() and text.isascii() and len(text) > 1:
        return f"\\{text} " if text in _FUNCTIONS else f"\\operatorname{{{text}}}"
    return to_latex(text)


def _text(_: _Converter, node: Any, __: int) -> str:
    text = " ".join((node.text or "").split())
    for character in "\\{}$%&#_^":
        text = text.replace(character, " ")
    return f"\\text{{{text}}}" if text.strip() else " "


def _space(_: _Converter, node: Any, __: int) -> str:
    return "\\\\ " if node.getattr("linebreak") == "newline" else " "


def _fraction(convert: _Converter, node: Any, depth: int) -> str:
    above, below = _exactly(convert.parts(node, depth), 2)
    if (node.getattr("linethickness") or "").rstrip("pxemt") in ("0", "0.0"):
        return f"{{{above} \\atop {below}}}"
    return f"\\frac{{{above.strip()}}}{{{below.strip()}}}"


def _square_root(convert: _Converter, node: Any, depth: int) -> str:
    return f"\\sqrt{{{convert.row(node, depth).strip()}}}"


def _root(convert: _Converter, node: Any, depth: int) -> str:
    radicand, degree = _exactly(convert.parts(node, depth), 2)
    return f"\\sqrt[{degree.strip()}]{{{radicand.strip()}}}"


def _scripts(*signs: str) -> Callable[[_Converter, Any, int], str]:
    def handler(convert: _Converter, node: Any, depth: int) -> str:
        base, *scripts = _exactly(convert.parts(node, depth), 1 + len(signs))
        tex = base.strip() if _bears_scripts(base) else f"{{{base.strip()}}}"
        for sign, script in zip(signs, scripts, strict=True):
            script = script.strip()
            if sign == "^" and script and not script.replace("\\prime", "").strip():
                tex += "'" * script.count("\\prime")
            elif script:
                tex += sign + _group(script)
        return tex

    return handler


def _bears_scripts(base: str) -> bool:
    """Whether ``base`` is one letter, number, bracket or command, so needs no braces."""
    base = base.strip()
    if len(base) <= 1 or base.isdigit() or base in ("\\}", "\\|"):
        return True
    if base.startswith("\\"):
        name, brace, rest = base[1:].partition("{")
        return name.isalpha() and (not brace or (rest.endswith("}") and rest.count("}") == 1))
    return False


def _over_under(*places: str) -> Callable[[_Converter, Any, int], str]:
    def handler(convert: _Converter, node: Any, depth: int) -> str:
        children = [child for child in node.child_nodes.values() if child.node_type != TEXT]
        base, *marks = _exactly(convert.parts(node, depth), 1 + len(places))
        base = base.strip()
        limits = base in _BIG or base.startswith(("\\operatorname", "\\underbrace", "\\overbrace"))
        for place, mark, child in zip(places, marks, [*children[1:], None, None], strict=False):
            mark = mark.strip()
            plain = (child.text or "").strip() if child is not None else ""
            accent = (_OVER if place == "over" else _UNDER).get(plain)
            if not mark:
                continue
            if accent:
                wide = accent in ("hat", "tilde") and len(base) > 2 and not base.startswith("\\")
                base = f"\\{'wide' if wide else ''}{accent}{{{base}}}"
            elif limits:
                base += ("^" if place == "over" else "_") + _group(mark)
            else:
                base = f"\\{place}set{{{mark}}}{{{base}}}"
        return base

    return handler


def _multiscripts(convert: _Converter, node: Any, depth: int) -> str:
    elements = [child for child in node.child_nodes.values() if child.node_type != TEXT]
    base = ""
    before: list[str] = []
    after: list[str] = []
    current = after
    for index, child in enumerate(elements):
        if index == 0:
            base = convert.node(child, depth + 1).strip()
        elif child.tag == "mprescripts":
            current = before
        else:
            current.append("" if child.tag in ("none", "mrow") and not child.text
                           else convert.node(child, depth + 1).strip())  # fmt: skip
    return (f"{{}}{_pairs(before)}" if before else "") + base + _pairs(after)


def _pairs(scripts: list[str]) -> str:
    tex = ""
    for index, script in enumerate(scripts):
        if script:
            tex += ("^" if index % 2 else "_") + _group(script)
    return tex


def _fenced(convert: _Converter, node: Any, depth: int) -> str:
    opening = node.getattr("open", "(") or ""
    closing = node.getattr("close", ")") or ""
    separators = (node.getattr("separators", ",") or "").strip()
    parts = [part.strip() for part in convert.parts(node, depth)]
    separator = separators[:1]
    left, right = _FENCES.get(opening, opening), _FENCES.get(closing, closing)
    return f"\\left{left}{separator.join(parts)}\\right{right}"


def _table(convert: _Converter, node: Any, depth: int) -> str:
    rows = []
    for row in node.child_nodes.values():
        if row.node_type == TEXT:
            continue
        cells = [part.strip() for part in convert.parts(row, depth + 1)]
        if row.tag == "mlabeledtr":
            cells = cells[1:]
        rows.append(" & ".join(cells))
    inside = " \\\\ ".join(rows)
    return f"\\begin{{matrix}}{inside}\\end{{matrix}}" if rows else ""


def _row(convert: _Converter, node: Any, depth: int) -> str:
    tex = convert.row(node, depth)
    for opening, closing, name in (("(", ")", "p"), ("[", "]", "b"), ("|", "|", "v")):
        start, end = f"{opening}\\begin{{matrix}}", f"\\end{{matrix}}{closing}"
        if tex.startswith(start) and tex.endswith(end) and tex.count("\\begin{") == 1:
            inside = tex[len(start) : -len(end)]
            return f"\\begin{{{name}matrix}}{inside}\\end{{{name}matrix}}"
    if tex.startswith("\\{\\begin{matrix}") and tex.endswith("\\end{matrix}"):
        inside = tex[len("\\{\\begin{matrix}") : -len("\\end{matrix}")]
        return f"\\begin{{cases}}{inside}\\end{{cases}}"
    return tex


def _phantom(_: _Converter, __: Any, ___: int) -> str:
    return ""


def _semantics(convert: _Converter, node: Any, depth: int) -> str:
    return "".join(convert.parts(node, depth)[:1])


def _exactly(parts: list[str], count: int) -> list[str]:
    return (parts + [""] * count)[:count]


_ELEMENTS: dict[str, Callable[[_Converter, Any, int], str]] = {
    "mi": _identifier,
    "mn": _number,
    "mo": _operator,
    "mtext": _text,
    "ms": _text,
    "mspace": _space,
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "msub": _scripts("_"),
    "msup": _scripts("^"),
    "msubsup": _scripts("_", "^"),
    "munder": _over_under("under"),
    "mover": _over_under("over"),
    "munderover": _over_under("under", "over"),
    "mmultiscripts": _multiscripts,
    "mfenced": _fenced,
    "mtable": _table,
    "mrow": _row,
    "mphantom": _phantom,
    "semantics": _semantics,
}
