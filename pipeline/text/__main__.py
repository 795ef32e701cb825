"""Look at what extraction makes of one HTML file: ``python -m pipeline.text FILE``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.ledger import SetAside
from pipeline.text.extraction import EXTRACTORS
from pipeline.text.formulas import finish
from pipeline.text.page import extract_marked
from pipeline.text.tokens import count_tokens


def main(arguments: list[str] | None = None) -> int:
    """Print title, facts and text of one page; exit status 1 where it is set aside."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.text", description=__doc__)
    parser.add_argument("file", type=Path, help="an HTML file")
    parser.add_argument("--content-type", default="", help="as the HTTP header would say")
    parser.add_argument("--extractor", choices=EXTRACTORS, default=EXTRACTORS[0])
    parser.add_argument(
        "--formulas", action="store_true", help="show each formula between ⟦ ⟧, display ones ⟦⟦ ⟧⟧"
    )
    options = parser.parse_args(arguments)
    try:
        html = options.file.read_bytes()
    except OSError as error:
        parser.error(f"{options.file} cannot be read: {error.strerror}")
    try:
        page, marked = extract_marked(
            html, content_type=options.content_type, extractor=options.extractor
        )
    except SetAside as reason:
        print(f"set aside: {reason}", file=sys.stderr)
        return 1
    text = page.text
    if options.formulas:
        text, _ = finish(marked, inline=("⟦", "⟧"), display=("⟦⟦", "⟧⟧"))
    facts = {
        "title": page.title,
        "language": page.language,
        "encoding": page.encoding,
        "formulas": f"{page.formulas} ({', '.join(page.notations) or 'none'})",
        "tokens": f"{count_tokens(page.text):,}",
    }
    for name, value in facts.items():
        print(f"{name + ':':10} {value}")
    print(f"\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
