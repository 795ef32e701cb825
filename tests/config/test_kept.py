"""A workspace knows its run: what it keeps, and which configuration is another run's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.base.errors import ConfigError
from pipeline.config.kept import KEPT, Kept, kept_text
from pipeline.config.run_file import load_config, parse_config
from pipeline.config.settings import Config
from tests.places import PROJECT

LAB = {
    "crawls": {"lab": {"warcs": ["warc/*.warc.gz"]}},
    "seed": {"patterns": ["mathoverflow.net/questions"]},
    "tags": {"file": "url_patterns.tsv"},
    "select": {"floor": 0.4},
}


def lab(**changes: object) -> Config:
    return parse_config(LAB | changes, folder=Path("/lab"))


def kept(config: Config) -> Kept:
    return Kept("/w", kept_text(config), tuple(config.crawls))


@pytest.mark.parametrize("config", [lab(), load_config(PROJECT / "seeds" / "sample.toml")])
def test_what_is_kept_is_the_same_run(config: Config) -> None:
    assert kept(config).config() == config
    kept(config).check(config)
    assert kept(config).differs(config) == []


def test_only_what_was_said_is_kept() -> None:
    assert set(json.loads(kept_text(lab()))) == set(LAB)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"crawls": {"sample": {"warcs": ["s/*.warc.gz"]}}},
            [
                "crawls.lab: in the workspace, and not in the configuration",
                "crawls.sample: in the configuration, and not in the workspace",
            ],
        ),
        (
            {"crawls": {"lab": {"warcs": ["other/*.warc.gz"]}}},
            ["crawls.lab.warcs: /lab/warc/*.warc.gz → /lab/other/*.warc.gz"],
        ),
        (
            {"seed": {"patterns": ["nrich.maths.org"]}},
            ["seed.patterns: mathoverflow.net/questions → nrich.maths.org"],
        ),
        ({"tags": {"file": "b.tsv"}}, ["tags.file: /lab/url_patterns.tsv → /lab/b.tsv"]),
        ({"tags": {}}, ["tags.file: /lab/url_patterns.tsv → none"]),
    ],
)
def test_another_runs_crawls_seed_and_tags_are_refused_by_name(changes: dict, told: list) -> None:
    with pytest.raises(ConfigError) as caught:
        kept(lab()).check(lab(**changes))
    assert [line.strip() for line in caught.value.listed] == told
    assert "--adopt-config" in caught.value.remedy


@pytest.mark.parametrize(
    "changes",
    [
        {"select": {"floor": 0.6}},
        {"crawls": {"lab": {"warcs": ["warc/*.warc.gz", "more/*.warc.gz"], "first": 9}}},
    ],
)
def test_numbers_and_more_files_are_the_same_run(changes: dict) -> None:
    kept(lab()).check(lab(**changes))
    assert kept(lab()).differs(lab(**changes))


def test_a_run_that_had_no_tags_and_no_seed_may_get_them() -> None:
    before = lab(seed={}, tags={})
    kept(before).check(lab())


def test_a_workspace_without_a_configuration_knows_its_crawls() -> None:
    old = Kept("/w", None, ("lab",))
    old.check(lab())
    with pytest.raises(ConfigError, match="another run"):
        old.check(load_config(PROJECT / "seeds" / "sample.toml"))
    with pytest.raises(ConfigError, match="keeps no configuration yet"):
        old.config()


def test_passwords_and_keys_are_never_kept() -> None:
    config = lab(
        crawls={
            "lab": {
                "warcs": [
                    "https://ada:hunter2@h.example/a.warc.gz",
                    "https://h.example/b.warc.gz?X-Amz-Signature=5f5f",
                ]
            }
        }
    )
    text = kept_text(config)
    assert "hunter2" not in text
    assert "5f5f" not in text
    with pytest.raises(ConfigError, match="without their passwords and keys"):
        kept(config).config()
    # The page for tags reads no WARC.
    assert kept(config).config(to_read=False).tags == config.tags
    kept(config).check(config)


def test_what_is_no_configuration_is_told_and_can_be_kept_anew() -> None:
    for text in ("", "[]", "{", "[" * 100_000):
        broken = Kept("/w", text)
        with pytest.raises(ConfigError, match=rf"/w/{KEPT} is no configuration") as caught:
            broken.config()
        assert "--adopt-config" in caught.value.remedy
        assert broken.differs(lab()) == [KEPT]
