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
#: Words of the classes of elements that hold one formula as TeX.
_VOUCHING = re.compile(
    r"(?:^|[\s_-])(?:math|maths|tex|latex|katex|mathjax|formula|equation|arithmatex|ztext-math"
    r"|display-?math|inline-?math|math-?tex)(?=$|[\s_-])",
    re.IGNORECASE,
)

#: Words beside them that speak of a formula's surroundings.
_ABOUT = re.compile(
    r"(?:^|[\s_-])(?:number|numbering|num|nr|label|ref|title|caption|link|menu|editor|button"
    r"|toolbar|list|logo|error)(?=$|[\s_-])",
    re.IGNORECASE,
)


def is_of_formula(classes: str) -> bool:
    """Whether an element with the attribute ``class`` may be a formula."""
    return bool(kind_of_class(classes)) or not MATHJAX2.isdisjoint(classes.split()[:20])


@lru_cache(maxsize=16_384)
def kind_of_class(classes: str) -> str:
    """What elements with the attribute ``class`` hold a formula as; empty for most."""
    for name in classes.split()[:20]:
        if name in _BY_CLASS:
            return _BY_CLASS[name]
    classes = classes[:200]
    return "container" if _VOUCHING.search(classes) and not _ABOUT.search(classes) else ""
