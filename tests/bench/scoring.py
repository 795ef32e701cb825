"""Scores of extracted text against pages whose formulas, prose and furniture are known.

A set is a folder with ``pages.jsonl``, a row a page: ``html_path``; ``notation``, the kinds,
commonest first; ``math``, ``keep`` and ``drop``, strings that the text has or has not.
Compared in NFC, without white space, curly quotes straight, an outer ``\\displaystyle`` off.
Pages of the notation ``mathml-text`` hold no TeX: theirs is compared by characters.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.formulas.macros import Macros, expanded, page_macros
from tests.bench.notation import characters, normalised

#: Its truth is the text of MathML.
NO_TEX = "mathml-text"
_QUOTES = str.maketrans("‘’‚′“”„", "''''\"\"\"")
_SPACE = re.compile(r"\s+")
_WRAPPED = "{\\displaystyle"
_DELIMITERS = re.compile(r"\\[()\[\]]|\$")
_EAST_ASIAN = re.compile("[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]+")
#: Shorter ones stand twice in a row by chance.
_LEAST_DOUBLED = 3

Row = dict[str, Any]


def folded(text: str) -> str:
    """As the set's rules compare."""
    return _SPACE.sub("", unicodedata.normalize("NFC", text)).translate(_QUOTES)


def folded_formula(formula: str) -> str:
    r"""The same, and an outer ``\displaystyle`` taken off.

    >>> folded_formula(r"\displaystyle x + y")
    'x+y'
    """
    return folded(undisplayed(formula))


def undisplayed(formula: str) -> str:
    """Without what Wikipedia and others put around a formula's TeX."""
    formula = formula.strip()
    if formula.startswith(_WRAPPED) and formula.endswith("}"):
        return formula[len(_WRAPPED) : -1]
    return formula.removeprefix(_WRAPPED[1:])


def read_set(folder: Path) -> list[Row]:
    """The rows, and each page's bytes as ``html``."""
    rows = []
    for line in (folder / "pages.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.append(row | {"html": (folder / row["html_path"]).read_bytes()})
    return rows


@dataclass
class Score:
    """How many were asked for and how many are right, by what was asked.

    ``math``: formulas of pages with TeX, as typed or with the page's own commands expanded.
    ``math, all``: of all pages. ``math (normalised)``: the same where TeX that looks the same
    is the same. ``exact NOTATION`` and ``normalised NOTATION``: by a page's first notation.
    ``keep`` and ``drop``.
    ``doubled``: formulas that stand twice in a row, or beside their rendering: here the
    right are the wrong ones.
    """

    asked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    #: What was not right, as "kind: string", by page.
    misses: dict[str, list[str]] = field(default_factory=dict)

    def rate(self, kind: str) -> float | None:
        """Share of right ones; None where nothing was asked."""
        return self.right[kind] / self.asked[kind] if self.asked[kind] else None

    def kinds(self) -> list[str]:
        return list(self.asked)

    def add(self, row: Row, text: str) -> None:
        """Score one page. ``row`` may have the page's bytes as ``html``."""
        self._sentences(row, folded(text))
        if row["math"]:
            self._formulas(row, text)
            self._doubled(row, text)

    def _sentences(self, row: Row, page: str) -> None:
        for kind, wanted in (("keep", True), ("drop", False)):
            for sentence in row[kind]:
                self._note(row, (kind,), sentence, (folded(sentence) in page) == wanted)

    def _formulas(self, row: Row, text: str) -> None:
        notation = row["notation"][0]
        no_tex = NO_TEX in row["notation"]
        form, normal = (characters, characters) if no_tex else (folded_formula, normalised)
        page = characters(text) if no_tex else folded(text)
        normal_page = page if no_tex else normalised(text)
        exact_kinds = ("math, all", f"exact {notation}", *(() if no_tex else ("math",)))
        normal_kinds = ("math (normalised)", f"normalised {notation}")
        macros = _macros(row)
        for formula in row["math"]:
            # With the commands that the page defines, or with what they stand for.
            forms = {formula, expanded(formula, macros)}
            self._note(row, exact_kinds, formula, any(form(one) in page for one in forms))
            there = any(normal(undisplayed(one)) in normal_page for one in forms)
            self._count(normal_kinds, there)

    def _doubled(self, row: Row, text: str) -> None:
        no_tex = NO_TEX in row["notation"]
        form = characters if no_tex else folded_formula
        if no_tex:
            # Words that "characters" drops stand between formulas all the same.
            page = characters(_EAST_ASIAN.sub("!", text))
        else:
            page = _DELIMITERS.sub("", folded(text))
        formulas = [form(formula) for formula in row["math"]]
        glyphs = renderings(row["html"]) if "html" in row else {}
        for formula in formulas:
            if len(formula) < _LEAST_DOUBLED:
                continue
            twice = {formula * 2}
            rendering = glyphs.get(formula, "")
            if len(rendering) > 1:
                twice |= {rendering + formula, formula + rendering}
            # The one formula may hold the other twice.
            found = any(
                one in page and not any(one in formula for formula in formulas) for one in twice
            )
            self._count(("doubled",), found)
            if found:
                self._miss(row, "doubled", formula)

    def _note(self, row: Row, kinds: tuple[str, ...], string: str, right: bool) -> None:
        self._count(kinds, right)
        if not right:
            self._miss(row, kinds[0], string)

    def _count(self, kinds: tuple[str, ...], right: bool) -> None:
        for kind in kinds:
            self.asked[kind] += 1
            self.right[kind] += right

    def _miss(self, row: Row, kind: str, string: str) -> None:
        self.misses.setdefault(row["html_path"], []).append(f"{kind}: {string}")


def _macros(row: Row) -> Macros:
    html = row.get("html", b"")
    return page_macros(html, LexborHTMLParser(html)) or {}


def renderings(html: bytes) -> dict[str, str]:
    """The TeX of a page's formulas to the glyphs that stand beside it, both folded.

    What KaTeX, Wikipedia and MathJax write: MathML with the TeX as its annotation, and
    typeset formulas beside scripts that hold it.
    """
    found: dict[str, str] = {}
    document = LexborHTMLParser(html)
    for annotation in document.css("math annotation"):
        math = annotation.parent
        while math is not None and math.tag != "math":
            math = math.parent
        if math is not None:
            tex = annotation.text()
            found[folded_formula(tex)] = folded(math.text().replace(tex, ""))
    for script in document.css('script[type^="math/tex"]'):
        before = _element_before(script)
        if before is not None and "MathJax" in (before.attributes.get("class") or ""):
            found[folded_formula(script.text())] = folded(before.text())
    return found


def _element_before(node: LexborNode) -> LexborNode | None:
    before = node.prev
    while before is not None and before.tag.startswith("-"):
        before = before.prev
    return before
