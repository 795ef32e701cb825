"""Text from rules: a template's slots are filled by other rules, by numbers or by formulas.

A template is a string with slots in braces:

    {rule}        one of that rule's templates
    {rule|s}      the same with English inflections: s, ed, ing, a (article), cap
    {3-40}        an integer
    {=kind}       a formula of that kind

A formula is one character of Unicode's private use area that points into the
telling's list of formulas, so that text stays plain strings until a page is
rendered in the notation of its host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.mathematics import Node, formula

_SLOT = re.compile(r"\{(=?[a-z_0-9]+(?:-[0-9]+)?)(?:\|([a-z]+))?\}")
#: The first of the characters that stand for formulas.
FORMULA_BASE = 0xE000
FORMULA_MARK = re.compile("[\ue000-\uf8ff]")

# Kind, text, inflection, lowest and highest integer.
Part = tuple[int, str, str, int, int]
_LITERAL, _INTEGER, _FORMULA, _RULE = range(4)
Rules = Mapping[str, Sequence[str]]


@lru_cache(maxsize=65536)
def _compiled(template: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    for match in _SLOT.finditer(template):
        if match.start() > at:
            parts.append((_LITERAL, template[at : match.start()], "", 0, 0))
        name, how = match.group(1), match.group(2) or ""
        low, dash, high = name.partition("-")
        if dash or low.isdigit():
            parts.append((_INTEGER, "", how, int(low), int(high or low)))
        elif name[0] == "=":
            parts.append((_FORMULA, name[1:], how, 0, 0))
        else:
            parts.append((_RULE, name, how, 0, 0))
        at = match.end()
    if at < len(template):
        parts.append((_LITERAL, template[at:], "", 0, 0))
    return tuple(parts)


class Telling:
    """One page's text in the making: its dice, its words and its formulas.

    ``favour`` lets a page have words of its own: rules that are drawn from these
    few instead of from the whole vocabulary, two times out of three.
    """

    __slots__ = ("dice", "favour", "formulas", "rules", "subject")

    def __init__(self, dice: Dice, rules: Rules, subject: str = "") -> None:
        self.dice = dice
        self.rules = rules
        self.subject = subject
        self.favour: dict[str, Sequence[str]] = {}
        self.formulas: list[Node] = []

    def narrow(self, **counts: int) -> None:
        """Favour that many of each rule's templates for the rest of the page."""
        for rule, count in counts.items():
            self.favour[rule] = self.dice.some(self.rules[rule], count)

    def say(self, rule: str) -> str:
        """One of the rule's templates, filled."""
        random = self.dice.random
        options = self.rules[rule]
        if rule in self.favour and random() < 0.67:
            options = self.favour[rule]
        return self.fill(options[int(random() * len(options))])

    def fill(self, template: str) -> str:
        """The template with its slots filled."""
        if "{" not in template:
            return template
        out = []
        for kind, text, how, low, high in _compiled(template):
            if kind == _RULE:
                text = self.say(text)
            elif kind == _FORMULA:
                text = self.mark(formula(self.dice, text, self.subject))
            elif kind == _INTEGER:
                text = str(low + int(self.dice.random() * (high - low + 1)))
            out.append(inflected(text, how) if how else text)
        return "".join(out)

    def mark(self, node: Node) -> str:
        """The character that stands for ``node`` in this telling's text."""
        self.formulas.append(node)
        return chr(FORMULA_BASE + len(self.formulas) - 1)

    def adopt(self, text: str, formulas: Sequence[Node]) -> str:
        """Text of another telling, its formulas moved to this one."""
        return FORMULA_MARK.sub(
            lambda mark: self.mark(formulas[ord(mark.group()) - FORMULA_BASE]), text
        )

    def paragraph(self, rule: str, low: int, high: int) -> str:
        """Between ``low`` and ``high`` sentences of the rule."""
        return " ".join([self.say(rule) for _ in range(self.dice.between(low, high))])


@lru_cache(maxsize=65536)
def inflected(text: str, how: str) -> str:
    """``text`` (its last word, if several) inflected as English regularly does.

    >>> inflected("city", "s"), inflected("stop by", "cap"), inflected("bake", "ing")
    ('cities', 'Stop by', 'baking')
    """
    if how == "cap":
        return text[:1].upper() + text[1:]
    if how == "a":
        return ("an " if text[:1].lower() in "aeiou" else "a ") + text
    if how == "s":
        if text.endswith("y") and text[-2:-1] not in "aeiou":
            return text[:-1] + "ies"
        return text + ("es" if text.endswith(("s", "x", "ch", "sh", "z")) else "s")
    if how == "ed":
        if text.endswith("y") and text[-2:-1] not in "aeiou":
            return text[:-1] + "ied"
        return text + ("d" if text.endswith("e") else "ed")
    if how == "ing":
        return (text[:-1] if text.endswith("e") and not text.endswith("ee") else text) + "ing"
    raise ValueError(f"no inflection {how!r}")
