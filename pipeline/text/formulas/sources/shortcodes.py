"""Tags that plugins and forums typeset, in pages that no longer say so themselves.

``[latex]…[/latex]``, ``{eq}…{/eq}``, ``##…##``, ``$$$…$$$``, ``$latex …$``, fences, and the
``<var>`` of contests. A page that has them was once typeset by a program on its server.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.text.formulas.tex import is_certain, is_likely
from pipeline.text.marks import CODE_CLOSE, CODE_OPEN, VAR_CLOSE, VAR_OPEN

_NAMES = (
    "latexdisplay|latex|itex|tex|math|imath|dmath|katex|displaymath|inlinemath|mathjax|"
    "formula|equation|eqn|eq"
)
#: What opens one; the group that matched tells which. Each begins with a sign outside of groups,
#: so that the engine skips to the next place where one may begin.
OPENING = (
    rf"\[(?P<square>{_NAMES})(?:[ =][^\[\]\n]{{0,60}})?\]"
    rf"|\{{(?P<brace>{_NAMES})\}}"
    rf"|\{{(?P<percent>%-? *)(?P<tag>{_NAMES})(?: [^%\n]{{0,40}})?-?%\}}"
    rf"|\{{\{{(?P<hugo>[<%] *)(?P<shortcode>{_NAMES})(?: [^<>%\n]{{0,40}})?[>%]\}}\}}"
    r"|\$(?P<dollars>\$\$(?:\$\$\$)?)(?!\$)|#(?P<hashes>#)(?=[^\s#])"
    r"|`(?P<fence>``)(?:math|katex)\b|\$(?P<wordpress>latex )"
    rf"|\$(?P<code>{CODE_OPEN})"
)
#: Variables, which manuals have too.
VARIABLE = f"|{VAR_OPEN}(?P<var>)"
_TYPESET = re.compile(rf"{VAR_OPEN}[^{VAR_OPEN}{VAR_CLOSE}\\]*\\[a-zA-Z]{{2}}")
_DISPLAYED = frozenset("latexdisplay dmath displaymath equation eqn".split())
_DOLLAR_SIGNS = ("$$$", "$latex ", "$" + CODE_OPEN)
_OPERATOR = re.compile(r"[=<>+^_\\≤≥∈→]")


class Shortcode(NamedTuple):
    """A tag that was opened."""

    closing: str
    display: bool = False
    notation: str = "shortcode"
    #: Prose has such signs too: what is between has to look like a formula.
    strict: bool = False


def may_have_shortcodes(text: str) -> bool:
    """Whether any tag may be in ``text``."""
    return has_signs(text) or ("$" in text and any(sign in text for sign in _DOLLAR_SIGNS))


def has_signs(text: str) -> bool:
    """Likewise, of those that begin with no dollar sign."""
    # A character of each first: single ones are found faster by far than longer strings.
    return (
        ("[" in text and "[/" in text)
        or ("#" in text and "##" in text)
        or ("{" in text and _has_braces(text))
        or ("`" in text and "```" in text)
        or (VAR_OPEN in text and "\\" in text)
    )


def _has_braces(text: str) -> bool:
    if "{/" in text or "{{<" in text:
        return True
    return "{%" in text and ("{% end" in text or "{%end" in text)


def has_variables(text: str, typesetter: str) -> bool:
    """Whether ``<var>`` holds formulas: in one is TeX, or a page's own script typesets them.

    MathJax does not, and manuals name what is to be typed so.
    """
    return VAR_OPEN in text and (typesetter == "katex" or _TYPESET.search(text) is not None)


def shortcode_of(match: re.Match[str]) -> Shortcode:
    """The tag that ``match`` of :data:`OPENING` opens."""
    groups = match.groupdict()
    if name := groups["square"]:
        return Shortcode(f"[/{name}]", name in _DISPLAYED or "display" in match[0])
    if name := groups["brace"]:
        return Shortcode(f"{{/{name}}}", name in _DISPLAYED)
    if name := groups["tag"]:
        space = " " if " " in groups["percent"] else ""
        closing = f"{{%{space}end{name}{space}%}}"
        return Shortcode(closing, name in _DISPLAYED or "display" in match[0])
    if name := groups["shortcode"]:
        closing = match[0][-3:]
        space = " " if " " in groups["hugo"] else ""
        return Shortcode(
            f"{{{{{groups['hugo'][0]}{space}/{name}{space}{closing}",
            name in _DISPLAYED or "display" in match[0],
        )
    if dollars := groups["dollars"]:
        return Shortcode(f"${dollars}", len(dollars) > 2, strict=True)
    if groups["hashes"]:
        return Shortcode("##", strict=True)
    if groups["fence"]:
        return Shortcode("```", display=True)
    if groups.get("var") is not None:
        return Shortcode(VAR_CLOSE, notation="var")
    return Shortcode(f"{CODE_CLOSE}$" if groups["code"] else "$", strict=bool(groups["code"]))


def is_meant(inside: str, tag: Shortcode) -> bool:
    """Whether what stands in a tag of signs that prose has too is a formula."""
    if not tag.strict or is_certain(inside):
        return True
    if not is_likely(inside.strip()):
        return False
    # A formula of letters alone has no space around it.
    return (tag.closing[0] == "$" and inside == inside.strip()) or bool(_OPERATOR.search(inside))
