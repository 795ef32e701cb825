"""Other spellings of the same formulas, one kind each, as other authors and sites write them.

Each takes a text with TeX and gives it written otherwise, or None where the text has
nothing of the kind. They are written apart from ``pipeline.text.formula_spelling`` and
share nothing with it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_ARGUMENT = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_FRAC = re.compile(r"\\[dt]?frac\s*" + _ARGUMENT + r"\s*" + _ARGUMENT)
_PLAIN_FRAC = re.compile(r"\\[dt]?frac\s*\{([^{}\\]*)\}\s*\{([^{}\\]*)\}")
_SIGNS = {
    "times": "×", "div": "÷", "pm": "±", "cdot": "⋅", "leq": "≤", "le": "≤", "geq": "≥",
    "ge": "≥", "neq": "≠", "ne": "≠", "infty": "∞", "to": "→", "rightarrow": "→", "in": "∈",
    "cup": "∪", "cap": "∩", "angle": "∠", "triangle": "△", "sum": "∑", "int": "∫",
    "perp": "⊥", "parallel": "∥", "approx": "≈", "equiv": "≡", "ldots": "…", "dots": "…",
    "cdots": "⋯",
}  # fmt: skip
_GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon theta lambda mu pi rho sigma tau phi omega".split(),
        "αβγδεθλμπρστφω",
        strict=True,
    )
)
_RAISED = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$|\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)


def _changed(text: str, other: str) -> str | None:
    return other if other != text else None


def _within_formulas(text: str, change: Callable[[str], str]) -> str:
    return _FORMULA.sub(lambda match: change(match.group()), text)


def short_fractions(text: str, _: random.Random) -> str | None:
    r"""``\frac{1}{2}`` for ``\frac12`` and back."""
    short = re.sub(r"\\([dt]?frac)\{(\d)\}\{(\d)\}", r"\\\1\2\3", text)
    return _changed(text, short) or _changed(
        text, re.sub(r"\\([dt]?frac)(\d)(\d)", r"\\\1{\2}{\3}", text)
    )


def display_fractions(text: str, choice: random.Random) -> str | None:
    other = re.sub(
        r"\\[dt]?frac(?![a-z])", lambda _: choice.choice([r"\frac", r"\dfrac", r"\tfrac"]), text
    )
    return _changed(text, other)


def fractions_by_over(text: str, _: random.Random) -> str | None:
    other = text
    for _turn in range(4):
        other = _FRAC.sub(lambda match: f"{{{match[1]} \\over {match[2]}}}", other)
    return _changed(text, other)


def fractions_by_slash(text: str, _: random.Random) -> str | None:
    def slashed(match: re.Match[str]) -> str:
        parts = [part if re.fullmatch(r"\w*", part) else f"({part})" for part in match.groups()]
        return "/".join(parts)

    return _changed(text, _PLAIN_FRAC.sub(slashed, text))


def signs(text: str, _: random.Random) -> str | None:
    other = re.sub(
        r"\\([A-Za-z]+)(?![A-Za-z]) ?", lambda match: _SIGNS.get(match[1], match.group()), text
    )
    return _changed(text, other)


def greek(text: str, _: random.Random) -> str | None:
    other = re.sub(
        r"\\([a-z]+)(?![A-Za-z]) ?", lambda match: _GREEK.get(match[1], match.group()), text
    )
    return _changed(text, other)


def functions(text: str, _: random.Random) -> str | None:
    return _changed(text, re.sub(r"\\(log|ln|sin|cos|tan|max|min|gcd|exp)(?![a-z])", r" \1 ", text))


def thousands(text: str, choice: random.Random) -> str | None:
    def other(match: re.Match[str]) -> str:
        parts = re.findall(r"\d+", match.group())
        return choice.choice(["", ","] if match.start() else [""]).join(parts)

    return _changed(text, re.sub(r"(?<![\d,])\d{1,3}(?:(?:,|\{,\}|,\\!)\d{3})+(?!\d)", other, text))


def sizes(text: str, _: random.Random) -> str | None:
    r"""``\left(`` for ``(``, with thin spaces; or both taken away."""
    plain = re.sub(r"\\(left|right|[bB]igg?[lr]?|,|;|quad)(?![a-z])", "", text)
    wide = _within_formulas(text, lambda formula: re.sub(r"(?<!\\)\(", r"\\left(\\,", formula))
    wide = _within_formulas(wide, lambda formula: re.sub(r"(?<!\\)\)", r"\\,\\right)", formula))
    return _changed(text, plain) or _changed(text, wide)


def fonts(text: str, _: random.Random) -> str | None:
    def other(match: re.Match[str]) -> str:
        return {"text": r"\mathrm", "mathrm": r"\text", "textbf": r"\text"}.get(match[1], "")

    return _changed(text, re.sub(r"\\(text|mathrm|mathbf|textbf|operatorname)(?=\{)", other, text))


def environments(text: str, _: random.Random) -> str | None:
    other = re.sub(r"\\begin\{[pbv]matrix\}", r"\\left[\\begin{array}{cc}", text)
    other = re.sub(r"\\end\{[pbv]matrix\}", r"\\end{array}\\right]", other)
    other = other.replace("{align*}", "{aligned}").replace("&=", "=")
    return _changed(text, other)


def scripts(text: str, _: random.Random) -> str | None:
    other = re.sub(r"\^(?:\{(\d+|n)\}|(\d))", lambda m: (m[1] or m[2]).translate(_RAISED), text)
    other = re.sub(r"_(?:\{(\d+)\}|(\d))", lambda m: (m[1] or m[2]).translate(_LOWERED), other)
    return _changed(text, other)


def degrees_and_roots(text: str, _: random.Random) -> str | None:
    other = re.sub(r"\^\s*(?:\\circ|\{\\circ\})", "°", text)
    other = re.sub(r"\\sqrt\{([^{}\\]+)\}", r"√(\1)", other)
    other = re.sub(r"(?<=[a-zA-Z])'(?=[(^ ])", r"^{\\prime}", other)
    return _changed(text, other)


KINDS: dict[str, Callable[[str, random.Random], str | None]] = {
    "short fractions": short_fractions,
    "display fractions": display_fractions,
    "over": fractions_by_over,
    "slash": fractions_by_slash,
    "signs": signs,
    "Greek": greek,
    "functions": functions,
    "thousands": thousands,
    "sizes": sizes,
    "fonts": fonts,
    "environments": environments,
    "scripts": scripts,
    "degrees, roots": degrees_and_roots,
}


def all_at_once(text: str, choice: random.Random) -> str | None:
    """Every kind, one after the other."""
    other = text
    for respell in KINDS.values():
        other = respell(other, choice) or other
    return _changed(text, other)
