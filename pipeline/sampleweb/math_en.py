"""English mathematics: lectures, questions and answers, olympiad talk, word problems."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.names import FIRST_NAMES, PLACES, SURNAMES
from pipeline.sampleweb.words_en import ACTS, HOW, LIKE, MATH_LIKE, MATH_NOUNS, MATH_RARE, THINGS

SUBJECTS = tuple(MATH_NOUNS)
_ALL_NOUNS = tuple(
    noun.replace("_", " ") for nouns in MATH_NOUNS.values() for noun in nouns.split()
)

RULES: dict[str, Sequence[str]] = {
    "surname": SURNAMES,
    "first": FIRST_NAMES,
    "town": PLACES,
    "thing": THINGS,
    "act": ACTS,
    "like": LIKE,
    "how": HOW,
    "mnoun": _ALL_NOUNS,
    "mlike": MATH_LIKE,
    "mrare": MATH_RARE,
    "obj": (
        "{mlike} {mnoun}",
        "{mnoun}",
        "{mlike} {mrare}",
        "{surname} {mnoun}",
        "{mnoun} of {=v}",
        "{mlike} {mnoun} {=v}",
        "{mlike}, {mlike} {mnoun}",
    ),
    "fact": ("{=f}", "{=rel}", "{=eq}", "{=in}"),
    "claim": (
        "{=eq} holds for every {mlike} {mnoun}",
        "each {obj} is {mlike}",
        "the {mnoun} {=v} is {mlike} whenever {fact}",
        "there is {mlike|a} {mnoun} with {fact}",
        "every {mlike} {mnoun} contains {mlike|a} {mnoun}",
        "the {obj} depends only on {=small}",
        "{=v} and {=v} have the same {mnoun}",
        "{fact} implies {fact}",
    ),
    "sentence": (
        "Let {=v} be {obj|a} such that {fact}.",
        "Suppose that {claim}.",
        "Then {fact}, and so {claim}.",
        "We {act} the {obj} by {=small}.",
        "Since {fact}, the {mnoun} must be {mlike}.",
        "Hence {fact}.",
        "It follows that {claim}.",
        "By the {surname} {mnoun}, {fact}.",
        "This {how} gives {fact}.",
        "To see this, {act} both sides by {=small} and {act} the {mnoun}.",
        "Note that {=small} is {mlike} if and only if {=rel}.",
        "A {like} {thing} shows that {claim}.",
        "Assume for contradiction that {fact}.",
        "The {thing} of the {obj} is {how} {like}.",
        "Here {=v} denotes the {obj} and {=v} its {mnoun}.",
        "For {like} {mnoun|s} the {thing} is {how} different.",
        "Recall that {obj|a} is called {mlike} when {fact}.",
        "The case {=eq} is {like} and we leave it as an exercise.",
        "It remains to {act} the {mnoun} when {=rel}.",
        "If {=rel}, then we may {act} {=v} so that {fact}.",
        "Both {mnoun|s} are {mlike}, so {fact}.",
        "We now {act} the {like} {thing} where {=v} is not {mlike}.",
        "The {mrare} {=v} was introduced by {surname} and {surname}.",
        "On the other hand {fact}.",
        "Therefore the {obj} is {mlike}, as we wanted.",
        "In {like} terms, {claim}.",
        "{how|cap} the same {thing} works for {obj|a}.",
        "Choose {=v} with {=rel}; this is {like} because {claim}.",
    ),
    "lead": (
        "In this {thing} we {act} {obj|s} and their {mnoun|s}.",
        "The {thing} of {obj|s} goes back to {surname}.",
        "Our {thing} is to {act} the {obj} and to {act} {like} {thing|s} of it.",
        "We {act} from the last lecture that {claim}.",
        "These {thing|s} {act} {obj|s} for {like} readers.",
    ),
    "ask": (
        "I am trying to {act} the {obj} in {surname}'s book and I am stuck.",
        "How can I {act} that {fact}?",
        "Is it true that {claim}?",
        "My {thing} was to {act} {=small}, but then {fact} and I do not see why.",
        "Could someone {act} why {fact}?",
        "I know that {claim}, but does the converse hold?",
        "Any {thing} or {thing} would be {like}.",
        "What I tried: let {=v} be {obj|a}, then {fact}.",
    ),
    "theorem_name": ("Theorem", "Lemma", "Proposition", "Corollary", "Claim"),
    "theorem": (
        "Let {=v} be {obj|a}. If {fact}, then {fact}.",
        "Every {obj} with {fact} is {mlike}.",
        "Suppose {fact} and {fact}. Then {claim}.",
        "For all {=v} with {=rel} we have {fact}.",
        "{obj|cap} is {mlike} if and only if {fact}.",
    ),
    "title": (
        "{mlike|cap} {mnoun|s}",
        "{surname}'s theorem on {mnoun|s}",
        "The {mnoun} of {obj|a}",
        "{mnoun|cap} and {mlike} {mnoun|s}",
        "Lecture {2-40}: {mlike} {mnoun|s}",
        "{mlike|cap} {mnoun|s} and the {surname} {mnoun}",
        "When is {obj|a} {mlike}?",
        "Proving that {obj|a} is {mlike}",
    ),
}

Block = tuple[str, str]


def telling(dice: Dice, subject: str = "") -> Telling:
    """A telling of mathematics about ``subject``, one of ``SUBJECTS``."""
    subject = subject or dice.pick(SUBJECTS)
    telling = Telling(dice, RULES, subject)
    telling.favour["mnoun"] = [noun.replace("_", " ") for noun in MATH_NOUNS[subject].split()]
    telling.narrow(mlike=14, mrare=6, thing=30, act=24, like=24, how=12, surname=5)
    return telling


def lecture(telling: Telling, paragraphs: int) -> list[Block]:
    """Headings, definitions, theorems, proofs, displayed formulas."""
    dice = telling.dice
    blocks: list[Block] = [("p", telling.paragraph("lead", 1, 2))]
    for at in range(paragraphs):
        if at % 4 == 1:
            blocks.append(("h2", telling.say("title")))
        roll = dice.random()
        if roll < 0.3:
            statement = f"{telling.say('theorem_name')} {at + 1}. {telling.say('theorem')}"
            blocks.append(("p", statement))
            blocks.append(("p", "Proof. " + telling.paragraph("sentence", 3, 6)))
        elif roll < 0.6:
            blocks.append(("p", telling.paragraph("sentence", 2, 4)))
            blocks.append(("display", telling.fill("{=f}")))
        else:
            blocks.append(("p", telling.paragraph("sentence", 3, 6)))
    return blocks


def question(telling: Telling, answers: int) -> list[Block]:
    """A question and its answers."""
    dice = telling.dice
    blocks: list[Block] = [
        ("p", telling.paragraph("ask", 1, 3)),
        ("display", telling.fill("{=f}")),
        ("p", telling.paragraph("sentence", 1, 3) + " " + telling.say("ask")),
    ]
    for _ in range(answers):
        blocks.append(("h3", f"Answer by {telling.say('first')} {telling.say('surname')}"))
        for _ in range(dice.between(1, 3)):
            blocks.append(("p", telling.paragraph("sentence", 2, 5)))
            if dice.chance(0.5):
                blocks.append(("display", telling.fill("{=f}")))
    return blocks
