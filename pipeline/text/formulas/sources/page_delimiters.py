"""Whether a page's text may hold formulas between delimiters, and what its scripts say of them."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from pipeline.text.formulas.sources.shortcodes import has_signs
from pipeline.text.formulas.sources.typesetters import Delimiters, delimiters_of
from pipeline.text.formulas.sources.unescaped import may_be_unescaped
from pipeline.text.marks import CODE_CLOSE, CODE_OPEN

#: Scripts of a page that are looked at for what they typeset.
MAX_SCRIPTS = 200
#: Of one of these is what opens a formula where no other page has one.
_SIGNS = ("~", "#", "@", "%", "{", "|", "[[", "£", "§", "¦")
#: What configures them.
_KEYS = (b"inlineMath", b"delimiters")


def may_have_delimited(text: str) -> bool:
    """Whether anything outside of code may open a formula: most pages need look no further."""
    return _may_open(text) and ("\\" in (prose := _outside_code(text)) or _needs_scripts(prose))


def page_delimiters(
    document: LexborHTMLParser, text: str, source: bytes = b""
) -> Delimiters | None:
    """What the page's own scripts say of the delimiters in its marked ``text``.

    ``None`` where nothing outside of code may open a formula. ``source``: the page's bytes, in
    which scripts may name delimiters that no other page has.
    """
    prose = _outside_code(text) if _may_open(text) else ""
    if not (_needs_scripts(prose) or may_be_unescaped(prose) or _configures(source, text)):
        return Delimiters() if "\\" in prose else None
    scripts = []
    for script in document.tags("script")[:MAX_SCRIPTS]:
        attributes = script.attributes
        text = "" if "src" in attributes else script.text()
        scripts.append((attributes.get("src") or "", attributes.get("type") or "", text))
    return delimiters_of(scripts)


def _configures(source: bytes, marked: str) -> bool:
    """Whether a page's scripts may name delimiters of their own, and ``marked`` may have them."""
    # What is said further down names, as good as always, what every page has.
    end = source.find(b"</head")
    end = end if end > 0 else len(source)
    # Few pages have a key in so short a part of them.
    return (source.find(_KEYS[0], 0, end) >= 0 or source.find(_KEYS[1], 0, end) >= 0) and any(
        sign in marked for sign in _SIGNS
    )


def _may_open(text: str) -> bool:
    return "$" in text or "\\" in text or "`" in text or _has_own_openings(text)


def _needs_scripts(prose: str) -> bool:
    """Whether it depends on the page's scripts what is a formula in ``prose``."""
    # One sign alone opens nothing.
    return prose.count("$") > 1 or prose.count("`") > 1 or _has_own_openings(prose)


def _has_own_openings(text: str) -> bool:
    # Single characters are found faster by far than longer strings.
    return has_signs(text) or ("@" in text and "@@" in text) or ("%" in text and "%%" in text)


def _outside_code(text: str) -> str:
    if CODE_OPEN not in text:
        return text
    first, *after = text.split(CODE_OPEN)
    return first + "".join([part.partition(CODE_CLOSE)[2] for part in after])
