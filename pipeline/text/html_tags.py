"""HTML's tags by lexbor's numbers, which is the fastest way to tell them."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

_TAGS = LexborHTMLParser("<body>text<!---->")
NUMBERS = {
    name: _TAGS.create_node(name).tag_id
    for name in (
        "br hr a span code tt samp kbd var sup sub em strong math img script pre table tr td th "
        "ul ol li dl dt dd div section article main aside nav footer header form p blockquote "
        "h1 h2 h3 h4 h5 h6 center figure figcaption details summary fieldset address legend "
        "caption thead tbody tfoot tr style noscript template svg iframe select option optgroup "
        "datalist head button input textarea canvas audio video object embed map area dialog "
        "menu meta link title frameset frame noframes noembed applet colgroup col source track "
        "param progress meter b i u s font small big mark abbr cite q time label ins del strike "
        "dfn bdi bdo ruby rt rp rb wbr acronym nobr center hgroup search body html listing xmp "
        "plaintext picture data output dir tt slot"
    ).split()
}
_BODY = _TAGS.body
assert _BODY is not None
assert _BODY.first_child is not None
assert _BODY.last_child is not None
TEXT, COMMENT = _BODY.first_child.tag_id, _BODY.last_child.tag_id


def numbered(names: str) -> frozenset[int]:
    """The numbers of tags."""
    return frozenset(NUMBERS[name] for name in names.split())


def holds_any(element: LexborNode, tags: frozenset[int]) -> bool:
    """Whether ``element`` is one of ``tags`` or holds one.

    A selector would be read anew each time, which takes as long as to look at fifty elements.
    """
    for inner in element.traverse():  # noqa: SIM110 -- a generator would take a third longer
        if inner.tag_id in tags:
            return True
    return False
