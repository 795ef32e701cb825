"""The walk of one record, as docs/architecture.md tells it: short, straight, and true."""

from __future__ import annotations

import ast
import gzip
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pipeline.base.native import SWITCH
from pipeline.config.run_file import parse_config
from pipeline.config.settings import Extract
from pipeline.config.sources import Read
from pipeline.extract.warc_rows import extract_warc
from pipeline.loop.rounds import whole_loop
from pipeline.web.listing import WarcFile
from tests.documents import read
from tests.places import PROJECT

MOST_FILES = 25
_SECTION = read(PROJECT / "docs" / "architecture.md").partition("## From bytes to a shard row")[2]
_WALK, _, _REST = _SECTION.partition("There is no step back")
ROWS: dict[str, str] = dict(re.findall(r"^\| \d+ \| `([\w/]+\.py)` \| `(\w+)` \|", _WALK, re.M))
FILES = list(ROWS)
#: The file behind which a row goes through tables.
TABLES = FILES.index("pipeline/loop/batches.py")
ASKED = set(re.findall(r"`(pipeline/[\w/]+\.py)`", _REST.partition("### Beside the way")[0]))
#: Floors that everybody stands on; and the notations, each of which is a family of files.
GROUND = ("pipeline/base/", "pipeline/config/", "pipeline/workspace/", "pipeline/text/formulas/")


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def imports_of(path: str) -> set[tuple[str, str]]:
    """Module and name of all that a file imports, wherever in it."""
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return {
        (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_walk_is_short_and_each_file_is_on_it_once() -> None:
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", _WALK, re.M)]
    assert numbers == list(range(1, len(FILES) + 1))
    assert 20 < len(FILES) <= MOST_FILES


@pytest.mark.parametrize("path", FILES)
def test_each_file_has_what_is_named(path: str) -> None:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    defined = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert ROWS[path] in [node.name for node in defined]


def steps_back(files: list[str]) -> list[str]:
    """Imports of a function from a file above. What begins with a capital is a type."""
    return [
        f"{path} imports {name} of {above}"
        for number, path in enumerate(files)
        for above in files[:number]
        for module, name in sorted(imports_of(path))
        if module == module_of(above) and not name.lstrip("_")[:1].isupper()
    ]


def test_no_file_calls_one_above_it() -> None:
    assert steps_back(FILES) == []


def test_a_step_back_would_be_seen() -> None:
    assert "pipeline/text/page.py imports to_utf8 of pipeline/text/decode.py" in steps_back(
        ["pipeline/text/decode.py", "pipeline/text/page.py"]
    )


def test_tables_are_passed_in_the_order_of_the_steps() -> None:
    config = parse_config({"crawls": {"c": {"warcs": ["a.warc.gz"]}}}, folder=PROJECT)
    steps = [step.build.__module__.replace(".", "/") + ".py" for step, _ in whole_loop(config, 1)]
    imported = [{module for module, _ in imports_of(path)} for path in steps]
    places = []
    for path in FILES[TABLES:]:
        readers = [n for n, modules in enumerate(imported) if module_of(path) in modules]
        assert readers, f"no step calls {path}"
        places.append(readers[0])
    assert places == sorted(places)


# --- A real walk --------------------------------------------------------------

_BODY = (
    rb"<html><head><title>Circles</title></head><body><p>Of a circle we know that its area is "
    rb"\(\pi r^2\), and <math><mi>r</mi></math> is its radius; nothing else is needed here.</p>"
    rb"</body></html>"
)
_HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + _BODY


def _record(number: int) -> bytes:
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-03-01T12:34:56Z\r\n"
        f"WARC-Target-URI: http://a.example/{number}\r\nContent-Length: {len(_HTTP)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + _HTTP + b"\r\n\r\n")


class Entered:
    """Files of the project in the order in which they were first entered, and what in each."""

    def __init__(self) -> None:
        self.names: dict[str, set[str]] = {}

    def note(self, frame: FrameType) -> None:
        code = frame.f_code
        path = Path(code.co_filename)
        if code.co_name != "<module>" and path.is_relative_to(PROJECT / "pipeline"):
            names = self.names.setdefault(str(path.relative_to(PROJECT)), set())
            names.add(code.co_qualname.partition(".")[0])

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self.note(frame)


def tracing_row_maker(extractor: Any, min_words: int) -> Callable[[Any], Any]:
    """The job's own, in the sandbox; each row says what was entered there until then."""
    from pipeline.extract.page_row import row_maker

    make, entered = row_maker(extractor, min_words), Entered()

    def row(work: Any) -> Any:
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            entered.note(frame)
            frame = frame.f_back
        sys.setprofile(entered)
        return make(work) | {"entered": entered.names}

    return row


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Entered, dict[str, set[str]]]:
    """What two records enter in this process, and in the one that works on pages."""
    path = tmp_path_factory.mktemp("walk") / "two.warc.gz"
    path.write_bytes(_record(0) + _record(1))
    warc = WarcFile(path.name, str(path), path.stat().st_size, "")
    near = Entered()
    with pytest.MonkeyPatch.context() as patch:
        # What is compiled enters no frame; the process inherits this.
        patch.setenv(SWITCH, "1")
        before = sys.getprofile()
        sys.setprofile(near)
        try:
            rows = list(extract_warc(warc, "c", Extract(min_words=1), Read(), tracing_row_maker))
        finally:
            sys.setprofile(before)
    pages = [row for row in rows if row["table"] == "pages"]
    assert len(pages) == 2
    assert "$\\pi r^2$" in pages[1]["text"]
    return near, pages[1]["entered"]


def test_the_record_enters_every_file_of_the_walk_by_what_is_named(
    walked: tuple[Entered, dict[str, set[str]]],
) -> None:
    near, far = walked
    for path in FILES[:TABLES]:
        assert ROWS[path] in near.names.get(path, set()) | far.get(path, set()), path


def test_the_record_enters_no_file_that_is_not_named(
    walked: tuple[Entered, dict[str, set[str]]],
) -> None:
    near, far = walked
    entered = {path for path in [*near.names, *far] if not path.startswith(GROUND)}
    assert entered <= {*FILES, *ASKED}


def test_the_page_comes_to_the_files_in_their_order(
    walked: tuple[Entered, dict[str, set[str]]],
) -> None:
    _, far = walked
    first = FILES.index("pipeline/extract/page_row.py")
    order = [path for path in far if path in FILES[first:]]
    assert order == FILES[first:TABLES]


def test_what_is_asked_by_the_way_is_not_on_the_walk() -> None:
    assert len(ASKED) > 10
    assert not ASKED & set(FILES)
