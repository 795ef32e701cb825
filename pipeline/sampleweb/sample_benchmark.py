"""The sample's own benchmarks, and passages that only resemble their items.

Nothing else in the sample web is worded as these items are. A passage that only
resembles an item has the item's wording with other names, goods and numbers; no
wording runs for ten words (or Chinese characters) without one of those in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import FORMULA_BASE, FORMULA_MARK, Telling
from pipeline.sampleweb.mathematics import Node
from pipeline.sampleweb.notation import tex

ENGLISH, CHINESE = "sample-en", "sample-zh"
#: Items of each benchmark; every fifth is shorter than ten grams.
ITEMS = 150

# Two halves of every list: items take the first, resembling passages the second.
_HALVES: tuple[dict[str, Sequence[str]], dict[str, Sequence[str]]] = (
    {
        "who": "Ottilie Bartholomew Ignatius Wilhelmina Cornelius Philippa Leopold".split(),
        "what": "lantern gondola walnut violin teapot compass saddle quilt".split(),
        "where": "aqueduct observatory lighthouse monastery shipyard orchard".split(),
        "zwho": "欧阳修远 司马晴 上官云飞 诸葛小满 端木青 夏侯朗".split(),
        "zwhat": "盏灯笼 艘龙舟 把古琴 枚徽章 匹丝绸 座风车".split(),
        "zwhere": "天文台 造船厂 植物园 博览会 灯塔 果园".split(),
        "n": [str(n) for n in range(21, 400, 3)],
        "k": [str(n) for n in range(6, 30, 3)],
    },
    {
        "who": "Archibald Henrietta Montgomery Clementine Ferdinand Josephine Augustus".split(),
        "what": "barometer canoe almond trumpet kettle sextant blanket anvil".split(),
        "where": "cathedral planetarium windmill harbour foundry vineyard".split(),
        "zwho": "慕容雪 皇甫川 公孙朵 令狐远 尉迟安 长孙月".split(),
        "zwhat": "面铜镜 辆马车 支毛笔 块玉佩 件瓷器 架水车".split(),
        "zwhere": "气象站 火车站 动物园 运动会 城楼 茶园".split(),
        "n": [str(n) for n in range(22, 400, 3)],
        "k": [str(n) for n in range(7, 30, 3)],
    },
)

_WORDINGS: dict[str, Sequence[str]] = {
    "en_long": (
        "At the old {where} {who} polishes {n} {what|s} before breakfast and {k} {what|s} after "
        "it. {who} polishes {k} times as many, except for {n} that were lent to {who}. How many "
        "{what|s} shine when {who} locks the {where}?",
        "{who} fills {k} shelves of the {where} with {n} {what|s} apiece, and {who} then removes "
        "{n} of them to make room for {k} {what|s}. By how much does the number of {what|s} "
        "exceed the number of {what|s} that {who} counted?",
        "Every {k} minutes a bell at the {where} rings, and every {n} minutes {who} moves one "
        "{what}. After {n} minutes {who} has heard the bell and seen {k} {what|s} moved. How long "
        "until {who} sees the next {what} move as the bell rings?",
        "{who} trades {k} {what|s} for {n} {what|s} at the {where}, then {n} {what|s} for {k} "
        "{what|s}. If {who} began with {n} {what|s}, what is the most {what|s} that {who} can own?",
        "Let {=v} be the number of {what|s} in the {where} of {who}, where {=eq}. Given that {who} "
        "knows {=rel} and that {k} divides {n} times it, find the value of {=small}.",
    ),
    "en_answer": (
        "{who} starts from {n} {what|s}, so the {where} holds {n} once {k} more arrive; taking the "
        "{k} lent ones away leaves {n} {what|s}, and {who} answers {n}.",
        "Multiply {k} by {n} for {who}, subtract the {n} {what|s} of {who}, and what stays in the "
        "{where} is {n}. #### {n}",
        "Since {k} {what|s} balance {n} {what|s} at the {where}, {who} needs {n} of them, that is "
        "{k} apiece for {who}; hence {n}.",
    ),
    "en_short": (
        "Factor {n} minus {k} {what|s} squared.",
        "Simplify {n} {where} plus {k} {what|s}.",
        "Evaluate {k} choose {k} less {n}.",
        "Halve {n} {what|s} of {who}.",
        "Round {n} over {k} to {where|s}.",
    ),
    "zh_long": (
        "{zwhere}里有{n}{zwhat}，{zwho}搬走{k}{zwhat}，{zwho}又添上{n}{zwhat}，每{k}天清点{n}"
        "次，{zwho}清点时{zwhere}共剩多少{zwhat}？",
        "{zwho}用{k}天修好{n}{zwhat}，{zwho}用{n}天修好{k}{zwhat}，两人在{zwhere}合修{n}{zwhat}"
        "，其中{k}{zwhat}返工，{zwho}至少要几天？",
        "{zwhere}到{zwhere}隔着{n}级台阶，{zwho}每步跨{k}级，{zwho}每步跨{n}级，带着{k}{zwhat}"
        "的{zwho}何时追上{zwho}？",
    ),
    "zh_answer": (
        "{zwho}先得{n}{zwhat}，再减去{k}{zwhat}，{zwhere}剩{n}{zwhat}，平分给{k}人，{zwho}得{n}"
        "{zwhat}。",
        "每{k}天运{n}{zwhat}到{zwhere}，{zwho}运{k}次共{n}{zwhat}，比{zwho}多{k}{zwhat}，故为{n}。",
    ),
    "zh_short": ("化简{n}除{k}余几", "约分{n}比{k}", "速算{n}减{k}再乘{n}"),
}
_RULES = tuple(_WORDINGS | half for half in _HALVES)


@dataclass(frozen=True)
class Passage:
    """Text with marks for its formulas, as ``grammar`` has it."""

    text: str
    formulas: tuple[Node, ...]

    def tex(self) -> str:
        """The text with its formulas as ``$…$``."""
        return FORMULA_MARK.sub(
            lambda mark: f"${tex(self.formulas[ord(mark.group()) - FORMULA_BASE])}$", self.text
        )

    def adopted_by(self, telling: Telling) -> str:
        """The text with its formulas moved to ``telling``."""
        return telling.adopt(self.text, self.formulas)


@dataclass(frozen=True)
class Item:
    """One item. ``identity`` is its benchmark and id, as the labels give it."""

    benchmark: str
    id: str
    question: Passage
    answer: Passage
    short: bool

    @property
    def identity(self) -> str:
        return f"{self.benchmark}/{self.id}"


def item(seed: int, benchmark: str, number: int) -> Item:
    """Item ``number`` of a benchmark."""
    language = benchmark.rpartition("-")[2]
    short = number % 5 == 4
    dice = Dice(seed, "benchmark", benchmark, number)
    question = _passage(dice, f"{language}_{'short' if short else 'long'}", 0)
    answer = (
        # Shorter than any rule looks for: a bare number.
        Passage(str(dice.between(2, 999)), ()) if short else _passage(dice, f"{language}_answer", 0)
    )
    return Item(benchmark, f"{benchmark}-{number}", question, answer, short)


def items(seed: int, benchmark: str) -> Iterator[Item]:
    """All items of a benchmark."""
    return (item(seed, benchmark, number) for number in range(ITEMS))


def resembling(dice: Dice, language: str) -> Passage:
    """A passage worded as an item is, that shares no run of ten words with any."""
    rule = dice.pick(("long", "long", "answer", "short"))
    return _passage(dice, f"{language}_{rule}", 1)


def _passage(dice: Dice, rule: str, half: int) -> Passage:
    telling = Telling(dice, _RULES[half], "school")
    text = telling.say(rule)
    return Passage(text, tuple(telling.formulas))
