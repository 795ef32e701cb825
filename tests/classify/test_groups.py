from __future__ import annotations

import pytest

from pipeline.classify.groups import FEWEST, Group, counted, groups_of, to_leave_out


@pytest.mark.parametrize(
    ("notations", "host", "written", "domain"),
    [
        ("dollar mathml", "a.example.org", ("dollar", "mathml"), "org"),
        ("", "x.ac.uk", ("no formula",), "uk"),
        (None, "", ("outside text",), "none"),
        ("", "127.0.0.1", ("no formula",), "address"),
        ("", "[::1]", ("no formula",), "address"),
        ("", "localhost", ("no formula",), "localhost"),
    ],
)
def test_groups_of_an_example(notations, host, written, domain) -> None:
    found = groups_of("fr", notations, host)
    assert found == {"language": ("fr",), "notation": written, "domain": (domain,)}


def rows(language: str, *, learnt: int, tried: int, notations: str = "dollar") -> list[tuple]:
    return [
        (language, notations, "org", False, "math", learnt),
        (language, notations, "org", True, "math", tried),
        (language, notations, "org", False, "other", 1_000),
    ]


def test_groups_left_out_have_enough_examples_and_leave_enough() -> None:
    counts = counted(
        rows("en", learnt=2_000, tried=100)
        + rows("fr", learnt=300, tried=FEWEST, notations="mathml dollar")
        + rows("zh", learnt=400, tried=30, notations="")
        + rows("de", learnt=FEWEST - 1, tried=50)
        + rows("ja", learnt=300, tried=FEWEST - 1)
    )
    assert counts[Group("notation", "dollar")][False, "math"] > 2_300
    chosen = to_leave_out(counts, 10)
    # English and dollar signs are most of what there is; all are of one domain.
    assert chosen == [
        Group("language", "zh"),
        Group("notation", "no formula"),
        Group("language", "fr"),
        Group("notation", "mathml"),
    ]
    assert to_leave_out(counts, 2) == chosen[:2]
    assert to_leave_out(counts, 0) == []
    assert to_leave_out({}, 3) == []
