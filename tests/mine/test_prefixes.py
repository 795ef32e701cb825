from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.tag_settings import Tags
from pipeline.mine.patterns import Patterns
from pipeline.mine.prefixes import automatic_patterns, url_prefixes


def test_prefixes_go_from_the_host_down() -> None:
    assert url_prefixes("https://www.a.org/x/y/z/w?q=1", 3) == [
        "a.org",
        "a.org/x",
        "a.org/x/y",
        "a.org/x/y/z",
    ]
    assert url_prefixes("http://a.org", 3) == ["a.org"]
    assert url_prefixes("mailto:a@a.org", 3) == []


def test_segments_that_no_pattern_holds_end_the_prefix() -> None:
    for segment in ("x" * 101, "a b", "a\u00a0b", "a\\b", "a\x7f", "\ud800"):
        assert url_prefixes(f"http://a.org/x/{segment}/y", 3) == ["a.org", "a.org/x"]


@pytest.mark.parametrize("star", ["*", "%2A", "%2a"])
def test_a_star_of_the_url_is_a_literal_segment(star: str) -> None:
    prefixes = url_prefixes(f"http://a.org/x/{star}/y?q", 3)
    assert prefixes == ["a.org", "a.org/x", "a.org/x/%2A", "a.org/x/%2A/y"]
    for prefix in prefixes[2:]:
        pattern = Patterns.of([prefix])
        for same in ("*", "%2A", "%2a"):
            assert pattern.match(f"https://www.a.org/x/{same}/y/z")
        for other in ("z", "**", "a*", "%2B", "%252A", "x%2A"):
            assert pattern.match(f"http://a.org/x/{other}/y") is None


@given(st.text(alphabet="*%2aAbc/", max_size=30) | st.text(max_size=60))
def test_every_prefix_is_a_pattern_that_matches_its_url(path: str) -> None:
    url = f"http://a.org/{path}"
    prefixes = url_prefixes(url, 5)
    assert prefixes[0] == "a.org"
    for prefix in prefixes:
        (pattern,) = Patterns.of([prefix])
        assert pattern.pattern == prefix
        assert Patterns.of([prefix]).match(url) == pattern


def row(prefix: str, pages: int, share: float) -> dict[str, object]:
    return {"prefix": prefix, "depth": prefix.count("/"), "pages": pages, "share": share}


def test_automatic_tags_are_the_shallowest_prefixes_over_share_and_size() -> None:
    rows = [
        row("b.org/x/deep", 40, 1.0),
        row("a.org", 100, 0.4),
        row("a.org/x", 60, 0.5),
        row("a.org/x/y", 30, 0.9),
        row("a.org/xy", 10, 0.9),
        row("a.org/few", 9, 1.0),
        row("b.org", 50, 0.7),
        row("c.org", 50, 0.49),
        row("c.org/u/v", 20, 0.8),
    ]
    patterns = automatic_patterns(rows, Tags(auto_share=0.5, auto_min_pages=10), 2)
    assert [p.pattern for p in patterns] == ["a.org/x", "a.org/xy", "b.org", "c.org/u/v"]
    assert {(p.mathematical, p.who, p.round) for p in patterns} == {(True, "auto", 2)}
    assert automatic_patterns(reversed(rows), Tags(), 2) == patterns
