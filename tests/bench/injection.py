"""Benchmark texts planted in clean pages: how many of them are found, by benchmark and kind.

    python -m tests.bench.injection [--benchmarks FOLDER] [--each 60]

Kind ``verbatim`` plants every text that a rule looks for into plain text; the others
plant ``--each`` texts of a benchmark, written otherwise, into HTML, and go through
``extract_page``: first in what pages do to texts, then in other spellings of the same
formulas (``respelling.py``), alone and all at once; ``half`` plants the first half of a
text. A short answer is planted behind its question. ``shorter runs`` are the same texts in
runs that are one word too short, and ``standard forms`` formulas and phrases of everybody:
none of those may be flagged. Ends with status 1 where a verbatim text is missed or one of
these flagged.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.benchmark_index import Index, build_index
from pipeline.decontaminate.benchmark_texts import Rule, Text, texts_of
from pipeline.decontaminate.benchmarks import Item, load_benchmarks
from pipeline.decontaminate.ngrams import Hit, find_traces
from pipeline.text import extract_page
from pipeline.text.words import word_spans, words
from tests.bench import respelling
from tests.bench.decontamination import every_benchmark
from tests.bench.interleaved import table

VERBATIM, HALF, SHORTER = "verbatim", "half", "shorter runs"
#: What textbooks and lessons share with benchmarks.
STANDARD_FORMS = (
    r"The quadratic formula is $x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$.",
    r"$\begin{pmatrix} 1 & 0 & 0 \\ 0 & 1 & 0 \\ 0 & 0 & 1 \end{pmatrix}$ is the identity.",
    r"An ellipse has the equation $\frac{x^2}{a^2} + \frac{y^2}{b^2} = 1$.",
    r"$x_1 x_2 x_3 \cdots x_n$ and $x_1 + x_2 + x_3 + \dots + x_n$",
    r"$\binom{n}{0} + \binom{n}{1} + \binom{n}{2} + \dots + \binom{n}{n} = 2^n$",
    "1 1 1 1 2 1 1 3 3 1 1 4 6 4 1 1 5 10 10 5 1",
    r"$(x_1 - x_2)^2 + (y_1 - y_2)^2$, $ax^2 + bx + c = 0$, $\sin^2 x + \cos^2 x = 1$",
    r"$1 + 2 + 3 + \dots + n = \frac{n(n+1)}{2}$ and $\int_{-\infty}^{\infty} e^{-x^2} dx$",
    "There is no solution. It does not exist. They are equal. All real numbers. 充要条件",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
)
#: A formula, or a command outside of one: what other spelling must leave alone.
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$|\\\(.+?\\\)|\\\[.+?\\\]|\\[A-Za-z]+", re.DOTALL)
_SYLLABLES = "ba ce di fo gu ha ki lo mu ne".split()
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def prose(choice: random.Random, count: int) -> str:
    """Words of no language, which no benchmark holds, in sentences."""
    made = ["".join(choice.choices(_SYLLABLES, k=4)) for _ in range(count)]
    sentences = [" ".join(made[i : i + 12]).capitalize() for i in range(0, count, 12)]
    return ". ".join(sentences) + "."


def _beside_formulas(text: str, change: Callable[[str], str]) -> str:
    """``change`` on what stands between formulas and commands."""
    parts, begin = [], 0
    for match in _FORMULA.finditer(text):
        parts += [change(text[begin : match.start()]), match.group()]
        begin = match.end()
    return "".join([*parts, change(text[begin:])])


def in_html(text: str, _: random.Random) -> str:
    return escape(text)


def respaced(text: str, choice: random.Random) -> str:
    wider = re.sub(r"\s", lambda _: choice.choice(["  ", "\n", "\u00a0", " \t "]), text)
    # Braces only where they are TeX's: elsewhere they part no words either.
    return escape(re.sub(r"([{}^_=+])", r" \1 ", wider))


def recased(text: str, _: random.Random) -> str:
    return escape(_beside_formulas(text, str.upper))


def full_width(text: str, _: random.Random) -> str:
    return escape(_beside_formulas(text, lambda part: part.translate(_WIDE)))


def delimiters(text: str, _: random.Random) -> str | None:
    """``$`` for ``\\(`` and back; None where the text has no formula."""
    other = re.sub(r"(?<!\$)\$([^$]+)\$(?!\$)", r"\\(\1\\)", text)
    if other == text:
        other = re.sub(r"\\\((.+?)\\\)", r"$\1$", text)
    return escape(other) if other != text else None


def line_breaks(text: str, choice: random.Random) -> str:
    broken = re.sub(r" ", lambda _: choice.choice([" ", "\n", "<br>", " <br/>\n"]), escape(text))
    # Scripts without spaces break anywhere.
    return re.sub(r"([\u4e00-\u9fff])(?=[\u4e00-\u9fff])", lambda m: m[1] + _rarely(choice), broken)


def _rarely(choice: random.Random) -> str:
    return choice.choice(["", "", "", "<br>", "\n"])


def tags(text: str, choice: random.Random) -> str:
    def wrapped(part: str) -> str:
        return re.sub(r"[^\W\d_]+", lambda match: wrap(match.group()), escape(part))

    def wrap(word: str) -> str:
        name = choice.choice(["", "", "", "b", "i", "em", "span", "a href='#x'"])
        return f"<{name}>{word}</{name.split()[0]}>" if name else word

    whole, begin = [], 0
    for match in _FORMULA.finditer(text):
        whole += [wrapped(text[begin : match.start()]), escape(match.group())]
        begin = match.end()
    whole.append(wrapped(text[begin:]))
    return re.sub(r"(?<=[.?]) ", lambda _: choice.choice([" ", "</p><p>"]), "".join(whole))


KINDS: dict[str, Callable[[str, random.Random], str | None]] = {
    "in HTML": in_html,
    "re-spaced": respaced,
    "re-cased": recased,
    "full-width": full_width,
    "delimiters": delimiters,
    "line breaks": line_breaks,
    "tags": tags,
}


#: Those of ``KINDS``, and other spellings of formulas.
WRITTEN: dict[str, Callable[[str, random.Random], str | None]] = {
    **KINDS,
    **{
        kind: lambda text, choice, respell=respell: _escaped(respell(text, choice))
        for kind, respell in respelling.KINDS.items()
    },
    "all at once": lambda text, choice: _escaped(respelling.all_at_once(text, choice)),
}


def _escaped(text: str | None) -> str | None:
    return None if text is None else escape(text)


@dataclass
class Tally:
    """Of one benchmark and kind: texts planted, and those among them that were not found."""

    planted: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.planted if self.planted else 1.0


#: By benchmark, then kind. Of ``SHORTER``, ``missed`` are those that were flagged.
Tallies = dict[str, dict[str, Tally]]


def inject(items: Iterable[Item], settings: Decontaminate, *, each: int) -> Tallies:
    """Plant texts of every benchmark; ``each`` of a benchmark for the kinds that need HTML."""
    items = list(items)
    index = build_index(items, settings)
    by_benchmark: dict[str, list[Text]] = {}
    for item in items:
        found = by_benchmark.setdefault(item.benchmark, [])
        found += [text for text in texts_of(item, settings) if text.is_indexed]
    tallies: Tallies = {}
    for name, texts in sorted(by_benchmark.items()):
        choice = random.Random(name)
        line = tallies[name] = {kind: Tally() for kind in (VERBATIM, *WRITTEN, HALF, SHORTER)}
        for text in texts:
            before, after = prose(choice, 24), prose(choice, 24)
            page = f"{before}\n\n{_source(text)}\n\n{after}"
            _count(line[VERBATIM], text, _names(find_traces(page, index).hits, text))
        for text in choice.sample(texts, min(each, len(texts))):
            for kind, write in WRITTEN.items():
                written = write(_source(text), choice)
                if written is not None:
                    hits = find_traces(_page(written, choice), index).hits
                    _count(line[kind], text, _names(hits, text))
            if text.rule is Rule.NGRAM:
                hits = find_traces(_page(escape(_first_half(_source(text))), choice), index).hits
                _count(line[HALF], text, _names(hits, text))
            _count(line[SHORTER], text, not _flags_shorter_runs(text, index, choice))
    return tallies


def _source(text: Text) -> str:
    if text.field == "question":
        return text.item.question
    short = text.rule is Rule.EXACT
    return f"{text.item.question}\n\n{text.item.answer}" if short else text.item.answer


def _first_half(source: str) -> str:
    """As far as half of its words go, in whole words; a formula may end in its middle."""
    middle = len(words(source)) // 2
    place = next(span[2] for n, span in enumerate(word_spans(source), start=1) if n >= middle)
    return source[:place]


def _page(planted: str, choice: random.Random) -> str:
    before, after = prose(choice, 60), prose(choice, 60)
    body = (
        f"<html><head><title>{prose(choice, 4)}</title></head><body><main>"
        f"<h1>{prose(choice, 4)}</h1><p>{before}</p><p>{planted}</p><p>{after}</p>"
        "</main></body></html>"
    )
    return extract_page(body.encode(), content_type="text/html; charset=utf-8").text


def _count(tally: Tally, text: Text, good: bool) -> None:
    tally.planted += 1
    if not good:
        tally.missed.append(f"{text.item.id} {text.field}")


def _names(hits: list[Hit], text: Text) -> bool:
    return any(hit.benchmark == text.item.benchmark for hit in hits)


def _flags_shorter_runs(text: Text, index: Index, choice: random.Random) -> bool:
    size = min(index.grams, len(text.words)) - 1
    runs = [" ".join(text.words[i : i + size]) for i in range(0, len(text.words), size)]
    page = " ".join(f"{run} {prose(choice, 2)}" for run in runs)
    # Such a run may well be the whole of another, shorter text, which is a hit.
    return any(
        hit.rule == Rule.NGRAM or (hit.item == text.item.id and len(words(hit.gram)) > size)
        for hit in find_traces(page, index).hits
    )


def flagged_standard_forms(items: Iterable[Item], settings: Decontaminate) -> list[str]:
    """Those of ``STANDARD_FORMS`` that condemn the page they are planted in."""
    index = build_index(items, settings)
    choice = random.Random(1)
    return [form for form in STANDARD_FORMS if find_traces(_page(escape(form), choice), index).hits]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmarks", type=Path, help="default: those beside the project")
    parser.add_argument("--each", type=int, default=60, help="texts of a benchmark and kind")
    parser.add_argument("--names", nargs="+", default=["*"], help="benchmarks planted; globs")
    arguments = parser.parse_args()
    settings = every_benchmark().model_copy(update={"names": tuple(arguments.names)})
    if arguments.benchmarks:
        settings = settings.model_copy(update={"benchmarks": str(arguments.benchmarks)})
    items = load_benchmarks(settings)
    tallies = inject(items, settings, each=arguments.each)
    for kinds in ([VERBATIM, *KINDS, HALF], list(respelling.KINDS), ["all at once"]):
        rows = [("recall %", "texts", *kinds, f"{SHORTER} flagged")]
        for name, line in tallies.items():
            recalls = [
                f"{100 * line[kind].recall:.1f}" if line[kind].planted else "–" for kind in kinds
            ]
            planted = f"{line[VERBATIM].planted:,}"
            rows.append((name, planted, *recalls, str(len(line[SHORTER].missed))))
        print(table(rows))
    for name, line in tallies.items():
        for kind, tally in line.items():
            if tally.missed:
                print(f"{name}, {kind}: {len(tally.missed)} of {tally.planted}: {tally.missed[:3]}")
    forms = flagged_standard_forms(items, settings)
    print(f"{len(forms)} of {len(STANDARD_FORMS)} standard forms flagged: {forms}")
    bad = [t for line in tallies.values() for t in (line[VERBATIM], line[SHORTER]) if t.missed]
    return 1 if bad or forms else 0


if __name__ == "__main__":
    sys.exit(main())
