"""Seed texts: English mathematics in LaTeX, in the manner of OpenWebMath."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sampleweb import math_en
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import FORMULA_BASE, FORMULA_MARK, Telling
from pipeline.sampleweb.makers import mix_in
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.notation import tex

_HOSTS = (
    "qed-exchange.example",
    "lecturearchive.example",
    "the-open-lemma.example",
    "mathforum.oldcollege.example",
    "blog.functionspace.example",
    "notes.quadratura.example",
    "encyclopedia-of-sets.example",
    "physics-and-sums.example",
)
_LENGTHS = (3, 5, 7, 9, 12, 18, 40)


def seed_texts(seed: int, count: int) -> Iterator[dict[str, str]]:
    """Rows of ``url`` and ``text``; no host of theirs is in the crawl."""
    for number in range(count):
        dice = Dice(seed, "seed text", number)
        telling = math_en.telling(dice)
        length = int(dice.quantile(_LENGTHS))
        if dice.chance(0.5):
            blocks = math_en.question(telling, max(1, length // 3))
        else:
            blocks = math_en.lecture(telling, length)
        mix_in(dice, telling, blocks, "math", "en")
        url = f"https://{dice.pick(_HOSTS)}/{number}"
        yield {"url": url, "text": _written(telling, telling.say("title"), blocks)}


def _written(telling: Telling, title: str, blocks: list[Block]) -> str:
    def inline(text: str) -> str:
        return FORMULA_MARK.sub(
            lambda mark: f"${tex(telling.formulas[ord(mark.group()) - FORMULA_BASE])}$", text
        )

    lines = [f"# {inline(title)}"]
    for kind, text in blocks:
        shown = inline(text)
        lines.append(f"$${shown[1:-1]}$$" if kind == "display" else shown)
    return "\n\n".join(lines) + "\n"
