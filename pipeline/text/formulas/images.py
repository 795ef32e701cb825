"""Formulas that are images, their TeX in ``alt`` or in the address."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, unquote_plus

from resiliparse.parse.html import TEXT

from pipeline.text.formulas.tex import Formula, formula, is_certain, is_likely

# Services that draw the TeX in their query: WordPress, CodeCogs, MathTeX and
# mimeTeX, Google's chart API, GitHub, Zhihu, math.now.sh, MathURL.
_SERVICE = re.compile(
    r"latex\.php\?(?:[^#]{0,300}?&)?latex=(?P<plus>[^&#]+)"
    r"|(?:codecogs\.com/|mathtex\.cgi\?|mimetex\.cgi\?|/(?:gif|svg|png)\.(?:image|latex|download)\?)"
    r"(?:[^#?]{0,300}\?)?(?P<whole>[^#]+)"
    r"|chart\?(?=[^#]{0,300}cht=tx)[^#]{0,300}?chl=(?P<chart>[^&#]+)"
    r"|(?:render/math\?math|math\.now\.sh/?\?from|/equation\?tex|latex\?tex|mathurl\.com/render\.cgi\?)"
    r"=?(?P<query>[^&#]+)"
)
_CLASSES = frozenset(
    "latex tex math mathimg texrender latexcenter formula equation mwe-math-fallback-image-inline "
    "mwe-math-fallback-image-display wp-latex mathcode ztext-math inline-formula math-inline "
    "formulainl formuladsp".split()
)
_ALONE = frozenset("math displaymath equation mathdisplay display-math formula dmath".split())
_BLOCKS = frozenset(("div", "td", "center", "p"))
_CODECOGS_SIZE = re.compile(
    r"^\\(?:dpi\{\d+\}|bg_\w+|fn_\w+|inline|large|huge|small|tiny|LARGE)\s*"
)


def from_image(image: Any) -> Formula | None:
    """The formula that ``image`` draws, ``None`` for any other image."""
    alternative = (image.getattr("alt") or "").strip()
    source = image.getattr("src") or image.getattr("data-src") or ""
    classes = set((image.class_name or "").lower().split())
    display = "mwe-math-fallback-image-display" in classes or "formuladsp" in classes
    if "?" in source and (tex := _from_address(source)) is not None:
        found = formula(tex, display=display)
    elif not alternative or len(alternative) > 5_000:
        return None
    elif classes & _CLASSES:
        # The class vouches for it, unless it is a caption.
        found = None if _is_caption(alternative) else formula(alternative, display=display)
    elif _is_delimited(alternative) or (_has_command(alternative) and is_certain(alternative)):
        found = formula(alternative, display=display)
    else:
        return None
    if found and not found.display and _stands_alone(image):
        return Formula(found.tex, True)
    return found


def _from_address(source: str) -> str | None:
    match = _SERVICE.search(source[:20_000])
    if match is None:
        return None
    if match["plus"] is not None:
        return unquote_plus(match["plus"])
    tex = unquote(match["whole"] or match["chart"] or match["query"])
    if "+" in tex and " " not in tex and "%20" not in source and match["chart"] is not None:
        tex = tex.replace("+", " ")
    while size := _CODECOGS_SIZE.match(tex):
        tex = tex[size.end() :]
    return tex if not tex.startswith("//") else None


def _is_delimited(alternative: str) -> bool:
    for opening, closing in (("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if alternative.startswith(opening) and alternative.endswith(closing):
            inside = alternative[len(opening) : -len(closing)]
            return is_certain(inside) or is_likely(inside)
    return False


_CAPTION_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{4,}")


def _is_caption(alternative: str) -> bool:
    return "\\" not in alternative and len(_CAPTION_WORD.findall(alternative)) > 2


_TEX_COMMAND = re.compile(r"\\[a-zA-Z]+(?![a-zA-Z\\.])|[\^_]\{")


def _has_command(alternative: str) -> bool:
    return _TEX_COMMAND.search(alternative) is not None and ":\\" not in alternative


def _stands_alone(image: Any) -> bool:
    """In a block for formulas (Sphinx, LaTeX2HTML) with nothing beside it."""
    node = image
    for _ in range(2):
        parent = node.parent
        beside = (node.previous_sibling, node.next_sibling)
        if parent is None or not all(map(_is_blank, beside)):
            return False
        if parent.tag in _BLOCKS and _ALONE & set((parent.class_name or "").lower().split()):
            return True
        node = parent
    return False


def _is_blank(node: Any) -> bool:
    return node is None or (node.node_type == TEXT and not (node.value or "").strip())
