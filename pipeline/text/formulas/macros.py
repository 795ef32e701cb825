r"""Commands that a page defines for itself, expanded in its formulas.

Defined by ``\newcommand`` and its kin in the page's text and scripts, and by ``macros`` in
its configuration of MathJax or KaTeX. What is expanded stands for itself afterwards; what
would grow too long, or without end, stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.formulas.definitions import (
    BEGINS,
    Definition,
    definitions_in,
    group,
    is_definitions,
)
from pipeline.text.formulas.sources.literals import object_literal
from pipeline.text.formulas.tex import COMMANDS, MAX_FORMULA
from pipeline.text.marks import DISPLAY_CLOSE, DISPLAY_OPEN, INLINE_CLOSE, INLINE_OPEN

#: Commands of one page; characters of its text and scripts that are looked at for them.
MAX_MACROS = 500
_MAX_SOURCE = 400_000
#: Expansions within expansions, and characters that all of a page may add.
_MAX_DEPTH = 12
_MAX_ADDED = 1_000_000
#: What shows that a page defines something, in its bytes.
_DEFINING = (b"\\def", b"newcommand", b"MathOperator")
_CONFIGURING = b"acros"
_CODE = frozenset(("pre", "code", "textarea", "kbd", "samp", "style", "xmp"))
_CONFIGURED = re.compile(r"\b[mM]acros[\"']?\s{0,20}[:=]\s{0,20}(?=\{)")
_MAX_PLACES = 8
#: What no formula can hold: programs of TeX.
_PROGRAM = re.compile(
    r"\\(?:if\w*|else|fi|expandafter|csname|futurelet|@\w+|mathchoice|mathpalette|newcommand|def"
    r"|catcode|begingroup|relax|protect)(?![a-zA-Z])|@"
)
_DROPPED = re.compile(r"\\(?:ensuremath|xspace|nobreak)(?![a-zA-Z])\s*")
_OPTION = re.compile(r"\s*\[([^\[\]]*)\]")
_PARAMETER = re.compile(r"#(\d)")
_FORMULA = re.compile(
    f"([{INLINE_OPEN}{DISPLAY_OPEN}])([^{INLINE_CLOSE}{DISPLAY_CLOSE}]*)"
    f"([{INLINE_CLOSE}{DISPLAY_CLOSE}])"
)
_NAME = re.compile(r"\\([a-zA-Z]+)")
_COMMAND = re.compile(r"\\([a-zA-Z]+|.)", re.DOTALL)
_DEFINES = re.compile(BEGINS)
#: After these, what stands for a command is one argument.
_TAKES = re.compile(
    r"(?:[\^_]|\\(?:[dt]?frac|sqrt|bar|hat|vec|tilde|dot|ddot|overline|underline|widehat|widetilde"
    r"|math\w{1,6}|boldsymbol|bm|operatorname|text\w{0,6}|d?binom))\s*$"
)
_ENDS_IN_COMMAND = re.compile(r"\\[a-zA-Z]+$")
_BEFORE = 20

Macros = dict[str, Definition]


def has_own_commands(marked: str) -> bool:
    """Whether marked text has a command that may be a page's own; most pages have none."""
    return any(map(_may_be_own, set(_NAME.findall(marked))))


def page_macros(source: bytes, document: LexborHTMLParser) -> Macros | None:
    """The commands that a page defines by name; ``None`` for most, which define none.

    ``source``: its bytes; ``document``: the same, parsed.
    """
    defines = any(sign in source for sign in _DEFINING)
    if not (defines or _CONFIGURING in source):
        return None
    macros: Macros = {}
    body = document.body
    texts = _texts(body) if defines and body is not None else []
    for definition in _definitions(document, texts):
        if len(macros) >= MAX_MACROS:
            break
        if _can_be_expanded(definition):
            macros.setdefault(definition.name, definition)
    return macros


def _definitions(document: LexborHTMLParser, texts: Iterable[str]) -> Iterable[Definition]:
    left = _MAX_SOURCE
    for script in document.tags("script"):
        text = script.text() if left > 0 else ""
        if not text or not ("acros" in text or "command" in text or "\\def" in text):
            continue
        text = text[:left]
        left -= len(text)
        kind = (script.attributes.get("type") or "").lower()
        if kind.startswith("math/"):
            yield from definitions_in(text, MAX_MACROS)
        elif "acros" in text:
            yield from _configured(text)
    for text in texts:
        yield from definitions_in(text, MAX_MACROS)


def _texts(body: LexborNode) -> Iterable[str]:
    left = _MAX_SOURCE
    for node in body.traverse(include_text=True):
        if not node.is_text_node:
            continue
        text = node.text_content or ""
        if "\\" not in text or not _DEFINES.search(text) or _is_in_code(node):
            continue
        yield text[:left]
        left -= len(text)
        if left <= 0:
            return


def _is_in_code(node: LexborNode) -> bool:
    around = node.parent
    for _ in range(6):
        if around is None:
            return False
        if around.tag in _CODE or around.tag == "script":
            return True
        around = around.parent
    return False


def _configured(text: str) -> Iterable[Definition]:
    """``macros: {RR: "\\mathbb{R}", norm: ["\\lVert #1 \\rVert", 1]}``, also of KaTeX."""
    for index, match in enumerate(_CONFIGURED.finditer(text)):
        if index == _MAX_PLACES:
            return
        for name, values in object_literal(text, match.end()):
            body = values[0] if values else ""
            number = values[1] if len(values) > 1 else ""
            used = [int(digit) for digit in _PARAMETER.findall(body)]
            count = int(number) if number.isdecimal() and len(number) < 2 else max(used, default=0)
            default = values[2] if len(values) > 2 else None
            if body and name:
                yield Definition(name.removeprefix("\\"), body, count, default)


def _may_be_own(name: str) -> bool:
    # "\\vec" in bold is read as "\\vec" by whoever knows TeX; "\\P" is a letter of somebody's.
    return len(name) < 2 or name not in COMMANDS


def _can_be_expanded(definition: Definition) -> bool:
    if not _may_be_own(definition.name):
        return False
    return not _PROGRAM.search(definition.body) and "##" not in definition.body


def with_macros(marked: str, macros: Macros) -> str:
    """Marked text of which the formulas have no command of ``macros`` any more.

    Formulas that only define are taken out; those that define and show stay as they are.
    """
    expander = _Expander(macros)

    def written(match: re.Match[str]) -> str:
        tex = match[2]
        if "\\" not in tex:
            return match[0]
        if is_definitions(tex):
            return ""
        if not macros or _DEFINES.search(tex):
            return match[0]
        return f"{match[1]}{expander.expanded(tex)}{match[3]}"

    return _FORMULA.sub(written, marked)


def expanded(tex: str, macros: Macros) -> str:
    """One formula without commands of ``macros``."""
    return _Expander(macros).expanded(tex)


class _Expander:
    """Expands commands, and counts what a page's formulas have grown by."""

    def __init__(self, macros: Macros) -> None:
        self.macros = macros
        self.left = _MAX_ADDED

    def expanded(self, tex: str) -> str:
        """``tex`` without commands of the page; as it is, where it would grow too long."""
        if self.left <= 0 or not any(name in self.macros for name in _COMMAND.findall(tex)):
            return tex
        try:
            expanded = self._expand(tex, 0, frozenset())
        except _TooLong:
            return tex
        return expanded if len(expanded) <= MAX_FORMULA else tex

    def _expand(self, tex: str, depth: int, within: frozenset[str]) -> str:
        if depth > _MAX_DEPTH:
            return tex
        parts: list[str] = []
        position = 0
        for match in _COMMAND.finditer(tex):
            if match.start() < position:
                continue
            name = match[1]
            definition = self.macros.get(name)
            # A command in its own definition is the one that was there before.
            if definition is None or name in within:
                continue
            called = _arguments(tex, match.end(), definition)
            if called is None:
                continue
            arguments, end = called
            arguments = [self._expand(argument, depth + 1, within) for argument in arguments]
            body = self._expand(definition.body, depth + 1, within | {name})
            body = _DROPPED.sub("", body)
            body = _filled(body, arguments)
            self.left -= len(body)
            if self.left <= 0 or len(body) > MAX_FORMULA:
                raise _TooLong
            before = tex[position : match.start()]
            parts += (before, self._placed(body, before or "".join(parts[-1:]), tex[end : end + 1]))
            position = end
        parts.append(tex[position:])
        return "".join(parts)

    def _placed(self, body: str, before: str, after: str) -> str:
        body = body.strip()
        if len(body) > 1 and _TAKES.search(before[-_BEFORE:]):
            single = _COMMAND.fullmatch(body)
            return body if single else f"{{{body}}}"
        if after.isalpha() and _ENDS_IN_COMMAND.search(body):
            return f"{body} "
        return body


class _TooLong(Exception):
    """More than a formula, or all of a page's, may be."""


def _filled(body: str, arguments: list[str]) -> str:
    def argument(match: re.Match[str]) -> str:
        number = int(match[1])
        return arguments[number - 1] if 0 < number <= len(arguments) else ""

    return _PARAMETER.sub(argument, body)


def _arguments(tex: str, position: int, definition: Definition) -> tuple[list[str], int] | None:
    """What a command is called with and where that ends; ``None`` where some is missing."""
    arguments: list[str] = []
    end = position
    if definition.default is not None and definition.parameters:
        option = _OPTION.match(tex, end)
        arguments.append(option[1] if option else definition.default)
        end = option.end() if option else end
    if definition.parameters and tex.startswith("*", end):
        end += 1
    while len(arguments) < definition.parameters:
        argument, after = group(tex, end)
        if argument is None:
            return None
        arguments.append(argument)
        end = after
    return arguments, end
