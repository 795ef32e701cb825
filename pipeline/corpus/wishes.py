"""Pages that the corpus leaves out because of what they say of their licence or of being mined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.config.settings import Wish

if TYPE_CHECKING:
    from pyspark.sql import Column


def left_out_for(wishes: Sequence[Wish]) -> Column:
    """Of a row of table ``corpus``: the first of ``wishes`` for which it is left out, or null."""
    licence = F.coalesce("licence", F.lit(""))
    reasons: dict[Wish, Column] = {
        "reservation": F.col("reservation").isNotNull(),
        # Of several licences nobody knows which is the text's.
        "non-commercial": licence.rlike(r"CC-BY-NC"),
        "no-derivatives": licence.rlike(r"CC-BY-(NC-)?ND"),
        "no-licence": licence.isin("", "other"),
    }
    return F.coalesce(*(F.when(reasons[wish], F.lit(wish)) for wish in wishes), F.lit(None))
