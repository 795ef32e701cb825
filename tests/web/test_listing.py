from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.base.errors import InputError, InputMalformed, InputMissing
from pipeline.config.settings import Extract
from pipeline.config.sources import Crawl, Read
from pipeline.extract.warc_rows import extract_warc
from pipeline.loop.steps.extract import balanced
from pipeline.web.listing import WarcFile, same_file
from pipeline.web.listing import find_warcs as find
from pipeline.web.streams import open_warc
from tests.servers import Web
from tests.web.network import IMPATIENT


def find_warcs(names: list[str], **choice: float) -> list[WarcFile]:
    return find(Crawl(warcs=tuple(names), **choice), Read())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.warc.gz", "a.warc.gz", "deep/c.warc.gz", "odd[1].warc.gz", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def test_globs_and_paths_give_files_by_name(folder: Path) -> None:
    found = find_warcs([f"{folder}/deep/*.gz", f"{folder}/b.warc.gz", f"{folder}/a*"])
    assert [file.name for file in found] == ["a.warc.gz", "b.warc.gz", "c.warc.gz"]
    assert [file.bytes for file in found] == [9, 9, 14]
    assert found[2].path == str(folder / "deep" / "c.warc.gz")


def test_recursive_globs_and_file_uris(folder: Path) -> None:
    found = find_warcs([f"file://{folder}/**/c.warc.gz", f"{folder.as_uri()}/a.warc.gz"])
    assert [file.name for file in found] == ["a.warc.gz", "c.warc.gz"]


def test_a_file_whose_name_has_brackets_can_be_named(folder: Path) -> None:
    assert [file.name for file in find_warcs([f"{folder}/odd[1].warc.gz"])] == ["odd[1].warc.gz"]


def test_a_file_named_twice_counts_once(folder: Path) -> None:
    (folder / "link").symlink_to(folder)
    patterns = [f"{folder}/a.warc.gz", f"{folder}/*.warc.gz", f"{folder}/link/a.warc.gz"]
    assert [file.name for file in find_warcs(patterns)].count("a.warc.gz") == 1


def test_a_pattern_without_files_is_named_with_what_to_do(folder: Path) -> None:
    with pytest.raises(InputMissing, match="nothing-here") as caught:
        find_warcs([f"{folder}/a.warc.gz", f"{folder}/nothing-here-*.warc.gz"])
    assert caught.value.remedy


def test_a_folder_is_no_warc(folder: Path) -> None:
    with pytest.raises(InputMissing, match="is a folder"):
        find_warcs([str(folder)])


def test_two_files_of_one_name_are_refused(folder: Path) -> None:
    (folder / "deep" / "a.warc.gz").write_bytes(b"another")
    with pytest.raises(InputError, match=r"a\.warc\.gz") as caught:
        find_warcs([f"{folder}/**/*.gz"])
    assert "page ids" in str(caught.value)


def test_other_schemes_are_refused() -> None:
    with pytest.raises(InputError, match="not supported") as caught:
        find_warcs(["ftp://example.org/a.warc.gz"])
    assert "local" in str(caught.value)


def test_addresses_are_told_without_their_keys() -> None:
    for address in (
        "https://ada:pass@127.0.0.1:1/a.warc.gz?X-Amz-Signature=5f0a",
        "gopher://ada:pass@h.example/x?token=5f0a",
    ):
        with pytest.raises(InputError) as caught:
            find(Crawl(warcs=(address,)), IMPATIENT)
        assert "://***@" in str(caught.value)
        assert "pass" not in repr(caught.value) + str(caught.value)
        assert "5f0a" not in repr(caught.value) + str(caught.value)


@pytest.mark.process
def test_a_file_that_failed_is_in_the_ledger_without_its_keys() -> None:
    address = "http://ada:pass@127.0.0.1:1/a.warc.gz?X-Amz-Signature=5f0a"
    warc = WarcFile("a.warc.gz", address, 0, "")
    rows = list(extract_warc(warc, "c", Extract(), IMPATIENT))
    [failed] = [row for row in rows if row["outcome"] == "read-failed" and row["kind"] == "warc"]
    assert failed["detail"].startswith(
        "http://***@127.0.0.1:1/a.warc.gz?X-Amz-Signature=***: the server cannot be reached"
    )
    assert "pass" not in str(rows)


def test_lists_name_files_beside_them_and_anywhere(folder: Path) -> None:
    (folder / "some.paths").write_text(f"# two of them\na.warc.gz\n\n{folder}/deep/c.warc.gz\n")
    (folder / "more.txt.gz").write_bytes(gzip.compress(b"b.warc.gz\n") + gzip.compress(b""))
    found = find_warcs([f"{folder}/some.paths", f"{folder}/more.txt.gz"])
    assert [file.path for file in found] == [
        str(folder / name) for name in ("a.warc.gz", "b.warc.gz", "deep/c.warc.gz")
    ]


def test_common_crawls_paths_are_where_common_crawl_is(folder: Path) -> None:
    (folder / "warc.paths").write_text("crawl-data/CC-MAIN-2024-10/segments/1/warc/x.warc.gz\n")
    [file] = find_warcs([f"{folder}/warc.paths"])
    assert file.path == (
        "https://data.commoncrawl.org/crawl-data/CC-MAIN-2024-10/segments/1/warc/x.warc.gz"
    )
    assert file.name == "x.warc.gz"


PUBLISHED = "crawl-data/CC-MAIN-2024-10/segments/17/warc/CC-MAIN-17-00000.warc.gz"


def test_a_published_file_is_the_same_whatever_it_is_read_through(tmp_path: Path, web: Web) -> None:
    mirror = tmp_path / "mirror"
    (mirror / PUBLISHED).parent.mkdir(parents=True)
    (mirror / PUBLISHED).write_bytes(b"x" * 7)
    paths = tmp_path / "warc.paths"
    paths.write_text(PUBLISHED)

    def identities(names: list[str], root: str = "https://data.commoncrawl.org/") -> list[str]:
        crawl = Crawl(warcs=tuple(names))
        read = IMPATIENT.model_copy(update={"common_crawl": root})
        return [file.identity for file in find(crawl, read)]

    listed = [
        identities([str(paths)], root)
        for root in ("https://data.commoncrawl.org/", "s3://commoncrawl/", f"{mirror}/")
    ]
    assert listed == [[PUBLISHED]] * 3
    [looked_at] = identities([f"{mirror}/crawl-data/**/*.warc.gz"])
    assert looked_at == f"{PUBLISHED} of bytes: 7"
    web.files[f"cc/{PUBLISHED}"] = b"x" * 7
    assert identities([web.url(f"cc/{PUBLISHED}")]) == [looked_at]
    # A list tells no size, and what is looked at has one: a file that is cut is another.
    assert same_file(PUBLISHED, looked_at)
    (mirror / PUBLISHED).write_bytes(b"x" * 6)
    assert not same_file(looked_at, *identities([str(mirror / PUBLISHED)]))
    assert not same_file("mine.warc.gz", "mine.warc.gz of bytes: 7")


@pytest.mark.parametrize("bad", [b"\x1f\x8b broken", gzip.compress(b"a.warc.gz\n", mtime=0)[:-9]])
def test_a_list_that_cannot_be_read_says_so(folder: Path, bad: bytes) -> None:
    (folder / "bad.paths.gz").write_bytes(bad)
    with pytest.raises(InputMalformed, match="no list of files"):
        find_warcs([f"{folder}/bad.paths.gz"])


def test_a_fraction_is_the_same_every_time_and_within_a_larger_one(folder: Path) -> None:
    names = [f"https://a.example/{number:05d}.warc.gz" for number in range(2_000)]
    (folder / "all.paths").write_text("\n".join(names))
    listed = [f"{folder}/all.paths"]
    tenth = find_warcs(listed, fraction=0.1)
    half = find_warcs(listed, fraction=0.5)
    assert 150 < len(tenth) < 250
    assert tenth == find_warcs(listed, fraction=0.1)
    assert set(tenth) < set(half)
    assert len(half) < len(find_warcs(listed)) == 2_000


def test_the_first_are_the_first_that_are_named(folder: Path) -> None:
    (folder / "all.paths").write_text("b.warc.gz\na.warc.gz\ndeep/c.warc.gz\n")
    found = find_warcs([f"{folder}/all.paths"], first=1)
    assert [file.name for file in found] == ["b.warc.gz"]


sizes = st.lists(st.integers(0, 1_000), min_size=1, max_size=40)


@given(sizes, st.integers(1, 10))
def test_batches_hold_each_warc_once_and_are_of_one_size(bytes_: list[int], most: int) -> None:
    warcs = [WarcFile(f"{n:03d}", "", size, "") for n, size in enumerate(bytes_)]
    groups = balanced(warcs, most)
    assert sorted(warc.name for group in groups for warc in group) == [w.name for w in warcs]
    assert len(groups) == -(-len(warcs) // most)
    assert all(0 < len(group) <= most for group in groups)
    for group in groups:
        assert [w.bytes for w in group] == sorted((w.bytes for w in group), reverse=True)


def test_large_and_small_warcs_are_mixed() -> None:
    warcs = [WarcFile(f"{n}", "", 1_000 if n < 4 else 10, "") for n in range(8)]
    assert [sum(warc.bytes for warc in group) for group in balanced(warcs, 4)] == [2_020, 2_020]


def test_open_warc_gives_the_bytes_as_stored(folder: Path) -> None:
    with open_warc(str(folder / "a.warc.gz"), Read()) as stream:
        assert stream.read() == b"a.warc.gz"
    with pytest.raises(InputMissing):
        open_warc(str(folder / "gone.warc.gz"), Read())
