from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import InputError, InputMissing
from pipeline.web.listing import find_warcs, open_warc


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


@pytest.mark.parametrize("uri", ["s3://bucket/a.warc.gz", "https://example.org/a.warc.gz"])
def test_other_schemes_are_refused(uri: str) -> None:
    with pytest.raises(InputError, match="not supported") as caught:
        find_warcs([uri])
    assert "local" in str(caught.value)


def test_open_warc_gives_the_bytes_as_stored(folder: Path) -> None:
    with open_warc(str(folder / "a.warc.gz")) as stream:
        assert stream.read() == b"a.warc.gz"
    with pytest.raises(InputMissing):
        open_warc(str(folder / "gone.warc.gz"))
