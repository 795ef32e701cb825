"""What pages say: a spec turned into an article, without any HTML."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.sampleweb import math_en
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import FORMULA_MARK, Telling
from pipeline.sampleweb.makers import MAKERS, mix_in
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.mathematics import Node
from pipeline.sampleweb.plan import EDITED, Host, Plan, Spec
from pipeline.sampleweb.sample_benchmark import CHINESE, ENGLISH, ITEMS, Item, item, resembling

#: Paragraphs (or problems, or posts) of a page: quantiles.
_LENGTHS = (4, 6, 8, 10, 13, 18, 40)
#: The least that a page with copies has: few words make similarity a lottery.
_LENGTH_OF_FAMILIES = 14


@dataclass
class Article:
    """Title, blocks and comments are text with marks for ``formulas``."""

    title: str
    blocks: list[Block]
    formulas: list[Node]
    comments: list[str]
    related: list[str]
    notation: str
    #: Of the larger part of the text.
    language: str
    leak: str = ""

    def text(self) -> str:
        """Title and blocks as lines."""
        return "\n".join([self.title, *(text for _, text in self.blocks)])


def article(plan: Plan, spec: Spec) -> Article:
    """The article of a page; copies have that of their root, perhaps edited."""
    made = _original(plan, spec)
    if spec.role == EDITED:
        _edit(Dice(plan.seed, "edit", spec.host.name, spec.slot), made)
    return made


def section_of_root(plan: Plan, spec: Spec) -> Spec:
    """The spec of the page whose content ``spec`` shows."""
    if (spec.host, spec.slot) == (spec.root_host, spec.root_slot):
        return spec
    return plan.spec(spec.root_host, spec.root_slot)


def _original(plan: Plan, spec: Spec) -> Article:
    root = section_of_root(plan, spec)
    host: Host = root.host
    dice = Dice(plan.seed, "article", host.name, root.slot)
    length = int(dice.quantile(_LENGTHS))
    if root.family:
        length = max(length, _LENGTH_OF_FAMILIES)
    telling, blocks = MAKERS[root.section.maker](dice, length)
    title = telling.say("title" if "title" in telling.rules else _TITLES[root.section.maker])
    if root.family:
        # Extractors take lists for navigation in one furniture and not in another,
        # which would make two pages of one.
        blocks = [("p" if kind == "li" else kind, text) for kind, text in blocks]
    notation, language = host.site.notation, host.site.language
    # The share is exact over any run of slots, so that every host has its part.
    if (root.slot * 59 + 7) % 100 < 100 * root.section.seed_like:
        # Mostly the seed's manner and TeX, so that the first round finds the page.
        blocks[2:-1] = _seed_like_passage(dice, telling, length)
        notation, language = _TEX_INSTEAD.get(notation, notation), "en"
    else:
        subject = "math" if root.section.mathematical else root.section.kind
        if mix_in(dice, telling, blocks, subject, host.site.language) and notation == "typed":
            notation = dice.pick(("typed", "dollars", "brackets"))
    comments = _comments(telling)
    if root.family:
        # Print views have none, and an extractor may take them for the text.
        del comments[3:]
    related = _related(telling, title)
    made = Article(title, blocks, telling.formulas, comments, related, notation, language)
    if root.planted:
        _plant(plan, root, dice, telling, made)
    return made


#: What the authors of a host write when they do use TeX.
_TEX_INSTEAD = {"typed": "dollars", "image-spoken": "image-tex", "mathml": "script"}


def _seed_like_passage(dice: Dice, telling: Telling, length: int) -> list[Block]:
    """English mathematics whose formulas are put into ``telling``'s list."""
    inner = math_en.telling(dice)
    inner.formulas = telling.formulas
    if dice.chance(0.5):
        return math_en.question(inner, max(2, length // 3))
    return math_en.lecture(inner, max(6, length))


_TITLES = {"thread": "thread_title", "stories": "story_title"}


def _comments(telling: Telling) -> list[str]:
    if "comment" not in telling.rules or telling.dice.chance(0.5):
        return []
    return [telling.say("comment") for _ in range(telling.dice.between(1, 12))]


def _related(telling: Telling, title: str) -> list[str]:
    rule = next(name for name in ("title", "thread_title", "story_title") if name in telling.rules)
    titles = [telling.say(rule) for _ in range(telling.dice.between(4, 14))]
    return [FORMULA_MARK.sub("…", text) for text in titles if text != title]


def _plant(plan: Plan, spec: Spec, dice: Dice, telling: Telling, made: Article) -> None:
    """Put a benchmark item, or what only resembles one, among the blocks."""
    language = spec.host.site.language
    at = dice.between(1, len(made.blocks))
    if spec.planted == "lookalike":
        while (passage := resembling(dice, language)).formulas and _typed(spec):
            pass
        made.blocks.insert(at, ("p", passage.adopted_by(telling)))
        return
    benchmark = CHINESE if language == "zh" else ENGLISH
    chosen: Item = item(plan.seed, benchmark, dice.below(ITEMS))
    while chosen.question.formulas and _typed(spec):
        chosen = item(plan.seed, benchmark, dice.below(ITEMS))
    question_whole = chosen.short or dice.chance(0.8)
    text = (chosen.question if question_whole else chosen.answer).adopted_by(telling)
    way = dice.below(4)
    if way == 1:
        text = text.upper() if dice.chance(0.5) else text.title()
        text = text.replace(" ", " \n  ")
    elif way == 2:
        around = [block[1] for block in made.blocks if block[0] == "p"]
        text = f"{dice.pick(around)} {text} {dice.pick(around)}"
    elif way == 3:
        text = text.replace(". ", " – ").replace(", ", "; ").replace("，", "， ")
    made.blocks.insert(at, ("p", text))
    made.leak = chosen.identity


def _typed(spec: Spec) -> bool:
    return spec.host.site.notation == "typed"


def _edit(dice: Dice, made: Article) -> None:
    """A word changed in every 250 or so, as an editor would."""
    long = [at for at, (kind, text) in enumerate(made.blocks) if kind == "p" and len(text) > 80]
    size = sum(len(text) for _, text in made.blocks)
    spaced = made.text().count(" ") * 12 > size
    for at in dice.some(long, max(1, size // (1600 if spaced else 300))):
        kind, text = made.blocks[at]
        if spaced:
            words = text.split(" ")
            plain = [place for place, word in enumerate(words) if word.isalpha()]
            if plain:
                words[dice.pick(plain)] = dice.pick(("indeed", "rather", "edited", "now", "2024"))
                text = " ".join(words)
        else:
            place = dice.between(10, len(text) - 10)
            text = text[:place] + dice.pick("的了也就已更") + text[place + 1 :]
        made.blocks[at] = (kind, text)
