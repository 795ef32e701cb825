"""One extractor over captures held in memory, in whatever environment has it.

    peer.py NAME time CAPTURES          a JSON line: pages, cpu seconds, memory, versions
    peer.py NAME texts CAPTURES OUT     a JSON line a page into OUT: text, formulas; versions

Stands alone: it is run by Pythons that have nothing of this project installed.
CAPTURES holds, for each page, a JSON line (url, content_type, bytes) and the bytes.
"""

from __future__ import annotations

import json
import logging
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

#: A pass over the pages is repeated until so much is measured.
LEAST_CPU_SECONDS = 2.0
#: Pages before the clock starts: imports, caches, compiled expressions.
_WARM_UP = 10


class Capture(NamedTuple):
    """A page as it was crawled."""

    url: str
    content_type: str
    body: bytes


class Text(NamedTuple):
    """What was made of a page; ``formulas`` where the extractor says how many it found."""

    text: str
    formulas: int | None = None


#: Loads the extractor, and gives it together with its packages.
Maker = Callable[[], tuple[Callable[[Capture], Text], tuple[str, ...]]]


def read_captures(path: str) -> list[Capture]:
    """The captures of a file that ``write_captures`` wrote."""
    found = []
    with Path(path).open("rb") as stream:
        while line := stream.readline():
            head = json.loads(line)
            found.append(Capture(head["url"], head["content_type"], stream.read(head["bytes"])))
    return found


def cpu_seconds() -> float:
    """Of this process and all below it, the living and the dead."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    ticks, below = 0, _children("self")
    while below:
        child = below.pop()
        try:
            # utime, stime and those of its ended children, after "pid (name) state".
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
        below += _children(child)
    return spent + ticks / 100


def _children(process: str) -> list[str]:
    found: list[str] = []
    with suppress(OSError):
        for thread in list(Path(f"/proc/{process}/task").iterdir()):
            # A thread may end meanwhile; its children then are another's.
            with suppress(OSError):
                found += (thread / "children").read_text().split()
    return found


def trafilatura(**settings: Any) -> Maker:
    def make() -> tuple[Callable[[Capture], Text], tuple[str, ...]]:
        from trafilatura import extract

        # Bytes, which it decodes itself.
        return lambda page: Text(extract(page.body, **settings) or ""), ("trafilatura",)

    return make


def resiliparse(*, main: bool) -> Maker:
    def make() -> tuple[Callable[[Capture], Text], tuple[str, ...]]:
        from resiliparse.extract.html2text import extract_plain_text
        from resiliparse.parse.encoding import bytes_to_str, detect_encoding

        def extract(page: Capture) -> Text:
            html = bytes_to_str(page.body, detect_encoding(page.body))
            return Text(extract_plain_text(html, main_content=main))

        return extract, ("Resiliparse",)

    return make


def justext() -> tuple[Callable[[Capture], Text], tuple[str, ...]]:
    """With its English stop words, as it is mostly used."""
    import justext as library

    words = library.get_stoplist("English")

    def extract(page: Capture) -> Text:
        kept = [part.text for part in library.justext(page.body, words) if not part.is_boilerplate]
        return Text("\n".join(kept))

    return extract, ("jusText",)


def readability() -> tuple[Callable[[Capture], Text], tuple[str, ...]]:
    from lxml.html import fromstring
    from readability import Document

    def extract(page: Capture) -> Text:
        return Text(fromstring(Document(page.body).summary()).text_content())

    return extract, ("readability-lxml", "lxml")


#: The values that OpenWebMath's own configuration draws most often.
_OPENWEBMATH = {
    "markdown_headings": True,
    "markdown_code": True,
    "boilerplate_config": {
        "ratio_threshold": 0.18,
        "absolute_threshold": 10,
        "end_threshold": 15,
        "enable": True,
    },
    "remove_buttons": True,
    "remove_image_figures": True,
    "remove_link_clusters": True,
    "table_config": {"min_rows": 2, "min_cols": 3, "format": "plain"},
    "remove_chinese": True,
    "remove_edit_buttons": True,
    "extract_latex": True,
}
# Other dollar signs have a backslash in its output.
_MARKED = re.compile(r"(?<!\\)(\$\$?)(?!\$)(?:[^$\\]|\\.)+\1", re.DOTALL)


def openwebmath() -> tuple[Callable[[Capture], Text], tuple[str, ...]]:
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    from text_extract.extract import extract_text

    def extract(page: Capture) -> Text:
        html = bytes_to_str(page.body, detect_encoding(page.body))
        text = extract_text(html, _OPENWEBMATH, fast=True)[0]
        return Text(text, len(_MARKED.findall(text)))

    return extract, ("openwebmath-text-extract", "Resiliparse")


def datatrove() -> tuple[Callable[[Capture], Text], tuple[str, ...]]:
    """Its settings of trafilatura, on pages decoded as its reader does."""
    import cchardet
    from datatrove.pipeline.extractors import Trafilatura

    extractor = Trafilatura()

    def extract(page: Capture) -> Text:
        try:
            html = page.body.decode()
        except UnicodeDecodeError:
            html = page.body.decode(cchardet.detect(page.body)["encoding"])
        return Text(extractor.extract(html) or "")

    return extract, ("datatrove", "trafilatura")


def datatrove_warc(path: str) -> Iterator[Any]:
    """Reader and extractor as in a pipeline of one worker, pages in a process below."""
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.readers import WarcReader
    from datatrove.utils.logging import logger

    logger.remove()
    place = Path(path)
    read = 0

    def counted() -> Iterator[Any]:
        nonlocal read
        for document in WarcReader(str(place.parent), glob_pattern=place.name).run():
            read += 1
            yield document

    for _ in Trafilatura().run(counted()):
        yield from range(read)
        read = 0
    yield from range(read)


CONTENDERS: dict[str, Maker] = {
    "trafilatura": trafilatura(),
    "trafilatura fast": trafilatura(fast=True),
    "resiliparse main content": resiliparse(main=True),
    "resiliparse whole page": resiliparse(main=False),
    "jusText": justext,
    "readability-lxml": readability,
    "OpenWebMath": openwebmath,
    "datatrove's Trafilatura": datatrove,
}
STREAMS = {"datatrove: WarcReader > Trafilatura": (datatrove_warc, ("datatrove", "trafilatura"))}


def tell_time(
    one_pass: Callable[[], int], packages: tuple[str, ...] = (), least: float = LEAST_CPU_SECONDS
) -> None:
    """Print the JSON line for passes, each of which says how many pages it did."""
    pages, started = 0, cpu_seconds()
    while (spent := cpu_seconds() - started) < least or not pages:
        pages += one_pass()
    memory = sum(
        resource.getrusage(who).ru_maxrss * 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    told = {"pages": pages, "cpu": spent, "memory": memory, "versions": _versions(packages)}
    print(json.dumps(told))


def main(contenders: dict[str, Maker]) -> None:
    logging.disable(logging.CRITICAL)
    name, action, path, *rest = sys.argv[1:]
    if name in STREAMS:
        stream, packages = STREAMS[name]
        tell_time(lambda: sum(1 for _ in stream(path)), packages)
        return
    extract, packages = contenders[name]()
    pages = read_captures(path)
    if action == "time":
        for page in pages[:_WARM_UP]:
            _text(extract, page)
        tell_time(lambda: _one_pass(extract, pages), packages)
        return
    started = time.monotonic()
    with Path(rest[0]).open("w", encoding="utf-8") as out:
        for page in pages:
            text, formulas = _text(extract, page)
            text = text.encode("utf-8", "replace").decode()
            out.write(json.dumps({"text": text, "formulas": formulas}) + "\n")
    seconds = time.monotonic() - started
    print(json.dumps({"pages": len(pages), "seconds": seconds, "versions": _versions(packages)}))


def _one_pass(extract: Callable[[Capture], Text], pages: list[Capture]) -> int:
    for page in pages:
        _text(extract, page)
    return len(pages)


def _text(extract: Callable[[Capture], Text], page: Capture) -> Text:
    try:
        return extract(page)
    except Exception:
        # Whatever it does not manage is a page without text.
        return Text("")


def _versions(packages: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {version(name)}" for name in packages)


if __name__ == "__main__":
    main(CONTENDERS)
