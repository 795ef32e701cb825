"""One part of the work over one WARC, in a process of its own.

``python -m tests.bench.parts NAME WARC [MODEL]`` does it over and over for two seconds and
prints a JSON line: pages, CPU seconds and peak memory in bytes, start-up left out of the time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.base.outcomes import SetAside
from pipeline.config.settings import Decontaminate, Dedupe, Extract, Train
from pipeline.config.sources import Read
from pipeline.text import Extractor
from pipeline.web.listing import WarcFile
from pipeline.web.streams import open_warc
from pipeline.web.warc import Capture, read_warc
from tests.bench.peer import tell_time

#: Pages that a part works on at the most.
MOST_PAGES = 2_000
#: Pages before the clock starts: imports, caches, compiled expressions.
WARM_UP = 10
_EXTRACT = Extract()


def captures(path: str, reader: str = "fastwarc") -> Iterator[Capture]:
    with open_warc(path, Read()) as stream:
        for item in read_warc(stream, reader=reader, max_page_bytes=_EXTRACT.max_page_bytes):
            if isinstance(item, Capture):
                yield item


def healthy_copy(pages: Iterable[Capture], target: Path) -> str:
    """A WARC of these captures, without damage, which bare loops give up at."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with target.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for capture in pages:
            head = StatusAndHeaders(
                "200 OK", [("Content-Type", capture.content_type)], protocol="HTTP/1.1"
            )
            writer.write_record(
                writer.create_warc_record(
                    capture.url,
                    "response",
                    payload=BytesIO(capture.body),
                    http_headers=head,
                    # Without it datatrove asks libmagic what each record is.
                    warc_headers_dict={"WARC-Identified-Payload-Type": "text/html"},
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


def job_rows(path: str) -> Iterator[Any]:
    """What the extract job makes of each record: rows with signatures, in its sandbox."""
    from pipeline.extract.warc_rows import extract_warc
    from pipeline.loop.signing import signing_row_maker

    maker = signing_row_maker(Dedupe())
    warc = WarcFile(Path(path).name, path, Path(path).stat().st_size, "")
    for row in extract_warc(warc, "bench", _EXTRACT, Read(), maker):
        if row["table"] == "pages" or row["kind"] == "record":
            yield row


def extraction(extractor: Extractor) -> Callable[[str], Iterator[Any]]:
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


def tokenisation(path: str) -> tuple[int, Callable[[], Any]]:
    from pipeline.text.words import words

    pages = texts(path)
    return len(pages), lambda: [len(words(text)) for text in pages]


def token_counts(path: str) -> tuple[int, Callable[[], Any]]:
    from pipeline.text import count_tokens

    pages = texts(path)
    return len(pages), lambda: [count_tokens(text) for text in pages]


def tokenizer_counts(path: str) -> tuple[int, Callable[[], Any]]:
    from pipeline.config.settings import Tokens
    from pipeline.corpus.tokenizer import tokenizer

    pages, by = texts(path), tokenizer(Tokens())
    return len(pages), lambda: by.count(pages)


def lines(path: str) -> tuple[int, Callable[[], Any]]:
    from pipeline.classify.features import features

    pages, longest = texts(path), Train().max_words
    return len(pages), lambda: [len(features(text, longest)) for text in pages]


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
    from pipeline.decontaminate.benchmark_index import build_index
    from pipeline.decontaminate.benchmarks import load_benchmarks
    from pipeline.decontaminate.ngrams import find_traces

    settings = Decontaminate(benchmarks=benchmarks, names=("*",))
    pages, index = texts(path), build_index(load_benchmarks(settings), settings)
    return len(pages), lambda: [find_traces(text, index).hits for text in pages]


AS_THE_JOB = "read + extract as the job does"
#: Parts that stream over the WARC, and parts that work on its pages' texts.
STREAMS: dict[str, Callable[[str], Iterator[Any]]] = {
    "bare fastwarc": bare_fastwarc,
    "bare fastwarc + lexbor": limit,
    "read, fastwarc": captures,
    "read, warcio": lambda path: captures(path, "warcio"),
    "read + extract": extraction(_EXTRACT.extractor),
    "read + extract, trafilatura": extraction("trafilatura"),
    AS_THE_JOB: job_rows,
    "bare fastwarc + trafilatura": plain_trafilatura,
}
#: What a stream's speed depends on beside this project.
PACKAGES = {"bare fastwarc + lexbor": ("FastWARC", "selectolax")}
TEXTS: dict[str, Callable[..., tuple[int, Callable[[], Any]]]] = {
    "words": tokenisation,
    "token estimate": token_counts,
    "tokens, DeepSeek's": tokenizer_counts,
    "features": lines,
    "MinHash signature": signatures,
    "features + score": scores,
    "benchmark n-grams": decontamination,
}


def part_command(name: str, *files: str) -> list[str]:
    """What :func:`main` is called with, as a command."""
    return [sys.executable, "-m", "tests.bench.parts", name, *files]


def main() -> None:
    name, path, *rest = sys.argv[1:]
    if name in STREAMS:
        # A sandbox that is left with work in it is closed, and its process would start within
        # the time.
        _first_pages(STREAMS[name], path, MOST_PAGES if name == AS_THE_JOB else WARM_UP)
        tell_time(lambda: _first_pages(STREAMS[name], path, MOST_PAGES), PACKAGES.get(name, ()))
        return
    pages, work = TEXTS[name](path, *rest)

    def one_pass() -> int:
        work()
        return pages

    tell_time(one_pass)


def _first_pages(stream: Callable[[str], Iterator[Any]], path: str, most: int) -> int:
    # Closed where it is, so that what it started ends too.
    with closing(stream(path)) as pages:
        return sum(1 for _ in islice(pages, most))


if __name__ == "__main__":
    main()
