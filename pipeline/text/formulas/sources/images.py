"""Formulas that are images, their source in an attribute, in the address or beside them."""

from __future__ import annotations

import re
from collections.abc import Set
from urllib.parse import unquote, unquote_plus

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.formulas import symbols
from pipeline.text.formulas.formula_classes import kind_of_class
from pipeline.text.formulas.mathml.presentation import latex_of, tex_of
from pipeline.text.formulas.tex import MAX_FORMULA, Formula, formula, is_certain, is_likely

# Services that draw the TeX in their address, by where in it the TeX is: WordPress and
# Google's chart API; CodeCogs, mathTeX, mimeTeX, MathURL, CSDN, Yuque, numberempire;
# GitHub, Zhihu, Juejin, Nowcoder, Jianshu, Bilibili, math.now.sh, sitmo, MathTran, Brainly;
# texify, upmath.
_SERVICE = re.compile(
    r"latex\.php\?(?:[^#]{0,300}?&)?latex=(?P<form>[^&#]+)"
    r"|chart\?(?=[^#]{0,300}cht=tx)(?:[^#]{0,300}?&)?chl=(?P<chart>[^&#]+)"
    r"|(?:/(?:gif|svg|png|eq)\.(?:image|latex|download)|/mathtex\.(?:cgi|exe)|/mimetex\.(?:cgi|exe)"
    r"|mathurl\.com/render\.cgi|latex\.csdn\.net/eq|/gr/latex|numberempire\.com/render)"
    r"\?(?P<whole>[^#]+)"
    r"|(?:render/math\?math|/equation\?tex|latex\?tex|/math\?formula|mathjax/tex\?formula"
    r"|math\.(?:now\.sh|vercel\.app)/?\?from|z-dn\.net/\?f"
    r"|latex2png[\w.]{0,10}\?[^#]{0,300}?\beq|/mathtran\?[^#]{0,300}?\btex)=(?P<value>[^&#]+)"
    r"|/equation_images/(?P<twice>[^#?]+)"
    r"|eqnedit\.php\?(?:[^#]{0,100}?&)?latex=(?P<editor>[^#]+)"
    r"|texify\.com/img/(?P<texify>[^#?]+)\.gif"
    r"|(?:upmath\.me|s2cms\.ru)/(?:svg|png)/(?P<path>[^#?]+)"
)
#: One of these is in the address of each: most pages scale their images by a query too.
_HINTS = (
    "tex", "math", "chart", ".image?", ".download?", "numberempire", "equation", "eqnedit",
    "z-dn.net", "s2cms"
)  # fmt: skip
#: Attributes with the address, of images that load late too, and those with TeX.
_ADDRESSES = (
    "src", "data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-canonical-src",
    "data", "data-orig-file"
)  # fmt: skip
_SOURCES = ("data-latex", "data-tex", "data-formula", "data-equation-content")
_NAMES_OF_SOURCES = frozenset(_SOURCES)
#: Classes of images whose ``alt`` is TeX, and attributes that say so.
_CLASSES = frozenset(
    "latex tex math mathimg texrender latexcenter formula equation wp-latex mathcode ztext-math "
    "mwe-math-fallback-image-inline mwe-math-fallback-image-display mwe-math-fallback-png-inline "
    "mwe-math-fallback-png-display inline-formula math-inline math-block formulainl formuladsp "
    "ql-img-inline-formula ql-img-displayed-equation latex-formula equation_image".split()
)
#: Words of addresses at which programs keep the images that they make of formulas.
_PLUGIN = re.compile(
    r"(?:^|[/_.=-])(?:latex\w{0,20}|\w{0,20}latex|tex|texcache|mimetex|mathtex"
    r"|formulas?(?:_image)?|equations?|math-?im(?:g|age)s?|wirisplugin|tex2png|teximg)(?=[/_.?=-]|$)",
    re.IGNORECASE,
)
#: Longer texts without a sign of TeX are captions.
_LONG_PLAIN = 40
_SIGN = re.compile(r"[\\^_$]")
_MARKED = frozenset(("eeimg", "data-eeimg", "mathimg"))
_DISPLAYED = frozenset(
    "mwe-math-fallback-image-display mwe-math-fallback-png-display formuladsp latexcenter "
    "math-block ql-img-displayed-equation math-display".split()
)
_ALONE = frozenset("math displaymath equation mathdisplay display-math formula dmath".split())
_BLOCKS = frozenset(("div", "td", "center", "p"))
#: What services are told about size and colours before the formula, and after it.
_SETTING = re.compile(
    r"\s*\\(?:dpi\s*\{\d*\}|bg(?:_\w+|\s*\{\w*\})|fn_\w+|!|(?:inline|huge|Huge|HUGE|large|Large|LARGE"
    r"|normalsize|small|footnotesize|tiny)(?![a-zA-Z]))\s*"
)
#: What most images have.
_NO_CLASSES: Set[str] = frozenset()
_NO_CACHE = "\\nocache"
#: Wiris keeps MathML in an attribute with these for what HTML would take for markup.
_WIRIS = str.maketrans({"«": "<", "»": ">", "¨": '"', "§": "&", "`": "'"})


def from_image(image: LexborNode, *, vouched: bool = False) -> Formula | None:
    """The formula that ``image`` draws, ``None`` for any other image.

    ``vouched``: what it stands in says that it is one.
    """
    attributes = image.attributes
    names = attributes.get("class")
    classes = set(names.lower().split()) if names else _NO_CLASSES
    display = not _DISPLAYED.isdisjoint(classes)
    converted = _from_attributes(image, attributes, classes, display=display, vouched=vouched)
    if converted is None:
        return None
    if not converted.display:
        return Formula(converted.tex, display or _stands_alone(image))
    # Springer has two dollar signs around formulas within a line too.
    parent = image.parent
    inline = parent is not None and "InlineEquation" in (parent.attributes.get("class") or "")
    return Formula(converted.tex, not inline)


def _from_attributes(
    image: LexborNode,
    attributes: dict[str, str | None],
    classes: Set[str],
    *,
    display: bool,
    vouched: bool,
) -> Formula | None:
    if markup := attributes.get("data-mathml"):
        return _from_wiris(markup)
    if not _NAMES_OF_SOURCES.isdisjoint(attributes):
        for name in _SOURCES:
            if name in attributes and (converted := formula(attributes[name], display=display)):
                return converted
    alternative = (attributes.get("alt") or attributes.get("title") or "").strip()
    for name in _ADDRESSES:
        if name not in attributes:
            continue
        source = attributes[name]
        if not source or source.startswith("data:"):
            continue
        # A loop over three signs would take longer than all else that most images ask for.
        if "?" in source or "texify" in source or "/svg/" in source or "equation_images" in source:
            tex = _from_address(source)
            if tex and (converted := formula(_better(tex, alternative), display=display)):
                return converted
    before = image.prev
    if (
        before is not None
        and (comment := _comment_before(before))
        and (converted := formula(comment, display=display))
    ):
        return converted
    if (tex := _from_link(image)) and (converted := formula(tex, display=display)):
        return converted
    if not alternative or len(alternative) > MAX_FORMULA or alternative.startswith("[asy]"):
        return None
    alternative = alternative.removeprefix("LaTeX:").lstrip()
    if marked := not _MARKED.isdisjoint(attributes):
        # Zhihu displays what ends in the end of a line.
        display |= alternative.endswith("\\\\") or "\\tag" in alternative
        alternative = alternative.removesuffix("\\\\")
    drawn = "math-display" in classes
    if (
        vouched
        or marked
        or (classes and (classes & _CLASSES or (not drawn and _is_vouched(classes))))
    ):
        # The class vouches for it, unless it is a caption.
        return None if _is_caption(alternative) else formula(alternative, display=display)
    if drawn:
        return _from_drawn_text(alternative)
    if len(alternative) > _LONG_PLAIN and not _SIGN.search(alternative):
        return None
    certain = is_certain(alternative)
    if _is_delimited(alternative) or (certain and _has_command(alternative)):
        return formula(alternative, display=display)
    if certain or is_likely(alternative):
        if _stands_alone(image):
            return formula(alternative, display=True)
        source = attributes.get("src") or ""
        if _PLUGIN.search(source[:2_000].partition("?")[0]):
            return formula(alternative, display=display)
    return None


def _is_vouched(classes: Set[str]) -> bool:
    return any(kind_of_class(name) == "container" for name in classes)


def _from_link(image: LexborNode) -> str | None:
    """The TeX in the address of an editor that the image links to."""
    link = image.parent
    if link is None or link.tag != "a":
        return None
    target = link.attributes.get("href") or ""
    return _from_address(target) if "eqnedit" in target else None


def _from_address(source: str) -> str | None:
    if not any(hint in source for hint in _HINTS):
        return None
    match = _SERVICE.search(source[:20_000])
    if match is None:
        return None
    kind = match.lastgroup or ""
    value = match[kind]
    if kind == "form":
        tex = unquote_plus(value)
    elif kind == "twice":
        tex = unquote(unquote(value))
    elif kind in ("whole", "editor") or "+" not in value or ("%20" in value and kind != "chart"):
        # CodeCogs writes some characters in a way of its own.
        tex = unquote(value.replace("&space;", " ").replace("&plus;", "+").partition("&sig=")[0])
    else:
        # Where a plus is written as a number, a bare one is a space.
        tex = (unquote_plus if kind == "chart" or "%2B" in value.upper() else unquote)(value)
    while setting := _SETTING.match(tex):
        tex = tex[setting.end() :]
    tex = tex.removesuffix(_NO_CACHE)
    return tex if not tex.startswith("//") else None


_LOST_IN_ADDRESSES = re.compile(r"[+\s]")


def _better(tex: str, alternative: str) -> str:
    """``alternative`` if it is the same but for what addresses lose."""
    if "+" in alternative and len(alternative) < 2 * len(tex) + 10:
        lost = _LOST_IN_ADDRESSES
        if lost.sub("", tex) == lost.sub("", alternative):
            return alternative
    return tex


def _from_wiris(markup: str) -> Formula | None:
    if len(markup) > 20 * MAX_FORMULA:
        return None
    math = LexborHTMLParser(markup.translate(_WIRIS)).css_first("math")
    return None if math is None else tex_of(math) or latex_of(math)


def _comment_before(before: LexborNode | None) -> str | None:
    """What LaTeX2HTML made an image of, which it writes as a comment ``before`` it."""
    if before is not None and before.is_empty_text_node:
        before = before.prev
    if before is None or not before.is_comment_node:
        return None
    comment = (before.comment_content or "").lstrip()
    return comment[4:].lstrip(": \n") if comment.startswith("MATH") else None


def _is_delimited(alternative: str) -> bool:
    if alternative[:1] not in ("$", "\\"):
        return False
    if alternative.startswith("\\begin{") and alternative.endswith("}"):
        return "\\end{" in alternative
    for opening, closing in (("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if alternative.startswith(opening) and alternative.endswith(closing):
            inside = alternative[len(opening) : -len(closing)]
            return is_certain(inside) or is_likely(inside)
    return False


_CAPTION_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{4,}")


def _is_caption(alternative: str) -> bool:
    if "tex2html_wrap" in alternative:
        return True
    return "\\" not in alternative and len(_CAPTION_WORD.findall(alternative)) > 2


#: Lines above one another, and scripts that are on the line.
_LOST_LAYOUT = re.compile(r"\S\s{2,}\S|[A-Za-z]\d|\n")


def _from_drawn_text(alternative: str) -> Formula | None:
    """tex4ht's pictures: what a terminal would show, if that is on one line."""
    if _LOST_LAYOUT.search(alternative) or not is_likely(alternative):
        return None
    return formula(symbols.to_latex(alternative), display=True)


_TEX_COMMAND = re.compile(r"\\[a-zA-Z]+(?![a-zA-Z\\.])|[\^_]\{")


def _has_command(alternative: str) -> bool:
    return _TEX_COMMAND.search(alternative) is not None and ":\\" not in alternative


def _stands_alone(image: LexborNode) -> bool:
    """In a block for formulas (Sphinx, LaTeX2HTML) with nothing but a number beside it."""
    node = image
    for _ in range(2):
        parent = node.parent
        if parent is None or not (_is_blank(node.prev) and _is_blank(node.next)):
            return False
        classes = (parent.attributes.get("class") or "").lower().split()
        if parent.tag in _BLOCKS and not _ALONE.isdisjoint(classes):
            return True
        node = parent
    return False


def _is_blank(node: LexborNode | None) -> bool:
    if node is None or node.is_empty_text_node or node.is_comment_node:
        return True
    return "eqno" in (node.attributes.get("class") or "") if node.is_element_node else False
