"""Pages that may well be mathematics although nobody has said so and no classifier took them.

What extraction counted tells: formulas, and how densely they stand. A formula is written alike in
every language, so this sees what a classifier that learnt from one language does not.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipeline.config.tag_settings import Suspects


def suspected() -> Column:
    """Whether a row of pages (``formulas``) holds a formula: too much to call it no mathematics."""
    return F.col("formulas") > 0


def strongly_suspected(settings: Suspects) -> Column:
    """Whether a row of pages (``formulas``, ``tokens``) holds many formulas, and densely.

    Many are ``settings.formulas``, densely is ``settings.formulas_per_thousand_tokens``.
    """
    density = F.col("formulas") * 1000 / F.greatest("tokens", F.lit(1))
    return (F.col("formulas") >= settings.formulas) & (
        density >= settings.formulas_per_thousand_tokens
    )
