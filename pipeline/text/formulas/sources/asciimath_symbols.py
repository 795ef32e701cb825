"""The symbols of AsciiMath: what kind each is, and what it is in LaTeX."""

from __future__ import annotations

from typing import Final


class Kind:
    """What a token is to the parser; plain integers, for speed."""

    CONSTANT: Final = 0
    LETTER: Final = 1
    FUNCTION: Final = 2
    UNARY: Final = 3
    BINARY: Final = 4
    #: A function that is written as brackets: ``abs(x)``.
    FENCED: Final = 5
    #: A constant that stands between operands: nothing can close a bar after it.
    OPERATOR: Final = 6
    LEFT: Final = 7
    RIGHT: Final = 8
    BAR: Final = 9
    SCRIPT: Final = 10
    SLASH: Final = 11
    COMMA: Final = 12


# Named in AsciiMath as in LaTeX.
_CONSTANTS = (
    "alpha beta chi delta Delta epsilon varepsilon eta gamma Gamma iota kappa lambda Lambda mu nu "
    "omega Omega phi varphi Phi pi Pi psi Psi rho sigma Sigma tau theta vartheta Theta upsilon xi "
    "Xi zeta emptyset infty aleph ldots cdots vdots ddots quad qquad frown diamond square triangle "
    "angle partial nabla int oint therefore because forall exists neg bot top prime "
    "sum prod bigwedge bigvee bigcap bigcup lim min max dim lfloor rfloor lceil rceil backslash"
).split()
_OPERATORS = (
    "setminus times ltimes rtimes bowtie div circ oplus otimes odot wedge vee cap cup ne le leq ge "
    "geq prec succ preceq succeq in notin subset supset subseteq supseteq equiv cong approx propto "
    "implies iff vdash models cdot ast star pm mp to uparrow downarrow rightarrow leftarrow "
    "leftrightarrow Rightarrow Leftarrow Leftrightarrow mapsto rightarrowtail twoheadrightarrow ll "
    "gg sim parallel perp mid"
).split()
_FUNCTIONS = (
    "sin cos tan sinh cosh tanh cot sec csc arcsin arccos arctan coth exp log ln det gcd"
).split()
_OPERATOR_NAMES = "sech csch lcm Sin Cos Tan Cot Sec Csc Log Ln Abs Arcsin Arccos Arctan".split()

_RENAMED = {
    "epsi": "\\epsilon", "lamda": "\\lambda", "Lamda": "\\Lambda", "O/": "\\emptyset",
    "oo": "\\infty", "...": "\\ldots", ":.": "\\therefore", ":'": "\\because", "/_": "\\angle",
    "/_\\": "\\triangle", "'": "'", "del": "\\partial", "grad": "\\nabla", "AA": "\\forall",
    "EE": "\\exists", "_|_": "\\bot", "TT": "\\top", "CC": "\\mathbb{C}", "NN": "\\mathbb{N}",
    "QQ": "\\mathbb{Q}", "RR": "\\mathbb{R}", "ZZ": "\\mathbb{Z}", "PP": "\\mathbb{P}",
    "dx": "dx", "dy": "dy", "dz": "dz", "dt": "dt", "^^^": "\\bigwedge", "vvv": "\\bigvee",
    "nnn": "\\bigcap", "uuu": "\\bigcup", "Lim": "\\lim", "not": "\\neg", "|__": "\\lfloor",
    "__|": "\\rfloor", "|~": "\\lceil", "~|": "\\rceil", "lub": "\\operatorname{lub}",
    "glb": "\\operatorname{glb}", "lceiling": "\\lceil", "rceiling": "\\rceil",
    "and": "\\text{ and }", "or": "\\text{ or }", "if": "\\text{ if }", "\\ ": "\\ ", "\\,": "\\,",
    "\\\\": "\\backslash", "%": "\\%", "#": "\\#", "&": "\\&", "$": "\\$", "!": "!",
}  # fmt: skip
_RENAMED_OPERATORS = {
    "+": "+", "-": "-", "=": "=", "<": "<", ">": ">", ":": ":", ";": ";", "*": "\\cdot",
    "**": "\\ast", "***": "\\star", "//": "/", "xx": "\\times", "|><": "\\ltimes",
    "><|": "\\rtimes", "|><|": "\\bowtie", "-:": "\\div", "divide": "\\div", "@": "\\circ",
    "o+": "\\oplus", "ox": "\\otimes", "o.": "\\odot", "^^": "\\wedge", "vv": "\\vee",
    "nn": "\\cap", "uu": "\\cup", "!=": "\\ne", ":=": ":=", "lt": "<", "<=": "\\le",
    "lt=": "\\leq", "gt": ">", ">=": "\\ge", "gt=": "\\geq", "-<": "\\prec", "-lt": "\\prec",
    ">-": "\\succ", "-<=": "\\preceq", ">-=": "\\succeq", "!in": "\\notin", "sub": "\\subset",
    "sup": "\\supset", "sube": "\\subseteq", "supe": "\\supseteq", "-=": "\\equiv",
    "~=": "\\cong", "~~": "\\approx", "~": "\\sim", "prop": "\\propto", "=>": "\\implies",
    "<=>": "\\iff", "|--": "\\vdash", "|==": "\\models", "+-": "\\pm", "-+": "\\mp",
    "uarr": "\\uparrow", "darr": "\\downarrow", "rarr": "\\rightarrow", "->": "\\to",
    ">->": "\\rightarrowtail", "->>": "\\twoheadrightarrow", "|->": "\\mapsto",
    "larr": "\\leftarrow", "harr": "\\leftrightarrow", "rArr": "\\Rightarrow",
    "lArr": "\\Leftarrow", "hArr": "\\Leftrightarrow", "mlt": "\\ll", "mgt": "\\gg",
    "mod": "\\bmod",
}  # fmt: skip
_UNARY = {
    "sqrt": "\\sqrt", "√": "\\sqrt",
    "hat": "\\hat", "bar": "\\bar", "overline": "\\overline", "vec": "\\vec",
    "dot": "\\dot", "ddot": "\\ddot", "tilde": "\\tilde", "ul": "\\underline",
    "underline": "\\underline", "ubrace": "\\underbrace", "underbrace": "\\underbrace",
    "obrace": "\\overbrace", "overbrace": "\\overbrace", "overarc": "\\overset{\\frown}",
    "overparen": "\\overset{\\frown}", "cancel": "\\cancel", "bb": "\\mathbf",
    "mathbf": "\\mathbf", "bbb": "\\mathbb", "mathbb": "\\mathbb", "cc": "\\mathcal",
    "mathcal": "\\mathcal", "tt": "\\mathtt", "mathtt": "\\mathtt", "fr": "\\mathfrak",
    "mathfrak": "\\mathfrak", "sf": "\\mathsf", "mathsf": "\\mathsf", "mathrm": "\\mathrm",
}  # fmt: skip
#: What accents are over more than one symbol.
WIDE = {
    "\\hat": "\\widehat", "\\bar": "\\overline", "\\vec": "\\overrightarrow",
    "\\tilde": "\\widetilde",
}  # fmt: skip
_BINARY = {
    "frac": "\\frac", "root": "\\sqrt", "stackrel": "\\stackrel", "overset": "\\overset",
    "underset": "\\underset",
}  # fmt: skip
_LEFT = {"(": "(", "[": "[", "{": "\\{", "(:": "\\langle", "<<": "\\langle", "{:": "",
         "langle": "\\langle", "left(": "(", "left[": "[", "left{": "\\{"}  # fmt: skip
_RIGHT = {")": ")", "]": "]", "}": "\\}", ":)": "\\rangle", ">>": "\\rangle", ":}": "",
          "rangle": "\\rangle", "right)": ")", "right]": "]", "right}": "\\}"}  # fmt: skip
_FENCES = {"abs": "| |", "norm": "\\| \\|", "floor": "\\lfloor \\rfloor", "ceil": "\\lceil \\rceil"}

#: What is written in AsciiMath to its kind and its LaTeX.
SYMBOLS: dict[str, tuple[int, str]] = {
    **{name: (Kind.CONSTANT, f"\\{name}") for name in _CONSTANTS},
    **{name: (Kind.OPERATOR, f"\\{name}") for name in _OPERATORS},
    **{name: (Kind.FUNCTION, f"\\{name}") for name in _FUNCTIONS},
    **{name: (Kind.FUNCTION, f"\\operatorname{{{name}}}") for name in _OPERATOR_NAMES},
    **{name: (Kind.CONSTANT, tex) for name, tex in _RENAMED.items()},
    **{name: (Kind.OPERATOR, tex) for name, tex in _RENAMED_OPERATORS.items()},
    **{name: (Kind.UNARY, tex) for name, tex in _UNARY.items()},
    **{name: (Kind.BINARY, tex) for name, tex in _BINARY.items()},
    **{name: (Kind.LEFT, tex) for name, tex in _LEFT.items()},
    **{name: (Kind.RIGHT, tex) for name, tex in _RIGHT.items()},
    **{name: (Kind.FENCED, tex) for name, tex in _FENCES.items()},
    "f": (Kind.FUNCTION, "f"), "g": (Kind.FUNCTION, "g"), "|": (Kind.BAR, "|"),
    "_": (Kind.SCRIPT, "_"), "^": (Kind.SCRIPT, "^"), "/": (Kind.SLASH, "/"),
    ",": (Kind.COMMA, ","),
}  # fmt: skip


#: Symbols that are more often a word or a part of one.
WORDS = frozenset(
    "in or and if not int sum max min mod abs exp log sub sup prop del grad quad square diamond "
    "bot top to dim norm floor ceil root frac det hat bar dot vec star triangle because divide oo "
    "ll pm ne le ge ox nn tt cc bb fr sf gg mp lt gt ul times div top frown cancel lub mid".split()
)


def _by_first(names: list[str]) -> dict[str, list[str]]:
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_letter.setdefault(name[0], []).append(name)
    return by_letter


#: The first character of symbols to the symbols, longest first.
STARTS = _by_first(list(SYMBOLS))
