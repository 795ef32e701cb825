"""A grammar of formulas. A formula is a tree of tuples; ``notation`` writes it down.

Nodes: ``("n", digits)``, ``("v", letter)``, ``("s", symbol)``, ``("t", words)``,
``("r", nodes)`` in a row, ``("^", base, exponent)``, ``("_", base, index)``,
``("/", over, under)``, ``("q", radicand)``, ``("f", function, argument)``,
``("(", inside)``, ``("|", inside)`` absolute value, ``("big", symbol, from, to)``,
``("m", rows)`` a matrix, ``("b", n, k)`` a binomial.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.sampleweb.dice import Dice

Node = tuple[Any, ...]

_GREEK = "alpha beta gamma delta epsilon lambda mu phi psi sigma theta omega rho tau".split()
_FUNCTIONS = "sin cos tan log ln exp deg dim det ker gcd".split()
_CALLED = "f g h F G u v p".split()
_SETS = "R Z N Q C".split()


def _var(dice: Dice) -> Node:
    if dice.chance(0.18):
        return ("s", dice.pick(_GREEK))
    return ("v", dice.pick("xyzabcnmktrpq"))


def _num(dice: Dice, top: int = 12) -> Node:
    return ("n", str(dice.between(2, top if dice.chance(0.8) else 20 * top)))


def _atom(dice: Dice) -> Node:
    roll = dice.random()
    if roll < 0.45:
        return _var(dice)
    if roll < 0.7:
        return _num(dice)
    if roll < 0.85:
        return ("_", ("v", dice.pick("abxyucs")), dice.pick((("v", "n"), ("v", "k"), ("n", "1"))))
    return ("r", (_num(dice, 9), _var(dice)))


def _term(dice: Dice, depth: int) -> Node:
    roll = dice.random()
    if depth <= 0 or roll < 0.3:
        return _atom(dice)
    if roll < 0.55:
        exponent = _num(dice, 6) if dice.chance(0.7) else _var(dice)
        return ("r", (*((_num(dice, 9),) if dice.chance(0.4) else ()), ("^", _var(dice), exponent)))
    if roll < 0.7:
        return ("/", _sum(dice, depth - 1, 2), _term(dice, depth - 2))
    if roll < 0.78:
        return ("q", _sum(dice, depth - 1, 2))
    if roll < 0.88:
        return ("f", dice.pick(_FUNCTIONS[:6]), _atom(dice))
    if roll < 0.95:
        return ("r", (("v", dice.pick(_CALLED)), ("(", _atom(dice))))
    return ("^", ("(", _sum(dice, depth - 1, 2)), _num(dice, 5))


def _sum(dice: Dice, depth: int, most: int = 3) -> Node:
    parts = [_term(dice, depth)]
    for _ in range(dice.between(1, most) - 1):
        parts += [("s", "plus" if dice.chance(0.6) else "minus"), _term(dice, depth)]
    return ("r", tuple(parts)) if len(parts) > 1 else parts[0]


def _related(dice: Dice, symbol: str, depth: int = 2) -> Node:
    return ("r", (_sum(dice, depth), ("s", symbol), _sum(dice, depth, 2)))


def _equation(dice: Dice) -> Node:
    return _related(dice, "eq")


def _bound(dice: Dice) -> Node:
    return _related(dice, dice.pick(("leq", "geq", "lt", "gt", "neq")))


def _limit(dice: Dice) -> Node:
    to = ("s", "infinity") if dice.chance(0.6) else _num(dice, 5)
    under = ("r", (_var(dice), ("s", "to"), to))
    return ("r", (("_", ("s", "lim"), under), _sum(dice, 2, 2), ("s", "eq"), _atom(dice)))


def _series(dice: Dice) -> Node:
    index = ("v", dice.pick("nkij"))
    start = ("r", (index, ("s", "eq"), ("n", str(dice.below(3)))))
    end = ("s", "infinity") if dice.chance(0.6) else ("v", dice.pick("nmN"))
    big = ("big", "sum" if dice.chance(0.8) else "prod", start, end)
    tail = (("s", dice.pick(("eq", "leq", "lt"))), _term(dice, 2)) if dice.chance(0.7) else ()
    return ("r", (big, _term(dice, 2), *tail))


def _integral(dice: Dice) -> Node:
    high = ("s", dice.pick(("infinity", "pi"))) if dice.chance(0.5) else _num(dice, 4)
    body = _sum(dice, 2, 2)
    big = ("big", "int", ("n", str(dice.below(2))), high)
    return ("r", (big, body, ("v", "d"), ("v", "x"), ("s", "eq"), _sum(dice, 2, 2)))


def _derivative(dice: Dice) -> Node:
    name = ("v", dice.pick("fyuvg"))
    if dice.chance(0.5):
        left: Node = ("/", ("r", (("s", "partial"), name)), ("r", (("s", "partial"), ("v", "x"))))
    else:
        left = ("/", ("r", (("v", "d"), name)), ("r", (("v", "d"), ("v", "t"))))
    return ("r", (left, ("s", "eq"), _sum(dice, 2)))


def _congruence(dice: Dice) -> Node:
    modulus = dice.pick((("v", "p"), ("v", "m"), _num(dice, 30)))
    inside = ("r", (("f", "mod", modulus),))
    return ("r", (_sum(dice, 1, 2), ("s", "equiv"), _atom(dice), ("(", inside)))


def _member(dice: Dice) -> Node:
    space = ("bb", dice.pick(_SETS))
    set_: Node = ("^", space, ("v", "n")) if dice.chance(0.3) else space
    return ("r", (_var(dice), ("s", "in"), set_))


def _mapping(dice: Dice) -> Node:
    one, two = ("v", dice.pick("XAGEMV")), ("v", dice.pick("YBHFNW"))
    name = ("v", dice.pick("fgh")) if dice.chance(0.6) else ("s", dice.pick(_GREEK[7:]))
    return ("r", (name, ("s", "colon"), one, ("s", "to"), two))


def _matrix(dice: Dice) -> Node:
    size = dice.between(2, 3)
    rows = tuple(tuple(_atom(dice) for _ in range(size)) for _ in range(size))
    return ("r", (("v", dice.pick("ABMPT")), ("s", "eq"), ("m", rows)))


def _binomial(dice: Dice) -> Node:
    return ("r", (("b", _sum(dice, 0, 2), _atom(dice)), ("s", "eq"), _sum(dice, 2, 2)))


def _chance(dice: Dice) -> Node:
    event = ("r", (("v", dice.pick("XYZT")), ("s", dice.pick(("leq", "gt", "eq"))), _atom(dice)))
    value = ("/", _num(dice, 9), _num(dice, 40)) if dice.chance(0.5) else _sum(dice, 1, 2)
    return ("r", (("v", "P"), ("(", event), ("s", "eq"), value))


def _structure(dice: Dice) -> Node:
    one, two = ("v", dice.pick("GHKNRM")), ("v", dice.pick("ABIJLS"))
    symbol = dice.pick(("subset", "times", "oplus", "otimes", "cap", "cup", "cong"))
    tail = (("s", dice.pick(("cong", "eq", "subset"))), ("v", dice.pick("EFPQ")))
    return ("r", (one, ("s", symbol), two, *(tail if dice.chance(0.6) else ())))


def _quantified(dice: Dice) -> Node:
    first = dice.pick(("forall", "exists"))
    return ("r", (("s", first), _member(dice), ("s", "colon"), _bound(dice)))


def _absolute(dice: Dice) -> Node:
    inside = ("|", _sum(dice, 1, 2))
    return ("r", (inside, ("s", dice.pick(("lt", "leq"))), _var(dice)))


_MAKERS: dict[str, Callable[[Dice], Node]] = {
    "v": _var,
    "n": _num,
    "e": lambda dice: _sum(dice, 2),
    "small": lambda dice: _sum(dice, 1, 2),
    "eq": _equation,
    "rel": _bound,
    "in": _member,
    "map": _mapping,
    "cong": _congruence,
}

#: What formulas of a subject look like beside equations and bounds.
_SUBJECTS: dict[str, tuple[Callable[[Dice], Node], ...]] = {
    "calculus": (_limit, _integral, _derivative, _series, _equation),
    "algebra": (_structure, _mapping, _equation, _member),
    "linear": (_matrix, _equation, _mapping, _structure),
    "numbers": (_congruence, _series, _quantified, _equation),
    "analysis": (_absolute, _limit, _series, _quantified, _bound),
    "chance": (_chance, _binomial, _series, _integral),
    "counting": (_binomial, _series, _equation, _bound),
    "topology": (_mapping, _structure, _quantified, _member),
    "equations": (_derivative, _integral, _matrix, _bound),
    "geometry": (_equation, _bound, _absolute, _matrix),
    "school": (_equation, _bound, _equation),
}


def formula(dice: Dice, kind: str, subject: str) -> Node:
    """A formula of ``kind`` (a variable, an equation, …) as ``subject`` would have it.

    Kind ``f`` is whatever suits the subject; unknown subjects have equations.
    """
    if kind == "f":
        return dice.pick(_SUBJECTS.get(subject, (_equation, _bound)))(dice)
    return _MAKERS[kind](dice)


def number(value: int) -> Node:
    """The formula that is one number."""
    return ("n", str(value))
