"""The parts of a configuration that say whom people are asked about, and where their word is."""

from __future__ import annotations

from pydantic import Field

from pipeline.config.sources import Section


class Suspects(Section):
    """``[suspects]``: pages that may well be mathematics, told by their formulas.

    They are in no language, so a round sees what a seed of one language cannot show it. By
    default a round is the paper's: nothing is spared, and neither seed nor queue has suspects.
    """

    formulas: int = Field(5, ge=1, description="in a page that is strongly suspected, at least")
    formulas_per_thousand_tokens: float = Field(
        5.0, ge=0, description="in a page that is strongly suspected, at least"
    )
    spare: bool = Field(
        False, description="no page with a formula is a random negative; nobody has looked at these"
    )
    negatives: float = Field(
        2.0,
        ge=0,
        description="with spare: random negatives for each positive, beside those of "
        "train.negatives_per_positive; they teach no unfound mathematics any more",
    )
    positives: float = Field(
        0.0,
        ge=0,
        description="strongly suspected pages of hosts that nobody tagged are positives too, so "
        "many for each other one, at most: 1 is a good number; 0: none",
    )
    pages_of_a_host: int = Field(20, ge=1, description="that are such positives, at most")
    domains: int = Field(
        0,
        ge=0,
        description="that a round puts into the tagging queue beside those over mine.share, at "
        "most: 30 is a good number; 0: none",
    )
    share: float = Field(
        0.1, gt=0, le=1, description="of a domain's pages strongly suspected: it may be queued"
    )


class Tags(Section):
    """``[tags]``: people's word on URL patterns."""

    file: str = Field("", description="path of url_patterns.tsv")
    auto_share: float = Field(
        0.5, gt=0, le=1, description="share from which TAGS=auto takes a prefix"
    )
    auto_min_pages: int = Field(10, ge=1, description="pages from which TAGS=auto takes a prefix")


#: What the tagging queue alone is made by.
OF_DOMAINS = {"domains", "share"}
