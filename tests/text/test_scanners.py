"""Scanners find what the expressions that define them find, in text of any script."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.base import native
from pipeline.classify import features
from pipeline.text import formula_spelling, tokens, word_scanner
from pipeline.text.characters import fold_characters
from pipeline.text.words import fold

#: What expressions look at, by itself or beside something else.
_PIECES = (
    r"\ \frac \begin{math} \begin{align} \end{equation*} \begin{math \\ \, \( \[ { } ( ) [ ] | $ a "
    "xy arc sin ln pi Straße 1 12 345 6,7 8. , . - -- ' '' ’ ! ^ ^{ ^\\circ = == + ++ < > << _ __ "
    "“ — … é e\u0301 = \u0338 ß ﬁ Ⅷ ａ ， ½ ² α ς ﾞ ᄀ ᅡ 가 ᆨ 求 の ๅ ๓ \u0e31 \u1039 \u17e1 \u1369 ٣ "
    "① 𝛼 𝟘 😀 𠀀 ∑ ⋯ ∗ ℝ ᵀ \ud800"
).split(" ")
_TEXTS = st.lists(
    st.sampled_from([*_PIECES, " ", "  ", "\n", "\t", "\u2028", "\x1c", "\u00a0"])
    | st.characters(),
    max_size=12,
).map("".join)


in_c = pytest.mark.skipif(native.folder() is None, reason="not compiled: make compile")


@in_c
@given(_TEXTS)
@example("a - b")
@example("x-ln y")
@example("1.2.3.")
def test_words(text: str) -> None:
    for folded in (fold(text), text.casefold()):
        assert word_scanner._scanned(folded) == word_scanner._matched(folded)


@in_c
@given(_TEXTS)
@example(" \u0e31\u0e31")
@example("1๓")
def test_tokens(text: str) -> None:
    assert tokens._scanned(text) == tokens._matched(text)


@given(
    st.lists(
        st.sampled_from([*"a b 1 000 \n . 12 é _ 求 ๓ ² 𝟘".split(" "), " ", " ", " a"]), max_size=12
    ).map("".join)
    | _TEXTS
)
@example("x y 1 000 a b")
@example("1 000.")
@example("1 0000 1 000")
def test_spaces_between_variables_and_thousands(text: str) -> None:
    folded = fold_characters(text)
    assert formula_spelling._scanned(folded) == formula_spelling._matched(folded)


@in_c
@given(_TEXTS, st.sampled_from([1, 3, 100]))
@example("a" * 90, 2)
@example("to be  or not, été α é 12 = x \u1369a ё", 3)
@example("to be  or not, été α é 12 = x \u1369a ё ²", 100)
def test_features(text: str, most: int) -> None:
    folded = fold_characters(text)
    assert " ".join(features._scanned(folded, most)) == " ".join(features._matched(folded, most))


@given(_TEXTS)
def test_scripts(text: str) -> None:
    assert features._has_script(text) == bool(features._SCRIPT.search(text))


@given(_TEXTS)
@example("가\u11a8")
@example("\uff9e")
@example("ａ\u0301")
def test_characters_are_folded_as_the_library_folds_whole_texts(text: str) -> None:
    assert fold_characters(text) == unicodedata.normalize("NFKC", text).casefold()


@pytest.mark.parametrize("code", [0x80, 0x300, 0x3099, 0x11FF, 0xAC00, 0xFF9E, 0xFFFF, 0x10000])
def test_every_character_beside_its_neighbours(code: int) -> None:
    block = [chr(number) for number in range(code, code + 64) if not 0xD800 <= number < 0xE000]
    for text in ("".join(block), "e".join(block), "か".join(block)):
        assert fold_characters(text) == unicodedata.normalize("NFKC", text).casefold()
