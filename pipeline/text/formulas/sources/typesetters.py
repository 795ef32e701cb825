"""Which delimiters a page's own configuration of MathJax, KaTeX and others makes count.

Scripts are read as text, never run: a key such as ``inlineMath`` is looked for, and
the literal behind it is read with a small tokenizer that knows comments, strings,
trailing commas, ``String.raw``, HTML entities and scripts written inside strings.
The time is linear: of all scripts together the first ``MAX_SCRIPT`` characters are
looked at, and of each of at most ``MAX_KEYS`` places a bounded piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from pipeline.text.formulas.sources.literals import MAX_LITERAL, STRINGS, literal, tokens

Pair = tuple[str, str]

#: Characters of script that are looked at, over all scripts of a page.
MAX_SCRIPT = 200_000
#: Pairs of delimiters that are kept, of each kind.
MAX_PAIRS = 64
#: Characters of one delimiter.
MAX_DELIMITER = 20
#: Places of one key that are looked at.
MAX_KEYS = 64
#: Characters of what stands on the line before a literal.
_MAX_LINE = 500

_PARENTHESES: tuple[Pair, ...] = (("\\(", "\\)"),)
_DOLLAR: Pair = ("$", "$")
_DISPLAY: tuple[Pair, ...] = (("$$", "$$"), ("\\[", "\\]"))
_BACKTICKS: tuple[Pair, ...] = (("`", "`"),)


@dataclass(frozen=True, slots=True)
class Delimiters:
    """What begins and ends a formula in a page's text, as far as its scripts say.

    Pairs are (opening, closing), none twice, in the order they were found.
    """

    #: Of TeX within a line and on lines of its own.
    inline: tuple[Pair, ...] = ()
    display: tuple[Pair, ...] = ()
    #: Of AsciiMath; empty unless the page loads it.
    asciimath: tuple[Pair, ...] = ()
    #: Whether ``\begin{...}...\end{...}`` counts without delimiters.
    environments: bool = False
    #: The program that was seen first ("mathjax", "katex", "jsmath", ...), "" for none.
    typesetter: str = ""
    #: Whether the pairs of TeX are the page's own. Else they are the program's
    #: defaults, and a script of the site's that is not in the page may add to them.
    configured: bool = False


@dataclass(frozen=True, slots=True)
class _Program:
    """A program that typesets, how it is told, and what counts unless configured."""

    name: str
    #: Told by these in addresses and in scripts (few: each is looked for in all of them),
    signs: tuple[str, ...]
    #: and by these in addresses alone.
    files: tuple[str, ...] = ()
    inline: tuple[Pair, ...] = _PARENTHESES
    display: tuple[Pair, ...] = _DISPLAY
    environments: bool = True
    asciimath: tuple[Pair, ...] = ()


#: In order: the first that is seen gives its name.
_PROGRAMS = (
    _Program("mathjax", ("MathJax", "mathjax", "inlineMath"), ("tex-mml-", "tex-chtml", "tex-svg")),
    _Program("katex", ("katex", "KaTeX", "renderMathInElement")),
    _Program("reveal", (), ("plugin/math/",), (_DOLLAR, *_PARENTHESES)),
    _Program("texme", (), ("texme",), (_DOLLAR, *_PARENTHESES)),
    _Program("latexmathml", (), ("LaTeXMathML", "latexmathml"), (_DOLLAR, *_PARENTHESES)),
    _Program("jsmath", ("jsMath",), ("jsmath",), environments=False),
    _Program("temml", (), ("temml",)),
    _Program("markdown-it", (), ("markdown-it-texmath", "markdown-it-katex", "markdown-it-math"),
             (_DOLLAR,), (("$$", "$$"),), environments=False),
    _Program("remark", (), ("remark-math",), (_DOLLAR,), (("$$", "$$"),), environments=False),
    _Program("asciimathml", ("ASCIIMath",), ("asciimath", "AsciiMath"), (), (),
             environments=False, asciimath=_BACKTICKS),
)  # fmt: skip

#: Scripts that no browser runs: data, templates, formulas.
_NO_SCRIPT = re.compile(r"^math/|json|templ|html|handlebars|mustache|shader|markdown")
#: Combined configurations of MathJax 2, and components of MathJax 3 and 4.
_MATHJAX_FILE = re.compile(
    r"ath[jJ]ax[^\s\"'<>]{0,120}?(?:config=([\w-]{1,40})|/((?:tex|mml)[\w-]{0,40})\.js)"
)
_LOADS_ASCIIMATH = re.compile(r"input/(?:AsciiMath|asciimath)\b|asciimath2jax\.js")

_QUOTE = r"(?:\\{0,3}[\"']|&quot;|&#0?39;|&#x27;|&apos;)?"
_IS = rf"{_QUOTE}\]?\s{{0,20}}[:=](?!=)\s{{0,20}}"
_INLINE = re.compile(rf"inlineMath(?:{_IS}|\.push(?=\())")
_DISPLAYED = re.compile(rf"displayMath(?:{_IS}|\.push(?=\())")
_NO_ENVIRONMENTS = re.compile(rf"processEnvironments{_IS}(?:false|!1|0)\b")
_ASCIIMATH = re.compile(
    rf"(?:asciimath|AsciiMath)(?:2jax)?{_IS}\{{[^}}]{{0,400}}?\bdelimiters{_IS}"
)
_LEFT = re.compile(rf"left{_QUOTE}\s{{0,20}}:")
_JSMATH_DOLLARS = re.compile(rf"processSingleDollars{_IS}(?:1|true)|ConvertTeX\(")
_LINE_COMMENT = re.compile(r"(?<![:='\"\\])//")

_BOOLEANS = {"true": True, "!0": True, "1": True, "false": False, "!1": False, "0": False}
#: Alone, these begin far more often something else than a formula.
_PROSE = frozenset("()[]{}<>,.;:!?-'\"/")


@dataclass(slots=True)
class _Configuration:
    """What the scripts said so far; pairs that are ``None`` were never configured."""

    programs: set[str] = field(default_factory=set)
    #: What MathJax is told to read: "tex", "am", "mml".
    languages: set[str] = field(default_factory=set)
    inline: list[Pair] | None = None
    display: list[Pair] | None = None
    asciimath: list[Pair] | None = None
    environments: bool = True
    #: KaTeX's pairs, each with whether it is displayed.
    katex: list[tuple[Pair, bool]] = field(default_factory=list)
    jsmath_dollars: bool = False


def delimiters_of(scripts: Sequence[tuple[str, str, str]]) -> Delimiters:
    """What the ``(src, type, text)`` of a page's scripts make count as formulas.

    Where the page configures pairs, exactly those; where it only loads a program,
    that program's defaults; where it loads none, nothing. Several configurations
    count together.
    """
    configuration = _Configuration()
    # One text of each, so that each sign is looked for once.
    addresses = "\n".join([source[:2_000] for source, _, _ in scripts if source])
    configuration.programs.update(
        program.name
        for program in _PROGRAMS
        if any(sign in addresses for sign in program.signs + program.files)
    )
    _read_mathjax_files(addresses, configuration)
    _read_text("\n".join(_texts(scripts)), configuration)
    return _decided(configuration)


def _texts(scripts: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    left = MAX_SCRIPT
    for _, kind, text in scripts:
        if left > 0 and text and not (kind and _NO_SCRIPT.search(kind[:100].lower())):
            yield text[:left]
            left -= len(text)


def _read_text(text: str, configuration: _Configuration) -> None:
    seen = {program.name for program in _PROGRAMS if any(sign in text for sign in program.signs)}
    configuration.programs |= seen
    if "mathjax" in seen:
        _read_mathjax(text, configuration)
    if "jsmath" in seen and _JSMATH_DOLLARS.search(text):
        configuration.jsmath_dollars = True
    if "katex" in configuration.programs and "left" in text and "display" in text:
        _read_katex(text, configuration)


def _read_mathjax_files(text: str, configuration: _Configuration) -> None:
    """Which languages MathJax reads, by the names of its files in ``text``."""
    for match in _uncommented(_MATHJAX_FILE, text):
        parts = re.split("[-_]", (match[1] or match[2]).lower())
        if parts[0] == "accessible":
            parts = ["tex", "mml", "am"]
        configuration.languages.update(part for part in parts if part in ("tex", "mml", "am"))


def _read_mathjax(text: str, configuration: _Configuration) -> None:
    if "inlineMath" in text:
        configuration.inline = _configured_pairs(_INLINE, text, _PARENTHESES)
    if "displayMath" in text:
        configuration.display = _configured_pairs(_DISPLAYED, text, _DISPLAY)
    if "processEnvironments" in text and any(_uncommented(_NO_ENVIRONMENTS, text)):
        configuration.environments = False
    # Scripts that load the library write its address.
    _read_mathjax_files(text, configuration)
    if "asciimath" in text or "AsciiMath" in text:
        if any(_uncommented(_LOADS_ASCIIMATH, text)):
            configuration.languages |= {"tex", "am"}
        configuration.asciimath = _configured_pairs(_ASCIIMATH, text, _BACKTICKS)


def _configured_pairs(
    key: re.Pattern[str], text: str, default: tuple[Pair, ...]
) -> list[Pair] | None:
    """The pairs at all places of ``key``; a change starts from the program's ``default``."""
    known: list[Pair] | None = None
    for match in _uncommented(key, text):
        read = _pairs(literal(text, match.end()))
        if read is None:
            continue
        change, pairs = read
        if change == "[-]":
            known = [pair for pair in known or default if pair not in pairs]
            continue
        if known is None:
            known = list(default) if change or match[0].endswith("push") else []
        known += pairs
    return known


def _pairs(source: str) -> tuple[str, list[Pair]] | None:
    """The arrays of two strings that ``source`` begins with; ``None`` if there is no array.

    Before them ``[+]`` or ``[-]``, where they change the defaults.
    """
    pairs: list[Pair] = []
    strings: list[str] = []
    change = ""
    depth = 0
    arrays = False
    for kind, value in tokens(source):
        if kind in STRINGS:
            strings.append(value)
        elif kind == "word":
            continue
        elif value in "[{":
            depth += 1
            arrays |= value == "["
            strings = []
        elif value in "]}":
            depth -= 1
            if value == "]" and len(strings) == 2 and (pair := _pair(strings[0], strings[1])):
                pairs.append(pair)
            strings = []
            if depth <= 0 or len(pairs) == MAX_PAIRS:
                break
        elif value == ":":
            change = strings[-1] if strings and strings[-1] in ("[+]", "[-]") else change
            strings = []
        elif depth == 0 and value != "(":
            break
    return (change, pairs) if arrays else None


def _read_katex(text: str, configuration: _Configuration) -> None:
    """``{left: "$$", right: "$$", display: true}``, wherever they stand."""
    for match in _uncommented(_LEFT, text):
        begin = text.rfind("{", max(0, match.start() - 60), match.start())
        values = _object(literal(text, begin + 1, 300)) if begin >= 0 else {}
        display = _BOOLEANS.get(values.get("display", ""))
        pair = _pair(values.get("left", ""), values.get("right", ""), 2 * MAX_DELIMITER)
        if pair and display is not None:
            configuration.katex.append((pair, display))


def _object(source: str) -> dict[str, str]:
    """The flat object whose inside ``source`` begins with; empty for anything else."""
    values: dict[str, str] = {}
    key, named = "", False
    for kind, value in tokens(source):
        if kind != "mark":
            if named:
                values.setdefault(key, value)
            else:
                key = value
        elif value == "}":
            return values
        elif value in ":,":
            named = value == ":"
        else:
            break
    return {}


def _pair(left: str, right: str, longest: int = MAX_DELIMITER) -> Pair | None:
    """The pair, if it can be meant: neither empty, too long, a word nor a mark of prose."""
    pair = left.strip(), right.strip()
    for delimiter in pair:
        if not 0 < len(delimiter) <= longest or delimiter in _PROSE or delimiter.isalnum():
            return None
    return pair


def _uncommented(key: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The first places of ``key`` in ``text`` that are not within a comment."""
    for match in islice(key.finditer(text), MAX_KEYS):
        start = match.start()
        line = text.rfind("\n", max(0, start - _MAX_LINE), start)
        if _LINE_COMMENT.search(text, line if line >= 0 else max(0, start - _MAX_LINE), start):
            continue
        nearest = max(0, start - MAX_LITERAL)
        block = text.rfind("/*", nearest, start)
        if block > text.rfind("*/", nearest, start) and text.find("*/", start) > 0:
            continue
        yield match


def _decided(configuration: _Configuration) -> Delimiters:
    if configuration.katex:
        configuration.programs.add("katex")
    seen = [program for program in _PROGRAMS if program.name in configuration.programs]
    own = {program.name: _configured(program, configuration) for program in seen}
    counting = [program for program in own.values() if program] or seen
    if counting is seen and configuration.languages and "tex" not in configuration.languages:
        counting = [program for program in seen if program.name != "mathjax"]
    asciimath = [pair for program in seen for pair in program.asciimath]
    if configuration.asciimath is not None:
        asciimath += configuration.asciimath
    elif "am" in configuration.languages:
        asciimath += _BACKTICKS
    return Delimiters(
        inline=_unique([pair for program in counting for pair in program.inline]),
        display=_unique([pair for program in counting for pair in program.display]),
        asciimath=_unique(asciimath),
        environments=any(program.environments for program in counting)
        and configuration.environments,
        typesetter=seen[0].name if seen else "",
        configured=any(own.values()),
    )


def _configured(program: _Program, configuration: _Configuration) -> _Program | None:
    """``program`` as the page configures it, ``None`` where it does not."""
    if program.name == "mathjax" and not (
        configuration.inline is None and configuration.display is None
    ):
        inline = program.inline if configuration.inline is None else tuple(configuration.inline)
        display = program.display if configuration.display is None else tuple(configuration.display)
        return replace(program, inline=inline, display=display)
    if program.name == "katex" and configuration.katex:
        pairs = [
            configuration
            for configuration in configuration.katex
            if not configuration[0][0].startswith("\\begin{")
        ]
        return replace(
            program,
            inline=tuple(pair for pair, shown in pairs if not shown),
            display=tuple(pair for pair, shown in pairs if shown),
            environments=len(pairs) < len(configuration.katex),
        )
    if program.name == "jsmath" and configuration.jsmath_dollars:
        return replace(program, inline=(_DOLLAR, *program.inline))
    return None


def _unique(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    return tuple(dict.fromkeys(pairs))[:MAX_PAIRS]
