"""A removal holds whole or not at all, whenever its job is killed, and can be undone until then."""

import pytest

from pipeline.base.errors import InputMissing
from pipeline.loop import removal_journal
from pipeline.loop.removal_journal import Journal, carry_out, go_on, settle, undo
from pipeline.loop.removal_list import Item, Removal, Removed, removal_text, removals
from pipeline.loop.removal_of_products import without_addresses
from pipeline.loop.removal_rewriting import path_of, shifted
from pipeline.workspace.manifest import Counts
from pipeline.workspace.places import Workspace

BEFORE = {"pool/manifest.json": "{old}", "pool/data-a/part-1.parquet": "rows"}


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(str(tmp_path / "w"), lambda: None)
    for path, text in BEFORE.items():
        made.storage.write(path, text)
    made.storage.write("pool/data-a/.part-1.parquet.crc", "sum")
    made.storage.write("corpus/data/part-0.parquet", "rows")
    made.storage.write("pool/data-removal/part-1.parquet", "fewer rows")
    return made


def journal_of(workspace):
    removal = Removal(number=1, made="2026-01-31", items=())
    now = {"pool/manifest.json": "{new}", workspace.removal_file(1): removal_text(removal)}
    return Journal(
        number=1,
        now=now,
        before={"pool/manifest.json": "{old}"},
        gone=["corpus/data/part-0.parquet"],
        old=["pool/data-a/part-1.parquet"],
        new=["pool/data-removal"],
    )


def state(workspace):
    storage = workspace.storage
    paths = [*BEFORE, "corpus/data/part-0.parquet", "pool/data-removal/part-1.parquet"]
    return [storage.read(path) for path in paths]


HOLDS = ["{new}", "rows", None, "fewer rows"]
SETTLED = ["{new}", None, None, "fewer rows"]


@pytest.mark.parametrize("writes", range(1, 6))
def test_a_job_that_is_killed_after_any_write_is_gone_on_with(workspace, monkeypatch, writes):
    class Killed(Exception):
        pass

    left = iter(range(writes))
    write = workspace.storage.write

    def counted(path, text):
        if next(left, None) is None:
            raise Killed
        write(path, text)

    with monkeypatch.context() as patch:
        patch.setattr(workspace.storage, "write", counted)
        patch.setattr(removal_journal, "write_views", lambda _: None)
        try:
            carry_out(workspace, journal_of(workspace))
        except Killed:
            assert writes < 4
    go_on(workspace)
    assert state(workspace) == HOLDS
    assert [one.number for one in removals(workspace)] == [1]


def test_before_its_journal_nothing_has_changed(workspace):
    go_on(workspace)
    assert settle(workspace) == 0
    assert state(workspace)[0] == "{old}"
    assert removals(workspace) == []


def test_a_later_run_deletes_what_was_kept_for_undoing(workspace):
    carry_out(workspace, journal_of(workspace))
    assert state(workspace) == HOLDS
    assert settle(workspace) == 1
    assert state(workspace) == SETTLED
    assert workspace.storage.names("pool/data-a") == []
    assert settle(workspace) == 0
    with pytest.raises(InputMissing, match="cannot be undone any more"):
        undo(workspace, 1)


def test_what_is_undone_is_as_it_was_and_no_longer_obeyed(workspace):
    carry_out(workspace, journal_of(workspace))
    undo(workspace, 1)
    assert state(workspace) == ["{old}", "rows", None, None]
    [removal] = removals(workspace)
    assert removal.undone
    with pytest.raises(InputMissing, match="there is no removal 2"):
        undo(workspace, 2)


def test_what_was_made_anew_since_is_not_undone(workspace):
    carry_out(workspace, journal_of(workspace))
    workspace.storage.write("pool/manifest.json", "{newer}")
    with pytest.raises(InputMissing, match="cannot be undone any more"):
        undo(workspace, 1)
    assert state(workspace)[0] == "{newer}"


def test_a_file_is_known_by_whatever_uri_spark_has_for_it(workspace, tmp_path):
    root = workspace.storage.root
    for uri in (f"file://{root}/pool/a%20b.parquet", f"file:{root}/pool/a%20b.parquet"):
        assert path_of(workspace.storage, uri) == "pool/a b.parquet"


def test_addresses_of_removed_pages_go_out_of_reports_and_no_others():
    wanted = Removed([Item(kind="host", value="a.example", reason="asked", date="2026-01-31")])
    page = '<td>https://www.a.example/x?a=1&amp;b=2</td><a href="https://b.example/a.example">b</a>'
    shown = '<td>(removed)</td><a href="https://b.example/a.example">b</a>'
    assert without_addresses(page, wanted) == shown


def test_counts_are_as_if_rows_had_never_been():
    counts = Counts(10, 7, {"copy": 2, "short": 1})
    assert shifted(counts, -3, -1, {"copy": -2}) == Counts(7, 6, {"short": 1})
    assert shifted(counts, 0, -2, {"removed": 2}).set_aside["removed"] == 2
