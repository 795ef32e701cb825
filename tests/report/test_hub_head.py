import re
from dataclasses import replace

import pytest

from pipeline.report.corpus_card import corpus_card
from pipeline.report.corpus_facts import Configuration, Share
from pipeline.report.hub_head import hub_head, size_category
from tests.report.test_corpus_card import FACTS


def test_the_head_stands_above_the_card_between_its_dashes():
    card = corpus_card(replace(FACTS, configurations=[]))
    head, body = card.removeprefix("---\n").split("\n---\n", 1)
    assert card.startswith("---\n")
    assert body.startswith("\n# Mathematical web pages")
    assert head.splitlines() == [
        "pretty_name: Mathematical web pages",
        "language:",
        '- "en"',
        '- "zh"',
        "license: other",
        "license_name: terms-of-each-page",
        "license_link: https://commoncrawl.org/terms-of-use",
        "size_categories:",
        '- "1K<n<10K"',
        "task_categories:",
        '- "text-generation"',
        "tags:",
        '- "mathematics"',
        '- "latex"',
        '- "common-crawl"',
        '- "croissant"',
        "configs:",
        '- config_name: "default"',
        "  default: true",
        "  data_files:",
        "  - split: train",
        "    path:",
        '    - "data/*.parquet"',
    ]


def test_parts_of_the_corpus_are_configurations_with_their_files():
    part = Configuration("zh", ["data/*/zh-*.parquet"])
    head = hub_head(replace(FACTS, data_files="data/*/*.parquet", configurations=[part]))
    assert head.endswith(
        """
    path:
    - "data/*/*.parquet"
- config_name: "zh"
  data_files:
  - split: train
    path:
    - "data/*/zh-*.parquet"
---
"""
    )


def test_only_codes_of_languages_get_into_the_head():
    hostile = ["und", "", "no", 'x"\n---\nlicense: mit', "zh-Hans"]
    head = hub_head(replace(FACTS, languages=[Share(name, 1, 1) for name in hostile]))
    assert re.findall(r"^language:\n((?:- .*\n)*)", head, re.MULTILINE) == ['- "no"\n']
    assert "mit" not in head
    assert "language:" not in hub_head(replace(FACTS, languages=[]))


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (35_500_000, "10M<n<100M"),
        (10**12 - 1, "100B<n<1T"),
        (10**12, "n>1T"),
    ],
)
def test_sizes_are_named_as_the_hub_does(rows, name):
    assert size_category(rows) == name
