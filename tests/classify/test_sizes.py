"""The paper's model at the paper's number of examples, a smaller one for fewer."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.classify.sizes import sized
from pipeline.config.settings import BUCKETS, PAPER_DIM, Train

PAPER = 1_000_000


@pytest.mark.parametrize("examples", [PAPER, 10 * PAPER])
def test_at_the_papers_size_it_is_the_papers(examples: int) -> None:
    made = sized(Train(), examples)
    assert (made.dim, made.buckets) == (PAPER_DIM, BUCKETS)


def test_what_is_given_stays() -> None:
    for examples in (40, PAPER):
        assert sized(Train(dim=100, buckets=7), examples) == Train(dim=100, buckets=7)
    assert sized(Train(dim=100), PAPER) == Train(dim=100, buckets=BUCKETS)


def test_fewer_examples_never_make_a_larger_model_and_few_a_small_one() -> None:
    sizes = [sized(Train(), 2**power) for power in range(21)]
    for smaller, larger in pairwise(sizes):
        assert smaller.dim <= larger.dim
        assert smaller.buckets <= larger.buckets
    # 54 MB of WARCs have some 10,000 pages: not the paper's 2 GB.
    small = sized(Train(), 10_000)
    assert 4 * small.dim * small.buckets < 30_000_000
