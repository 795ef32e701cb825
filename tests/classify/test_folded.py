"""The folded model against fastText itself."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.base.errors import InputMalformed
from pipeline.classify import folded
from pipeline.classify.fasttext_file import FastTextFile
from pipeline.classify.fasttext_words import keys_of, read_lines
from pipeline.classify.fit import fit
from pipeline.classify.folded import Folded, fold

pytestmark = pytest.mark.process

#: More words than fastText keeps apart by their first bytes; some in Chinese.
WORDS = [f"word{n}" for n in range(300)] + list("定理证明数学整体") + ["\\sum", "^", "=", "😀", "é"]
#: What separates words or ends lines, in fastText's eyes or in Python's alone.
SPACES = [" ", "  ", "\t", "\v", "\f", "\r", "\0", "\n", "\x1c", "\x85", "\u3000", "\u2028"]
STRANGE = ["</s>", "x</s>", "</s>y", "__label__math", "__label__", "a__label__", "\x01", "ﬁ", "ß"]
LONG = ["w" * 63, "w" * 64, "w" * 65, "é" * 40, "定" * 300, "😀" * 1_000]

Scores = Callable[[list[str]], np.ndarray]


def write_examples(path: Path) -> None:
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as out:
        for number in range(400):
            label, own = ("math", WORDS[150:]) if number % 3 else ("other", WORDS[:200])
            out.write(f"__label__{label} {' '.join(rng.choices(own, k=30))}\n")


def fastest(folder: Path, **changed: Any) -> Path:
    """A model of fastText's, trained in a moment."""
    write_examples(folder / "examples.txt")
    arguments = {
        "input": str(folder / "examples.txt"), "dim": 10, "lr": 0.5, "wordNgrams": 3,
        "minCount": 2, "epoch": 5, "bucket": 500, "thread": 1, "verbose": 0,
    }  # fmt: skip
    fit(arguments | changed, folder / "model.bin", note=lambda _: None)
    return folder / "model.bin"


def of_fasttext(model: Path) -> Scores:
    loaded = fasttext.load_model(str(model)).f

    def score(lines: list[str]) -> np.ndarray:
        labels, values = loaded.multilinePredict([line + "\n" for line in lines], 2, 0.0, "strict")
        found = [dict(zip(*pair, strict=True)) for pair in zip(labels, values, strict=True)]
        return np.minimum([one.get("__label__math", 0.0) for one in found], 1)

    return score


def of_ours(model: Path) -> Scores:
    fold(model, "__label__math", model.with_name("folded.bin"), "0" * 32)
    return Folded(model.with_name("folded.bin")).score


def assert_equal(lines: list[str], ours: Scores, theirs: Scores) -> None:
    np.testing.assert_allclose(
        ours(lines), theirs(lines), rtol=0, atol=1e-5, err_msg=repr(lines)[:900]
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fastest(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def scorers(trained: Path) -> tuple[Scores, Scores]:
    return of_ours(trained), of_fasttext(trained)


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    """A copy, to be spoilt."""
    return Path(shutil.copy(trained, tmp_path / "model.bin"))


pieces = st.sampled_from([*WORDS, *SPACES, *SPACES, *STRANGE, *LONG]) | st.text(max_size=5)
anything = st.lists(pieces, max_size=40).map("".join) | st.lists(pieces, max_size=40).map(" ".join)


@settings(max_examples=150)
@given(lines=st.lists(anything.filter(str.isprintable) | anything, max_size=40))
def test_whatever_is_read_scores_as_in_fasttext(
    lines: list[str], scorers: tuple[Scores, Scores]
) -> None:
    lines = [line.encode("utf-8", "replace").decode() for line in lines]
    assert_equal(lines, *scorers)


def test_scores_of_known_words_differ_and_agree(scorers: tuple[Scores, Scores]) -> None:
    rng = random.Random(2)
    lines = [" ".join(rng.choices(WORDS, k=rng.randrange(2_000))) for _ in range(100)]
    assert_equal(lines, *scorers)
    assert np.ptp(scorers[0](lines)) > 0.2


@pytest.mark.parametrize(
    "line",
    ["", " ", "\n", "word1\nword2", "word1 </s> word2", "</s>", "__label__other word1", "\0word1",
     "never-seen", "never-seen neither", "x" * 100_000, "word1 " * 2_000],
)  # fmt: skip
def test_the_edges_of_what_a_line_is(line: str, scorers: tuple[Scores, Scores]) -> None:
    assert_equal([line], *scorers)
    # Neighbours change nothing.
    assert_equal(["word1", line, "word2 word3"], *scorers)


def test_no_lines(scorers: tuple[Scores, Scores]) -> None:
    assert scorers[0]([]).shape == (0,)


def test_lines_do_not_depend_on_what_is_scored_with_them(scorers: tuple[Scores, Scores]) -> None:
    rng = random.Random(3)
    lines = [" ".join(rng.choices(WORDS, k=rng.randrange(9))) for _ in range(200)]
    alone = np.concatenate([scorers[0]([line]) for line in lines])
    assert scorers[0](lines).tolist() == alone.tolist()


@pytest.mark.parametrize("ngrams", [1, 2, 5])
def test_other_lengths_of_ngrams(tmp_path: Path, ngrams: int) -> None:
    model = fastest(tmp_path, wordNgrams=ngrams)
    lines = ["word1", "word1 word2 word3", "", "定理 证 明 never", " ".join(WORDS)]
    assert_equal(lines, of_ours(model), of_fasttext(model))


def test_words_are_found_wherever_they_had_to_be_put(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all share a few homes, and the table grows beyond its homes."""
    monkeypatch.setattr(
        folded, "_homes", lambda keys, homes: (keys % 3).astype(np.intp) + homes - 3
    )
    lines = [*WORDS, "never-seen", " ".join(WORDS)]
    assert_equal(lines, of_ours(model), of_fasttext(model))


def test_what_a_file_of_fasttext_says(model: Path) -> None:
    file = FastTextFile.read(model)
    plain = fasttext.load_model(str(model))
    assert [word.decode() for word in file.words] == plain.words
    assert file.labels == plain.labels
    assert file.word_ngrams == 3
    matrix = plain.get_input_matrix()
    np.testing.assert_array_equal(file.input.block(0, len(matrix)), matrix)
    np.testing.assert_array_equal(file.output.block(0, 2), plain.get_output_matrix())


def test_vocabulary(model: Path) -> None:
    of_ours(model)
    assert Folded(model.with_name("folded.bin")).vocabulary == len(WORDS)


@pytest.mark.parametrize("changed", [{"loss": "ova"}, {"minn": 2, "maxn": 3}])
def test_models_of_another_kind_are_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(InputMalformed, match="no fastText classifier that can be read"):
        of_ours(fastest(tmp_path, **changed))


@pytest.mark.parametrize("arguments", [{}, {"qnorm": True, "cutoff": 400}])
def test_quantized_models_are_refused(model: Path, arguments: dict[str, Any]) -> None:
    smaller = fasttext.load_model(str(model))
    smaller.quantize(**arguments)
    smaller.save_model(str(model))
    with pytest.raises(InputMalformed, match="a quantized model"):
        of_ours(model)


def test_other_labels_are_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputMalformed, match="__label__math from __label__other"):
        fold(model, "__label__owm", tmp_path / "folded.bin", "0" * 32)


def test_cut_files_are_refused(model: Path) -> None:
    of_ours(model)
    for path, read in ((model, FastTextFile.read), (model.with_name("folded.bin"), Folded)):
        content = path.read_bytes()
        for size in (0, 1, 7, 60, 100, 1_000, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:size])
            with pytest.raises(InputMalformed):
                read(path)


def test_hashes_are_fasttexts() -> None:
    """FNV-1a of 32 bits over signed bytes; the keys tell all words apart."""
    words = [*WORDS, *LONG]
    found = read_lines([" ".join(words)])
    assert found.ends.tolist() == [len(words)]
    expected = []
    for word in [*words, "</s>"]:
        value = 2_166_136_261
        for byte in word.encode():
            value = (value ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16_777_619 % 2**32
        expected.append(value)
    assert found.hashes.tolist() == expected
    assert len(set(found.keys.tolist())) == len(words) + 1
    assert found.keys[:-1].tolist() == keys_of([word.encode() for word in words]).tolist()
    assert keys_of([]).tolist() == []
