"""Content MathML to LaTeX: ``<apply>`` trees (MathML 3, chapter 4), without presentation."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathml.presentation import is_display
from pipeline.text.formulas.symbols import to_latex
from pipeline.text.formulas.tex import Formula, formula

#: Elements of one formula, and elements within each other.
_MAX_ELEMENTS, _MAX_DEPTH = 2_000, 60

#: How tightly operators bind; what binds less gets brackets.
_LOOSEST, _RELATION, _SUM, _PRODUCT, _POWER, _ATOM = range(6)
_LOGIC = {"and": " \\land ", "or": " \\lor ", "xor": " \\oplus ", "implies": " \\implies "}
_RELATIONS = {
    "eq": "=", "neq": " \\neq ", "lt": "<", "gt": ">", "leq": " \\leq ", "geq": " \\geq ",
    "approx": " \\approx ", "equivalent": " \\equiv ", "in": " \\in ", "notin": " \\notin ",
    "subset": " \\subseteq ", "prsubset": " \\subset ", "notsubset": " \\not\\subseteq ",
    "notprsubset": " \\not\\subset ", "tendsto": " \\to ", "factorof": " \\mid ",
}  # fmt: skip
_SUMS = {"plus": "+", "minus": "-", "union": " \\cup ", "setdiff": " \\setminus "}
_PRODUCTS = {
    "intersect": " \\cap ", "cartesianproduct": " \\times ", "vectorproduct": " \\times ",
    "scalarproduct": " \\cdot ", "outerproduct": " \\otimes ", "compose": " \\circ ",
    "rem": " \\bmod ",
}  # fmt: skip
_OPERATORS = {
    **{name: (sign, _LOOSEST) for name, sign in _LOGIC.items()},
    **{name: (sign, _RELATION) for name, sign in _RELATIONS.items()},
    **{name: (sign, _SUM) for name, sign in _SUMS.items()},
    **{name: (sign, _PRODUCT) for name, sign in _PRODUCTS.items()},
}
_FUNCTIONS = {
    name: f"\\{name}"
    for name in (
        "sin cos tan sec csc cot sinh cosh tanh coth arcsin arccos arctan exp ln gcd max min arg"
    ).split()
} | {
    "lcm": "\\operatorname{lcm}", "real": "\\operatorname{Re}", "imaginary": "\\operatorname{Im}",
    "determinant": "\\det", "grad": "\\nabla", "divergence": "\\nabla \\cdot", "curl":
    "\\nabla \\times", "laplacian": "\\nabla^2", "not": "\\lnot", "domain": "\\operatorname{dom}",
    "codomain": "\\operatorname{codom}", "image": "\\operatorname{im}", "sech":
    "\\operatorname{sech}", "csch": "\\operatorname{csch}", "arcsinh": "\\operatorname{arcsinh}",
    "arccosh": "\\operatorname{arccosh}", "arctanh": "\\operatorname{arctanh}",
    "variance": "\\operatorname{Var}", "median": "\\operatorname{median}",
}  # fmt: skip
_BRACKETS = {
    "abs": ("\\left|", "\\right|"), "floor": ("\\lfloor ", " \\rfloor"),
    "ceiling": ("\\lceil ", " \\rceil"), "card": ("\\left|", "\\right|"),
    "set": ("\\{", "\\}"), "list": ("[", "]"), "vector": ("(", ")"), "conjugate":
    ("\\overline{", "}"), "mean": ("\\overline{", "}"), "quotient": ("\\lfloor ", " \\rfloor"),
}  # fmt: skip
_CONSTANTS = {
    "pi": "\\pi", "exponentiale": "e", "imaginaryi": "i", "infinity": "\\infty", "emptyset":
    "\\emptyset", "reals": "\\mathbb{R}", "integers": "\\mathbb{Z}", "rationals": "\\mathbb{Q}",
    "naturalnumbers": "\\mathbb{N}", "complexes": "\\mathbb{C}", "primes": "\\mathbb{P}", "true":
    "\\top", "false": "\\bot", "eulergamma": "\\gamma", "ident": "\\mathrm{id}", "notanumber":
    "\\text{NaN}",
}  # fmt: skip
_BIG = {"sum": "\\sum", "product": "\\prod", "int": "\\int", "limit": "\\lim"}
_QUANTIFIERS = {"forall": "\\forall ", "exists": "\\exists "}
_QUALIFIERS = frozenset(
    "bvar lowlimit uplimit degree logbase condition domainofapplication momentabout".split()
)
_CONTENT = frozenset(("apply", "ci", "cn", "csymbol", "bind", "reln", "matrix", "vector", "set",
                      "interval", "piecewise", "lambda", "list"))  # fmt: skip


class _NotContent(Exception):
    """Beyond the bounds, or not of content MathML."""


def latex_of_content(math: LexborNode) -> Formula | None:
    """LaTeX for a ``<math>`` of content MathML; ``None`` for presentation MathML."""
    children = _children(math)
    if children and children[0].tag == "semantics":
        children = _children(children[0])[:1]
    if not children or children[0].tag not in _CONTENT:
        return None
    try:
        reader = _Reader()
        tex = " ".join(reader.read(child, 0)[0] for child in children)
    except _NotContent:
        return None
    return formula(tex, display=is_display(math))


def _children(element: LexborNode) -> list[LexborNode]:
    return [child for child in element.iter() if child.is_element_node]


class _Reader:
    """Counts what one formula costs."""

    def __init__(self) -> None:
        self.left = _MAX_ELEMENTS

    def read(self, node: LexborNode, depth: int) -> tuple[str, int]:
        """TeX for ``node``, and how tightly it binds."""
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            raise _NotContent
        tag = node.tag or ""
        if tag in ("apply", "reln", "bind"):
            return self._apply(node, depth + 1)
        if tag in ("ci", "csymbol"):
            return _identifier(node), _ATOM
        if tag == "cn":
            return _number(node)
        if tag in _CONSTANTS:
            return _CONSTANTS[tag], _ATOM
        children = _children(node)
        if tag in ("set", "list", "vector"):
            opening, closing = _BRACKETS[tag]
            return f"{opening}{self._listed(children, depth)}{closing}", _ATOM
        if tag == "interval":
            closure = node.attributes.get("closure") or "closed"
            opening = "(" if closure in ("open", "open-closed") else "["
            closing = ")" if closure in ("open", "closed-open") else "]"
            return f"{opening}{self._listed(children, depth)}{closing}", _ATOM
        if tag == "matrix":
            rows = " \\\\ ".join(
                " & ".join(self.read(cell, depth + 1)[0] for cell in _children(row))
                for row in children
            )
            return f"\\begin{{pmatrix}} {rows} \\end{{pmatrix}}", _ATOM
        if tag == "piecewise":
            return self._piecewise(children, depth), _ATOM
        if tag == "lambda":
            *variables, body = children or [node]
            names = ", ".join(self.read(variable, depth + 1)[0] for variable in variables)
            return f"{names} \\mapsto {self.read(body, depth + 1)[0]}", _LOOSEST
        if tag in ("bvar", "condition", "lowlimit", "uplimit", "degree", "logbase") and children:
            return self.read(children[0], depth + 1)
        if tag in _FUNCTIONS:
            return _FUNCTIONS[tag], _ATOM
        if tag in _OPERATORS:
            return _OPERATORS[tag][0].strip(), _ATOM
        raise _NotContent

    def _apply(self, node: LexborNode, depth: int) -> tuple[str, int]:
        children = _children(node)
        if not children:
            raise _NotContent
        head = children[0]
        name = head.tag or ""
        qualifiers: dict[str, LexborNode] = {}
        arguments: list[LexborNode] = []
        for child in children[1:]:
            if child.tag in _QUALIFIERS:
                qualifiers.setdefault(child.tag or "", child)
            else:
                arguments.append(child)
        if name in _OPERATORS and arguments:
            return self._operation(name, arguments, depth)
        if name in _BIG or name in _QUANTIFIERS:
            return self._bound(name, qualifiers, arguments, depth)
        if (special := self._special(name, qualifiers, arguments, depth)) is not None:
            return special
        if name in _BRACKETS and arguments:
            opening, closing = _BRACKETS[name]
            if name == "quotient" and len(arguments) == 2:
                inside = "/".join(self._bracketed(part, depth, _POWER) for part in arguments)
            else:
                inside = self._listed(arguments, depth)
            return f"{opening}{inside}{closing}", _ATOM
        function = _FUNCTIONS.get(name) or self.read(head, depth)[0]
        if name in _FUNCTIONS and len(arguments) == 1 and arguments[0].tag in ("ci", "cn", "pi"):
            return f"{function} {self.read(arguments[0], depth)[0]}", _PRODUCT
        return f"{function}({self._listed(arguments, depth)})", _ATOM

    def _operation(self, name: str, arguments: list[LexborNode], depth: int) -> tuple[str, int]:
        sign, binding = _OPERATORS[name]
        if len(arguments) == 1:
            return f"{sign.strip()}{self._bracketed(arguments[0], depth, _PRODUCT)}", _SUM
        first = self._bracketed(arguments[0], depth, binding)
        tighter = binding + 1 if name == "minus" else binding
        rest = [self._bracketed(part, depth, tighter) for part in arguments[1:]]
        return sign.join([first, *rest]), binding

    def _special(
        self, name: str, qualifiers: dict[str, LexborNode], arguments: list[LexborNode], depth: int
    ) -> tuple[str, int] | None:
        if name == "times" and arguments:
            parts = [self._bracketed(part, depth, _PRODUCT) for part in arguments]
            digits = any(part[:1].isdigit() for part in parts[1:])
            return ("\\cdot " if digits else " ").join(parts), _PRODUCT
        if name == "diff" and len(arguments) == 1:
            return self._derivative("d", qualifiers, arguments[0], depth)
        if name == "partialdiff" and len(arguments) == 1:
            return self._derivative("\\partial ", qualifiers, arguments[0], depth)
        if name == "root" and len(arguments) == 1:
            degree = self.read(qualifiers["degree"], depth)[0] if "degree" in qualifiers else ""
            index = f"[{degree}]" if degree not in ("", "2") else ""
            return f"\\sqrt{index}{{{self.read(arguments[0], depth)[0]}}}", _ATOM
        if name == "log" and len(arguments) == 1:
            base = (
                _script("_", self.read(qualifiers["logbase"], depth)[0])
                if "logbase" in qualifiers
                else ""
            )
            return f"\\log{base} {self._bracketed(arguments[0], depth, _ATOM)}", _PRODUCT
        if len(arguments) == 1 and name in ("factorial", "transpose", "inverse"):
            inside = self._bracketed(arguments[0], depth, _ATOM)
            return inside + {"factorial": "!", "transpose": "^T", "inverse": "^{-1}"}[name], _POWER
        if len(arguments) != 2:
            return None
        first, second = arguments
        if name == "divide":
            over, under = self.read(first, depth)[0], self.read(second, depth)[0]
            return f"\\frac{{{over}}}{{{under}}}", _ATOM
        if name == "power":
            base = self._bracketed(first, depth, _ATOM)
            return base + _script("^", self.read(second, depth)[0]), _POWER
        if name == "selector":
            base = self._bracketed(first, depth, _ATOM)
            return base + _script("_", self.read(second, depth)[0]), _ATOM
        return None

    def _derivative(
        self, sign: str, qualifiers: dict[str, LexborNode], of: LexborNode, depth: int
    ) -> tuple[str, int]:
        function = self._bracketed(of, depth, _PRODUCT)
        if "bvar" not in qualifiers:
            return f"{function}'", _POWER
        parts = _children(qualifiers["bvar"])
        variable = self.read(parts[0], depth)[0] if parts else "x"
        degrees = [part for part in parts if part.tag == "degree"]
        order = _script("^", self.read(degrees[0], depth)[0]) if degrees else ""
        return f"\\frac{{{sign.strip()}{order} {function}}}{{{sign}{variable}{order}}}", _PRODUCT

    def _bound(
        self, name: str, qualifiers: dict[str, LexborNode], arguments: list[LexborNode], depth: int
    ) -> tuple[str, int]:
        variable = self.read(qualifiers["bvar"], depth)[0] if "bvar" in qualifiers else ""
        body = ", ".join(self._bracketed(part, depth, _SUM) for part in arguments)
        if name in _QUANTIFIERS:
            return f"{_QUANTIFIERS[name]}{variable}: {body}", _LOOSEST
        low = self.read(qualifiers["lowlimit"], depth)[0] if "lowlimit" in qualifiers else ""
        high = self.read(qualifiers["uplimit"], depth)[0] if "uplimit" in qualifiers else ""
        for place in ("condition", "domainofapplication"):
            if place in qualifiers and (inner := _children(qualifiers[place])):
                low = self.read(inner[0], depth)[0]
                variable = variable if name == "int" else ""
        if name == "limit":
            low = f"{variable} \\to {low}" if variable else low
        elif name != "int" and variable and low:
            low = f"{variable}={low}"
        under = _script("_", low) if low else ""
        over = _script("^", high) if high else ""
        measure = f" \\, d{variable}" if name == "int" and variable else ""
        return f"{_BIG[name]}{under}{over} {body}{measure}", _SUM

    def _piecewise(self, pieces: list[LexborNode], depth: int) -> str:
        rows = []
        for piece in pieces:
            parts = [self.read(part, depth + 1)[0] for part in _children(piece)]
            if piece.tag == "otherwise":
                parts.append("\\text{otherwise}")
            rows.append(" & ".join(parts))
        lines = " \\\\ ".join(rows)
        return f"\\begin{{cases}} {lines} \\end{{cases}}"

    def _listed(self, nodes: list[LexborNode], depth: int) -> str:
        return ", ".join(self.read(node, depth + 1)[0] for node in nodes)

    def _bracketed(self, node: LexborNode, depth: int, binding: int) -> str:
        tex, own = self.read(node, depth)
        return tex if own >= binding else f"({tex})"


def _script(sign: str, tex: str) -> str:
    return f"{sign}{tex}" if len(tex) == 1 else f"{sign}{{{tex}}}"


def _identifier(node: LexborNode) -> str:
    text = " ".join(node.text().split())
    if len(text) > 1 and text.isascii() and text.isalpha():
        return f"\\mathrm{{{text}}}"
    name, mark, index = text.partition("_")
    if mark and name and index:
        return to_latex(name).strip() + _script("_", to_latex(index).strip())
    return to_latex(text).strip()


def _number(node: LexborNode) -> tuple[str, int]:
    parts: list[str] = []
    child = node.first_child
    while child is not None and len(parts) < 3:
        if child.is_text_node and (text := (child.text_content or "").strip()):
            parts.append(to_latex(text).strip())
        child = child.next
    kind = node.attributes.get("type") or ""
    if len(parts) == 2 and kind == "rational":
        return f"\\frac{{{parts[0]}}}{{{parts[1]}}}", _ATOM
    if len(parts) == 2 and kind == "e-notation":
        return f"{parts[0]} \\times 10^{{{parts[1]}}}", _PRODUCT
    if len(parts) == 2 and kind == "complex-cartesian":
        return f"{parts[0]} + {parts[1]}i", _SUM
    tex = "".join(parts)
    return tex, _SUM if tex.startswith("-") else _ATOM
