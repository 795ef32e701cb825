"""The parts of a configuration that say whom people are asked about, and where their word is."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from pipeline.config.sources import Section

#: What each lever is in the paper's rounds, which have none of them.
_PAPER = {
    "spare": False,
    "negatives": 0.0,
    "positives": 0.0,
    "other_languages": 1.0,
    "domains": 0,
}


class Suspects(Section):
    """``[suspects]``: pages that may well be mathematics, told by their formulas.

    They are in no language, so a round sees what a seed of one language cannot show it.
    DeepSeekMath has nothing of the kind, and by default a round is the paper's:
    ``paper_alone = false`` turns on all below.
    """

    paper_alone: bool = Field(
        True,
        description="the paper's rounds: of what is below nothing is done but what is set beside "
        "this",
    )
    formulas: int = Field(5, ge=1, description="in a page that is strongly suspected, at least")
    formulas_per_thousand_tokens: float = Field(
        5.0, ge=0, description="in a page that is strongly suspected, at least"
    )
    spare: bool = Field(
        True,
        description="strong suspects are no random negatives, nor any page of a host that has "
        "many (whole_host)",
    )
    negatives: float = Field(
        2.0,
        ge=0,
        description="with spare: random negatives for each positive, beside those of "
        "train.negatives_per_positive; they teach no unfound mathematics any more",
    )
    positives: float = Field(
        1.0,
        ge=0,
        description="strong suspects of suspected hosts that nobody tagged are positives too, and "
        "any pages of those that have many (whole_host); so many for each other one, at most",
    )
    pages_of_a_host: int = Field(20, ge=1, description="that are such positives, at most")
    other_languages: float = Field(
        0.1,
        ge=0,
        le=1,
        description="random negatives in a language with few positives, beside what its positives "
        "give it: this share of what drawing would give. 1: languages play no part, and one "
        "without positives is no mathematics by itself",
    )
    domains: int = Field(
        30,
        ge=0,
        description="that a round puts into the tagging queue beside those over mine.share, at "
        "most",
    )
    share: float = Field(
        0.1,
        gt=0,
        le=1,
        description="of a domain's pages strongly suspected: it may be queued; of a host's: it is "
        "suspected",
    )
    whole_host: float = Field(
        0.25,
        gt=0,
        le=1,
        description="share of a host's pages strongly suspected from which all its pages are taken "
        "for suspects, those without a formula too",
    )

    @model_validator(mode="before")
    @classmethod
    def _as_in_the_paper(cls, given: Any) -> Any:
        alone = cls.model_fields["paper_alone"].default
        if isinstance(given, dict) and given.get("paper_alone", alone) is True:
            return _PAPER | given
        return given


class Tags(Section):
    """``[tags]``: people's word on URL patterns."""

    file: str = Field("", description="path of url_patterns.tsv")
    auto_share: float = Field(
        0.5, gt=0, le=1, description="share from which TAGS=auto takes a prefix"
    )
    auto_min_pages: int = Field(10, ge=1, description="pages from which TAGS=auto takes a prefix")


#: What the tagging queue alone is made by, and what only says what the others are.
OF_QUEUE = {"domains", "paper_alone"}
