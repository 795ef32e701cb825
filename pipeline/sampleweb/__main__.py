"""Write a simulated web into a folder: WARC files, labels, seed texts, benchmarks, tags.

The same --pages, --seed and --warcs give the same bytes. The folder is written over
when an earlier run of this program made it, and refused when anything else is in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.base.program import Parser, run_program
from pipeline.sampleweb.generate import Size, generate


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the generator; the exit status."""
    return run_program(lambda: _generate(arguments))


def _generate(arguments: Sequence[str] | None) -> int:
    parser = Parser(__doc__, prog="python -m pipeline.sampleweb")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument(
        "--pages", type=int, default=4000, help="HTML pages, 500 or more (%(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="another seed, another web (%(default)s)"
    )
    parser.add_argument(
        "--warcs", type=int, default=0, help="WARC files (one for 2,000 pages, at least 8)"
    )
    given = parser.parse_args(arguments)
    began = time.monotonic()

    def progress(message: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {message}", file=sys.stderr, flush=True)

    generate(given.out, Size(given.pages, given.seed, given.warcs), progress)
    return 0


if __name__ == "__main__":
    sys.exit(main())
