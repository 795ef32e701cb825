r"""Commands that pages define: expanded in formulas, and blocks of definitions taken away."""

from __future__ import annotations

import pytest

from pipeline.text.formulas.definitions import definitions_in, is_definitions
from pipeline.text.formulas.macros import expanded
from tests.text.snippets import MATHJAX, between, mathjax_config

V2 = (
    '<script type="text/x-mathjax-config">MathJax.Hub.Config({TeX: {Macros: {NN: '
    '"{\\\\mathbb N}", set: ["\\\\{#1\\\\}", 1]}}});</script>'
)
V3 = mathjax_config("macros: {NN: '\\\\mathbb{N}', ip: ['\\\\langle #1, #2 \\\\rangle', 2]}")
KATEX = (
    '<script>renderMathInElement(document.body, {macros: {"\\\\NN": "\\\\mathbb{N}", '
    '"\\\\half": "\\\\frac{#1}{2}"}});</script>'
)
HIDDEN = r"<div style='display:none'>\(\newcommand{\NN}{\mathbb{N}}\)</div>"
#: Head and hidden part, body, result.
PAGES = {
    "version 3": (V3, r"\(\ip{a}{b} \in \NN\)", r"$\langle a, b \rangle \in \mathbb{N}$"),
    "version 2": (V2, r"\(\set{a} \subset \NN\)", r"$\{a\} \subset {\mathbb N}$"),
    "KaTeX": (KATEX, r"\(\half{a} \in \NN\)", r"$\frac{a}{2} \in \mathbb{N}$"),
    "hidden": (MATHJAX, HIDDEN + r"\(a \in \NN\)", r"$a \in \mathbb{N}$"),
    "a script": (
        MATHJAX,
        r"<script type='math/tex'>\def\NN{\mathbb{N}}</script>\(a \in \NN\)",
        r"$a \in \mathbb{N}$",
    ),
    "def": (MATHJAX, r"\(\def\NN{\mathbb{N}}\)\(a \in \NN\)", r"$a \in \mathbb{N}$"),
    "let": (MATHJAX, r"\(\let\eps\varepsilon \newcommand{\x}{x}\)\(\eps\)", r"$\varepsilon$"),
    "operator": (
        MATHJAX, r"\(\DeclareMathOperator{\tr}{tr}\)\(\tr A\)", r"$\operatorname{tr} A$",
    ),
    "optional argument": (
        MATHJAX,
        r"\(\newcommand{\pow}[2][2]{#2^{#1}}\)\(\pow{a} + \pow[3]{b}\)",
        r"$a^{2} + b^{3}$",
    ),
    "within one another": (
        MATHJAX, r"\(\newcommand{\A}{\B x}\newcommand{\B}{\mathbf b}\)\(\A\)", r"$\mathbf b x$",
    ),
    "an exponent": (MATHJAX, HIDDEN + r"\(a^\NN\)", r"$a^{\mathbb{N}}$"),
    "a letter after it": (
        MATHJAX, r"\(\newcommand{\x}{\xi}\newcommand{\y}{y}\)\({\x}a + \x b\)", r"${\xi}a + \xi b$",
    ),
    "none of everybody's": (
        MATHJAX, r"\(\renewcommand{\vec}[1]{\mathbf{#1}}\)\(\vec{a}\)", r"$\vec{a}$",
    ),
    "a real formula": (
        MATHJAX, r"\(\newcommand{\q}{q} \q + 1\)", r"$\newcommand{\q}{q} \q + 1$",
    ),
    "code": (MATHJAX, r"<code>\newcommand{\zz}{z}</code> \(\zz\)", r"\newcommand{\zz}{z} $\zz$"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_commands_of_a_page_are_expanded(name: str) -> None:
    head, body, expected = PAGES[name]
    assert between(f"<p>{body}</p>", head) == expected


BLOCKS = [
    r"\(\newcommand{\N}{\mathbb N} \newcommand{\lt}{<} %\)",
    r"\(\newcommand{\a}[1]{\mathchoice{\b{\displaystyle{\c{#1}}}}{\b{\c{#1}}}{x}{y}}\)",
    r"\[\definecolor{grey}{gray}{0.9} \newcommand{\q}{q}\]",
    r"\(\newcommand{\m}[1]{\text{ \(#1\) }}\)",
    r"$$\def\a{b} \let\c=\d$$",
    r"\(\require{cancel}\)",
    r"\newcommand{\R}{\mathbb{R}} \newcommand{\C}{\mathbb{C}}",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_of_definitions_are_no_text(block: str) -> None:
    found = between(f"<p>before</p><div>{block}</div><p>after</p>", MATHJAX)
    assert found == "before\n\nafter"


def macros(tex: str) -> dict[str, object]:
    return {definition.name: definition for definition in definitions_in(tex, 100)}


@pytest.mark.parametrize(
    ("definitions", "tex"),
    [
        (r"\def\a{\a\a}", r"\a"),
        (r"\def\a{\b\b}\def\b{\a\a}", r"\a"),
        (r"\def\a#1{#1#1#1#1}", r"\a{" * 30 + "x" + "}" * 30),
        (r"\def\a#1{\a{#1}}", r"\a{x}"),
        ("".join(rf"\def\{one}{{\{two}\{two}}}" for one, two in zip("abcdefghijklmnopqrstuvw",
                                                                   "bcdefghijklmnopqrstuvwx",
                                                                   strict=True)), r"\a"),
        (r"\def\a{x}", r"\a" * 20_000),
        (r"\newcommand{\a}[1]{#1}", r"\a" * 5_000),
        (r"\newcommand{\a}[1]{#1}", r"\a{" * 5_000),
    ],
)  # fmt: skip
def test_growth_has_an_end(definitions: str, tex: str) -> None:
    assert len(expanded(tex, macros(definitions))) <= max(len(tex), 10_000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "tex",
    [
        r"\newcommand{\a}" * 2_000, r"\def" * 5_000, r"\def\a{" * 2_000, r"\let\a" * 3_000,
        r"\newcommand{\a}[" * 2_000, r"\definecolor{" * 2_000, "\\newcommand{\\a}{" + "{" * 9_000,
    ],
)  # fmt: skip
def test_definitions_without_end_are_passed_over(tex: str) -> None:
    assert not is_definitions(tex + " x + 1")
    assert len(list(definitions_in(tex, 50))) <= 50
