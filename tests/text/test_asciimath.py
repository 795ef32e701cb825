"""AsciiMath to LaTeX, and what between backticks is none."""

from __future__ import annotations

import time

import pytest

from pipeline.text.formulas.sources.asciimath import MAX_DEPTH, MAX_SOURCE, to_latex

WRITTEN = [
    ("x^2", "x^2"),
    ("x^(n+1)", "x^{n+1}"),
    ("x_1^2", "x_1^2"),
    ("x^2_1", "x^2_1"),
    ("a_(n-1)", "a_{n-1}"),
    ("x_ij", "x_ij"),
    ("a/b", r"\frac{a}{b}"),
    ("(a+b)/(c+d)", r"\frac{a+b}{c+d}"),
    ("1/2x", r"\frac{1}{2}x"),
    ("(x+1)/2", r"\frac{x+1}{2}"),
    ("-x/y", r"-\frac{x}{y}"),
    ("a/b/c", r"\frac{a}{b}/c"),
    ("f(x)/g(x)", r"\frac{f(x)}{g(x)}"),
    ("f'(x)", "f'(x)"),
    ("f^(-1)(x)", "f^{-1}(x)"),
    ("sin x", r"\sin x"),
    ("sin^2 x", r"\sin^2 x"),
    ("sin(x)/x", r"\frac{\sin(x)}{x}"),
    ("sin^-1(x)", r"\sin^{-1}(x)"),
    ("log_2 8", r"\log_2 8"),
    ("ln x", r"\ln x"),
    ("sqrt x", r"\sqrt{x}"),
    ("sqrt(x^2+1)", r"\sqrt{x^2+1}"),
    ("root(3)(x)", r"\sqrt[3]{x}"),
    ("root 3 x", r"\sqrt[3]{x}"),
    ("frac(1)(2)", r"\frac{1}{2}"),
    ("frac{a}{b}", r"\frac{a}{b}"),
    ("sum_(i=1)^n i^3=((n(n+1))/2)^2", r"\sum_{i=1}^n i^3=\left(\frac{n(n+1)}{2}\right)^2"),
    ("int_0^1 f(x) dx", r"\int_0^1 f(x) dx"),
    ("int f(x)dx", r"\int f(x)dx"),
    ("lim_(x->oo) 1/x=0", r"\lim_{x\to\infty} \frac{1}{x}=0"),
    ("prod_(k=1)^n k", r"\prod_{k=1}^n k"),
    ("alpha + beta", r"\alpha + \beta"),
    ("Delta x", r"\Delta x"),
    ("[[a,b],[c,d]]", r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}"),
    ("((1,0),(0,1))", r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}"),
    ("|(a,b),(c,d)|", r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}"),
    (
        "{(x, if x > 0),(0, if x <= 0):}",
        r"\begin{cases} x & \text{ if } x > 0 \\ 0 & \text{ if } x \le 0 \end{cases}",
    ),
    ("((a),(b))", r"\begin{pmatrix} a \\ b \end{pmatrix}"),
    (
        "[[a,b,|,c],[d,e,|,f]]",
        r"\left[\begin{array}{cc|c} a & b & c \\ d & e & f \end{array}\right]",
    ),
    ("[0,1)", "[0,1)"),
    ("(0,1]", "(0,1]"),
    ("{x : x in RR}", r"\{x : x \in \mathbb{R}\}"),
    ("|x|", "|x|"),
    ("|x+1|/2", r"\frac{|x+1|}{2}"),
    ("||v||", r"\|v\|"),
    ("abs(x)", "|x|"),
    ("norm(v)", r"\|v\|"),
    ("floor(x)", r"\lfloor x\rfloor"),
    ("ceil(x)", r"\lceil x\rceil"),
    ("vec v", r"\vec{v}"),
    ("vec(AB)", r"\overrightarrow{AB}"),
    ("hat x", r"\hat{x}"),
    ("bar(xy)", r"\overline{xy}"),
    ("dot x", r"\dot{x}"),
    ("ddot x", r"\ddot{x}"),
    ("tilde(x)", r"\tilde{x}"),
    ("ul x", r"\underline{x}"),
    ("overset(def)(=)", r"\overset{def}{=}"),
    ('stackrel"def"(=)', r"\stackrel{\text{def}}{=}"),
    ("underset(x)(max)", r"\underset{x}{\max}"),
    ("ubrace(1+2)_3", r"\underbrace{1+2}_3"),
    ("x in A", r"x \in A"),
    ("x !in A", r"x \notin A"),
    ("A sub B", r"A \subset B"),
    ("A sube B", r"A \subseteq B"),
    ("A uu B", r"A \cup B"),
    ("A nn B", r"A \cap B"),
    ("A xx B", r"A \times B"),
    ("a*b", r"a\cdot b"),
    ("a**b", r"a\ast b"),
    ("a-:b", r"a\div b"),
    ("a+-b", r"a\pm b"),
    ("a != b", r"a \ne b"),
    ("a <= b", r"a \le b"),
    ("a >= b", r"a \ge b"),
    ("a ~~ b", r"a \approx b"),
    ("a -= b", r"a \equiv b"),
    ("a => b", r"a \implies b"),
    ("a <=> b", r"a \iff b"),
    ("a -> b", r"a \to b"),
    ("a |-> b", r"a \mapsto b"),
    ("AA x EE y", r"\forall x \exists y"),
    (
        "NN sub ZZ sub QQ sub RR sub CC",
        r"\mathbb{N} \subset \mathbb{Z} \subset \mathbb{Q} \subset \mathbb{R} \subset \mathbb{C}",
    ),
    ('"if " x > 0', r"\text{if } x > 0"),
    ("text(if ) x", r"\text{if } x"),
    ('x "is even"', r"x \text{is even}"),
    ("bb A", r"\mathbf{A}"),
    ("bbb R", r"\mathbb{R}"),
    ("cc L", r"\mathcal{L}"),
    ("fr g", r"\mathfrak{g}"),
    ("tt(x)", r"\mathtt{x}"),
    ("90^@", r"90^{\circ}"),
    ("/_ABC", r"\angle ABC"),
    ("50%", r"50\%"),
    ("x = {-b+-sqrt(b^2-4ac)}/(2a)", r"x = \frac{-b\pm\sqrt{b^2-4ac}}{2a}"),
    ("del f", r"\partial f"),
    ("grad f", r"\nabla f"),
    ("(d^2y)/(dx^2)", r"\frac{d^2y}{dx^2}"),
    ("dy/dx", r"\frac{dy}{dx}"),
    ("x...y", r"x\ldots y"),
    ("a, b, ldots", r"a, b, \ldots"),
    (":. x = 2", r"\therefore x = 2"),
    ("<< u, v >>", r"\langle u, v\rangle"),
    ("(: u, v :)", r"\langle u, v\rangle"),
    ("cancel(x)", r"\cancel{x}"),
    ("color(red)(x)", r"\textcolor{red}{x}"),
    ("2 < x < 3", "2 < x < 3"),
    ("3.14", "3.14"),
    ("x!", "x!"),
    ("e^(i pi) = -1", r"e^{i \pi} = -1"),
    ("x^2 mod 5", r"x^2 \bmod 5"),
    ("gcd(a,b)", r"\gcd(a,b)"),
    ("A^T", "A^T"),
    ("x_1, x_2", "x_1, x_2"),
    ("a mod b", r"a \bmod b"),
    ("not p", r"\neg p"),
    ("p and q", r"p \text{ and } q"),
    ("p or q", r"p \text{ or } q"),
    ("p ^^ q", r"p \wedge q"),
    ("p vv q", r"p \vee q"),
    ("O/", r"\emptyset"),
    ("1 / (1 + 1/x)", r"\frac{1}{1 + \frac{1}{x}}"),
    ("int_a^b", r"\int_a^b"),
    ("(x+1)(x-1)", "(x+1)(x-1)"),
    ("hat(p)_1", r"\hat{p}_1"),
    ("sqrt2/2", r"\frac{\sqrt{2}}{2}"),
    ("sqrt(2)/2", r"\frac{\sqrt{2}}{2}"),
    ("2^(3^4)", "2^{3^4}"),
    ("x^-1", "x^{-1}"),
    ("x''", "x''"),
    ("lim_(h->0)(f(x+h)-f(x))/h", r"\lim_{h\to0}\frac{f(x+h)-f(x)}{h}"),
    (r"\frac{a}{b}", r"\frac{a}{b}"),
    (r"\alpha", r"\alpha"),
    ("x≤y", r"x\leq y"),
    ("π r^2", r"\pi r^2"),
]

NO_FORMULAS = [
    "", "   ", "the quick brown fox", "hello world", "for", "if", "in", "max", "sum", "int",
    "float", "main", "true", "null", "print(x);", "npm install", "git commit -m", "ls -la",
    "func()", "foo_bar", "user_name", "$HOME", "a && b", "std::vector", "#include", "x == y",
    "</div>", "import numpy as np", "sudo apt install", "config.yml", "../path", "self.x", "i++",
    "a/b.txt", "--help", "{{x}}", "@user", "'text'", "C++", "localhost:8080", "a^", "x_", "sqrt",
    "1/", "n choose k",
]  # fmt: skip


@pytest.mark.parametrize(("source", "tex"), WRITTEN)
def test_asciimath_is_written_as_latex(source: str, tex: str) -> None:
    assert to_latex(source) == tex


@pytest.mark.parametrize("source", NO_FORMULAS)
def test_code_and_prose_are_no_asciimath(source: str) -> None:
    assert to_latex(source) is None


def test_what_is_too_long_or_too_deep_is_no_formula() -> None:
    assert to_latex("x" * (MAX_SOURCE + 1)) is None
    assert to_latex("x+" * (MAX_SOURCE // 2 - 1) + "x") is not None
    depth = MAX_DEPTH + 10
    assert to_latex("(" * depth + "x" + ")" * depth) is None


@pytest.mark.parametrize(
    "bait",
    ["(", "|", "||", "((", "a/", "x^", "sqrt ", "{:", "[[a,b],", '"', "text(", "color(", "frac(",
     "-", "sin ", "hat ", "a_b^c", "(a)", ";", "--", "_", "alpha", "a.b"],
)  # fmt: skip
def test_time_is_linear(bait: str) -> None:
    began = time.process_time()
    to_latex(bait * (MAX_SOURCE // len(bait)))
    assert time.process_time() - began < 0.5
    began = time.process_time()
    to_latex(bait * 40_000)
    assert time.process_time() - began < 1
