"""Unicode characters of mathematics as LaTeX commands."""

from __future__ import annotations

import unicodedata

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ϵ": "epsilon", "ε": "varepsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ϖ": "varpi", "ρ": "rho",
    "ϱ": "varrho", "σ": "sigma", "ς": "varsigma", "τ": "tau", "υ": "upsilon", "ϕ": "phi",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon",
    "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "µ": "mu",
}  # fmt: skip
_OPERATORS = {
    "×": "times", "÷": "div", "±": "pm", "∓": "mp", "·": "cdot", "⋅": "cdot", "∗": "ast",
    "∘": "circ", "∙": "bullet", "•": "bullet", "⊕": "oplus", "⊖": "ominus", "⊗": "otimes",
    "⊙": "odot", "∧": "wedge", "∨": "vee", "∩": "cap", "∪": "cup", "⊎": "uplus", "⊔": "sqcup",
    "⊓": "sqcap", "⋆": "star", "★": "bigstar", "†": "dagger", "‡": "ddagger", "∖": "setminus",
    "≤": "leq", "≥": "geq", "⩽": "leqslant", "⩾": "geqslant", "≠": "neq", "≈": "approx",
    "≡": "equiv", "≅": "cong", "≃": "simeq", "∼": "sim", "∝": "propto", "≪": "ll", "≫": "gg",
    "≺": "prec", "≻": "succ", "⪯": "preceq", "⪰": "succeq", "∈": "in", "∉": "notin", "∋": "ni",
    "⊂": "subset", "⊃": "supset", "⊆": "subseteq", "⊇": "supseteq", "⊊": "subsetneq",
    "⊄": "not\\subset", "∣": "mid", "∤": "nmid", "∥": "parallel", "⟂": "perp", "⊥": "perp",
    "⊢": "vdash", "⊨": "models", "⊤": "top", "≔": "coloneqq", "≜": "triangleq",
    "←": "leftarrow", "→": "to", "↑": "uparrow", "↓": "downarrow", "↔": "leftrightarrow",
    "⇐": "Leftarrow", "⇒": "Rightarrow", "⇔": "Leftrightarrow", "⟶": "longrightarrow",
    "⟵": "longleftarrow", "⟹": "implies", "⟺": "iff", "↦": "mapsto", "⟼": "longmapsto",
    "↪": "hookrightarrow", "↠": "twoheadrightarrow", "⇌": "rightleftharpoons",
    "∑": "sum", "∏": "prod", "∐": "coprod", "∫": "int", "∬": "iint", "∭": "iiint", "∮": "oint",
    "⋃": "bigcup", "⋂": "bigcap", "⨁": "bigoplus", "⨂": "bigotimes", "⋁": "bigvee",
    "⋀": "bigwedge", "∂": "partial", "∇": "nabla", "∞": "infty", "∅": "emptyset", "∀": "forall",
    "∃": "exists", "∄": "nexists", "¬": "neg", "√": "surd", "∠": "angle", "△": "triangle",
    "□": "square", "◻": "square", "∎": "blacksquare", "′": "prime", "″": "prime\\prime",
    "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots", "∴": "therefore", "∵": "because",
    "ℏ": "hbar", "ℓ": "ell", "ℜ": "Re", "ℑ": "Im", "℘": "wp", "ℵ": "aleph", "°": "circ",
    "⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil", "⟨": "langle", "⟩": "rangle",
    "〈": "langle", "〉": "rangle", "‖": "|", "∆": "Delta",
}  # fmt: skip
_PLAIN = {
    "−": "-", "–": "-", "∶": ":", "⁄": "/", "∕": "/", "’": "'", "‘": "'", "{": "\\{", "}": "\\}",
    "%": "\\%", "#": "\\#", "&": "\\&", "$": "\\$", "_": "\\_", "\\": "\\backslash ",
    "\u00a0": " ", "\u2009": " ", "\u200a": " ", "\u2002": " ", "\u2003": " ", "\u2005": " ",
    # Invisible: function application, times, separator, plus; zero-width spaces; joiner.
    "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "", "\u2060": "",
    "\ufeff": "", "\u200c": "", "\u200d": "",
}  # fmt: skip

#: Character to command, without the backslash.
COMMANDS = _GREEK | _OPERATORS
_TABLE = str.maketrans({character: f"\\{name} " for character, name in COMMANDS.items()} | _PLAIN)

#: Mathematical alphabets of Unicode, by the start of the character's name.
_ALPHABETS = (
    ("MATHEMATICAL BOLD SCRIPT ", "mathcal"),
    ("MATHEMATICAL SCRIPT ", "mathcal"),
    ("MATHEMATICAL BOLD FRAKTUR ", "mathfrak"),
    ("MATHEMATICAL FRAKTUR ", "mathfrak"),
    ("MATHEMATICAL DOUBLE-STRUCK ", "mathbb"),
    ("DOUBLE-STRUCK ", "mathbb"),
    ("SCRIPT ", "mathcal"),
    ("BLACK-LETTER ", "mathfrak"),
    ("MATHEMATICAL BOLD ITALIC ", "boldsymbol"),
    ("MATHEMATICAL BOLD ", "mathbf"),
    ("MATHEMATICAL SANS-SERIF ", "mathsf"),
    ("MATHEMATICAL MONOSPACE ", "mathtt"),
)


def to_latex(text: str) -> str:
    """``text`` with symbols as commands; a command is closed by a space."""
    if text.isascii() and text.isalnum():
        return text
    return "".join([_alphabetic(character) for character in text.translate(_TABLE)])


def _alphabetic(character: str) -> str:
    if character.isascii() or not ("ℂ" <= character <= "ⅉ" or character >= "\U0001d400"):
        return character
    plain = unicodedata.normalize("NFKC", character)
    if plain == character or len(plain) != 1:
        return character
    plain = plain.translate(_TABLE).strip()
    name = unicodedata.name(character, "")
    for start, command in _ALPHABETS:
        if name.startswith(start):
            return f"\\{command}{{{plain}}}"
    return plain
