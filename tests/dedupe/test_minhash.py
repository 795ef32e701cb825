import sys

import numpy as np
import pytest
import xxhash
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.base.errors import SetupError
from pipeline.config.settings import Dedupe
from pipeline.dedupe import minhash as module
from pipeline.dedupe.minhash import (
    estimated_jaccard,
    expected_recall,
    signature,
    signature_settings,
    true_jaccard,
)
from pipeline.text.words import words

SETTINGS = Dedupe()


def shingles(text_words: list[str], size: int) -> set[str]:
    return {" ".join(text_words[i : i + size]) for i in range(len(text_words) - size + 1)}


def jaccard(left: set[str], right: set[str]) -> float:
    return len(left & right) / len(left | right)


def edited_pairs(count: int) -> list[tuple[list[str], list[str]]]:
    """Texts of 300 words, and copies with up to 40 of them replaced."""
    random = np.random.default_rng(11)
    pairs = []
    for index in range(count):
        text = [f"w{n}" for n in random.integers(0, 20_000, 300)]
        copy = list(text)
        for place in random.integers(0, 300, index % 41):
            copy[place] = f"edit{random.integers(0, 20_000)}"
        pairs.append((text, copy))
    return pairs


def test_a_signature_is_the_same_on_every_machine() -> None:
    found = signature(words("Let $x$ be a prime number. 求圆的面积"), SETTINGS)
    assert found.dtype == np.dtype("<u4")
    assert found.shape == (112,)
    assert found[:4].tolist() == [1020206360, 220682644, 941613036, 363810464]


compiled = pytest.mark.skipif(module.minhash_native is None, reason="not compiled: make compile")


@compiled
@given(
    st.lists(st.text(max_size=24).filter(lambda word: "\n" not in word), min_size=1),
    st.integers(1, 7),
)
@example(["a" * size for size in range(20)], 5)
@example(["\ud800", "求", "x" * 100_000], 2)
def test_compiled_and_by_numpy_a_signature_is_the_same(words: list[str], size: int) -> None:
    settings = Dedupe(shingle_words=size)
    assert signature(words, settings).tolist() == module._by_numpy(words, settings).tolist()


@compiled
def test_what_is_compiled_refuses_what_does_not_fit() -> None:
    def signed(size: int, multipliers: object, offsets: object, hasher: object) -> bytes:
        return module.minhash_native.signature(b"x" * 20, size, hasher, multipliers, offsets)

    numbers, hasher = np.arange(8, dtype=np.uint32), xxhash.xxh3_64_intdigest
    assert len(signed(5, numbers, numbers, hasher)) == 32
    for size, multipliers, offsets in [
        (0, numbers, numbers),
        (5, numbers, numbers[:4]),
        (5, bytes(7), bytes(7)),
        (5, numbers[::2], numbers[::2]),
    ]:
        with pytest.raises((ValueError, BufferError)):
            signed(size, multipliers, offsets, hasher)
    with pytest.raises(TypeError):
        signed(5, numbers, numbers, repr)
    with pytest.raises(OverflowError):
        signed(5, numbers, numbers, lambda _: -1)


def test_seed_and_shingle_size_make_other_signatures_and_permutations_extend_them() -> None:
    text = [str(n) for n in range(50)]
    base = signature(text, SETTINGS)
    assert (signature(text, Dedupe(seed=2)) != base).all()
    assert (signature(text, Dedupe(shingle_words=4)) != base).all()
    fewer = signature(text, Dedupe(bands=5, rows=4))
    assert fewer.tolist() == base[:20].tolist()


def test_texts_shorter_than_a_shingle_are_one_shingle() -> None:
    assert (signature(["a", "b"], SETTINGS) == signature(["a", "b"], SETTINGS)).all()
    assert not (signature(["a", "b"], SETTINGS) == signature(["b", "a"], SETTINGS)).any()
    assert not (signature(["a", "b"], SETTINGS) == signature(["a", "b", "c"], SETTINGS)).any()


def test_how_often_a_shingle_comes_makes_no_difference() -> None:
    once = [str(n % 10) for n in range(14)]
    often = [str(n % 10) for n in range(1004)]
    assert shingles(once, 5) == shingles(often, 5)
    assert (signature(once, SETTINGS) == signature(often, SETTINGS)).all()


def test_a_long_text_is_signed_in_parts_as_if_whole() -> None:
    text = [str(n) for n in range(30_000)]
    parts = [signature(text[start : start + 6_004], SETTINGS) for start in range(0, 30_000, 6_000)]
    assert (signature(text, SETTINGS) == np.minimum.reduce(parts)).all()


def test_the_estimate_errs_no_more_than_theory_and_datasketch() -> None:
    import datasketch  # and SciPy, which each process of tests would wait for

    ours, theirs, expected = [], [], []
    for left, right in edited_pairs(246):
        sets = [shingles(side, SETTINGS.shingle_words) for side in (left, right)]
        truth = jaccard(*sets)
        signatures = [signature(side, SETTINGS) for side in (left, right)]
        ours.append(float(estimated_jaccard(*signatures)) - truth)
        sketches = [datasketch.MinHash(num_perm=112) for _ in sets]
        for sketch, grams in zip(sketches, sets, strict=True):
            sketch.update_batch([gram.encode() for gram in sorted(grams)])
        theirs.append(sketches[0].jaccard(sketches[1]) - truth)
        expected.append(truth * (1 - truth) / 112)

    def error(errors: list[float]) -> float:
        return float(np.sqrt(np.mean(np.square(errors))))

    theory = float(np.sqrt(np.mean(expected)))
    assert error(ours) < 1.15 * theory
    assert error(ours) < 1.15 * error(theirs)
    assert abs(float(np.mean(ours))) < 0.006


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_small_texts_are_estimated_without_bias(count: int) -> None:
    """Few shingles are where permutations that are not quite random show."""
    random = np.random.default_rng(count)
    errors = []
    for _ in range(200):
        numbers = random.integers(0, 2**40, 3 * count)
        left = [f"w{n}" for n in numbers[: 2 * count]]
        right = [f"w{n}" for n in numbers[count:]]
        settings = Dedupe(shingle_words=1)
        estimate = estimated_jaccard(signature(left, settings), signature(right, settings))
        errors.append(float(estimate) - 1 / 3)
    # Standard error of the mean: sqrt(2/9 / 112 / 200) = 0.0032.
    assert abs(float(np.mean(errors))) < 0.0126


def test_estimates_of_many_pairs_at_once_are_those_of_each() -> None:
    left = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], dtype="<u4")
    right = np.array([[1, 2, 3, 9], [0, 0, 0, 0]], dtype="<u4")
    assert estimated_jaccard(left, right).tolist() == [0.75, 0.0]


@pytest.mark.parametrize(
    ("similarity", "recall"), [(0.0, 0.0), (0.6, 0.211), (0.7, 0.565), (0.8, 0.924), (1.0, 1.0)]
)
def test_expected_recall_is_the_s_curve(similarity: float, recall: float) -> None:
    assert expected_recall(similarity, 14, 8) == pytest.approx(recall, abs=5e-4)


def test_pairs_are_found_as_often_as_the_s_curve_says() -> None:
    found, expected = 0, 0.0
    pairs = edited_pairs(410)
    for left, right in pairs:
        truth = jaccard(shingles(left, 5), shingles(right, 5))
        expected += expected_recall(truth, 14, 8)
        bands = [signature(side, SETTINGS).reshape(14, 8) for side in (left, right)]
        found += bool((bands[0] == bands[1]).all(axis=1).any())
    assert 0 < expected < len(pairs)
    assert found == pytest.approx(expected, abs=20)


DATASKETCH = Dedupe(minhash="datasketch")


def test_datasketch_signs_by_choice_exactly_as_it_does_alone() -> None:
    import datasketch

    text = words("Let $x$ be a prime number, and y another. 求圆的面积 \ud800")
    sketch = datasketch.MinHash(num_perm=112, seed=1, scheme="affine32")
    for gram in shingles(text, 5):
        sketch.update(gram.encode("utf-8", "surrogatepass"))
    found = signature(text, DATASKETCH)
    assert found.dtype == np.dtype("<u4")
    assert found.tolist() == sketch.hashvalues.tolist()
    # No minimum is one of ours: nothing could be compared.
    assert not (found == signature(text, SETTINGS)).any()


def test_datasketch_that_is_asked_for_and_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with pytest.raises(SetupError, match="datasketch"):
        signature(["a"], DATASKETCH)


def test_both_find_the_same_pairs_but_for_the_error_of_the_estimate() -> None:
    """Of each, as many as the S-curve says; they part where chance decides."""
    found = {"numpy": 0, "datasketch": 0}
    parted, may_part, expected = 0, 0.0, 0.0
    for left, right in edited_pairs(410):
        truth = true_jaccard(*(np.unique(sorted(map(hash, shingles(s, 5)))) for s in (left, right)))
        recall = expected_recall(truth, 14, 8)
        expected += recall
        may_part += 2 * recall * (1 - recall)
        hits = []
        for settings in (SETTINGS, DATASKETCH):
            bands = [signature(side, settings).reshape(14, 8) for side in (left, right)]
            hits.append(bool((bands[0] == bands[1]).all(axis=1).any()))
            found[settings.minhash] += hits[-1]
        parted += hits[0] != hits[1]
        if truth >= 0.9 or truth < 0.25:
            assert hits[0] == hits[1] == (truth >= 0.9)
    assert found["numpy"] == pytest.approx(expected, abs=20)
    assert found["datasketch"] == pytest.approx(expected, abs=20)
    assert 0 < parted < 1.5 * may_part


def test_what_makes_signatures_comparable_is_told_and_banding_alone_is_no_part_of_it() -> None:
    base = signature_settings(SETTINGS)
    assert base["permutations"] == 112
    assert signature_settings(Dedupe(bands=28, rows=4)) == base
    for other in (Dedupe(seed=2), Dedupe(shingle_words=4), Dedupe(bands=13), DATASKETCH):
        assert signature_settings(other) != base
