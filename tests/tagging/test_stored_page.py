"""The stored page: what of a hostile one reaches a browser; what is told where it is gone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mined_rounds import Tables, stored_pages
from selectolax.lexbor import LexborHTMLParser
from serving import run_file

from pipeline.config.run_file import load_config
from pipeline.tagging.mined import MinedRound
from pipeline.tagging.sanitised import MAX_BYTES, STORED_HEADERS, sanitised
from pipeline.tagging.stored_pages import NotAtHand, Place, StoredPages

HTML = "text/html; charset=utf-8"
#: Nothing of these may be left: whatever runs, asks, or leads away.
BAD_ELEMENTS = (
    "script style link meta[http-equiv] base iframe frame object embed form input button svg "
    "template noscript textarea video audio img[src] [href] [src] [srcset] [style] [action]"
).replace(" ", ", ")


@pytest.mark.parametrize(
    "html",
    [
        "<script>x=1</script><p>kept</p><style>*{background:url(//x.example)}</style>",
        "<p onclick=x() style='background:url(//x)' background=//x>kept</p><base href=//x>",
        "<a href=javascript:x>kept</a><a href=http://x.example ping=//x>b</a><area href=//x>",
        "<img src=//x onerror=x alt='kept'><picture><source srcset=//x></picture><p>kept",
        "<form action=//x><input autofocus onfocus=x><button formaction=//x>b</button>kept</form>",
        "<meta http-equiv=refresh content='0;url=//x'><link rel=preconnect href=//x><p>kept",
        "<svg><script>x</script><use href=//x></svg><math><mi>kept</mi></math>",
        "<math><mtext><table><mglyph><style><img src onerror=x></style></mglyph></table>kept",
        "<noscript><p title='</noscript><img src onerror=x>'>kept</noscript>",
        "<template><img src=x></template><xmp><img src=x></xmp><p>kept",
        "<math href=//x xlink:href=//x><maction actiontype=toggle xlink:href=//x>kept</maction>",
        "<svg><foreignObject><iframe srcdoc='<script>x</script>'></iframe></svg>kept",
        "kept<!--><script>x</script>--><![CDATA[<script>x</script>]]><?php <script>x</script> ?>",
        "<p>kept<plaintext><script>x</script>",
        "<table><a href=//x><tr><td>kept<table><form>",
        "<p lang='\"><script>' dir=x colspan=9999999 alt='\"><script>x</script>'>kept",
        "kept" + "<div><b><font>" * 3_000 + "deep",
    ],
)
def test_nothing_of_a_hostile_page_runs_or_asks(html: str) -> None:
    page = sanitised(f"<!doctype html><body>{html}".encode(), HTML)
    tree = LexborHTMLParser(page.html)
    head, body = tree.head, tree.body
    assert head is not None
    assert body is not None
    assert [node.tag for node in head.css("*")] == ["head", "meta", "style"]
    assert body.css(BAD_ELEMENTS) == []
    assert not [name for node in body.css("*") for name in node.attributes if name[:2] == "on"]
    assert "kept" in page.html
    assert len(page.html) < 100_000


def test_what_is_left_out_is_counted() -> None:
    page = sanitised(b"<script></script><img alt=a><img><form><p>x<svg></svg>", HTML)
    assert page.left_out == {"drawings": 1, "forms": 1, "images": 2, "scripts": 1}
    policy = STORED_HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("; sandbox")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"x" * (MAX_BYTES + 1), "larger than"),
        (b"<i>" * 100_001, "more than"),
        (bytes(range(1, 256)) * 40, "character set"),
    ],
)
def test_what_cannot_be_shown_is_told(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        sanitised(body, HTML)


def stored(folder: Path) -> tuple[StoredPages, dict[str, Place]]:
    tables = Tables()
    tables.add_domain("a.example", {"": (50, 20)})
    for name in ("one", "two", "three"):
        tables.add_sample(["a.example"], name, name, f"text of {name}", collected=True)
    tables.sample_pages[0]["html"] = "<p>first</p><script>x</script>"
    stored_pages(tables, folder / "workspace", folder / "pages.warc.gz")
    mined = MinedRound(str(tables.write(folder / "workspace")), 1)
    places = {row["title"]: Place.of(row) for row in mined.samples("a.example")}
    return StoredPages(mined.workspace, load_config(run_file(folder))), places


def test_a_page_is_read_back_by_its_place(tmp_path: Path) -> None:
    pages, places = stored(tmp_path)
    assert "<p>first</p>" in pages.fetched(places["one"]).html
    assert "text of three" in pages.fetched(places["three"]).html
    assert pages.text(places["two"]) == "text of two\n\nAnd so on, to the end."


def test_what_is_not_at_hand_is_told(tmp_path: Path) -> None:
    pages, places = stored(tmp_path)
    warc = tmp_path / "pages.warc.gz"
    whole = warc.read_bytes()
    with pytest.raises(NotAtHand, match="another page is there now"):
        pages.fetched(replace(places["one"], url="https://a.example/other"))
    warc.write_bytes(whole[: places["two"].offset + 9])
    with pytest.raises(NotAtHand, match="no page is there any more"):
        pages.fetched(places["two"])
    warc.unlink()
    with pytest.raises(NotAtHand, match=r"no WARC file at .*pages\.warc\.gz"):
        pages.fetched(places["three"])
    # The WARC was read over the network, and nobody asks for it there.
    [table] = (tmp_path / "workspace" / "crawls" / "c" / "warcs").glob("*.parquet")
    rows = pq.read_table(table).to_pylist()
    remote = [row | {"address": "https://x.example/pages.warc.gz"} for row in rows]
    pq.write_table(pa.Table.from_pylist(remote), table)
    pages = StoredPages(pages.workspace, load_config(run_file(tmp_path)))
    with pytest.raises(NotAtHand, match=r"on the network.*https://x\.example"):
        pages.fetched(places["one"])
    # A copy of what the page reads has no more than that.
    shutil.rmtree(tmp_path / "workspace" / "crawls")
    pages = StoredPages(pages.workspace, load_config(run_file(tmp_path)))
    with pytest.raises(NotAtHand, match="not at hand"):
        pages.fetched(places["one"])
    with pytest.raises(NotAtHand, match="whole page is not here"):
        pages.text(places["one"])


def test_samples_of_before_say_why_there_is_no_stored_page() -> None:
    page = dict.fromkeys(("page_id", "url", "crawl", "warc", "warc_offset", "warc_length"))
    with pytest.raises(NotAtHand, match="make round makes them anew"):
        Place.of(page)
