"""Ways of writing a page, by name, and pages that are of two minds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.sampleweb import (
    chinese,
    german_russian,
    life_en,
    math_en,
    near_en,
    school_en,
    talk_en,
)
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.math_en import Block

Maker = Callable[[Dice, int], tuple[Telling, list[Block]]]


def _lecture(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
    telling = math_en.telling(dice)
    return telling, math_en.lecture(telling, length)


def _question(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
    telling = math_en.telling(dice)
    return telling, math_en.question(telling, max(1, length // 3))


def _thread(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
    telling = talk_en.forum_telling(dice)
    return telling, talk_en.thread(telling, length)


def _stories(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
    telling = talk_en.story_telling(dice)
    return telling, talk_en.stories(telling, max(3, length * 2 // 3))


def _worksheet(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
    telling = school_en.telling(dice)
    return telling, school_en.worksheet(telling, length)


def _school_zh(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
    telling = chinese.school_telling(dice)
    return telling, chinese.school(telling, length)


def _notes_de(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
    telling = german_russian.notes_telling(dice, dice.pick(math_en.SUBJECTS))
    return telling, german_russian.notes(telling, length)


def _of(
    telling_of: Callable[[Dice, str], Telling],
    article: Callable[[Telling, int], list[Block]],
    genre: str,
) -> Maker:
    """The maker of one of several genres that are told and written alike."""

    def make(dice: Dice, length: int) -> tuple[Telling, list[Block]]:
        telling = telling_of(dice, genre)
        return telling, article(telling, length)

    return make


MAKERS: dict[str, Maker] = {
    "lecture": _lecture,
    "question": _question,
    "thread": _thread,
    "stories": _stories,
    "worksheet": _worksheet,
    "school-zh": _school_zh,
    "notes-de": _notes_de,
    **{f"life:{genre}": _of(life_en.telling, life_en.article, genre) for genre in life_en.GENRES},
    **{f"near:{trade}": _of(near_en.telling, near_en.article, trade) for trade in near_en.TRADES},
    **{f"zh:{topic}": _of(chinese.life_telling, chinese.life, topic) for topic in chinese.TOPICS},
    **{
        f"life:{language}": _of(german_russian.life_telling, german_russian.life, language)
        for language in ("de", "ru")
    },
}

#: What a page of a language may turn to besides its subject: everyday things in a
#: page of mathematics, mathematics in any other.
_EVERYDAY = {
    "en": (
        *("life:company", "life:film", "life:health", "life:history", "life:news"),
        *("near:coding", "near:physics", "near:books"),
    ),
    "zh": ("zh:news", "zh:travel", "zh:tech"),
    "de": ("life:de",),
}
_MATHEMATICAL = {
    "en": ("lecture", "question", "stories", "thread", "worksheet"),
    "zh": ("school-zh",),
    "de": ("notes-de",),
}
#: The part of a page that is about something else: quantiles over pages.
_MIXED_INTO = {
    "math": (0, 0, 0, 0, 0, 0.1, 0.2, 0.35, 0.5, 0.6),
    "near-miss": (0, 0, 0, 0, 0, 0, 0.05, 0.15, 0.3, 0.45),
    "ordinary": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.05, 0.1, 0.2),
}


def mix_in(dice: Dice, telling: Telling, blocks: list[Block], subject: str, language: str) -> bool:
    """Replace paragraphs of a page by ones of another subject; whether any were.

    ``subject`` is what the page is: ``math``, ``near-miss`` or ``ordinary``. The
    page stays what it is by the larger part of its text.
    """
    others: Sequence[str] = (_EVERYDAY if subject == "math" else _MATHEMATICAL).get(language, ())
    part = dice.quantile(_MIXED_INTO[subject])
    places = [at for at, (kind, text) in enumerate(blocks) if kind == "p" and len(text) > 40]
    chosen = dice.some(places, int(part * len(places) + 0.5))
    if not others or not chosen:
        return False
    other, strange = MAKERS[dice.pick(others)](dice, len(chosen) + 2)
    paragraphs = [text for kind, text in strange if kind in ("p", "li")]
    for at in chosen:
        blocks[at] = ("p", telling.adopt(dice.pick(paragraphs), other.formulas))
    return True
