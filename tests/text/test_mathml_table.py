"""Bare MathML to LaTeX: fractions, brackets, frames, tables."""

from __future__ import annotations

import pytest

from tests.text.test_mathml import cases, latex_in

# As in test_mathml.py: markup, an arrow, what a person would have typed.
LAYOUT = r"""
<mfrac><mi>x</mi><mi>y</mi></mfrac> ==> \frac{x}{y}
<mfrac><mrow><mi>x</mi><mo>+</mo><mn>2</mn></mrow><mi>y</mi></mfrac> ==> \frac{x+2}{y}
<mfrac bevelled="true"><mi>a</mi><mi>b</mi></mfrac> ==> a/b
<mrow><mo>(</mo><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac><mo>)</mo></mrow>
  ==> \binom{n}{k}
<mrow><mrow><mo minsize="1.2em" maxsize="1.2em">(</mo></mrow><mfrac linethickness="0px"><mi>n
  </mi><mi>k</mi></mfrac><mrow><mo minsize="1.2em" maxsize="1.2em">)</mo></mrow></mrow>
  ==> \binom{n}{k}
<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac> ==> {n \atop k}
<mrow><mo>[</mo><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac><mo>]</mo></mrow>
  ==> {n \brack k}
<mi>x</mi><mo>=</mo><mstyle displaystyle="true"><mfrac><mi>a</mi><mi>b</mi></mfrac></mstyle>
  ==> x=\dfrac{a}{b}
<mi>x</mi><mo>=</mo><mstyle displaystyle="false" scriptlevel="0"><mfrac><mi>a</mi><mi>b</mi>
  </mfrac></mstyle> ==> x=\tfrac{a}{b}
<msqrt><mi>x</mi><mo>+</mo><mi>y</mi></msqrt> ==> \sqrt{x+y}
<mroot><mi>x</mi><mn>3</mn></mroot> ==> \sqrt[3]{x}
<mo>(</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>)</mo> ==> \left(\frac{a}{b}\right)
<mo stretchy="false">(</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo stretchy="false">)</mo>
  ==> (\frac{a}{b})
<mi>f</mi><mo>(</mo><mi>x</mi><mo>)</mo><mo>=</mo><mo>[</mo><mfrac><mi>a</mi><mi>b</mi></mfrac>
  <mo>)</mo> ==> f(x)=\left[\frac{a}{b}\right)
<mrow><mo>|</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>|</mo></mrow> ==> \left|\frac{a}{b}\right|
<mrow><mo fence="true">⌊</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo fence="true">⌋</mo></mrow>
  ==> \left\lfloor\frac{a}{b}\right\rfloor
<mo>⟨</mo><mi>x</mi><mo>,</mo><mi>y</mi><mo>⟩</mo> ==> \langle x,y\rangle
<mo>{</mo><mi>x</mi><mo>|</mo><mi>x</mi><mo>&gt;</mo><mn>0</mn><mo>}</mo> ==> \{x\mid x>0\}
<mo>{</mo><mo>|</mo><mi>x</mi><mo>|</mo><mo>}</mo> ==> \{|x|\}
<mrow><mo fence="true">{</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo fence="true">|</mo><mi>x
  </mi><mo fence="true">}</mo></mrow> ==> \left\{\frac{a}{b}\middle|x\right\}
<mo minsize="1.8em" maxsize="1.8em">(</mo><mi>x</mi><mo minsize="1.8em" maxsize="1.8em">)</mo>
  ==> \Big(x\Big)
<mi mathvariant="normal">∣</mi><mi>x</mi><mi mathvariant="normal">∣</mi> ==> |x|
<mrow><mo>‖</mo><mi>x</mi><mo>‖</mo></mrow> ==> \|x\|
<mfenced><mi>x</mi><mi>y</mi></mfenced> ==> (x,y)
<mfenced open="[" close="]"><mfrac><mi>a</mi><mi>b</mi></mfrac></mfenced>
  ==> \left[\frac{a}{b}\right]
<mfenced open="{" close=""><mi>x</mi></mfenced> ==> \left\{x\right.
<mfenced separators=";|"><mi>a</mi><mi>b</mi><mi>x</mi></mfenced> ==> (a;b|x)
<mfenced open="|" close="|"><mi>x</mi></mfenced> ==> |x|
<menclose notation="box"><mi>x</mi></menclose> ==> \boxed{x}
<menclose notation="updiagonalstrike"><mi>x</mi></menclose> ==> \cancel{x}
<menclose notation="updiagonalstrike downdiagonalstrike"><mi>x</mi></menclose> ==> \xcancel{x}
<menclose notation="top"><mi>x</mi></menclose> ==> \overline{x}
<menclose notation="bottom"><mi>x</mi></menclose> ==> \underline{x}
<mrow style="padding:3pt;border:1px solid;"><mi>x</mi></mrow> ==> \boxed{x}
<mrow><mi>x</mi><mphantom><mi>y</mi></mphantom></mrow> ==> x\phantom{y}
<mstyle><mpadded><mi>x</mi></mpadded></mstyle> ==> x
<merror><mtext>bad</mtext></merror> ==> \text{bad}
<semantics><mrow><mi>x</mi></mrow><annotation-xml><ci>q</ci></annotation-xml></semantics> ==> x
<maction><mi>x</mi><mi>y</mi></maction> ==> x
<mi>a</mi><mo>=</mo><mi>b</mi><mspace width="0.444em"/><mo stretchy="false">(</mo><mi>mod</mi>
  <mspace width="0.333em"/><mn>7</mn><mo stretchy="false">)</mo> ==> a=b\pmod{7}
<mi>a</mi><mo>mod</mo><mi>b</mi> ==> a\bmod b
<mstyle mathvariant="bold"><mi>x</mi></mstyle> ==> \mathbf{x}
<mi>x</mi><unknown><mi>y</mi></unknown> ==> xy
"""
TABLES = r"""
<mrow><mo>(</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c
  </mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo>)</mo></mrow>
  ==> \begin{pmatrix} a & b \\ c & d \end{pmatrix}
<mrow><mo>[</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c
  </mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo>]</mo></mrow>
  ==> \begin{bmatrix} a & b \\ c & d \end{bmatrix}
<mrow><mo>|</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c
  </mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo>|</mo></mrow>
  ==> \begin{vmatrix} a & b \\ c & d \end{vmatrix}
<mrow><mo>‖</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c
  </mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo>‖</mo></mrow>
  ==> \begin{Vmatrix} a & b \\ c & d \end{Vmatrix}
<mrow><mo>{</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c
  </mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo>}</mo></mrow>
  ==> \begin{Bmatrix} a & b \\ c & d \end{Bmatrix}
<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd><mtd><mi>
  d</mi></mtd></mtr></mtable> ==> \begin{matrix} a & b \\ c & d \end{matrix}
<mi>x</mi><mo>=</mo><mo>(</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr>
  <mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo>)</mo><mo>+</mo><mi>y</mi>
  ==> x=\begin{pmatrix} a & b \\ c & d \end{pmatrix}+y
<mfenced><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd>
  <mtd><mi>d</mi></mtd></mtr></mtable></mfenced> ==> \begin{pmatrix} a & b \\ c & d \end{pmatrix}
<msup><mrow><mo>(</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd>
  <mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo>)</mo></mrow><mi>T</mi></msup>
  ==> \begin{pmatrix} a & b \\ c & d \end{pmatrix}^T
<mi>f</mi><mo>=</mo><mrow><mo>{</mo><mtable columnalign="left left"><mtr><mtd><mi>x</mi></mtd>
  <mtd><mtext>if </mtext><mi>y</mi></mtd></mtr><mtr><mtd><mi>y</mi></mtd><mtd><mtext>else
  </mtext></mtd></mtr></mtable></mrow>
  ==> f=\begin{cases} x & \text{if }y \\ y & \text{else} \end{cases}
<mrow><mo>{</mo><mtable><mtr><mtd><mi>x</mi></mtd></mtr><mtr><mtd><mi>y</mi></mtd></mtr>
  </mtable><mo fence="true"></mo></mrow> ==> \begin{cases} x \\ y \end{cases}
<mfenced open="{" close=""><mtable><mtr><mtd><mi>x</mi></mtd></mtr><mtr><mtd><mi>y</mi></mtd>
  </mtr></mtable></mfenced> ==> \begin{cases} x \\ y \end{cases}
<mrow><mtable><mtr><mtd><mi>x</mi></mtd></mtr><mtr><mtd><mi>y</mi></mtd></mtr></mtable><mo>}
  </mo></mrow> ==> \begin{rcases} x \\ y \end{rcases}
<mtable columnalign="right left"><mtr><mtd><mi>a</mi></mtd><mtd><mrow><mrow></mrow><mo>=</mo>
  <mi>b</mi></mrow></mtd></mtr><mtr><mtd></mtd><mtd><mrow><mrow></mrow><mo>=</mo><mi>x</mi>
  </mrow></mtd></mtr></mtable> ==> \begin{aligned} a & =b \\ & =x \end{aligned}
<mtable columnalign="right left right left"><mtr><mtd><mi>a</mi></mtd><mtd><mo>=</mo><mi>b</mi>
  </mtd><mtd><mi>x</mi></mtd><mtd><mo>=</mo><mi>y</mi></mtd></mtr><mtr><mtd><mi>a</mi></mtd>
  <mtd><mo>=</mo><mi>b</mi></mtd><mtd><mi>x</mi></mtd><mtd><mo>=</mo><mi>y</mi></mtd></mtr>
  </mtable> ==> \begin{aligned} a & =b & x & =y \\ a & =b & x & =y \end{aligned}
<mtable><mtr><mtd style="text-align: right">a</mtd><mtd style="text-align: left">b</mtd></mtr>
  </mtable> ==> \begin{aligned} a & b \end{aligned}
<mtable><mtr><mtd class="tml-right"><mi>a</mi></mtd><mtd class="tml-left"><mo>=</mo><mi>b</mi>
  </mtd></mtr></mtable> ==> \begin{aligned} a & =b \end{aligned}
<mtable displaystyle="true"><mtr><mtd><mi>a</mi></mtd></mtr><mtr><mtd><mi>b</mi></mtd></mtr>
  </mtable> ==> \begin{gathered} a \\ b \end{gathered}
<mtable columnalign="left right"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd>
  <mi>x</mi></mtd><mtd><mi>y</mi></mtd></mtr></mtable>
  ==> \begin{array}{lr} a & b \\ x & y \end{array}
<mtable columnlines="solid"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>x
  </mi></mtd><mtd><mi>y</mi></mtd></mtr></mtable>
  ==> \begin{array}{c|c} a & b \\ x & y \end{array}
<mtable rowlines="solid"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>x
  </mi></mtd><mtd><mi>y</mi></mtd></mtr></mtable>
  ==> \begin{array}{cc} a & b \\ \hline x & y \end{array}
<mtable frame="solid" columnlines="none"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr>
  <mtr><mtd><mi>x</mi></mtd><mtd><mi>y</mi></mtd></mtr></mtable>
  ==> \begin{array}{|cc|} \hline a & b \\ x & y \\ \hline \end{array}
<mrow><mo>[</mo><mtable columnlines="solid"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd>
  </mtr><mtr><mtd><mi>x</mi></mtd><mtd><mi>y</mi></mtd></mtr></mtable><mo>]</mo></mrow>
  ==> \left[\begin{array}{c|c} a & b \\ x & y \end{array}\right]
<menclose notation="left right"><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr>
  <mtr><mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable></menclose>
  ==> \begin{array}{|cc|} a & b \\ c & d \end{array}
<mrow><mo>{</mo><mtable columnalign="right left"><mtr><mtd><mi>a</mi></mtd><mtd><mo>=</mo><mi>b
  </mi></mtd></mtr><mtr><mtd><mi>x</mi></mtd><mtd><mo>=</mo><mi>y</mi></mtd></mtr></mtable>
  </mrow> ==> \left\{\begin{aligned} a & =b \\ x & =y \end{aligned}\right.
<mtable columnalign="right center left"><mtr><mtd><mi>a</mi></mtd><mtd><mo>=</mo></mtd><mtd><mi>
  b</mi></mtd></mtr></mtable> ==> \begin{array}{rcl} a & = & b \end{array}
<mtable><mlabeledtr><mtd><mtext>(1)</mtext></mtd><mtd><mi>x</mi><mo>=</mo><mi>y</mi></mtd>
  </mlabeledtr></mtable> ==> x=y \tag{1}
<mtable columnalign="right left"><mtr><mtd><mi>a</mi></mtd><mtd><mo>=</mo><mi>b</mi></mtd></mtr>
  <mlabeledtr><mtd><mtext>(</mtext><mtext>2</mtext><mtext>)</mtext></mtd><mtd><mi>x</mi></mtd>
  <mtd><mo>=</mo><mi>y</mi></mtd></mlabeledtr></mtable>
  ==> \begin{align*} a & =b \\ x & =y \tag{2} \end{align*}
<mtable width="100%"><mtr><mtd width="50%"></mtd><mtd><mi>x</mi><mo>=</mo><mi>y</mi></mtd>
  <mtd width="50%"></mtd><mtd><mtext>(3)</mtext></mtd></mtr></mtable> ==> x=y \tag{3}
<mtable><mi>x</mi></mtable> ==> x
<mtable></mtable> ==> None
<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>x</mi></mtd></mtr>
  </mtable> ==> \begin{matrix} a & b \\ x \end{matrix}
"""


@pytest.mark.parametrize(("markup", "expected"), cases(LAYOUT + TABLES))
def test_markup_becomes_what_a_person_types(markup: str, expected: str) -> None:
    assert (latex_in(markup) or "None") == expected


def test_nested_tables() -> None:
    inner = "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable>"
    outer = (
        f"<mtable><mtr><mtd><mo>(</mo>{inner}<mo>)</mo></mtd><mtd><mn>0</mn></mtd></mtr></mtable>"
    )
    assert latex_in(f"<mo>[</mo>{outer}<mo>]</mo>") == (
        r"\begin{bmatrix} \begin{pmatrix} a & b \end{pmatrix} & 0 \end{bmatrix}"
    )


def test_enormous_table_is_bounded() -> None:
    row = "<mtr>" + "<mtd><mn>1</mn></mtd>" * 50 + "</mtr>"
    found = latex_in(f"<mtable>{row * 1_000}</mtable>")
    assert found is None or len(found) <= 10_000
