import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.workspace.query import main


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace of one table, whose name has what patterns are made of."""
    folder = tmp_path / "run [1] a=b"
    folder.mkdir()
    pq.write_table(pa.table({"host": ["a.example", "b\x1b[31m.example"]}), folder / "t.parquet")
    (folder / "views.sql").write_text("create view corpus as from 't.parquet';")
    # The program goes to the workspace.
    monkeypatch.chdir(Path.cwd())
    return folder


def test_one_question_is_answered(workspace, capsys):
    assert main(["--workspace", str(workspace), "--sql", "select count(*) as n from corpus"]) == 0
    assert "2" in capsys.readouterr().out


def test_what_is_no_question_is_told(workspace, capsys):
    assert main(["--workspace", str(workspace), "--sql", "select nothing from nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_questions_are_typed(workspace, capsys, monkeypatch):
    typed = ".tables\nselect host\n\nfrom corpus\norder by 1;\nselect;\nselect 7 as seven;\n.quit\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert main(["--workspace", str(workspace)]) == 0
    printed = capsys.readouterr()
    for word in ("corpus", "a.example", "seven"):
        assert word in printed.out
    assert "\x1b" not in printed.out
    assert "Error" in printed.err


def test_where_there_is_no_workspace_it_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["--workspace", str(tmp_path / "none"), "--sql", "select 1"]) == 1
    assert "InputMissing: the tables of " in capsys.readouterr().err
