"""Archives of every make, damaged in every way: nothing is lost in silence or renamed."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.archives import READERS, check, made

both_readers = pytest.mark.parametrize("reader", READERS)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(choose=st.randoms(use_true_random=False))
def test_nothing_is_lost_in_silence_or_renamed(choose: Random) -> None:
    check(made(choose))
