"""A fetched page made harmless: built anew of the elements that are listed here.

What a browser is given holds no script, no form, no style and no address: nothing in it can ask
for anything. The standard library's serialiser writes it, so that text stays text. That the
browser lets nothing of it ask either is the other lock on the door, see ``STORED_HEADERS``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, tostring

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.base.outcomes import SetAside
from pipeline.text.decode import decode

#: Bytes of a page that is shown as it was fetched.
MAX_BYTES = 2_000_000
_MAX_NODES = 100_000
#: What lies deeper is put there; the serialiser calls itself for each level.
_MAX_DEPTH = 150
_KEPT = frozenset(
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col"
    " colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6"
    " header hgroup hr i ins kbd li main mark menu nav ol p pre q rp rt ruby s samp section"
    " small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var"
    " wbr math mrow mi mn mo ms mtext mspace msup msub msubsup mover munder munderover mfrac msqrt"
    " mroot mtable mtr mtd mstyle mpadded mphantom mmultiscripts mprescripts none mfenced menclose"
    " merror semantics".split()
)
#: Gone with all that is in them, and how they are called for people.
_GONE = {
    "script": "scripts",
    "style": "style sheets",
    "link": "style sheets",
    "form": "forms",
    "iframe": "frames",
    "frame": "frames",
    "frameset": "frames",
    "object": "objects",
    "embed": "objects",
    "applet": "objects",
    "audio": "sounds",
    "video": "films",
    "canvas": "drawings",
    "svg": "drawings",
}
#: Gone without a word: they are not seen, or say the same again.
_UNSEEN = frozenset(
    "head template noembed noframes xmp plaintext textarea title meta base select option input"
    " button datalist param source track area map annotation annotation-xml".split()
)
#: Values of ``dir``, and of MathML's ``display``.
_WORDS = frozenset({"ltr", "rtl", "auto", "block", "inline"})
_NUMBER = re.compile(r"\d{1,3}")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_NUMBERS = frozenset({"colspan", "rowspan", "start", "value"})
_MAX_ALT = 2_000
# What XML and HTML have no place for.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_STYLE = (
    "body{font:16px/1.5 serif;margin:1rem;color:#111;background:#fff;overflow-wrap:anywhere}"
    "table{border-collapse:collapse}td,th{padding:.1rem .4rem;vertical-align:top}"
    "pre{white-space:pre-wrap}a{text-decoration:underline}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: What goes with such a page: the browser runs nothing, asks for nothing and leads nowhere.
STORED_HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
}


@dataclass(frozen=True)
class Sanitised:
    """The page for a browser, and how many of its parts were left out, by what they are."""

    html: str
    left_out: dict[str, int]


def sanitised(body: bytes, content_type: str) -> Sanitised:
    """The page in these bytes, as it looks without its style.

    ``content_type`` is the HTTP header's. Images are their alternative texts. Raises
    ``ValueError`` that says why it cannot be shown.
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"the page is larger than {MAX_BYTES:,} bytes")
    try:
        text, _ = decode(body, content_type)
    except SetAside as aside:
        raise ValueError(f"the page is in no known character set: {aside.detail}") from None
    tree = LexborHTMLParser(text)
    document = Element("html")
    head = SubElement(document, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    # Written as it is, since its hash is in the headers.
    SubElement(head, "style").text = _STYLE
    left_out = _build(tree.body, document)
    for node in tree.css("head script, head style, head link[rel~=stylesheet]"):
        left_out[_GONE[node.tag or ""]] += 1
    html = "<!doctype html>" + tostring(document, encoding="unicode", method="html")
    return Sanitised(html, {kind: number for kind, number in sorted(left_out.items()) if number})


def _build(body: LexborNode | None, document: Element) -> Counter[str]:
    """Append what is kept of ``body``; what is not, by kind."""
    builder, left_out = TreeBuilder(), Counter[str]()
    builder.start("body", {})
    # Nodes to open, and elements (None) to close, the next one last.
    pending: list[LexborNode | str] = [] if body is None else _children(body)
    nodes = depth = 0
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            builder.end(node)
            depth -= 1
            continue
        nodes += 1
        if nodes > _MAX_NODES:
            raise ValueError(f"the page has more than {_MAX_NODES:,} elements and texts")
        name = node.tag or ""
        if name == "-text":
            builder.data(_CONTROLS.sub("\ufffd", node.text_content or ""))
        elif name in _GONE:
            left_out[_GONE[name]] += 1
            if name == "form":
                pending += _children(node)
        elif name.startswith(("-", "!")) or name in _UNSEEN:
            continue
        elif name == "img":
            left_out["images"] += 1
            builder.start("i", {})
            builder.data(_CONTROLS.sub("\ufffd", node.attributes.get("alt") or "")[:_MAX_ALT])
            builder.end("i")
        elif name in _KEPT and depth < _MAX_DEPTH:
            builder.start(name, _attributes(node))
            depth += 1
            pending.append(name)
            pending += _children(node)
        else:
            pending += _children(node)
    builder.end("body")
    document.append(builder.close())
    return left_out


def _children(node: LexborNode) -> list[LexborNode | str]:
    children: list[LexborNode | str] = []
    child = node.last_child
    while child is not None and len(children) <= _MAX_NODES:
        children.append(child)
        child = child.prev
    return children


def _attributes(node: LexborNode) -> dict[str, str]:
    kept = {}
    for name, value in node.attributes.items():
        value = _CONTROLS.sub("\ufffd", value or "")
        if name in _NUMBERS:
            good = bool(_NUMBER.fullmatch(value))
        elif name == "lang":
            good = bool(_LANGUAGE.fullmatch(value))
        else:
            good = name in ("dir", "display") and value.lower() in _WORDS
        if good:
            kept[name] = value
    return kept
