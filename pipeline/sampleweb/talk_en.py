"""English mathematics unlike the seed: forums in plain type, stories with numbers."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.names import FIRST_NAMES, PLACES, SURNAMES
from pipeline.sampleweb.words_en import ACTS, HOW, LIKE, THINGS

_GOODS = (
    "apple marble sticker pencil cookie stamp balloon ticket muffin postcard shell brick candle "
    "tomato pumpkin orange peach carrot bead button coin card token toy badge book notebook crayon "
    "bottle basket crate ribbon rose tulip tile plank nail bolt bag bucket seed bulb egg pancake "
    "sandwich bagel lemon melon kite drum puzzle magnet poster paperclip eraser ruler scarf mitten"
).split()
_WORKERS = (
    "baker farmer teacher painter tailor gardener driver carpenter librarian shopkeeper nurse "
    "coach plumber florist potter beekeeper fisherman captain grocer cobbler waiter pilot"
).split()
_VESSELS = (
    "box basket bag crate jar shelf truck drawer tray bucket bin barrel carton cupboard tin".split()
)

RULES: dict[str, Sequence[str]] = {
    "surname": SURNAMES,
    "first": FIRST_NAMES,
    "town": PLACES,
    "thing": THINGS,
    "act": ACTS,
    "like": LIKE,
    "how": HOW,
    "good": _GOODS,
    "worker": _WORKERS,
    "vessel": _VESSELS,
    # Word problems: a situation, facts, a question, a worked answer.
    "start": (
        "{first} has {3-90} {good|s} and gives {2-40} of them to {first}.",
        "A {worker} in {town} packs {4-30} {good|s} into each {vessel}.",
        "{first} buys {2-12} {good|s} for {2-9} dollars each and {2-9} {good|s} for {3-15} dollars "
        "each.",
        "A train leaves {town} at {5-11} o'clock and travels {40-140} kilometres every hour.",
        "There are {12-99} {good|s} in a {vessel}; {2-11} out of every {12-20} are {like}.",
        "{first} is {2-9} years older than {first}, and {first} is twice as old as {first}.",
        "A rectangular garden is {3-60} metres longer than it is wide.",
        "The {worker} needs {2-9} hours to fill {3-40} {vessel|s}, while the new helper needs "
        "{3-12} hours.",
        "In a class of {18-36} children, {4-17} like {good|s} and {4-17} like {good|s}.",
        "{first} reads {4-60} pages on Monday and {2-20} pages more on each following day.",
        "A tank holds {90-900} litres, and a pump empties {3-30} litres a minute.",
        "Three friends share {30-400} {good|s} so that {first} gets {2-5} times as many as "
        "{first}.",
        "The sum of two numbers is {20-200} and their difference is {2-19}.",
        "A shop takes {5-60} percent off the price of every {good}, which was {8-90} dollars.",
        "{first} walks {2-9} steps forward and {1-4} steps back, again and again.",
        "A ladder {5-17} feet long leans against the wall of the {worker}'s house.",
        "Each side of a square {thing} is made longer by {2-15} inches.",
        "{first} and {first} start from {town} and {town}, {30-300} miles apart.",
        "{first} throws two dice and adds the dots; {first} throws {3-5} coins.",
        "The digits of a two-digit number add up to {5-16}.",
    ),
    "more": (
        "Later, {first} finds {2-30} more {good|s} under the {vessel}.",
        "Half of the {good|s} are {like}, and the others are {like}.",
        "On the next day the {worker} sells {3-50} of them.",
        "Every {vessel} weighs {2-12} pounds when it is empty.",
        "After {2-9} hours the speed goes down by {3-20} kilometres an hour.",
        "{first} already had {2-40} and wants the same number as {first}.",
        "One {good} costs {2-9} cents more than a {good}.",
        "The rest is shared equally among {3-12} neighbours.",
        "Nobody takes fewer than {2-6}, and {first} takes the largest share.",
        "A {like} {vessel} holds {2-7} times as much as a {like} one.",
    ),
    "wonder": (
        "How many {good|s} does {first} have left?",
        "How many {vessel|s} does the {worker} need?",
        "How much change does {first} get from {50-200} dollars?",
        "When do they meet, and how far from {town} is that?",
        "What fraction of the {good|s} is {like}?",
        "How old is {first} now?",
        "What is the smallest number that will do?",
        "How long does it take if they work together?",
        "In how many ways can {first} do this?",
        "What are the two numbers?",
        "By what percentage does the area grow?",
        "What are the odds that {first} gets the larger total?",
    ),
    "solve": (
        "First find out how many {good|s} one {vessel} holds: {2-40} times {2-12} makes {20-480}.",
        "Take away {2-50} from {60-200}, and {10-150} are left.",
        "Let us call the number of {good|s} our unknown and write down what the story says.",
        "{12-96} divided by {2-12} is {2-40}, with {1-5} left over.",
        "Twice the smaller number and {2-19} more make {20-200}, so halve what remains.",
        "In one hour they fill one part in {2-9} and one part in {3-12} together.",
        "A common mistake is to add {2-30} twice.",
        "Draw a bar for {first} and {2-5} equal bars for {first}; each bar stands for {3-80}.",
        "So {first} ends up with {3-120}, which is the answer.",
        "Check: {2-40} and {2-40} together are {5-80}, as the story wants.",
        "Going backwards, before the last step there must have been {4-90} {good|s}.",
        "The {worker} therefore needs {2-30} {vessel|s}, because a part of one still counts.",
        "Since {2-12} of every {12-30} are {like}, multiply by {2-9} and divide by {2-12}.",
        "The numbers grow by {2-9} each time, so the tenth one is {30-190}.",
        "Make a table: {2-9}, {10-19}, {20-29}, {30-39}, and the pattern shows itself.",
    ),
    "teach": (
        "Children often {act} the {thing} before they {act} what is asked.",
        "This {thing} trains the {like} {thing} of reading {how} first.",
        "For more {thing|s} of this kind see the {like} {thing} on {good|s}.",
        "Let the children {act} with real {good|s} if the {thing} is too {like}.",
        "Parents may {act} the numbers and {act} again.",
    ),
    "story_title": (
        "{first} and the {good|s}",
        "{good|cap}, {good|s} and {vessel|s}: a story problem",
        "The {worker} of {town}",
        "Problem {2-900}: {like} {good|s}",
        "Word problems with {good|s}, part {2-30}",
        "How many {good|s}?",
    ),
    # An olympiad forum, typed as people type.
    "source": (
        "{town} MO {1985-2023}, problem {1-6}",
        "{town} TST {1990-2023} day {1-3} P{1-6}",
        "{surname} Cup {1990-2023}, {thing} {1-9}",
        "proposed by {first} {surname}, {town} {1995-2023}",
    ),
    "forum_problem": (
        "Let a, b, c be positive reals with {=eq}. Prove that {=rel}.",
        "Find all functions f: R -> R such that {=eq} for all reals x, y.",
        "Find all pairs (m, n) of positive integers with {=eq}.",
        "In triangle ABC with incenter I, the line AI meets the circumcircle again at M. Prove "
        "that {=eq}.",
        "There are n {good|s} on a {like} table, and two players in turn take {2-6} or {7-12} of "
        "them. Who wins?",
        "Prove that for every prime p > {3-31} the number {=small} is not a perfect square.",
        "A {like} {5-90} x {5-90} board is covered by dominoes. Show that at least {2-40} of them "
        "are vertical.",
        "The sequence x_n satisfies {=eq} for n >= {1-4}. Show that {=rel}.",
        "Points D, E, F lie on the sides of ABC with {=eq}. Show that AD, BE, CF concur.",
        "Determine the largest k such that {=rel} for all nonnegative x, y, z.",
    ),
    "forum": (
        "WLOG {=rel}, then by AM-GM {=rel} and we are done.",
        "nice problem! here is my solution: set {=eq}, so {=rel}.",
        "just bary bash it, you get {=eq} after some {thing}",
        "Taking both sides mod {3-29} we see that {=small} must be odd, contradiction.",
        "i think there is a mistake in post #{2-40}, why is {=rel}?",
        "Claim: {=eq}. Proof: induct on n, the base case n = {1-5} is easy.",
        "By Cauchy {=rel}, with equality iff a = b = c.",
        "Plug in x = y = 0 to get {=eq}. Now f is injective since {=eq}.",
        "By pigeonhole two of the {good|s} have the same colour, so {=rel}.",
        "Angle chase: BIC = 90 + A/2, so the four points are concyclic.",
        "Let P be the foot from A to BC and let Q be its reflection over I, then {=eq}.",
        "Consider the largest such k. If k > {3-40} then {=rel}, which is absurd.",
        "Infinite descent kills it: from {=eq} we get a smaller solution.",
        "Colour the board like chess; every domino covers one black and one white.",
        "Use the SOS method, the {thing} is {=small}.",
        "Can someone check? I used Muirhead on {=small} and tangent line trick.",
        "Sketch: invert about I, the {thing} becomes a line and {=eq}.",
        "Suppose not. Then v_2 of the left side is {2-9} while v_2 of the right side is larger.",
        "@{surname}: your {thing} {act|s} only if {=rel}.",
        "Bumping this, any solution without {like} trig?",
        "{first} told me the answer is {3-900} but I get {3-900}",
    ),
    "thread_title": (
        "inequality with {=small}",
        "{town} MO {1985-2023} #{1-6}",
        "FE: {=eq}",
        "{like} geometry, incenter and {thing}",
        "hard NT from {town}",
        "{good|s} game, who wins",
        "sum of {like} cubes",
        "concurrency in ABC ({surname})",
    ),
}


def forum_telling(dice: Dice) -> Telling:
    """A telling of an olympiad thread."""
    telling = Telling(dice, RULES, "school")
    telling.narrow(thing=20, act=16, like=12, surname=6)
    return telling


def thread(telling: Telling, posts: int) -> list[Block]:
    """A problem and the posts below it."""
    blocks: list[Block] = [
        ("p", telling.say("source")),
        ("p", telling.say("forum_problem")),
    ]
    for at in range(posts):
        blocks.append(
            ("h3", f"{telling.say('surname')}{telling.dice.between(2, 99)} wrote: #{at + 2}")
        )
        blocks.append(("p", telling.paragraph("forum", 1, 4)))
    return blocks


def story_telling(dice: Dice) -> Telling:
    """A telling of word problems."""
    telling = Telling(dice, RULES, "school")
    telling.narrow(thing=16, act=12, like=10, good=7, worker=3, vessel=3, first=5, town=3)
    return telling


def stories(telling: Telling, count: int) -> list[Block]:
    """Word problems, each with its answer worked out in words."""
    blocks: list[Block] = [("p", telling.paragraph("teach", 1, 2))]
    for at in range(count):
        blocks.append(("h3", f"Problem {at + 1}"))
        asked = (
            telling.say("start")
            + " "
            + telling.paragraph("more", 0, 2)
            + " "
            + telling.say("wonder")
        )
        blocks.append(("p", asked.replace("  ", " ")))
        blocks.append(("p", "Answer. " + telling.paragraph("solve", 2, 4)))
    return blocks
