"""One part of the work over one WARC, in a process of its own.

``python -m tests.bench.parts NAME WARC [MODEL]`` does it once over and prints a JSON
line: pages, CPU seconds and peak memory in bytes, start-up left out of the time.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.config import Decontaminate, Dedupe, Extract, Train
from pipeline.ledger import SetAside
from pipeline.web.listing import open_warc
from pipeline.web.warc import Capture, read_warc

#: Pages that a part works on at the most.
MOST_PAGES = 2_000
_EXTRACT = Extract()


def captures(path: str, reader: str = "fastwarc") -> Iterator[Capture]:
    with open_warc(path) as stream:
        for item in read_warc(stream, reader=reader, max_page_bytes=_EXTRACT.max_page_bytes):
            if isinstance(item, Capture):
                yield item


def healthy_copy(path: str, target: Path) -> str:
    """The captures of a WARC as another one without damage, which bare loops give up at."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with target.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for capture in captures(path):
            head = StatusAndHeaders(
                "200 OK", [("Content-Type", capture.content_type)], protocol="HTTP/1.1"
            )
            writer.write_record(
                writer.create_warc_record(
                    capture.url, "response", payload=BytesIO(capture.body), http_headers=head
                )
            )
    return str(target)


def texts(path: str) -> list[str]:
    from pipeline.text import extract_page

    found = []
    for capture in captures(path):
        try:
            page = extract_page(capture.body, content_type=capture.content_type)
        except SetAside:
            continue
        found.append(page.text)
        if len(found) == MOST_PAGES:
            break
    return found


def limit(path: str) -> Iterator[Any]:
    """The floor for any extractor: inflate and parse."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from selectolax.lexbor import LexborHTMLParser

    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            yield LexborHTMLParser(record.reader.read())


def bare_fastwarc(path: str) -> Iterator[Any]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            yield record.reader.read()


def extraction(extractor: str) -> Callable[[str], Iterator[Any]]:
    def run(path: str) -> Iterator[Any]:
        from pipeline.text import extract_page

        for capture in captures(path):
            try:
                page = extract_page(
                    capture.body,
                    url=capture.url,
                    content_type=capture.content_type,
                    extractor=extractor,
                )
            except SetAside:
                page = None
            yield page

    return run


def plain_trafilatura(path: str) -> Iterator[Any]:
    import trafilatura
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            yield trafilatura.extract(record.reader.read())


def signatures(path: str) -> tuple[int, Callable[[], Any]]:
    from pipeline.dedupe.minhash import signature
    from pipeline.text.words import words

    pages = texts(path)
    return len(pages), lambda: [signature(words(text), Dedupe()) for text in pages]


def scores(path: str, model: str) -> tuple[int, Callable[[], Any]]:
    from pipeline.classify.features import features
    from pipeline.classify.model import Model

    pages, trained = texts(path), Model.load(Path(model))
    longest = Train().max_words
    return len(pages), lambda: trained.score([features(text, longest) for text in pages])


def decontamination(path: str, benchmarks: str) -> tuple[int, Callable[[], Any]]:
    from pipeline.decontaminate.benchmarks import load_benchmarks
    from pipeline.decontaminate.ngrams import build_index, find_hits

    settings = Decontaminate(benchmarks=benchmarks, names=("*",))
    pages, index = texts(path), build_index(load_benchmarks(settings), settings)
    return len(pages), lambda: [find_hits(text, index) for text in pages]


#: Parts that stream over the WARC, and parts that work on its pages' texts.
STREAMS: dict[str, Callable[[str], Iterator[Any]]] = {
    "bare fastwarc": bare_fastwarc,
    "bare fastwarc + lexbor": limit,
    "read, fastwarc": captures,
    "read, warcio": lambda path: captures(path, "warcio"),
    "read + extract": extraction("resiliparse"),
    "read + extract, trafilatura": extraction("trafilatura"),
    "bare fastwarc + trafilatura": plain_trafilatura,
}
TEXTS: dict[str, Callable[..., tuple[int, Callable[[], Any]]]] = {
    "MinHash signature": signatures,
    "features + score": scores,
    "benchmark n-grams": decontamination,
}


def main() -> None:
    name, path, *rest = sys.argv[1:]
    if name in STREAMS:
        started = time.process_time()
        pages = sum(1 for _ in islice(STREAMS[name](path), MOST_PAGES))
    else:
        pages, work = TEXTS[name](path, *rest)
        started = time.process_time()
        work()
    spent = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"pages": pages, "cpu": spent, "memory": memory}))


if __name__ == "__main__":
    main()
