"""AsciiMath, the notation of asciimath.org, to LaTeX.

A tokenizer by longest symbol, one pass that pairs brackets and bars, and a parser
that follows AsciiMath's own grammar: a bracket around an argument of ``/``, ``^``,
``_`` or a function of LaTeX's is left out, rows of brackets are a matrix. White
space stays where the author put it. The time is linear but for nesting, which is
bounded like the length.

The libraries on PyPI were tried first: py-asciimath takes about 1 ms a formula
and loses text, percents and ``f(x)/g(x)``, the others know a part of the language.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.text.formulas import symbols
from pipeline.text.formulas.sources.asciimath_symbols import STARTS, SYMBOLS, WIDE, WORDS, Kind

#: Longer ones are no formulas that somebody typed.
MAX_SOURCE = 3_000
#: Of brackets, and of functions of functions.
MAX_DEPTH = 30

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_TEXT = re.compile(r'"([^"]*)"?|(?:text|mbox)\s*(?:\(([^)]*)\)|\{([^}]*)\}|\[([^\]]*)\])')
_COLOR = re.compile(r"color\s*(?:\(\s*([#\w]{1,30})\s*\)|\{\s*([#\w]{1,30})\s*\})")
_ESCAPED = str.maketrans(
    {mark: f"\\{mark}" for mark in "#%&$_{}"} | {"\\": "\\backslash ", "^": "\\^{}", "~": "\\~{}"}
)
_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+$")
_ONE_SYMBOL = re.compile(r"[A-Za-z0-9]|\\[A-Za-z]+")
_TALL = re.compile(r"\\(?:frac|sum|prod|int|oint|begin|sqrt\[|big|overset|underset|stackrel)")

_CODE = re.compile(
    r"::|&&|(?<![|])==|=~|\(\)|</|/>|://|[$#?]|;\s*$|\+\+|\+=|%[sd]\b|^[~.]{0,2}/[A-Za-z]|^['@%]"
    r"|^<[a-z/!]|[A-Za-z_]\.[A-Za-z]{2}|\.\./|[a-z]{2}_[a-z]{3}|^[a-z]+:$|^[.-]+[a-z]{2,}$|\{\{"
    r"|[({\[]$|^null$"
)
_OPTION = re.compile(r"([a-z]{2,})\s+--?[a-z]")


class _Token(NamedTuple):
    kind: int
    tex: str
    #: As it was written.
    source: str
    #: Whether white space stands before it.
    spaced: bool


class _Node(NamedTuple):
    tex: str
    #: Without its brackets, where they are left out of arguments.
    bare: str


class _NoFormula(Exception):
    """Nested beyond what anybody writes, or something has no argument."""


def to_latex(source: str) -> str | None:
    """``source``, without its backticks, as LaTeX.

    ``None`` for what is no mathematics, such as the prose and the code that stand
    between backticks too, and for what is too long or too deep.
    """
    source = source.strip()
    if not source or len(source) > MAX_SOURCE or _CODE.search(source):
        return None
    if (option := _OPTION.search(source)) and option[1] not in SYMBOLS:
        return None
    tokens = _tokenize(source)
    if not tokens or _is_prose(tokens):
        return None
    try:
        parser = _Parser(tokens)
        return parser.expression(len(tokens)) or None
    except _NoFormula:
        return None


def _tokenize(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, spaced = 0, False
    while position < len(source):
        first = source[position]
        if first.isspace():
            position, spaced = position + 1, True
            continue
        kind, tex, end = _symbol(source, position, first)
        if tex or kind in (Kind.LEFT, Kind.RIGHT):
            tokens.append(_Token(kind, tex, source[position:end], spaced))
            spaced = False
        position = end
    return tokens


def _symbol(source: str, position: int, first: str) -> tuple[int, str, int]:
    """Kind, LaTeX and end of what begins at ``position``."""
    if first in "0123456789" and (number := _NUMBER.match(source, position)):
        return Kind.CONSTANT, number[0], number.end()
    if first in '"tm' and (text := _TEXT.match(source, position)):
        words = text[1] or text[2] or text[3] or text[4] or ""
        return Kind.CONSTANT, f"\\text{{{_SPACE.sub(' ', words).translate(_ESCAPED)}}}", text.end()
    if first == "c" and (color := _COLOR.match(source, position)):
        return Kind.UNARY, f"\\textcolor{{{color[1] or color[2]}}}", color.end()
    for name in STARTS.get(first, ()):
        if source.startswith(name, position):
            return *SYMBOLS[name], position + len(name)
    if first == "\\":
        # Names may be written as in TeX.
        return Kind.CONSTANT, "", position + 1
    if first.isascii():
        kind = Kind.LETTER if first.isalpha() else Kind.CONSTANT
        return kind, first.translate(_ESCAPED), position + 1
    kind = Kind.LETTER if first.isalpha() else Kind.OPERATOR
    return kind, symbols.to_latex(first).strip(), position + 1


def _is_prose(tokens: list[_Token]) -> bool:
    """Whether the letters make words of a language rather than a product of variables."""
    operands = any(token.kind <= Kind.OPERATOR and token.source not in ".!'" for token in tokens)
    if not operands or (len(tokens) == 1 and tokens[0].source in WORDS):
        return True
    evidence = doubtful = False
    words = 0
    word: list[_Token] = []
    for token in [*tokens, _Token(Kind.OPERATOR, "", "", False)]:
        named = token.source.isalpha()
        if word and (token.spaced or not named):
            loose, symbol = _loose(word)
            if loose > 3 or (loose == 3 and symbol):
                return True
            words = words + 1 if loose > 1 else 0
            if words == 2:
                return True
            doubtful |= loose == 3
            word = []
        if named:
            word.append(token)
        if not named or token.kind != Kind.LETTER:
            evidence |= token.source not in ".,:;!'"
            words = words if named else 0
    return doubtful and not evidence


def _loose(word: list[_Token]) -> tuple[int, bool]:
    """Small letters of ``word`` that no symbol explains, and whether one only seems to."""
    if len(word) == 1 or not any(len(token.source) == 1 for token in word):
        return int(len(word[0].source) == 1), False
    loose = sum(token.source.islower() for token in word if len(token.source) == 1)
    seeming = [token for token in word[1:] if token.source in WORDS]
    if word[0].source in WORDS and len(word[0].source) == 2:
        seeming.append(word[0])
    return loose + sum(len(token.source) for token in seeming), bool(seeming)


class _Parser:
    """Recursive descent over tokens; ``at`` is the next one."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.closing = _closings(tokens)
        self.at = 0
        self.depth = 0

    def expression(self, end: int) -> str:
        """All up to ``end``."""
        parts: list[str] = []
        while self.at < end:
            spaced = self.tokens[self.at].spaced and bool(parts)
            node = self.scripted(end)
            tex = node.tex
            if self.at < end and self.tokens[self.at].kind == Kind.SLASH:
                self.at += 1
                below = self.argument(end, scripted=True)
                tex = f"\\frac{{{node.bare}}}{{{below.bare}}}"
            if parts and tex.startswith("'") and "^" in parts[-1]:
                # TeX knows no superscript before a prime.
                tex = "{}" + tex
            parts.append(f" {tex}" if spaced or (parts and _touch(parts[-1], tex)) else tex)
        return "".join(parts)

    def scripted(self, end: int) -> _Node:
        """One operand with what is below and above it."""
        begin = self.at
        node = self.simple(end)
        if self.at >= end or self.tokens[self.at].kind != Kind.SCRIPT:
            return node
        base = node.tex or "{}"
        if self.tokens[begin].tex == "" and self.closing[begin] >= 0:
            base = f"{{{base}}}"
        known = ""
        while self.at < end and self.tokens[self.at].kind == Kind.SCRIPT:
            sign = self.tokens[self.at].tex
            self.at += 1
            script = self.argument(end).bare
            if sign in known:
                base, known = f"{{{base}}}", ""
            known += sign
            base += f"{sign}{script if _is_one(script) else f'{{{script}}}'}"
        takes = self.at < end and self.tokens[begin].kind == Kind.FUNCTION
        if takes and self._takes(begin, self.at, operators=False):
            spaced = self.tokens[self.at].spaced
            base = _joined(base, self.argument(end, scripted=True, signed=False).tex, spaced)
        return _Node(base, base)

    def argument(self, end: int, *, scripted: bool = False, signed: bool = True) -> _Node:
        """What an infix or a function applies to, with its sign if it is ``signed``."""
        if self.at >= end:
            raise _NoFormula
        self._enter()
        if signed and self.tokens[self.at].source == "-":
            self.at += 1
            tex = _joined("-", self.argument(end, scripted=scripted).tex)
            node = _Node(tex, tex)
        else:
            node = self.scripted(end) if scripted else self.simple(end)
        self.depth -= 1
        return node

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NoFormula

    def _takes(self, function: int, following: int, *, operators: bool) -> bool:
        """Whether what follows is the argument of a function: of ``f``, only brackets."""
        kind = self.tokens[following].kind
        if kind == Kind.LEFT:
            return True
        if kind > Kind.OPERATOR or (kind == Kind.OPERATOR and not operators):
            return False
        return len(self.tokens[function].source) > 1

    def simple(self, end: int) -> _Node:
        """A constant, a group, or a function with its arguments."""
        begin = self.at
        kind, tex, _, _ = self.tokens[begin]
        if kind == Kind.SCRIPT:
            return _Node("", "")
        self.at += 1
        if kind in (Kind.LEFT, Kind.BAR) and self.closing[begin] >= 0:
            return self._group(begin, self.closing[begin])
        if kind == Kind.FUNCTION and self.at < end and self._takes(begin, self.at, operators=True):
            spaced = self.tokens[self.at].spaced
            tex = _joined(tex, self.argument(end, signed=False).tex, spaced)
        elif kind == Kind.UNARY:
            bare = self.argument(end).bare
            if tex in WIDE and not _ONE_SYMBOL.fullmatch(bare):
                tex = WIDE[tex]
            tex = f"{tex}{{{bare}}}"
        elif kind == Kind.FENCED:
            left, right = tex.split()
            tex = _fenced(left, self.argument(end).bare, right)
        elif kind == Kind.BINARY:
            first, second = self.argument(end).bare, self.argument(end).bare
            index = f"[{first}]" if tex == "\\sqrt" else f"{{{first}}}"
            tex = f"{tex}{index}{{{second}}}"
        return _Node(tex, tex)

    def _group(self, begin: int, close: int) -> _Node:
        left, right = self.tokens[begin], self.tokens[close]
        self._enter()
        if rows := self._rows(begin, close):
            tex = inside = self._matrix(left.tex, rows, right.tex)
        else:
            inner = self.closing[begin + 1] if left.kind == Kind.BAR else -1
            if inner == close - 1 and self.tokens[inner].kind == Kind.BAR:
                return self._norm(begin, close)
            inside = self.expression(close)
            tex = _fenced(left.tex, inside, right.tex)
            if left.kind == Kind.BAR or "\\langle" in (left.tex, right.tex):
                inside = tex
        self.depth -= 1
        self.at = close + 1
        return _Node(tex, inside)

    def _norm(self, begin: int, close: int) -> _Node:
        self.at = begin + 2
        tex = _fenced("\\|", self.expression(close - 1), "\\|")
        self.depth -= 1
        self.at = close + 1
        return _Node(tex, tex)

    def _rows(self, begin: int, close: int) -> list[list[tuple[int, int]]]:
        """The cells of each row, if the group is rows of equal length in brackets."""
        rows: list[list[tuple[int, int]]] = []
        at = begin + 1
        opening = self.tokens[at].tex
        if opening not in ("(", "[") or self.tokens[close].tex == "\\}":
            return []
        while at < close and self.tokens[at].tex == opening and self.closing[at] >= 0:
            rows.append(self._cells(at + 1, self.closing[at]))
            at = self.closing[at] + 1
            if at < close:
                if self.tokens[at].kind != Kind.COMMA:
                    return []
                at += 1
        if at < close or len(rows) < 2 or len({len(row) for row in rows}) > 1:
            return []
        return rows

    def _cells(self, at: int, end: int) -> list[tuple[int, int]]:
        cells = []
        begin = at
        while at < end:
            if self.tokens[at].kind == Kind.COMMA:
                cells.append((begin, at))
                begin = at + 1
            at = max(at, self.closing[at]) + 1
        return [*cells, (begin, end)]

    def _matrix(self, left: str, rows: list[list[tuple[int, int]]], right: str) -> str:
        cells = [[self._cell(begin, end) for begin, end in row] for row in rows]
        lines = [column for column, tex in enumerate(cells[0]) if tex == "|"]
        environment, layout = "matrix", ""
        if lines:
            marks = ["|" if column in lines else "c" for column in range(len(cells[0]))]
            environment, layout = "array", f"{{{''.join(marks)}}}"
            cells = [[tex for tex in row if tex != "|"] for row in cells]
        elif (left, right) in _ENVIRONMENTS:
            environment, left, right = _ENVIRONMENTS[left, right], "", ""
        body = " \\\\ ".join([" & ".join(row) for row in cells])
        return _fenced(
            left, f"\\begin{{{environment}}}{layout} {body} \\end{{{environment}}}", right
        )

    def _cell(self, begin: int, end: int) -> str:
        self.at = begin
        return self.expression(end)


_ENVIRONMENTS = {
    ("(", ")"): "pmatrix",
    ("[", "]"): "bmatrix",
    ("\\{", ""): "cases",
    ("|", "|"): "vmatrix",
}


def _closings(tokens: list[_Token]) -> list[int]:
    """For each token that opens a group, where it is closed; -1 for all others.

    Any right bracket closes any left one. A bar closes the bar before it, unless it
    stands where an operand must begin; a bar without another is one for itself.
    """
    closing = [-1] * len(tokens)
    open_groups: list[int] = []
    brackets = 0
    previous = Kind.OPERATOR
    for index, token in enumerate(tokens):
        kind = token.kind
        if kind == Kind.LEFT:
            open_groups.append(index)
            brackets += 1
        elif kind == Kind.RIGHT and brackets:
            while tokens[open_groups[-1]].kind == Kind.BAR:
                open_groups.pop()
            closing[open_groups.pop()] = index
            brackets -= 1
        elif kind == Kind.BAR:
            inside = bool(open_groups) and tokens[open_groups[-1]].kind == Kind.BAR
            if inside and previous in (Kind.CONSTANT, Kind.LETTER, Kind.RIGHT, Kind.FUNCTION):
                closing[open_groups.pop()] = index
                kind = Kind.RIGHT
            else:
                open_groups.append(index)
        previous = kind
    return closing


def _fenced(left: str, inside: str, right: str) -> str:
    if not left and not right:
        return inside
    if not left or not right or _TALL.search(inside):
        left, right = f"\\left{left or '.'}", f"\\right{right or '.'}"
    return _joined(_joined(left, inside), right)


def _joined(before: str, after: str, spaced: bool = False) -> str:
    return f"{before} {after}" if spaced or _touch(before, after) else before + after


def _touch(before: str, after: str) -> bool:
    """Whether the end of a command would run into the letter after it."""
    return after[:1].isalpha() and bool(_ENDS_IN_COMMAND.search(before[-30:]))


def _is_one(script: str) -> bool:
    return len(script) == 1 and script not in "\\{}^_'%#&~ "
