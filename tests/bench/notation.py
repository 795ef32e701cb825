"""One form for TeX that is written in several ways and looks the same.

What is compared is a sequence of tokens, so that no command runs into the letter after it.
"""

from __future__ import annotations

import re
import unicodedata

# Between tokens: of no text.
_JOINT = "\x1f"
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|[^\\\s]", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+)\*?\}")
_COLUMNS = re.compile(r"(\\begin\{array\})\s*(?:\[.\]\s*)?\{[^{}]{0,40}\}")
_FENCES = frozenset((r"\left", r"\right", r"\middle"))
#: Says how, not what.
_LOOKS = frozenset(
    (
        r"\displaystyle \textstyle \scriptstyle \scriptscriptstyle \limits \nolimits \nonumber "
        r"\, \; \: \! \> \/ \quad \qquad \enspace \thinspace \medspace \thickspace \strut "
        r"\big \Big \bigg \Bigg \bigl \Bigl \biggl \Biggl \bigr \Bigr \biggr \Biggr "
        r"\bigm \Bigm \biggm \Biggm ~"
    ).split()
) | {"\\ "}

_SAME = {
    r"\frac": r"\dfrac \tfrac \cfrac",
    r"\binom": r"\dbinom \tbinom",
    r"\leq": r"\le \leqslant ≤ ⩽",
    r"\geq": r"\ge \geqslant ≥ ⩾",
    r"\neq": r"\ne ≠",
    "<": r"\lt",
    ">": r"\gt",
    r"\to": r"\rightarrow →",
    r"\gets": r"\leftarrow ←",
    r"\Rightarrow": r"\implies \Longrightarrow ⇒ ⟹",
    r"\Leftrightarrow": r"\iff \Longleftrightarrow ⇔ ⟺",
    r"\ldots": r"\dots \cdots \dotsc \dotsb \dotsm \dotso \hdots … ⋯",
    r"\cdot": "⋅ ·",
    r"\times": "×",
    r"\div": "÷",
    r"\pm": "±",
    r"\mp": "∓",
    r"\infty": "∞",
    r"\in": "∈",
    r"\notin": r"\not\in ∉",
    r"\subset": "⊂",
    r"\subseteq": "⊆",
    r"\cup": "∪",
    r"\cap": "∩",
    r"\emptyset": r"\varnothing ∅",
    r"\forall": "∀",
    r"\exists": "∃",
    r"\wedge": r"\land ∧",
    r"\vee": r"\lor ∨",
    r"\neg": r"\lnot ¬",
    r"\equiv": "≡",
    r"\approx": "≈",
    r"\sim": "∼",
    r"\cong": "≅",
    r"\propto": "∝",
    r"\partial": "∂",
    r"\nabla": "∇",
    r"\sum": "∑",
    r"\prod": "∏",
    r"\int": "∫",
    r"\oplus": "⊕",
    r"\otimes": "⊗",
    r"\circ": "∘",
    r"\star": "⋆",
    r"\perp": r"\bot ⊥",
    r"\|": r"\Vert \lVert \rVert ‖",
    "|": r"\vert \lvert \rvert \mid ∣",
    r"\langle": "⟨",
    r"\rangle": "⟩",
    r"\{": r"\lbrace",
    r"\}": r"\rbrace",
    "[": r"\lbrack",
    "]": r"\rbrack",
    ":": r"\colon",
    "*": r"\ast ∗",
    "'": r"\prime ′ ’",
    "-": "−",
    r"\mathrm": r"\text \textrm \textnormal \operatorname \operatorname* \mbox \hbox \rm",
    r"\mathbf": r"\textbf \boldsymbol \bm \bold",
    r"\mathbb": r"\Bbb",
    r"\overline": r"\bar",
    r"\hat": r"\widehat",
    r"\tilde": r"\widetilde",
    r"\phi": "ϕ",
    r"\varphi": "φ",
    r"\epsilon": "ϵ",
    r"\varepsilon": "ε",
}
_GREEK = dict(
    zip(
        "αβγδζηθικλμνξπρστυχψωΓΔΘΛΞΠΣΥΦΨΩ",
        (
            "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
            "upsilon chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
        ).split(),
        strict=True,
    )
)
_ONE_OF = {other: one for one, others in _SAME.items() for other in others.split()}
_ONE_OF |= {sign: f"\\{name}" for sign, name in _GREEK.items()}
#: Environments that differ in where their numbers stand.
_ENVIRONMENTS = dict.fromkeys(
    "align aligned gather gathered split eqnarray multline".split(), "aligned"
)
_NO_ENVIRONMENTS = frozenset(("equation", "math", "displaymath"))


def normalised(text: str) -> str:
    r"""Tokens of TeX, or of a whole text that holds some, in one form.

    >>> normalised(r"\left( \dfrac{a}{b} \right)^{2}") == normalised(r"(\frac ab)^2")
    True
    """
    source = unicodedata.normalize("NFC", text)
    source = _ENVIRONMENT.sub(_environment, source)
    source = _COLUMNS.sub(r"\1", source)
    kept: list[str] = []
    fence = False
    for found in _TOKEN.finditer(source):
        token = found.group()
        # "\left." stands for no fence at all.
        if fence and token == ".":
            fence = False
            continue
        fence = token in _FENCES
        if fence or token in _LOOKS:
            continue
        token = _ONE_OF.get(token, token)
        if token == "'" and kept[-1:] == ["^"]:
            kept.pop()
        if token == "}" and kept[-1:] == ["{"]:
            kept.pop()
        elif token == "}" and kept[-2:-1] == ["{"]:
            del kept[-2]
        else:
            kept.append(token)
    return _JOINT.join(["", *kept, ""])


def _environment(found: re.Match[str]) -> str:
    name = found[2]
    if name in _NO_ENVIRONMENTS:
        return ""
    return f"\\{found[1]}{{{_ENVIRONMENTS.get(name, name)}}}"


# Functions are named alike in TeX and as text; all other commands have no letters to show.
_FUNCTION = re.compile(
    r"\\((?:arc)?(?:sin|cos|tan)h?|cot|csc|sec|exp|log|ln|lg|lim|max|min|sup|inf|det|dim|gcd|deg"
    r"|hom|ker|arg|Pr|[bp]?mod)(?![A-Za-z])"
)
_COMMAND = re.compile(r"\\(?:(?:begin|end)\s*\{[A-Za-z*]+\}|[A-Za-z]+|.)", re.DOTALL)
_NO_CHARACTER = re.compile(r"[^A-Za-z0-9+\-=()\[\],/!]+")


def characters(text: str) -> str:
    r"""What MathML's text and TeX have in common: letters, digits and a few ASCII signs.

    >>> characters(r"$\int_{l}^{r} f(x) \, dx$") == characters("∫lrf(x)dx")
    True
    """
    text = unicodedata.normalize("NFKC", text.replace("…", "").replace("⋯", ""))
    text = _COMMAND.sub("", _FUNCTION.sub(r"\1", _COLUMNS.sub(r"\1", text)))
    return _NO_CHARACTER.sub("", text.replace("−", "-"))
