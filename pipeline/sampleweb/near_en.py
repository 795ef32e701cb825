"""English pages that look mathematical and are not: money, code, scores, chemistry."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.math_en import RULES as MATH_RULES
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.names import BRANDS, FIRST_NAMES, PLACES, SURNAMES
from pipeline.sampleweb.words_en import ACTS, HOW, LIKE, MATH_LIKE, THINGS

_BASE: dict[str, Sequence[str]] = {
    "surname": SURNAMES,
    "first": FIRST_NAMES,
    "town": PLACES,
    "brand": BRANDS,
    "thing": THINGS,
    "act": ACTS,
    "like": LIKE,
    "how": HOW,
    "mnoun": MATH_RULES["mnoun"],
    "mlike": MATH_LIKE,
    "any": (
        "The {like} {thing} {act|s} the {thing} {how}.",
        "{first} {surname} {act|s} that the {thing} is {like}.",
        "We {act} {2-90} {thing|s} and {act} the rest.",
        "If the {thing} is {like}, the {thing} must {act}.",
        "There is a {like} limit to every {thing}.",
        "Suppose the {thing} {act|s}; then the {like} {thing} follows {how}.",
    ),
}

_TRADES: dict[str, dict[str, Sequence[str]]] = {
    "finance": {
        "noun": (
            "share dividend bond yield portfolio index fund hedge option futures margin equity "
            "debt revenue earnings quarter analyst forecast inflation rate currency broker "
            "liquidity asset valuation ratio premium derivative volatility exposure leverage "
            "interest"
        ).split(),
        "sentence": (
            "{brand} rose {1-9}.{10-99}% to ${10-400}.{10-99} on volume of {100-900},000 {noun|s}.",
            "A {noun} of ${100-900} at {2-9}% for {2-30} years returns ${1000-9000}.",
            "Analyst {surname} raised the target from ${10-90} to ${100-190} with P/E = {8-40}.",
            "The {noun} is $x$-rated by nobody, says {surname}; the {noun} trades between $5 and "
            "$9.",
            "Net {noun} = {noun} - {noun}, or ${2-90} million in Q{1-4} {2010-2024}.",
            "The {noun} curve converges while {noun|s} {act} in {town}.",
            "Our {noun} function weighs {noun} against {noun} over a {2-24} month series.",
            "Compound {noun} {act|s} the {noun} by {2-12} basis points.",
            "Volatility of {noun|s} has mean {2-30} and standard deviation {2-9}.",
            "{any}",
        ),
        "title": (
            "{brand} {noun|s} {act}",
            "{noun|cap} {thing}: {town} market wrap",
            "Why {noun|s}",
        ),
    },
    "shell": {
        "noun": (
            "script variable array string loop function shell pipe process daemon kernel module "
            "package server log port socket thread branch commit root user group permission regex "
            "path file directory mount cron job container image registry node cluster"
        ).split(),
        "sentence": (
            "Set $PATH before $HOME, otherwise the {noun} cannot {act} the {noun}.",
            'The {noun} in ${VAR} is expanded first, so quote "$1" and "$@".',
            "Call $this->{act}($a, $b) when the {noun} matches /^{act}$/.",
            "If $i < ${20-90} the {noun} exits with {1-127}.",
            "The root {noun} owns every {noun} under /{thing}/{noun}.",
            "Use $(({2-9} * $n + {2-90})) to {act} the {noun} in place.",
            "A recursive function {act|s} the {noun} until the limit of {100-900} is reached.",
            "Prove to yourself that the {noun} is {like}: run it with -x.",
            "{any}",
        ),
        "title": ("How to {act} a {noun}", "$_GET and the {noun}", "{noun|cap} {noun} in bash"),
        "code": (
            "for i in $(seq {1-9} {10-99}); do {act} $i >> ${OUT}/{noun}.log; done",
            '$total = $price * ${noun} + {2-90}; echo "$total\\n";',
            'if [ "$#" -lt {1-9} ]; then echo "usage: $0 {noun}"; exit {1-9}; fi',
            "awk '{ sum += ${1-9} } END { print sum / NR }' {noun}.txt",
            "def {act}_{noun}(x, n={2-90}): return [x ** k % n for k in range({2-90})]",
            "foreach ($rows as $k => $v) { $out[$k] = ${noun}[$v] ?? {0-9}; }",
        ),
    },
    "sports": {
        "noun": (
            "striker goalkeeper midfielder coach referee penalty corner goal league table season "
            "match fixture quarter inning pitcher batter rebound assist guard set serve ace race "
            "lap relay medal record stadium transfer injury squad defender bench"
        ).split(),
        "sentence": (
            "{town} beat {town} {1-9}-{0-9} with {2-30} shots and {30-70}% possession.",
            "{surname} averages {10-35}.{0-9} points, {2-12}.{0-9} rebounds in {20-80} games.",
            "The {noun} has W{2-30} D{2-12} L{2-12}, goal difference +{2-40}, {20-90} points.",
            "{first} {surname} ({18-39}) ran the {noun} in {2-9}:{10-59}.{10-99}.",
            "By the numbers: {10-90} of {90-190} {noun|s}, a ratio of 0.{100-900}.",
            "In the {like} half the {noun} {act|ed} the {noun} {2-9} times.",
            "The probability of a {noun} after a {noun} is {10-90} percent, the model says.",
            "Group {noun|s} {act} in a square of {2-9} metres.",
            "{any}",
        ),
        "title": ("{town} v {town}: {noun} ratings", "{surname} {act|s} {noun}", "Stats: {noun|s}"),
    },
    "chemistry": {
        "noun": (
            "acid base salt ion electron bond orbital reagent catalyst solution solvent "
            "precipitate titration mole isotope polymer oxide alcohol ester enzyme equilibrium "
            "reaction pressure gas crystal lattice ring chain residue product group series yield"
        ).split(),
        "sentence": (
            "C{2-9}H{6-20}O{2-6} + {2-9} O2 -> {2-9} CO2 + {2-9} H2O, with the {noun} in excess.",
            "Dissolve {2-90}.{0-9} g of the {noun} in {20-400} mL and heat to {30-180} degrees.",
            "The {noun} has a molar mass of {40-400}.{10-99} g/mol and pH {2-12}.{0-9}.",
            "The rate of the {noun} is k[A]^{1-2}[B], so doubling the {noun} {act|s} it.",
            "At {2-90} kPa the {noun} and the {noun} are in {like} equilibrium.",
            "An sp{2-3} {noun} forms {2-4} {noun|s} at {90-180} degrees.",
            "E = {0-2}.{10-99} V for the {noun}, hence the {noun} is {like}.",
            "The {like} {noun} is soluble; the {noun} is a function of temperature.",
            "{any}",
        ),
        "title": ("Synthesis of {like} {noun|s}", "{noun|cap} and {noun}", "The {surname} {noun}"),
    },
    "physics": {
        "noun": (
            "force mass velocity spring pulley charge current voltage resistor lens mirror photon "
            "wave frequency friction torque pendulum field energy momentum orbit circuit magnet "
            "heat gravity pressure vector particle laser telescope star planet galaxy"
        ).split(),
        "sentence": (
            "F = ma gives {2-90} N for a {noun} of {2-40} kg.",
            "The {noun} swings with T = {1-9}.{0-9} s, says {surname}'s {like} experiment.",
            "A {noun} of {2-90} ohm and a {noun} of {2-24} V {act} the {noun}.",
            "Light of {380-740} nm enters the {noun} at {10-80} degrees.",
            "Astronomers at {town} {act} a {noun} {2-90} million light years away.",
            "You need no calculus: the {noun} {act|s} when the {noun} is {like}.",
            "The {noun} vector and the {noun} field are {like}.",
            "{any}",
        ),
        "title": (
            "What is a {noun}?",
            "{noun|cap} and {noun} for {like} people",
            "{surname}'s {noun}",
        ),
    },
    "numerology": {
        "noun": (
            "number vibration destiny angel chakra zodiac moon energy soul planet birthday name "
            "luck karma tarot dream aura fortune star path master cycle compatibility symbol "
            "universe"
        ).split(),
        "sentence": (
            "Add the digits of your {noun}: {1-9} + {1-9} + {1-9} = {10-27}, and again {1-9}.",
            "The {noun} {11-99} is a master number, a prime of {like} {noun}.",
            "{first} is a {1-9}: {like}, {like} and ruled by the {noun}.",
            "Seeing {1-9}{1-9}:{10-59} means that the {noun} will {act} your {noun}.",
            "The square of the {noun} is sacred; its root is your {noun}.",
            "In the {like} matrix the sum of every row is {15-99}.",
            "Your {noun} number {act|s} with {2-9} and {like} {noun|s}.",
            "The golden ratio proves the {noun} of the {noun}.",
            "{any}",
        ),
        "title": ("{noun|cap} number {1-99}", "The {noun} of {first}", "Angel number {100-999}"),
    },
    "books": {
        "noun": (
            "hardcover paperback edition textbook workbook author publisher bookshop shipping cart "
            "wishlist review rating seller condition dust_jacket bestseller isbn copy price bundle"
        ).split(),
        "sentence": (
            "{mnoun|cap} and {mnoun} by {first} {surname}, {2-12}th edition, {200-900} pages, "
            "${20-190}.{10-99}.",
            "Introduction to {mlike} {mnoun|s}, {noun} in {like} condition, was ${60-190}, now "
            "${10-59}.",
            "Customers who bought {surname}'s Calculus also bought {mlike} {mnoun|s} for "
            "beginners.",
            "{1-5} of 5 stars: the chapter on {mnoun|s} is {like}, {noun} arrived on time.",
            "ISBN 978-{0-9}-{100-999}-{10000-99999}-{0-9}, ships in {2-9} days from {town}.",
            "Add the {noun} to your cart and save {5-50}% on the {noun}.",
            "A {like} gift for students of {mnoun|s}; {noun} without {thing|s}.",
            "{any}",
        ),
        "title": (
            "Buy {mlike} {mnoun|s} ({surname})",
            "Calculus, {2-12}th {noun}",
            "Used {noun|s}",
        ),
    },
    "coding": {
        "noun": (
            "array matrix index list tuple dictionary string function class object pointer stack "
            "queue heap tree graph node edge recursion loop compiler library dataframe column row "
            "plot random seed integer float overflow exception callback promise thread query"
        ).split(),
        "sentence": (
            "How do I {act} the {noun} of a {noun} with {2-90} rows without a loop?",
            "Your function returns None when n = {2-90}; {act} the base case of the recursion.",
            "Use np.{act}(x, axis={0-2}) and the {noun} has shape ({2-90}, {2-90}).",
            "The loop runs in O(n^{2-3}) because each {noun} {act|s} the {noun}.",
            "TypeError: unsupported operand for {noun} and {noun} in line {2-900}.",
            "I want to {act} the max of a {noun}, but the index is out of range.",
            "The root of the {noun} is null, so {act} it first.",
            "This {noun} is a set of {noun|s} sorted by key, and the limit is {100-9000}.",
            "{any}",
        ),
        "title": (
            "{act|cap} a {noun} in {brand}",
            "{noun|cap} index {noun} error",
            "Why is {noun} {like}",
        ),
        "code": (
            "for (int i = {0-9}; i < n; i++) { sum += a[i] * {2-90}; }",
            "x = {noun}[{0-9}] ** 2 + {2-90} * y % {2-90}",
            "result = sorted({noun}, key=lambda v: v[{0-9}] / v[{0-9}])",
            "const {act} = (a, b) => a.map((v, i) => v - b[i] + {2-90});",
            "SELECT {noun}, SUM({noun}) / COUNT(*) FROM {noun} GROUP BY {1-9};",
        ),
    },
}

TRADES = tuple(_TRADES)
RULES = {trade: _BASE | rules for trade, rules in _TRADES.items()}


def telling(dice: Dice, trade: str) -> Telling:
    """A telling of a near miss of that trade."""
    telling = Telling(dice, RULES[trade])
    telling.narrow(noun=16, thing=24, act=24, like=20, how=10, surname=6, town=4, brand=4, mnoun=8)
    return telling


def article(telling: Telling, paragraphs: int) -> list[Block]:
    """Paragraphs, tables of numbers, code where the trade has any."""
    dice = telling.dice
    blocks: list[Block] = []
    for at in range(paragraphs):
        if at % 4 == 2:
            blocks.append(("h2", telling.say("title")))
        blocks.append(("p", telling.paragraph("sentence", 2, 5)))
        if "code" in telling.rules and dice.chance(0.5):
            lines = [telling.say("code") for _ in range(dice.between(2, 7))]
            blocks.append(("pre", "\n".join(lines)))
        elif dice.chance(0.25):
            width = dice.between(3, 6)
            rows = [
                "\t".join(
                    [telling.say("noun"), *(str(dice.between(1, 999) / 10) for _ in range(width))]
                )
                for _ in range(dice.between(4, 12))
            ]
            blocks.append(("table", "\n".join(rows)))
    return blocks
