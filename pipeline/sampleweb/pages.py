"""Articles put into the furniture of their hosts: addresses and HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from html import escape

from pipeline.sampleweb.articles import Article
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import FORMULA_BASE, FORMULA_MARK
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.notation import NOTATIONS, plain
from pipeline.sampleweb.plan import AGAIN, PRINT, Plan, Spec
from pipeline.sampleweb.surroundings import Skin, banner, skin

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
#: Bytes of inline data that a page has beside its host's: quantiles over pages.
_DATA_BYTES = (0, 0, 0, 0, 0, 0, 0, 500, 3000, 15000, 300000)

_skin: Callable[[int, str, str, str], Skin] = lru_cache(maxsize=1024)(skin)


def address(plan: Plan, spec: Spec, made: Article) -> str:
    """The page's URL."""
    if spec.role in (AGAIN, PRINT):
        root = plan.spec(spec.root_host, spec.root_slot)
        url = _own_address(plan, root, made)
        if spec.role == PRINT:
            return f"{url}{'&' if '?' in url else '?'}print=1&r={spec.slot}"
        return _another(url, Dice(plan.seed, "again", spec.host.name, spec.slot), spec.slot)
    return _own_address(plan, spec, made)


def _own_address(plan: Plan, spec: Spec, made: Article) -> str:
    name = spec.host.name
    dice = Dice(plan.seed, "address", name, spec.slot)
    number = str(1000 + 7 * spec.slot + dice.below(7))
    slug = _NOT_SLUG.sub("-", FORMULA_MARK.sub("", made.title).lower()).strip("-")[:60].strip("-")
    path = spec.section.path
    if "{id}" not in path:
        slug = f"{slug}-{number}" if slug else number
    scheme = "http" if len(name) % 5 == 0 else "https"
    www = "www." if name.count(".") == 1 and len(name) % 3 == 0 else ""
    return f"{scheme}://{www}{name}{path.format(id=number, slug=slug or 'p')}"


def _another(url: str, dice: Dice, slot: int) -> str:
    """The same page at an address that differs only in what servers ignore."""
    scheme, _, after_scheme = url.partition("://")
    way = slot % 12
    if way == 0:
        return ("http" if scheme == "https" else "https") + "://" + after_scheme
    if way == 1:
        after_scheme = (
            after_scheme.removeprefix("www.")
            if after_scheme.startswith("www.")
            else "www." + after_scheme
        )
        return f"{scheme}://{after_scheme}"
    if way == 2 and "?" not in url and not url.endswith((".html", ".htm")):
        return url[:-1] if url.endswith("/") else url + "/"
    joint = "&" if "?" in url else "?"
    if way in (3, 4):
        return f"{url}{joint}PHPSESSID={dice.hex(26)}"
    if way == 5 and "?" not in url:
        return f"{url};jsessionid={dice.hex(32).upper()}"
    if way in (6, 7):
        return f"{url}#{dice.pick(('comments', 'top', 'answer', 'reply'))}-{dice.below(9999)}"
    if way == 8:
        return f"{url}{joint}fbclid=IwAR{dice.hex(40)}"
    source = dice.pick(("newsletter", "twitter", "facebook", "rss"))
    return (
        f"{url}{joint}utm_source={source}&utm_medium={dice.pick(('social', 'email', 'feed'))}"
        f"&utm_campaign={dice.hex(6)}"
    )


def html(plan: Plan, spec: Spec, made: Article, url: str, charset: str) -> str:
    """The page's HTML; ``charset`` is what its ``<meta>`` says, if anything."""
    site = spec.host.site
    notation = NOTATIONS[made.notation]
    dice = Dice(plan.seed, "html", spec.host.name, spec.slot)

    def inline(text: str) -> str:
        return FORMULA_MARK.sub(
            lambda mark: notation(made.formulas[ord(mark.group()) - FORMULA_BASE], False),
            escape(text, quote=False),
        )

    def display(text: str) -> str:
        return FORMULA_MARK.sub(
            lambda mark: notation(made.formulas[ord(mark.group()) - FORMULA_BASE], True),
            escape(text, quote=False),
        )

    title = FORMULA_MARK.sub(
        lambda mark: plain(made.formulas[ord(mark.group()) - FORMULA_BASE]), made.title
    )
    body = f"<h1>{inline(made.title)}</h1>\n" + _blocks(made.blocks, inline, display)
    meta = f'<meta charset="{charset}">\n' if charset else ""
    start = f'<!DOCTYPE html>\n<html lang="{site.language}">\n<head>\n{meta}'
    look = _skin(plan.seed, spec.host.name, site.language, made.notation)
    if spec.role == PRINT:
        main = f"{look.open_main}\n{body}{look.close_main}"
        return f"{start}<title>{escape(title)}</title></head>\n<body>{main}</body></html>"
    data = json.dumps({"@type": "Article", "headline": title, "url": url}, ensure_ascii=False)
    return (
        f"{start}{banner(title, url, dice)}{look.head}"
        f'<script type="application/ld+json">{data.replace("<", "")}</script>\n</head>\n<body>\n'
        f"{look.top}\n{look.open_main}\n{body}{look.close_main}\n"
        f"{_comments(made.comments, inline, look, dice)}{_related(made.related, look, dice)}"
        f"{look.side}{_data(dice)}\n{look.bottom}\n</body>\n</html>\n"
    )


def _blocks(
    blocks: list[Block], inline: Callable[[str], str], display: Callable[[str], str]
) -> str:
    out = []
    in_list = False
    for kind, text in blocks:
        if in_list and kind != "li":
            out.append("</ul>")
            in_list = False
        if kind == "display":
            out.append(f'<div class="equation">{display(text)}</div>')
        elif kind == "li":
            out.append("" if in_list else "<ul>")
            out.append(f"<li>{inline(text)}</li>")
            in_list = True
        elif kind == "pre":
            out.append(f"<pre><code>{escape(text, quote=False)}</code></pre>")
        elif kind == "table":
            rows = [
                "<tr><td>" + escape(row).replace("\t", "</td><td>") + "</td></tr>"
                for row in text.split("\n")
            ]
            out.append("<table>" + "".join(rows) + "</table>")
        else:
            out.append(f"<{kind}>{inline(text)}</{kind}>")
    if in_list:
        out.append("</ul>")
    return "\n".join(out) + "\n"


def _comments(comments: list[str], inline: Callable[[str], str], look: Skin, dice: Dice) -> str:
    if not comments:
        return ""
    items = "".join(
        [
            f'<li class="comment" id="comment-{dice.below(99999)}"><div class="comment-body">'
            f'<p>{inline(text)}</p><a href="#respond">&#8617;</a></div></li>'
            for text in comments
        ]
    )
    return f'<section id="comments" class="{look.comments} comments"><ol>{items}</ol></section>\n'


def _related(titles: list[str], look: Skin, dice: Dice) -> str:
    items = "".join([f'<li><a href="/{dice.hex(7)}">{escape(title)}</a></li>' for title in titles])
    return f'<aside class="{look.related} related-posts"><ul>{items}</ul></aside>\n'


def _data(dice: Dice) -> str:
    size = int(dice.quantile(_DATA_BYTES))
    if size < 400:
        return ""
    first, step = dice.below(9000), dice.between(3, 97)
    rows = ",".join(
        [f'[{at},"{first + at * step:x}",{at * step % 1009}]' for at in range(size // 18)]
    )
    return f"<script>window.__DATA__=[{rows}];</script>"
