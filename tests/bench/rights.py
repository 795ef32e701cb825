"""``make bench BENCH=rights``: licences and reservations of pages, and what reading them costs.

Of the WARC files that are named, or those of ../shared/crawl: pages by licence, by where it is
said, and by reservation; the CPU time of reading that beside the time of a whole row of ``pages``.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from pipeline.base.outcomes import SetAside
from pipeline.extract.page_row import Work, row_maker
from pipeline.web.rights import rights_of
from pipeline.web.warc import Capture, read_warc
from tests.bench.crawled import warcs

#: Each so many pages is timed.
_TIMED = 8


def main() -> None:
    """Print counts, and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warcs", nargs="*", type=Path)
    options = parser.parse_args()
    paths = options.warcs or warcs()
    make = row_maker("fast", 1)
    counts: dict[str, Counter[str]] = {
        "licence": Counter(),
        "said by": Counter(),
        "reserved": Counter(),
    }
    pages = timed = 0
    asking = whole = 0.0
    for path in paths:
        for item in read_warc(path):
            if not isinstance(item, Capture):
                continue
            pages += 1
            began = time.process_time()
            rights = rights_of(item.body, item.signals)
            asked = time.process_time()
            for key, value in zip(counts, rights, strict=True):
                if value:
                    counts[key][value] += 1
            if pages % _TIMED == 0:
                try:
                    make(Work("c", "w", item))
                except SetAside:
                    continue
                timed += 1
                asking += asked - began
                whole += time.process_time() - asked
    print(f"{pages:,} pages")
    for key, counted in counts.items():
        print(f"{key}: {counted.total():,}")
        for value, number in counted.most_common(12):
            print(f"  {number:>6,}  {value}")
    print(
        f"reading it: {asking / timed * 1e6:.0f} us a page; a row of pages: "
        f"{whole / timed * 1e6:.0f} us; {asking / whole:.1%}"
    )


if __name__ == "__main__":
    main()
