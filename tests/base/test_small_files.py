"""Small files are there whole, or as they were."""

import json
import stat

import pytest

from pipeline.base.small_files import write_json, write_whole


def test_a_file_is_replaced_as_a_whole_and_keeps_no_scraps(tmp_path):
    target = tmp_path / "deep" / "file.txt"
    write_whole(target, "first ∑\n")
    with target.open(encoding="utf-8") as reader:
        write_whole(target, "second\r\n")
        assert reader.read() == "first ∑\n"
    assert target.read_bytes() == b"second\r\n"
    assert list(target.parent.iterdir()) == [target]


def test_permissions_are_those_that_are_asked_for(tmp_path):
    write_whole(tmp_path / "program", "#!/bin/sh\n", mode=0o755)
    assert stat.S_IMODE((tmp_path / "program").stat().st_mode) == 0o755
    write_whole(tmp_path / "file", "")
    (tmp_path / "usual").touch()
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    write_whole(tmp_path / "file", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "file", "new \ud800")
    assert (tmp_path / "file").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_json_is_for_people_too(tmp_path):
    write_json(tmp_path / "it.json", {"b": "∑", "a": [1]})
    text = (tmp_path / "it.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"b": "∑", "a": [1]}
    assert text == '{\n "b": "∑",\n "a": [\n  1\n ]\n}\n'
