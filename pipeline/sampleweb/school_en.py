"""School algebra and geometry whose formulas are pictures: another register than the seed's."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.names import FIRST_NAMES, SURNAMES
from pipeline.sampleweb.words_en import ACTS, HOW, LIKE, THINGS

RULES: dict[str, Sequence[str]] = {
    "first": FIRST_NAMES,
    "surname": SURNAMES,
    "thing": THINGS,
    "act": ACTS,
    "like": LIKE,
    "how": HOW,
    "topic": (
        "fractions|decimals|percentages|ratios|factoring|long division|quadratics|simultaneous "
        "equations|straight line graphs|gradients|surds|indices|brackets|like terms|inequalities|"
        "place value|rounding|area and perimeter|volume|angles|bearings|the sine rule|the cosine "
        "rule|trigonometry|scatter plots|box plots|the mean and the median|probability trees|"
        "sequences|the nth term|number lines|negative numbers|prime factors|times tables|circle "
        "theorems|vectors|transformations|completing the square|the quadratic formula|proportion|"
        "standard form|bounds|reciprocals|cube roots|mental arithmetic|tallying|symmetry"
    ).split("|"),
    "tip": (
        "Move {=small} to the other side and change its sign.",
        "Multiply out the brackets first, then collect like terms: {=eq}.",
        "Cross out what is the same above and below the line.",
        "Remember: what you do to one side you must do to the other.",
        "Step {2-9}: write {=small} under the line and carry the {1-9}.",
        "Put {1-9} into the box for {=v} and work out both sides.",
        "Your calculator shows {2-90}.{10-99}, so round it to {2-90}.{1-9}.",
        "Watch out! Many pupils forget the minus here and get {2-90} instead of {2-40}.",
        "Draw the line through ({1-9}, {2-20}) and ({10-19}, {21-40}) with a ruler.",
        "Two numbers that add up to {5-19} and multiply to {6-90} will do the trick.",
        "The bigger piece is {2-9} out of {10-20}, which is {10-90} percent.",
        "Colour in {2-9} of the {10-20} squares to see it.",
        "Now you try: {=eq}.",
        "Got it? Scroll down for {topic}.",
        "Mrs {surname} says: always {act} your working.",
        "Flip the second fraction upside down and times it.",
        "Count {2-9} to the right and {2-9} up on the grid.",
        "Take the square root at the very end, plus or minus.",
        "The angles add up to {180-360} degrees, so the missing one is {10-170}.",
        "You lose {1-3} marks for leaving out the units.",
        "Split the shape into a rectangle and a triangle and add the two bits.",
        "A quick check: {2-40} times {2-40} ends in {0-9}, good.",
        "It is the {like} bit of {topic} that comes up in every exam.",
        "{first} got {2-40} marks by making a {like} {thing} of {topic}.",
    ),
    "hello": (
        "Welcome to the page on {topic} for year {5-11}.",
        "Today we look at {topic}, which goes hand in hand with {topic}.",
        "Revision time! {topic|cap} is worth {3-12} marks on paper {1-3}.",
        "If {topic} scares you, {act} this {like} {thing} with {first}.",
        "Print the worksheet on {topic} and {act} it {how}.",
    ),
    "title": (
        "{topic|cap} made {like}",
        "{topic|cap} and {topic} (year {5-11})",
        "Worksheet {1-400}: {topic}",
        "Revise {topic} in {5-40} minutes",
        "{topic|cap}: {2-30} {like} questions",
    ),
}


def telling(dice: Dice) -> Telling:
    """A telling of school algebra."""
    telling = Telling(dice, RULES, "school")
    telling.narrow(topic=6, thing=14, act=10, like=10, tip=18)
    return telling


def worksheet(telling: Telling, parts: int) -> list[Block]:
    """Short explanations, a few displayed equations."""
    blocks: list[Block] = [("p", telling.paragraph("hello", 1, 2))]
    for at in range(parts):
        if at % 3 == 2:
            blocks.append(("h2", telling.say("title")))
        blocks.append(("p", telling.paragraph("tip", 2, 5)))
        if telling.dice.chance(0.2):
            blocks.append(("display", telling.fill("{=eq}")))
    return blocks
