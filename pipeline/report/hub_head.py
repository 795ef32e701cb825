"""The YAML at the head of the card, by which the Hugging Face Hub files and loads a data set.

What it may hold: https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from pipeline.report.corpus_facts import TERMS_OF_USE, Configuration, CorpusFacts

#: The Hub's size categories: the first whose number of rows is not reached.
_SIZES = [
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
]
_LARGEST = "n>1T"
#: ISO 639-1, the codes that the Hub takes; ``und`` is a text's whose language nobody knows.
_LANGUAGE = re.compile("[a-z]{2}")


def hub_head(facts: CorpusFacts) -> str:
    """YAML between its two lines of dashes. No word of it comes from a page but language codes."""
    return "\n".join(["---", *_lines(facts), "---", ""])


def size_category(rows: int) -> str:
    """The Hub's name for so many rows."""
    return next((name for bound, name in _SIZES if rows < bound), _LARGEST)


def _lines(facts: CorpusFacts) -> Iterator[str]:
    yield "pretty_name: Mathematical web pages"
    languages = [one.name for one in facts.languages if _LANGUAGE.fullmatch(one.name)]
    if languages:
        yield from _listed("language", languages)
    # Each page has its own terms: the Hub's word for what is no licence of its list.
    yield "license: other"
    yield "license_name: terms-of-each-page"
    yield f"license_link: {TERMS_OF_USE}"
    yield from _listed("size_categories", [size_category(facts.pages)])
    yield from _listed("task_categories", ["text-generation"])
    yield from _listed("tags", ["mathematics", "latex", "common-crawl", "croissant"])
    yield "configs:"
    for one in (Configuration("default", [facts.data_files]), *facts.configurations):
        yield f"- config_name: {json.dumps(one.name)}"
        if one.name == "default":
            yield "  default: true"
        yield "  data_files:"
        yield "  - split: train"
        yield "    path:"
        yield from (f"    - {json.dumps(pattern)}" for pattern in one.data_files)
        if one.filters:
            yield f"  filters: {json.dumps([list(filter_) for filter_ in one.filters])}"


def _listed(key: str, names: Iterable[str]) -> Iterator[str]:
    yield f"{key}:"
    # Quoted: Norwegian, ``no``, is a boolean to YAML.
    yield from (f"- {json.dumps(name)}" for name in names)
