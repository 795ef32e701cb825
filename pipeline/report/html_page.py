"""Pages for people in one file each: no script, no link, nothing that a browser would fetch.

All that comes from pages of the crawl is escaped, and their addresses are plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from pipeline.report.charts import CHART_STYLE

#: The page's own style is all that a browser may use.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = (
    """
:root { color-scheme: light dark; --text: #1b1b1b; --back: #fff; --soft: #f3f4f6; --line: #d3d6db;
  --quiet: #5a6069; --first: #0b57a4; --second: #c2410c; --third: #6b7280; --bad: #b00020 }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e7e8ea; --back: #16181c; --soft: #20242a; --line: #3b4149; --quiet: #a3a9b3;
    --first: #6aaef5; --second: #f2994a; --third: #9aa1ab; --bad: #ff6b7d }
}
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--text); background: var(--back); overflow-wrap: anywhere }
h1 { line-height: 1.2; font-size: 1.7rem } h2 { margin-top: 2.5rem; border-top: 1px solid
  var(--line); padding-top: 1rem } h3 { margin-bottom: .2rem }
p { max-width: 45rem } .quiet { color: var(--quiet) }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; display: block; overflow-x: auto;
  max-width: 100%; overflow-wrap: normal }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere;
  min-width: min(11rem, 40vw) }
th.words, td.words { text-align: left; min-width: 12rem; overflow-wrap: anywhere }
.worse { border-left: 4px solid var(--bad); padding: .3rem .8rem; background: var(--soft) }
.sample { background: var(--soft); border-left: 3px solid var(--first); padding: .5rem .9rem;
  margin: 0 0 1rem; unicode-bidi: isolate; break-inside: avoid; overflow-x: auto }
.sample p { margin: .3rem 0; white-space: pre-wrap } code { font-size: .9em }
math[display=block] { overflow-x: auto; overflow-y: hidden }
@media screen and (max-width: 40rem) {
  th, td { padding: .2rem .35rem; font-size: .87rem }
  th:first-child, td:first-child { min-width: 7rem }
}
@media print {
  body { font-size: 10pt; max-width: none; margin: 0 }
  h2, h3 { break-after: avoid } table, svg { break-inside: avoid } table { display: table }
  .pygal-chart { max-width: 12cm }
}
"""
    + CHART_STYLE
)


def html_page(title: str, parts: Iterable[str]) -> str:
    """A whole document of ``parts``, which are HTML; ``title`` is plain text."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], words: Sequence[int] = ()) -> str:
    """Cells are plain text; columns numbered in ``words`` (from 0) are set as text is."""
    head = "".join(_cell(one, at in words, "th") for at, one in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(_cell(cell, at in words) for at, cell in enumerate(row)) + "</tr>\n"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def paragraph(text: str, kind: str = "") -> str:
    """Plain text as a paragraph of a CSS class."""
    return f"<p{_class(kind)}>{escape(text)}</p>"


def heading(level: int, text: str) -> str:
    """Plain text as a heading."""
    return f"<h{level}>{escape(text)}</h{level}>"


def _cell(text: str, words: bool, element: str = "td") -> str:
    return f"<{element}{_class('words' if words else '')}>{escape(text)}</{element}>"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
