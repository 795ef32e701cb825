"""Look at what extraction makes of one page.

    python -m pipeline.extract page.html                     an HTML file
    python -m pipeline.extract URL --warc crawl.warc.gz      a record of a WARC, by its address
    python -m pipeline.extract 123456 --warc crawl.warc.gz   or by its offset

With --why, what was left out stands after the text: the rule that did it, the page's name
for the part, and the beginning of it. Formulas are shown between ⟦ ⟧, displayed ones between ⟦⟦ ⟧⟧.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.base.errors import InputMissing
from pipeline.base.outcomes import SetAside
from pipeline.base.printing import sentence, visible
from pipeline.base.program import Parser, run_program
from pipeline.config.settings import Extract
from pipeline.text.extractors import EXTRACTORS
from pipeline.text.layout import finish
from pipeline.text.page import extract_watched
from pipeline.text.tokens import count_tokens
from pipeline.text.why import dropped_parts
from pipeline.web.warc import Capture, read_warc

#: Of parts that were left out, characters of their names and of their text that are shown.
LONGEST_NAME, LONGEST_PART = 60, 160


def main(arguments: list[str] | None = None) -> int:
    """Print title, facts and text of one page; exit status 1 where it is set aside.

    What a terminal would obey is shown as an escape; of the text line ends stay.
    """
    return run_program(lambda: _look(arguments))


def _look(arguments: list[str] | None) -> int:
    parser = Parser(__doc__, prog="python -m pipeline.extract")
    parser.add_argument("page", help="an HTML file; with --warc, a record's URL or offset")
    parser.add_argument("--warc", help="the WARC file that holds the page")
    parser.add_argument("--content-type", default="", help="as the HTTP header would say")
    parser.add_argument("--extractor", choices=EXTRACTORS, default=EXTRACTORS[0])
    parser.add_argument(
        "--plain", action="store_true", help="formulas as the corpus has them: $…$ and $$…$$"
    )
    parser.add_argument(
        "--why", action="store_true", help="also what was left out, and which rule did that"
    )
    options = parser.parse_args(arguments)
    try:
        html, content_type = _page(options.page, options.warc)
    except OSError as error:
        parser.error(f"{options.warc or options.page} cannot be read: {error.strerror or error}")
    except SetAside as reason:
        return _aside(reason)
    try:
        watched = extract_watched(
            html, content_type=options.content_type or content_type, extractor=options.extractor
        )
    except SetAside as reason:
        return _aside(reason)
    page = watched.page
    text = page.text
    if not options.plain:
        text, _ = finish(watched.marked, inline=("⟦", "⟧"), display=("⟦⟦", "⟧⟧"))
    facts = {
        "title": page.title,
        "language": page.language,
        "encoding": page.encoding,
        "formulas": f"{page.formulas} ({', '.join(page.notations) or 'none'})",
        "tokens": f"{count_tokens(page.text):,}",
    }
    for name, value in facts.items():
        print(f"{name + ':':10} {visible(value)}")
    print(f"\n{text}")
    if options.why:
        print("\nleft out:")
        for part in dropped_parts(watched.reading, watched.lines):
            name = f" ({visible(part.name, LONGEST_NAME)})" if part.name else ""
            print(f"  {part.rule}{name}: {visible(part.text, LONGEST_PART)}")
    return 0


def _aside(reason: SetAside) -> int:
    print(sentence(f"set aside: {reason}"), file=sys.stderr)
    return 1


def _page(page: str, warc: str | None) -> tuple[bytes, str]:
    """Body and content type. Raises ``SetAside`` for a record that is no page."""
    if warc is None:
        return Path(page).read_bytes(), ""
    for record in read_warc(warc, max_page_bytes=Extract().max_page_bytes):
        if page not in (record.url, str(record.offset)):
            continue
        if isinstance(record, Capture):
            return record.body, record.content_type
        # A request has the address of its response.
        if page == str(record.offset):
            raise record
    raise InputMissing(
        f"no page {page} in {warc}",
        remedy="name the URL of a response in it as it is written there, or a record's offset",
    )


if __name__ == "__main__":
    sys.exit(main())
