"""The WARC files as other people's readers see them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import zlib
from collections import Counter

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from pipeline.base.outcomes import Outcome
from pipeline.sampleweb.sundries import _SUNDRIES, DAMAGES


def whole_stretches(web, path):
    """The file's bytes without the records that are damaged, in stretches."""
    data = path.read_bytes()
    at = 0
    for item in web.outcomes[path.name]["uncertain"]:
        if item["damages_file"]:
            yield data[at : item["offset"]]
            at = item["offset"] + item["length"]
    yield data[at:]


def test_warcio_reads_every_record_that_is_counted(web):
    for path in web.warcs:
        told = web.outcomes[path.name]
        broken = sum(item["damages_file"] for item in told["uncertain"])
        kinds = Counter()
        for stretch in whole_stretches(web, path):
            for record in ArchiveIterator(io.BytesIO(stretch), no_record_parse=True):
                kinds[record.rec_type] += 1
        assert sum(kinds.values()) + broken == told["records"]
        expected = told["outcomes"]
        assert kinds["request"] == expected["request"]
        assert kinds["revisit"] == expected.get("revisit", 0)
        assert kinds["warcinfo"] == 1
        assert kinds["resource"] + kinds["conversion"] == expected.get("other-record", 0)
        vanishing = sum(item["may_vanish"] for item in told["uncertain"])
        assert kinds["metadata"] == expected["metadata"] + vanishing


def test_fastwarc_reads_as_many_records_as_warcio_and_all_digests_hold(web):
    for path in web.warcs:
        for stretch in whole_stretches(web, path):
            count = sum(1 for _ in ArchiveIterator(io.BytesIO(stretch), no_record_parse=True))
            records = list(FastIterator(io.BytesIO(stretch), parse_http=False, strict_mode=False))
            assert len(records) == count
            for record in FastIterator(io.BytesIO(stretch), parse_http=False):
                block = record.reader.read()
                digest = base64.b32encode(hashlib.sha1(block).digest()).decode()
                assert record.headers["WARC-Block-Digest"] == f"sha1:{digest}"


def test_each_record_is_a_gzip_member_of_its_own_without_a_time(web):
    data = web.warcs[0].read_bytes()
    assert data[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00" + data[8:10]
    first = zlib.decompressobj(31)
    assert first.decompress(data).endswith(b"\r\n\r\n")
    assert first.unused_data.startswith(b"\x1f\x8b")


def test_every_capture_of_a_page_has_one_label_and_every_label_a_capture(web):
    captured = Counter()
    pages = 0
    for path in web.warcs:
        pages += web.outcomes[path.name]["outcomes"]["page"]
        for stretch in whole_stretches(web, path):
            for record in ArchiveIterator(io.BytesIO(stretch), no_record_parse=True):
                if record.rec_type == "response":
                    captured[record.rec_headers["WARC-Target-URI"]] += 1
    labelled = Counter(row["url"] for row in web.labels)
    assert max(labelled.values()) == 1
    assert len(labelled) == pages == web.size.pages
    assert all(captured[url] == 1 for url in labelled)


def test_every_kind_of_trouble_is_in_the_smallest_webs_too(web):
    found = Counter()
    damages = set()
    for told in web.outcomes.values():
        found.update(told["outcomes"])
        damages |= {item["damage"] for item in told["uncertain"]}
    certain = (
        "page warcinfo request metadata revisit robots-txt other-record http-status not-html "
        "empty-body bad-http bad-content-encoding too-large no-text"
    ).split()
    assert set(certain) <= set(found)
    assert set(found) <= {outcome.value for outcome in Outcome}
    assert set(DAMAGES) <= damages
    assert {"dns", "no-target", "bad-url", "bad-chunks", "deep", "noise", "cut-page"} <= damages
    assert len(_SUNDRIES) == 26


@pytest.mark.parametrize("kind", ["cut-member", "flipped-bytes"])
def test_a_damaged_member_does_not_inflate_and_the_next_one_does(web, kind):
    for path in web.warcs:
        for item in web.outcomes[path.name]["uncertain"]:
            if item["damage"] == kind:
                data = path.read_bytes()
                start, end = item["offset"], item["offset"] + item["length"]
                inflater = zlib.decompressobj(31)
                with contextlib.suppress(zlib.error):
                    inflater.decompress(data[start:end])
                assert not inflater.eof
                after = zlib.decompressobj(31).decompress(data[end:])
                assert b"WARC-Type: metadata" in after
                return
    pytest.fail(f"no {kind} in any WARC")


def test_charsets_are_several_and_some_pages_say_nothing_or_the_wrong_thing(web):
    said = Counter()
    for path in web.warcs:
        for stretch in whole_stretches(web, path):
            for record in ArchiveIterator(io.BytesIO(stretch), no_record_parse=True):
                head = record.raw_stream.read().partition(b"\r\n\r\n")[0].decode("latin-1").lower()
                for line in head.split("\r\n"):
                    if line.startswith("content-type: text/html"):
                        said[line.partition("charset=")[2]] += 1
    assert {"", "utf-8", "gbk", "gb2312", "windows-1251", "iso-8859-1"} <= set(said)


@pytest.mark.parametrize("reader", ["fastwarc", "warcio"])
def test_the_reader_of_this_project_accounts_for_every_record(web, reader):
    warc = pytest.importorskip("pipeline.web.warc")
    for path in web.warcs:
        told = web.outcomes[path.name]
        counted = Counter()
        seen = set()
        with path.open("rb") as stream:
            for item in warc.read_warc(stream, reader=reader, max_page_bytes=5_000_000):
                outcome = getattr(item, "outcome", Outcome.PAGE).value
                for place in told["uncertain"]:
                    if place["offset"] <= item.offset < place["offset"] + place["length"]:
                        assert outcome in place["allowed"], place
                        seen.add(place["offset"])
                        break
                else:
                    counted[outcome] += 1
        lost = [p for p in told["uncertain"] if p["offset"] not in seen and not p["may_vanish"]]
        assert not lost
        # Text is not looked at yet: a page without any still counts as one.
        expected = Counter(told["outcomes"])
        expected["page"] += expected.pop("no-text", 0)
        assert counted == expected, path.name
