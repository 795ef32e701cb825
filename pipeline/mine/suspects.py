"""Pages that may well be mathematics although nobody has said so and no classifier took them.

What extraction counted tells: formulas, and how densely they stand. A formula is written alike in
every language, so this sees what a classifier that learnt from one language does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Mine
from pipeline.config.tag_settings import Suspects
from pipeline.workspace.table_schemas import Checkpoint


@dataclass(frozen=True)
class Asking:
    """What is needed to ask people about suspected domains.

    ``passed_over`` (domain, pages) are those that are not asked about, unless they have more
    than so many pages now; where ``pages`` is null they never are.
    """

    settings: Suspects
    passed_over: DataFrame
    checkpoint: Checkpoint


def strongly_suspected(settings: Suspects) -> Column:
    """Whether a row of pages (``formulas``, ``tokens``) holds many formulas, and densely.

    Many are ``settings.formulas``, densely is ``settings.formulas_per_thousand_tokens``.
    """
    density = F.col("formulas") * 1000 / F.greatest("tokens", F.lit(1))
    return (F.col("formulas") >= settings.formulas) & (
        density >= settings.formulas_per_thousand_tokens
    )


def domains_to_ask(domains: DataFrame, mine: Mine, asking: Asking) -> list[str]:
    """The suspected ones of ``domains`` that people are asked about, at most ``settings.domains``.

    ``domains`` (domain, pages, suspected, suspected_left) has the numbers of all pages, of those
    strongly suspected, and of these that were not collected: most of them first. A suspected
    domain has ``mine.min_pages`` pages, and ``settings.share`` of them are strongly suspected.
    """
    settings = asking.settings
    enough = (F.col("pages") >= mine.min_pages) & (F.col("suspected_left") > 0)
    many = F.col("suspected") >= F.col("pages") * settings.share
    known = asking.passed_over.alias("known")
    is_known = (F.col("domains.domain") == F.col("known.domain")) & (
        F.col("known.pages").isNull() | (F.col("domains.pages") <= F.col("known.pages"))
    )
    left = domains.where(enough & many).alias("domains").join(known, is_known, "left_anti")
    rows = left.orderBy(F.desc("suspected_left"), "domain").limit(settings.domains).collect()
    return [row["domain"] for row in rows]
