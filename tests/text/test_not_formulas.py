"""What only looks like a formula stays as it is."""

from __future__ import annotations

import pytest

from pipeline.text import extract_page

PROSE = (
    "<p>This paragraph is plain prose, long enough that the extractor does not take the page "
    "for an empty one, and it has no formula at all.</p>"
)
#: A page that has mathematics is the harder case: the weak delimiters count there.
CERTAIN = r"<p>On the other hand \(x^2\) is a formula.</p>"

STAY = {
    "two prices": "It costs $5 and $7 for two.",
    "price range": "Between $100-$200 a month.",
    "prices in brackets": "One (US$5), two ($9), three (A$12).",
    "price with words": "He paid $100 (or 80 euros, as 1 US$ is less) at once.",
    "price list": "$5, $10, $15, $20",
    "price and unit": "$3M in 2010, then $4M.",
    "shell": "Set $HOME and $PATH, then run $0.",
    "shell path": "Look in $HOME/bin:$PATH for it.",
    "shell braces": "echo ${HOME}/${USER} here",
    "process id": "kill $$ ; echo $$",
    "PHP": "$user_name = $_POST['name']; $b->c($d);",
    "jQuery": "$('#a').show(); $('#b').hide();",
    "jQuery closing": "$(this).val($(that).val());",
    "template": "Hello $name$, your code is $user_code$ today.",
    "moustache": "Hello {{name}}, ${amount} due, ${other} not.",
    "Perl": "if ($x =~ /^a$/) { print $y; }",
    "R": "mean(df$height) and df$weight",
    "words in bracket escapes": r"He said \[citation needed\] twice.",
    "regular expression": r"Match \(.*\) with sed.",
    "Windows path": r"Open C:\begin\text and C:\(new) please.",
    "single dollar": "One $ sign only.",
    "escaped": r"It is \$5 or \$6 here.",
    "ordinal": "the 2",
}


@pytest.mark.parametrize("name", STAY)
@pytest.mark.parametrize("formula", ["", CERTAIN], ids=["plain page", "page with a formula"])
def test_money_and_code_are_no_formulas(name: str, formula: str) -> None:
    page = extract_page(f"<body><article>{PROSE}<p>{STAY[name]}</p>{formula}</article>".encode())
    assert STAY[name] in page.text
    assert page.formulas == (1 if formula else 0)


@pytest.mark.parametrize("tag", ["pre", "code", "textarea", "kbd", "samp", "option"])
def test_code_is_not_touched(tag: str) -> None:
    inside = r"\(x^2\) $\alpha$ $$y_1$$ \[z\]"
    page = extract_page(f"<body>{PROSE}<div>see <{tag}>{inside}</{tag}></div></body>".encode())
    assert page.formulas == 0
    if tag in ("pre", "code", "kbd", "samp"):
        assert inside in page.text


def test_source_of_scripts_is_no_text() -> None:
    page = extract_page(
        rf"<body>{PROSE}<script>var a = '\(x^2\)'; $('#x');</script><style>p{{}}</style>".encode()
    )
    assert page.formulas == 0
    assert "var a" not in page.text


@pytest.mark.parametrize(
    "snippet",
    [
        "as shown before<sup>[1]</sup>, or",
        "the 2<sup>nd</sup> of May",
        'see above<sup><a href="#n1">1</a></sup>, or',
        "Brand<sup>TM</sup> is",
        "a long word<sup>3</sup>, with a note",
    ],
)
def test_notes_and_ordinals_are_no_scripts(snippet: str) -> None:
    page = extract_page(f"<body>{PROSE}<p>{snippet}</p></body>".encode())
    assert "^" not in page.text


@pytest.mark.parametrize(
    "image",
    [
        '<img alt="A cat on the mat" src="cat.png">',
        '<img alt="Graph of a function over time" class="math" src="graph.png">',
        r'<img alt="C:\temp\new folder" src="x.png">',
        '<img alt="$5 off" src="x.png">',
        '<img src="photo.php?tex=1&size=2">',
    ],
)
def test_other_images_are_no_formulas(image: str) -> None:
    assert extract_page(f"<body>{PROSE}<p>see {image} here</p></body>".encode()).formulas == 0


def test_marks_used_inside_are_taken_out_of_pages_that_hold_them() -> None:
    page = extract_page(f"<body>{PROSE}<p>a \ua874x\ua875 b &#xa876;y&#xa877;</p>".encode())
    assert page.formulas <= 1
    assert not set("\ua874\ua875\ua876\ua877") & set(page.text)
