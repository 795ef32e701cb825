"""What is removed, in whatever spelling; and what is not, though it looks like it."""

import pickle

import pytest

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.loop.removal_list import (
    Item,
    Removal,
    Removed,
    item_of,
    items_in,
    removals,
    removed,
    that_removed,
)
from pipeline.loop.removal_list import removal_text as text_of
from pipeline.workspace.places import Workspace

DATE = "2026-01-31"


def removed_by(kind, value):
    return pickle.loads(pickle.dumps(Removed([item_of(kind, value, "asked", DATE)])))


@pytest.mark.parametrize(
    ("kind", "value", "gone", "stay"),
    [
        (
            "url",
            "https://example.org/a?utm_source=mail",
            ["http://www.example.org/a", "https://EXAMPLE.org/a/#top"],
            ["https://example.org/a/b", "https://example.org/", "https://a.example.org/a"],
        ),
        (
            "host",
            "WWW.Example.org",
            [
                "http://example.org/",
                "https://forum.example.org:8443/x?y",
                "https://www.example.org",
            ],
            ["https://notexample.org/", "https://example.org.evil.test/", "mailto:a@example.org"],
        ),
        (
            "pattern",
            "example.org/users/*/mail",
            ["https://example.org/users/7/mail", "https://example.org/users/ada/mail/1"],
            ["https://example.org/users/7", "https://a.example.org/users/7/mail"],
        ),
    ],
)
def test_each_kind_means_what_it_says(kind, value, gone, stay):
    is_removed = removed_by(kind, value)
    assert is_removed
    assert [url for url in gone if not is_removed(url)] == []
    assert [url for url in (*stay, "", None, "no url") if is_removed(url)] == []


def test_an_empty_list_removes_nothing():
    assert not Removed([])
    assert not Removed([])("https://example.org/")


@pytest.mark.parametrize(
    ("kind", "value", "reason", "when", "told"),
    [
        ("host", "co.uk", "asked", DATE, "what registries give names under"),
        ("host", "com", "asked", DATE, "what registries give names under"),
        ("host", "no host", "asked", DATE, "is no host"),
        ("url", "example.org/a", "asked", DATE, "is no url"),
        ("pattern", "example.org?x", "asked", DATE, "no URL pattern"),
        ("url", "https://example.org/a", " ", DATE, "no reason"),
        ("url", "https://example.org/a", "asked", "yesterday", "yesterday"),
    ],
)
def test_what_nobody_can_mean_is_refused(kind, value, reason, when, told):
    with pytest.raises(InputMalformed, match=told):
        item_of(kind, value, reason, when)


def test_a_file_has_an_item_a_line_with_reason_and_date_of_its_own(tmp_path):
    path = tmp_path / "requests.tsv"
    path.write_text(
        "# by mail\n\nexample.org\texample.net asks\t2025-12-24\n"
        "https://example.org/a\n example.org/users/* \tpersonal data\n"
    )
    assert items_in(path, "all of these", DATE) == [
        Item(kind="host", value="example.org", reason="example.net asks", date="2025-12-24"),
        Item(kind="url", value="https://example.org/a", reason="all of these", date=DATE),
        Item(kind="pattern", value="example.org/users/*", reason="personal data", date=DATE),
    ]
    for line, told in [("co.uk", "registries"), ("a.example\tr\t2025-01-01\tmore", "4 columns")]:
        path.write_text(f"example.org\n{line}\n")
        with pytest.raises(InputMalformed, match=rf"requests.tsv:2: .*{told}"):
            items_in(path, "all", DATE)
    with pytest.raises(InputMissing, match="cannot be read"):
        items_in(tmp_path / "none.tsv", "all", DATE)


def test_a_workspaces_list_is_obeyed_but_for_what_was_undone(tmp_path):
    workspace = Workspace(str(tmp_path), lambda: None)
    assert removals(workspace) == []
    for number, undone in ((1, ""), (2, DATE)):
        item = item_of("host", f"h{number}.example", "asked", DATE)
        removal = Removal(number=number, made=DATE, items=(item,), undone=undone)
        workspace.storage.write(workspace.removal_file(number), text_of(removal))
    is_removed = removed(workspace)
    assert is_removed("https://h1.example/")
    assert not is_removed("https://h2.example/")
    [(removal, item)] = that_removed(workspace, "https://a.h1.example/")
    assert (removal.number, item.value) == (1, "h1.example")
