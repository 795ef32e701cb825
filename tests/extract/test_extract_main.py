from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract.__main__ import main
from tests.web.warcs import good, gz, http, record

HTML = (
    rb"<html><head><title>On sums</title></head><body><p>The sum of the first numbers is "
    rb"\(n(n+1)/2\), as everyone knows who has counted: \[ 1 + \dots + n \]</p></body></html>"
)


def test_shows_facts_and_text_with_formulas_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(HTML)
    assert main([str(file)]) == 0
    shown = capsys.readouterr().out
    assert "title:     On sums" in shown
    assert "formulas:  2 (bracket, paren)" in shown
    assert "⟦n(n+1)/2⟧" in shown
    assert r"⟦⟦1 + \dots + n⟧⟧" in shown


def test_shows_the_text_as_the_corpus_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(HTML)
    main([str(file), "--plain"])
    assert "$n(n+1)/2$" in capsys.readouterr().out


def test_shows_a_record_of_a_warc_by_url_and_by_offset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "crawl.warc.gz"
    records = [gz(good(1)), gz(record(http(HTML), url="https://a.example/2"))]
    file.write_bytes(b"".join(records))
    assert main(["https://a.example/2", "--warc", str(file)]) == 0
    by_url = capsys.readouterr().out
    assert "On sums" in by_url
    assert main([str(len(records[0])), "--warc", str(file)]) == 0
    assert capsys.readouterr().out == by_url
    assert main(["https://a.example/3", "--warc", str(file)]) == 1
    assert "no page https://a.example/3" in capsys.readouterr().err


def test_says_why_a_page_is_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"<html></html>")
    assert main([str(file)]) == 1
    assert "set aside: no-text" in capsys.readouterr().err


def test_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(tmp_path / "none.html")])
    assert caught.value.code == 2


HOSTILE = "\x1b]0;pwned\x07\x1b[31m\u202e\x9b31m\u2028\u200b"


def test_nothing_of_a_page_or_a_name_reaches_the_terminal_raw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"page{HOSTILE}\n.html"
    body = "".join(f"<p>{HOSTILE} words about the theorem and its $x^2$ proof.</p>" for _ in "ab")
    html = f"<title>Sums {HOSTILE}</title><p>\\(x\\)</p><pre>if\tx:\n  {HOSTILE}</pre>{body}"
    file.write_text(html, encoding="utf-8")
    assert main([str(file)]) == 0
    assert main([str(file), "--plain"]) == 0
    told = capsys.readouterr()
    with pytest.raises(SystemExit):
        main([f"{file}{HOSTILE}{'x' * 9_000}"])
    assert main([f"https://ada:pass@a.example/{HOSTILE}", "--warc", str(file)]) == 1
    failed = capsys.readouterr().err
    for said in (told.out, told.err, failed):
        raw = [c for c in said if c != "\n" and (not c.isprintable())]
        assert raw == []
    # The text keeps its own lines.
    assert "proof.\n\n" in told.out
    assert r"title:     Sums \x1b]0;pwned\x07\x1b[31m\u202e\x9b31m" in told.out
    assert r"\u202e" in told.out.partition("tokens")[2]
    assert r"page\x1b]0;pwned" in failed
    assert "pass@" not in failed
    assert len(failed) < 6_000


def test_says_why_a_part_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(
        b"<body><nav>Home</nav><div class='author-bio \x1b[31m'>By somebody</div><main>"
        b"<p>A page of a few words about sums, and of nothing else that matters here.</p>"
        b"<p>Add a comment</p></main></body>"
    )
    assert main([str(file), "--why"]) == 0
    shown = capsys.readouterr().out.partition("left out:")[2]
    assert "named furniture (nav): Home" in shown
    assert r"named furniture (author-bio \x1b[31m): By somebody" in shown
    assert "line of site software: Add a comment" in shown
    assert "\x1b" not in shown
