"""What pages say of their licence and of being mined, and what is no such thing."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.web.licences import licence_of_address, licence_of_text
from pipeline.web.rights import FIELDS, rights_of
from pipeline.web.warc import Capture
from tests.web.warcs import http, page, read, record

CC = "https://creativecommons.org"


def html(head: str = "", body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>t</title>{head}</head><body>{body}</body>".encode()


@pytest.mark.parametrize(
    ("address", "licence"),
    [
        (f"{CC}/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("http://www.creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0-US"),
        (f"{CC}/licenses/by/3.0/igo/legalcode", "CC-BY-3.0-IGO"),
        (f"{CC}/licenses/by-nc-nd/4.0/deed.de", "CC-BY-NC-ND-4.0"),
        (f"{CC}/licenses/by-nd-nc/1.0", "CC-BY-NC-ND-1.0"),
        (f"{CC}/licenses/by-sa", "CC-BY-SA"),
        ("//creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        (f"{CC}/publicdomain/mark/1.0/", "PDM-1.0"),
        (f"{CC}/licenses/publicdomain/", "CC-PDDC"),
        ("https://www.gnu.org/licenses/fdl-1.3.html", "GFDL-1.3"),
        ("http://www.gnu.org/copyleft/fdl.html", "GFDL"),
        ("https://opendatacommons.org/licenses/odbl/1.0/", "ODbL-1.0"),
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
        (f"{CC}/licenses/", None),
        (f"{CC}/licenses/by-all/9.9/", None),
        ("https://creativecommons.org.example/x", None),
        ("/terms", None),
        ("", None),
    ],
)
def test_a_licence_has_one_name_however_its_address_is_written(
    address: str, licence: str | None
) -> None:
    assert licence_of_address(address) == licence


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("CC-BY-NC-ND-3.0", "CC-BY-NC-ND-3.0"),
        ("Licensed under CC0 1.0", "CC0-1.0"),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0", "CC-BY-NC-SA-4.0"),
        ("Creative Commons Attribution-NoDerivs", "CC-BY-ND"),
        ("Creative Commons License, Attribution", "CC-BY"),
        ("© 2024 A. Person, all rights reserved", None),
        ('a "by" line', None),
    ],
)
def test_a_licence_may_be_named_in_words(text: str, licence: str | None) -> None:
    assert licence_of_text(text) == licence


BY = f'href="{CC}/licenses/by/4.0/"'
LD = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("head", "body", "source"),
    [
        (f'<link rel="license" {BY}>', "", "link"),
        (f"<LINK REL=LICENSE HREF='{CC}/licenses/by/4.0/'>", "", "link"),
        ("", f'<a rel="license noopener" {BY}>licence</a>', "anchor"),
        ("", f"<a {BY}><img alt=CC></a>", "cc-anchor"),
        (f'<meta name="dc.rights" content="{CC}/licenses/by/4.0/">', "", "meta"),
        ('<meta name="DCTERMS.license" content="CC BY 4.0">', "", "meta"),
        ('<meta property="og:license" content="CC-BY-4.0">', "", "meta"),
        ("", f'<a itemprop="license" {BY}>x</a>', "microdata"),
        ("", f'<meta itemprop="license" content="{CC}/licenses/by/4.0/">', "microdata"),
        ("", f'<span property="cc:license" resource="{CC}/licenses/by/4.0/">x</span>', "rdfa"),
        (LD.format(json.dumps({"@type": "Article", "license": f"{CC}/licenses/by/4.0/"})), "",
         "json-ld"),
        ("", LD.format(json.dumps({"@graph": [{"@type": "WebPage", "license":
         {"@id": f"{CC}/licenses/by/4.0/"}}]})), "json-ld"),
    ],
)  # fmt: skip
def test_where_a_licence_is_said(head: str, body: str, source: str) -> None:
    assert rights_of(html(head, body))[:2] == ("CC-BY-4.0", source)


@pytest.mark.parametrize(
    "body",
    [
        f"<!-- <a rel='license' {BY}>x</a> -->",
        f"<script>document.write('<a rel=\"license\" {BY}>x</a>')</script>",
        f"<p>See {CC}/licenses/by/4.0/ for the license of another thing.",
        "<a href='/license'>License</a>",
        "<a href='https://opensource.org/licenses/MIT'>the theme is free</a>",
        "<input rel=nothing name=license value='CC BY 4.0'>",
        LD.format(json.dumps({"@type": "ImageObject", "license": f"{CC}/licenses/by/4.0/"})),
        LD.format(json.dumps({"image": {"license": f"{CC}/licenses/by/4.0/"}})),
        LD.format('{"license": ' + "[" * 100_000),
        LD.format('{"license": '),
        "<a rel=license>no address</a>",
        '<meta name="copyright" content="2024 all rights reserved, license on request">',
    ],
)
def test_what_is_no_word_on_the_page_s_licence(body: str) -> None:
    assert rights_of(html(body=body)) == (None, None, None)


def test_an_unknown_licence_is_other_and_several_are_all_named() -> None:
    assert rights_of(html('<link rel=license href="/terms">'))[:2] == ("other", "link")
    several = f'<a rel=license {BY}>a</a><a rel=license href="{CC}/licenses/by-nc/4.0/">b</a>'
    assert rights_of(html(body=several))[:2] == ("CC-BY-4.0 CC-BY-NC-4.0", "anchor")
    # A bare link counts where nothing else says anything.
    pictures = f'<a href="{CC}/licenses/by-nc/2.0/">picture</a>'
    assert rights_of(html(f"<link rel=license {BY}>", pictures))[:2] == ("CC-BY-4.0", "link")
    agreeing = rights_of(html(f"<link rel=license {BY}>", f"<a rel=license {BY}>x</a>"))
    assert agreeing[:2] == ("CC-BY-4.0", "anchor link")


@pytest.mark.parametrize(
    ("head", "reservation"),
    [
        ('<meta name="robots" content="noai, noimageai">', "noai-meta"),
        ('<META NAME="ROBOTS" CONTENT="NOINDEX,NOAI">', "noai-meta"),
        ('<meta name="GPTBot" content="noai">', "noai-meta"),
        ('<meta name="tdm-reservation" content="1">', "tdm-meta"),
        ('<link rel="license" type="application/rsl+xml" href="/license.xml">', "rsl"),
        ('<script type="application/rsl+xml" id="license"><rsl></rsl></script>', "rsl"),
        ('<meta name="tdm-reservation" content="0">', None),
        ('<meta name="robots" content="noindex, noimageai">', None),
        ('<meta name="description" content="what noai means">', None),
        ('<!-- <meta name="robots" content="noai"> -->', None),
    ],
)
def test_wishes_of_the_head(head: str, reservation: str | None) -> None:
    assert rights_of(html(head)) == (None, None, reservation)


@pytest.mark.parametrize(
    ("name", "value", "reservation"),
    [
        ("x-robots-tag", "noai, noimageai", "noai-header"),
        ("x-robots-tag", "otherbot: noindex, CCBot: NoAI", "noai-header"),
        ("x-robots-tag", "noindex, noimageai", None),
        ("tdm-reservation", "1", "tdm-header"),
        ("tdm-reservation", "0", None),
        ("content-signal", "search=yes, ai-train=no", "content-signal"),
        ("content-signal", "ai-train=yes, ai-input=no", None),
        ("content-usage", "train-ai=n", "content-usage"),
        ("content-usage", "train-ai=y, search=n", None),
        ("link", '</license.xml>; rel="license"; type="application/rsl+xml"', "rsl"),
        ("link", '</style.css>; rel="preload"', None),
    ],
)
def test_wishes_of_the_header(name: str, value: str, reservation: str | None) -> None:
    assert rights_of(html(), [(name, value)]) == (None, None, reservation)


def test_a_licence_of_the_header_and_both_sides_of_a_wish() -> None:
    link = f'</a>; rel=next, <{CC}/licenses/by-sa/4.0/>; rel="license"'
    assert rights_of(html(), [("link", link)])[:2] == ("CC-BY-SA-4.0", "header")
    both = rights_of(html("<meta name=tdm-reservation content=1>"), [("tdm-reservation", "1")])
    assert both.reservation == "tdm-header tdm-meta"


def test_a_capture_has_the_fields_that_speak_of_rights() -> None:
    block = http(
        page(),
        "X-Robots-Tag: noai",
        "x-robots-tag: ccbot: noindex",
        "TDM-Reservation: 1",
        "Content-Signal: ai-train=no",
        "Link: <https://creativecommons.org/licenses/by/4.0/>; rel=license",
        "X-Other: noai",
        "Server: link",
    )
    for reader in ("fastwarc", "warcio"):
        [item] = read(record(block), reader)
        assert isinstance(item, Capture)
        assert dict(item.signals) == {
            "x-robots-tag": "noai, ccbot: noindex",
            "tdm-reservation": "1",
            "content-signal": "ai-train=no",
            "link": "<https://creativecommons.org/licenses/by/4.0/>; rel=license",
        }
        assert set(dict(item.signals)) < set(FIELDS)
        assert rights_of(item.body, item.signals) == (
            "CC-BY-4.0", "header", "content-signal noai-header tdm-header",
        )  # fmt: skip


def test_a_page_of_utf_16_speaks_too() -> None:
    text = html(f"<link rel=license {BY}>").decode()
    assert rights_of(b"\xff\xfe" + text.encode("utf-16-le")).licence == "CC-BY-4.0"


def test_the_foot_of_a_long_page_is_read() -> None:
    words = "<p>words about a license</p>" * 100_000
    assert rights_of(html(body=words + f"<a rel=license {BY}>x</a>")).licence == "CC-BY-4.0"


def test_a_licence_in_the_middle_of_a_long_page_is_read() -> None:
    words = "<p>words about other things</p>" * 10_000
    assert rights_of(html(body=f"{words}<a rel=license {BY}>x</a>{words}")).licence == "CC-BY-4.0"


@pytest.mark.parametrize(
    "piece",
    ['<a rel="license" href="x">', "<", '"license"', "<!--license", "<script>license", "license=",
     '<script type="ld+json">"license"', "<a license "],
)  # fmt: skip
def test_hostile_pages_take_no_longer(piece: str) -> None:
    body = html(body=piece * (5_000_000 // len(piece)))
    began = time.process_time()
    rights_of(body)
    assert time.process_time() - began < 5


@given(st.binary(max_size=300), st.sampled_from(FIELDS), st.text(max_size=60))
def test_it_never_raises(noise: bytes, name: str, value: str) -> None:
    for begin in (b"<a rel=license href=", b"<meta name=robots noai content=", b"\xff\xfe<"):
        rights_of(begin + noise + b"> license", [(name, value)])
