from __future__ import annotations

from typing import Any

import pytest

from pipeline.classify.seed import host_cap
from pipeline.classify.untagged import negatives_of_language
from pipeline.config.settings import Train


@pytest.mark.parametrize(
    ("sizes", "settings", "cap"),
    [
        # One host of many pages among a hundred small ones: a tenth of what is left,
        # 1,000 pages of the others and 111 of its own.
        ([(1_000_000, 1), (10, 100)], {"min_host_cap": 1}, 111),
        # No host has over a tenth: none is capped.
        ([(50, 20)], {"min_host_cap": 1}, 50),
        # Of three hosts none can keep to a tenth.
        ([(5_000, 3)], {"min_host_cap": 700}, 700),
        # A tenth of the positives that there may be.
        ([(9_000, 100)], {"positives": 5_000, "min_host_cap": 1}, 500),
        ([(9_000, 100)], {"positives": 5_000, "max_host_share": 1.0, "min_host_cap": 1}, 5_000),
        ([], {"min_host_cap": 3}, 3),
    ],
)
def test_a_host_may_give_a_tenth_of_what_is_left(
    sizes: list[tuple[int, int]], settings: dict[str, Any], cap: int
) -> None:
    given = Train(**settings)
    assert host_cap(sizes, given.positives, given) == cap


def test_random_negatives_are_in_the_languages_of_the_positives() -> None:
    found = {"en": 8_000, "zh": 1_000, "ja": 1_000}
    positives = {"en": 90.0, "es": 10.0}
    most = negatives_of_language(positives, found, 300, for_each=3.0, other_languages=0.1)
    assert most == {"en": 270, "zh": 3, "ja": 3}
    drawn = negatives_of_language({}, found, 300, for_each=3.0, other_languages=1.0)
    assert set(drawn.values()) == {300}
