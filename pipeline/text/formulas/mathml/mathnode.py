"""The tree that formulas are converted from: MathML's elements, wherever they were found.

Bounded: at most ``MAX_NODES`` nodes of a page are looked at for one formula, nothing is
nested deeper than ``MAX_NESTING``, and no token is longer than ``MAX_TOKEN``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborNode

#: Deeper ones are generated junk: below it only their text counts.
MAX_NESTING = 60
#: Nodes of one formula that are looked at.
MAX_NODES = 4_000
#: Characters of one token that are kept.
MAX_TOKEN = 2_000

#: Elements that hold text and no elements of mathematics.
TOKENS = frozenset({"mi", "mn", "mo", "mtext", "ms", "mglyph"})
#: Text that stands where only elements should.
BARE_TEXT = "#text"

#: Never with content. HTML knows no ``<m:none/>``: what follows one is parsed as inside it.
_EMPTY = frozenset(
    {"mprescripts", "none", "mspace", "malignmark", "maligngroup", "mglyph", "msline"}
)
#: What makes a row of the token that it stands in.
_ELEMENTS = (TOKENS - {"mglyph"}) | frozenset(
    "math mrow mstyle mpadded mfrac msqrt mroot msub msup msubsup munder mover munderover "
    "mmultiscripts mtable mfenced menclose mphantom semantics".split()
)
#: Not a part of the formula that is read.
_SKIPPED = frozenset({"annotation", "annotation-xml", "script", "style"})


@dataclass(slots=True)
class MathNode:
    """An element of presentation MathML."""

    #: In lower case, without a prefix; ``BARE_TEXT`` for text outside of any token.
    tag: str
    #: Of a token; "" for other elements.
    text: str = ""
    children: list[MathNode] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


def from_element(element: LexborNode) -> MathNode:
    """``element`` and what it contains as nodes; comments and annotations are left out.

    A token that holds elements becomes a row; an ``mtext`` stays one, with its
    text in tokens between them.
    """
    root = MathNode(_name(element.tag), "", [], _attributes(element))
    first = element.first_child
    # (node of the page, its parent in the new tree, how deep it is)
    todo: list[tuple[LexborNode, MathNode, int]] = [] if first is None else [(first, root, 1)]
    left = MAX_NODES
    while todo and left:
        left -= 1
        node, parent, depth = todo.pop()
        following = node.next
        if following is not None:
            todo.append((following, parent, depth))
        name = _name(node.tag)
        if name == "-text":
            _add_text(parent, node.text_content or "")
        elif name in _EMPTY:
            parent.children.append(MathNode(name, _alternative(node), [], _attributes(node)))
            if (first := node.first_child) is not None:
                todo.append((first, parent, depth))
        elif name in TOKENS and not _holds_elements(node):
            parent.children.append(MathNode(name, _text(node), [], _attributes(node)))
        elif name in _SKIPPED or name.startswith("-"):
            continue
        elif depth >= MAX_NESTING:
            _add_text(parent, node.text()[:MAX_TOKEN])
        else:
            child = MathNode(name, "", [], _attributes(node))
            if name in TOKENS:
                child.tag = "mtext" if name == "mtext" else "mrow"
            parent.children.append(child)
            if (first := node.first_child) is not None:
                todo.append((first, child, depth + 1))
    return root


def _name(tag: str | None) -> str:
    if tag is None:
        return "-"
    return tag.rpartition(":")[2].lower() if ":" in tag else tag


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def _add_text(parent: MathNode, text: str) -> None:
    if parent.tag == "mtext":
        parent.children.append(MathNode("mtext", text[:MAX_TOKEN]))
    elif text := text.strip():
        parent.children.append(MathNode(BARE_TEXT, text[:MAX_TOKEN]))


def _text(token: LexborNode) -> str:
    child = token.first_child
    if child is None:
        return ""
    if child.tag == "-text" and child.next is None:
        text: Any = child.text_content
    else:
        text = token.text() or _alternative(child)
    return (text or "")[:MAX_TOKEN]


def _alternative(glyph: LexborNode) -> str:
    """What ``<mglyph>`` says that its picture shows."""
    if _name(glyph.tag) != "mglyph":
        return ""
    return (glyph.attributes.get("alt") or "")[:MAX_TOKEN]


def _holds_elements(token: LexborNode) -> bool:
    """Whether a token holds mathematics rather than text, as KaTeX writes ``\\stackrel``."""
    child = token.first_child
    while child is not None:
        if _name(child.tag) in _ELEMENTS:
            return True
        child = child.next
    return False
