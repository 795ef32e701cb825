from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.text.__main__ import main

HTML = (
    rb"<html><head><title>On sums</title></head><body><p>The sum of the first numbers is "
    rb"\(n(n+1)/2\), as everyone knows who has counted: \[ 1 + \dots + n \]</p></body></html>"
)


def test_shows_facts_and_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(HTML)
    assert main([str(file)]) == 0
    shown = capsys.readouterr().out
    assert "title:     On sums" in shown
    assert "formulas:  2 (bracket, paren)" in shown
    assert "$n(n+1)/2$" in shown


def test_marks_formulas_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(HTML)
    main([str(file), "--formulas"])
    shown = capsys.readouterr().out
    assert "⟦n(n+1)/2⟧" in shown
    assert r"⟦⟦1 + \dots + n⟧⟧" in shown


def test_says_why_a_page_is_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"<html></html>")
    assert main([str(file)]) == 1
    assert "set aside: no-text" in capsys.readouterr().err


def test_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(tmp_path / "none.html")])
    assert caught.value.code == 2
