"""The text of a page of the crawl as HTML: escaped, in paragraphs, formulas as MathML.

Browsers set MathML without scripts (https://www.w3.org/TR/mathml-core/). A formula that cannot be
read, or is too large, is shown as its TeX.
"""

from __future__ import annotations

from html import escape

from pipeline.base.printing import visible
from pipeline.corpus.formula_trees import Tree, pieces


def text_html(text: str) -> str:
    """Paragraphs of HTML. Controls and characters that turn the reading direction are spelt out."""
    paragraphs = (part for part in text.split("\n\n") if part.strip())
    return "\n".join(f'<p dir="auto">{_inline(part)}</p>' for part in paragraphs)


def _inline(text: str) -> str:
    shown = []
    for piece in pieces(text):
        if "text" in piece:
            shown.append(escape("\n".join(map(visible, piece["text"].split("\n")))))
        elif piece["tree"] is None:
            mark = "$$" if piece["display"] else "$"
            shown.append(f"<code>{escape(visible(mark + piece['tex'] + mark))}</code>")
        else:
            shown.append(_markup(piece["tree"]))
    return "".join(shown)


def _markup(tree: Tree) -> str:
    if isinstance(tree, str):
        return escape(visible(tree))
    name, attributes, children = tree
    listed = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{listed}>{''.join(map(_markup, children))}</{name}>"
