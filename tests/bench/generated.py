"""A set of pages with known answers out of the sample web's own generator.

For users without the real one: formulas in each notation that has its TeX, and in
MathML without any; and pages without formulas, on which none must be found.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from pipeline.sampleweb.articles import Article, article
from pipeline.sampleweb.grammar import FORMULA_BASE, FORMULA_MARK
from pipeline.sampleweb.notation import TEX_NOTATIONS, tex
from pipeline.sampleweb.pages import address, html
from pipeline.sampleweb.plan import Plan, Spec
from pipeline.sampleweb.surroundings import skin

#: The web that pages are taken from.
_PAGES, _SEED = 4000, 7
#: Pages of each notation, and pages without formulas.
_EACH = 12
_PLAIN = 200
_MOST_FORMULAS = 60
_MOST_STRINGS = 5
_LEAST_SENTENCE = 40
_LEAST_FURNITURE = 12
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]")
_BLOCKS = frozenset(("p", "li"))
_PLAIN_NOTATION = "none"


def write_set(folder: Path) -> Path:
    """Pages and their answers, in the format that ``scoring.py`` reads."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "html").mkdir(parents=True)
    with (folder / "pages.jsonl").open("w", encoding="utf-8") as rows:
        for number, (row, page) in enumerate(_pages()):
            name = f"html/{number:04}.html"
            (folder / name).write_text(page, encoding="utf-8")
            rows.write(json.dumps(row | {"html_path": name}, ensure_ascii=False) + "\n")
    return folder


def _pages() -> Iterator[tuple[dict[str, Any], str]]:
    plan = Plan(_PAGES, _SEED)
    wanted = Counter(dict.fromkeys((*TEX_NOTATIONS, "mathml"), _EACH))
    wanted[_PLAIN_NOTATION] = _PLAIN
    for visit in range(_PAGES):
        host, slot = plan.visit(visit)
        spec = plan.spec(host, slot)
        if spec.role != "original":
            continue
        made = article(plan, spec)
        notation = made.notation if made.formulas else _PLAIN_NOTATION
        if not wanted[notation]:
            continue
        url = address(plan, spec, made)
        row = {"url": url, "notation": [notation], "lang": made.language} | _answers(
            plan, spec, made
        )
        if bool(made.formulas) == bool(row["math"]):
            wanted[notation] -= 1
            yield row, html(plan, spec, made, url, "utf-8")


def _answers(plan: Plan, spec: Spec, made: Article) -> dict[str, list[str]]:
    texts = [text for kind, text in made.blocks if kind in _BLOCKS or kind == "display"]
    marks = [ord(mark) - FORMULA_BASE for text in texts for mark in FORMULA_MARK.findall(text)]
    math = list(dict.fromkeys(tex(made.formulas[mark]) for mark in marks))
    sentences = [
        sentence.strip()
        for kind, text in made.blocks
        if kind in _BLOCKS
        for sentence in _SENTENCE.findall(text)
        if not FORMULA_MARK.search(sentence) and len(sentence) >= _LEAST_SENTENCE
    ]
    look = skin(plan.seed, spec.host.name, spec.host.site.language, made.notation)
    furniture = LexborHTMLParser(f"<body>{look.top}{look.side}{look.bottom}</body>")
    strings = [
        text.strip()
        for text in furniture.body.text(separator="\n").split("\n")
        if len(text.strip()) >= _LEAST_FURNITURE and text.strip() not in made.text()
    ]
    return {
        "math": math[:_MOST_FORMULAS],
        "keep": list(dict.fromkeys(sentences))[:_MOST_STRINGS],
        "drop": list(dict.fromkeys(strings))[:_MOST_STRINGS],
    }
