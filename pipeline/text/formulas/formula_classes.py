"""Which elements hold formulas, told by their classes: what kind of holder each class names.

``elements.py`` has the notations of each kind, and how they are read.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Classes of elements that hold one formula, and the kind of holder that each names.
_BY_NAME = {
    "mwe-math-element": "wikipedia",
    "katex-display": "katex",
    "katex": "katex",
    "katex-error": "katex",
    "katex-html": "katex",
    "texhtml": "markup",
    "tex-span": "markup",
    "mq-math-mode": "mathquill",
    "mathquill-rendered-math": "mathquill",
    "mathquill-embedded-latex": "mathquill",
    "reqn": "container",
    "MathJye": "markup",
    "ltx_eqn_align": "equations",
    "ltx_eqn_eqnarray": "equations",
}
_DRAWN = (
    "MathJax_Display MathJax_SVG_Display MathJax_CHTML_Display MJXc-display MathJax MathJax_SVG "
    "MathJax_CHTML mjx-chtml MathJax_MathML"
).split()
_BY_CLASS = {**_BY_NAME, **dict.fromkeys(_DRAWN, "mathjax2")}
#: What MathJax 2 draws beside its scripts: read only where there is no script.
MATHJAX2 = frozenset((*_DRAWN, "MathJax_Preview", "MathJax_Error"))
#: Words that name a formula,
_FORMULA = frozenset(
    "math maths tex latex katex mathjax formula equation eqn reqn arithmatex displaymath "
    "inlinemath mathdisplay mathinline mathtex texmath asciimath mathml mathcode mathjye "
    "inlineequation displayequation inlineformula displayformula numberedequation numberedformula "
    "formulas mathblock".split()
)
#: and those that may stand beside them in one class. With any other, such as "note" or a
#: number, it names what belongs to mathematics, or a site: "math-note", "lt-math-15120".
_BESIDE = frozenset(
    "inline display block displayed numbered unnumbered centered center aligned render rendered "
    "renderer typeset processed container wrapper wrap span div element elem node expression expr "
    "text content source src code js jax language lang ztext md wp post mj mjx gf ql js process "
    "hl highlight box inner outer body field static svg html chtml mml mathml left right first "
    "env environment p x d ltx reveal field view unit style script in of to do type mode tag "
    "fallback image img only w notranslate embed object".split()
)
_HINTS = ("math", "tex", "formula", "equation", "eqn")
_SEPARATORS = re.compile("[-_]+")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_]+")
#: Of one class: more are no name.
_MAX_WORDS = 6

#: Words in one of the classes that speak of a formula's surroundings.
_ABOUT = re.compile(
    r"(?:^|[\s_-])(?:number|numbering|num|nr|label|ref|title|caption|link|menu|editor|button"
    r"|toolbar|list|logo|error)(?=$|[\s_-])",
    re.IGNORECASE,
)
#: Elements of HTML's own, and of programs, that are a formula: PreTeXt's, iTeX's, Zenn's.
_TAGS = frozenset(
    "m me men md mdn tex latex katex eq eqn equation formula itex imath dmath texmath la-tex k-tex "
    "dt-math d-math x-math x-tex embed-katex".split()
)
_BESIDE_IN_TAGS = _BESIDE | {"d", "dt", "x", "k", "amp", "embed", "web", "lit", "vue", "my"}
#: What is drawn out of elements, in prose: fractions, scripts.
FRACTIONS = frozenset("sfrac frac fraction intbl vfrac ufrac ffrac".split())
_SCRIPTS = frozenset("sup sub superscript subscript supscript subscr superscr".split())
_DRAWN_IN_PROSE = FRACTIONS | _SCRIPTS


def is_of_formula(classes: str) -> bool:
    """Whether an element with the attribute ``class`` may be a formula."""
    return bool(kind_of_class(classes)) or not MATHJAX2.isdisjoint(classes.split()[:20])


@lru_cache(maxsize=16_384)
def kind_of_class(classes: str) -> str:
    """What elements with the attribute ``class`` hold a formula as; empty for most."""
    names = classes[:200].split()[:20]
    for name in names:
        if name in _BY_CLASS:
            return _BY_CLASS[name]
    if not _ABOUT.search(classes[:200]) and any(map(_names_formula, names)):
        return "container"
    return "" if _DRAWN_IN_PROSE.isdisjoint(names) else "drawn"


def _names_formula(name: str) -> bool:
    """Whether a class as a whole names a formula."""
    lower = name.lower()
    if lower in _FORMULA:
        return True
    if not any(hint in lower for hint in _HINTS):
        return False
    words: list[str] = []
    for part in _SEPARATORS.split(name):
        known = part.lower() in _FORMULA or part.lower() in _BESIDE
        words += [part] if known else _WORD.findall(part)
    words = [word.lower() for word in words]
    if len(words) > _MAX_WORDS or _FORMULA.isdisjoint(words):
        return False
    return all(word in _FORMULA or word in _BESIDE for word in words)


@lru_cache(maxsize=4_096)
def is_tag_of_formula(tag: str) -> bool:
    """Whether elements of this name, which HTML does not know, hold one formula."""
    if tag in _TAGS:
        return True
    words = tag.replace("_", "-").split("-")
    return (
        1 < len(words) <= _MAX_WORDS
        and not _FORMULA.isdisjoint(words)
        and all(word in _FORMULA or word in _BESIDE_IN_TAGS for word in words)
    )
