"""How large a model is: the paper's at the paper's number of examples, smaller for fewer."""

from __future__ import annotations

from pipeline.config.settings import BUCKETS, PAPER_DIM, PAPER_EXAMPLES_PER_CLASS, Train

#: Examples of both classes for which the paper's model is.
_EXAMPLES = 2 * PAPER_EXAMPLES_PER_CLASS
#: No model is smaller than this. On real pages smaller ones rank as well, and the paper's no better
#: than this: docs/measurements.md.
_LEAST_DIM, _LEAST_BUCKETS = 32, 50_000


def sized(settings: Train, examples: int) -> Train:
    """``settings`` with a dimension and a number of buckets, for so many examples.

    What the configuration gives stays. Buckets grow as the examples do, for so do the n-grams
    that they hold; the dimension, a power of two, as the square root of that share, for what a
    vector has to tell grows more slowly.
    """
    share = min(1.0, examples / _EXAMPLES)
    buckets = max(_LEAST_BUCKETS, round(BUCKETS * share))
    dim = _LEAST_DIM
    while dim < PAPER_DIM and dim < PAPER_DIM * share**0.5:
        dim *= 2
    return settings.model_copy(
        update={"dim": settings.dim or dim, "buckets": settings.buckets or buckets}
    )
