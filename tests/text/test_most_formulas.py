"""What becomes of formulas beyond the bound on one page; README and ``pieces`` say the same."""

from __future__ import annotations

import pytest

from pipeline.text.page import extract_page
from pipeline.text.reading.formula_pieces import MAX_FORMULAS

KATEX = (
    '<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>g</mi></mrow>'
    '<annotation encoding="application/x-tex">g^2</annotation></semantics></math></span>'
    '<span class="katex-html" aria-hidden="true"><span class="mord">g</span></span></span>'
)
#: As it is on the page, as a formula, and beyond the bound.
LAST = {
    "<math><msup><mi>a</mi><mn>2</mn></msup></math>": ("$a^2$", "a 2"),
    '<script type="math/tex">b^2</script>': ("$b^2$", ""),
    '<img class="latex" alt="$c^2$" src="c.png">': ("$c^2$", ""),
    r"\(d^2\)": ("$d^2$", "$d^2$"),
    "$e^2$": ("$e^2$", "$e^2$"),
    KATEX: ("$g^2$", "g g^2 g"),
}


def page(before: int) -> bytes:
    words = "<p>Here are more formulas than any page has.</p>"
    many = "<p>" + "<math><mi>x</mi></math> " * before + "</p>"
    last = "".join(f"<p>So it is {formula} indeed.</p>" for formula in LAST)
    return f"<html><body>{words}{many}{last}</body></html>".encode()


@pytest.mark.parametrize("beyond", [False, True])
def test_the_text_of_further_formulas_stays(beyond: bool) -> None:
    elements = len(LAST) - 2
    before = MAX_FORMULAS if beyond else MAX_FORMULAS - elements
    found = extract_page(page(before))
    assert found.formulas == MAX_FORMULAS + 2
    shown = found.text.split("\n\n")[-len(LAST) :]
    assert shown == [f"So it is {it[beyond]} indeed.".replace("  ", " ") for it in LAST.values()]
