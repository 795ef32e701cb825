"""The house: which room stands on which, and that nothing leads up or around.

A room is a folder or a file of ``pipeline/``, and ``jobs/``; an arrow is an import, wherever
in a file it stands and for whatever it is. Every floor may use all floors below it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

import pipeline
from tests.places import PROJECT

#: From the roof down. ``pipeline`` is the front door, pipeline/__init__.py.
HOUSE = [
    row.split()
    for row in """
    jobs
    cli
    loop
    report tagging pipeline
    extract classify dedupe mine topics decontaminate corpus
    web
    workspace text config sampleweb
    base
    """.strip().splitlines()
]
MOST_ROOMS, MOST_FLOORS = 20, 8
MOST_FLOORS_OF_TEXT = 9
SAYS_NOTHING = ("util", "utils", "helper", "helpers", "common", "misc")

Imports = Mapping[str, Mapping[str, list[str]]]


def module_of(path: Path) -> str:
    """``pipeline/web/warc.py`` as ``pipeline.web.warc``."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    module_of(path): path
    for top in ("pipeline", "jobs")
    for path in sorted((PROJECT / top).rglob("*.py"))
}


@cache
def imports_of(module: str) -> list[tuple[str, int]]:
    """Modules of this project that a module imports, and in which line."""
    return list(_imports_of(module))


def _imports_of(module: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(SOURCES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports from where it stands"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [name if name in SOURCES else node.module or "" for name in whole]
        else:
            continue
        for name in found:
            if name in SOURCES and name != module:
                yield name, node.lineno


def arrows(place: Callable[[str], str | None]) -> Imports:
    """From each place to each that it imports: the lines that do. None: no place at all."""
    found: dict[str, dict[str, list[str]]] = {}
    for module, path in SOURCES.items():
        here = place(module)
        if here is None:
            continue
        leading = found.setdefault(here, defaultdict(list))
        for name, line in imports_of(module):
            there = place(name)
            if there not in (None, here):
                leading[there].append(f"{path.relative_to(PROJECT)}:{line} imports {name}")
    return found


def floors(drawn: Imports) -> dict[str, int]:
    """Each place's floor: 1, or above all that it imports. Raises ``CycleError``."""
    found: dict[str, int] = {}
    for place in TopologicalSorter(
        {here: set(there) for here, there in drawn.items()}
    ).static_order():
        found[place] = 1 + max((found[below] for below in drawn[place]), default=0)
    return found


def room(module: str) -> str:
    """The room that a module is in."""
    top, *rest = module.split(".")
    return rest[0] if top == "pipeline" and rest else top


def room_of_text(module: str) -> str | None:
    """Within ``text``: its files and families, and the families of formulas."""
    if not module.startswith("pipeline.text."):
        return None
    rest = module.split(".")[2:]
    if rest == ["formulas"]:
        return None
    return ".".join(rest[: 2 if rest[0] == "formulas" else 1])


def test_every_room_has_its_floor_and_there_are_few() -> None:
    drawn = arrows(room)
    assert sorted(drawn) == sorted(name for row in HOUSE for name in row)
    assert len(drawn) <= MOST_ROOMS
    assert len(HOUSE) <= MOST_FLOORS
    assert max(floors(drawn).values()) <= MOST_FLOORS


def test_every_import_leads_down() -> None:
    height = {name: -index for index, row in enumerate(HOUSE) for name in row}
    up = [
        line
        for here, leading in arrows(room).items()
        for there, lines in leading.items()
        if height[there] >= height[here]
        for line in lines
    ]
    assert not up


@pytest.mark.parametrize("place", [room, room_of_text, lambda module: module])
def test_there_is_no_circle(place: Callable[[str], str | None]) -> None:
    floors(arrows(place))


def test_text_is_not_built_too_high() -> None:
    found = floors(arrows(room_of_text))
    assert max(found.values()) <= MOST_FLOORS_OF_TEXT
    assert found["page"] == max(found.values())


def test_a_circle_and_a_way_up_would_be_seen() -> None:
    around = {"a": {"b": ["a.py:1"]}, "b": {"c": ["b.py:1"]}, "c": {"a": ["c.py:1"]}}
    with pytest.raises(ValueError, match="cycle"):
        floors(around)
    assert floors({"a": {"b": []}, "b": {"c": []}, "c": {}}) == {"c": 1, "b": 2, "a": 3}
    assert "base" in arrows(room)["web"]


def test_a_file_is_opened_by_its_name() -> None:
    # A job is called as the step that it runs.
    paths = [path for path in SOURCES.values() if path.is_relative_to(PROJECT / "pipeline")]
    named = Counter(path.stem for path in paths if not path.stem.startswith("__"))
    assert [name for name, count in named.items() if count > 1] == []
    assert not {*named, *map(room, SOURCES)} & {*SAYS_NOTHING}


def loaded_by(code: str) -> set[str]:
    """Modules that are loaded in a new process after ``code``."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(told.stdout.split())


ALL_OF = """
import importlib, pkgutil, {package}
for found in pkgutil.walk_packages({package}.__path__, "{package}."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
"""


#: Each function of the front door at work.
USED = """
import io
from pipeline import *
page = extract_page(b"<p>How many apples does Janet have if she eats two of her five?")
assert not find_traces(page.text, index_benchmarks(texts=["three words only"])).hits
assert estimated_jaccard(minhash(page.text), minhash(page.text)) == 1
assert len(list(read_warc(io.BytesIO(b"")))) == 1
assert load_config("seeds/sample.toml").crawls
"""


@pytest.mark.process
@pytest.mark.parametrize(
    "code",
    [
        ALL_OF.format(package="pipeline.web"),
        ALL_OF.format(package="pipeline.text"),
        "import pipeline\nfor name in pipeline.__all__: getattr(pipeline, name)",
        USED,
    ],
    ids=["web", "text", "every name of the front door", "every function of it, used"],
)
def test_reading_pages_needs_neither_spark_nor_a_server(code: str) -> None:
    loaded = loaded_by(code)
    assert "pipeline.base.errors" in loaded
    assert not loaded & {"pyspark", "py4j", "starlette", "uvicorn", "http.server"}


def test_every_function_of_the_front_door_is_among_those_used() -> None:
    functions = {name for name in pipeline.__all__ if callable(getattr(pipeline, name))}
    assert {name for name in functions if f"{name}(" not in USED} == {"Capture", "Page", "SetAside"}


@pytest.mark.process
def test_the_front_door_opens_no_room_unasked() -> None:
    rooms = {room(name) for name in loaded_by("import pipeline") if name.startswith("pipeline.")}
    assert rooms == {"base"}


@pytest.mark.process
def test_the_engine_knows_no_step() -> None:
    loaded = {name for name in loaded_by("import pipeline.loop.step") if "pipeline" in name}
    mathematics = HOUSE[4]
    assert not {room(name) for name in loaded if "." in name} & {*mathematics, "report", "text"}
    assert not {name for name in loaded if name.startswith("pipeline.loop.steps")}


def test_a_run_holds_nothing_that_is_a_steps() -> None:
    from pipeline.loop.run import Run

    public = {name for name in (*vars(Run), *Run.__annotations__) if not name.startswith("_")}
    options = {"tags", "force", "retry_failed", "from_round", "keep_model"}
    memory = {"remembered", "forget"}
    assert public == {"config", "uri", "workspace", "spark", "doing"} | options | memory


def test_notes_are_read_by_their_classes_alone() -> None:
    """Nothing but ``Notes.of`` looks into what a manifest holds of them."""
    reading = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in SOURCES.values()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript | ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "notes"
    ]
    # Where a step's notes, which have a class, become the manifest's.
    assert {line.split(":")[0] for line in reading} == {"pipeline/loop/step.py"}


def test_the_floors_are_told_from_the_roof_down() -> None:
    found = floors(arrows(room))
    highest = [max(found[name] for name in row) for row in HOUSE]
    assert all(above > below for above, below in pairwise(highest))


#: No name in the others is one of these words: a thing is called what it is.
POINTING_WORDS = {"found", "told", "said", "its", "there", "beside"}


def names_in(tree: ast.AST) -> Iterator[str]:
    """What a module calls its variables, arguments, attributes, functions and classes."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def test_names_say_what_a_thing_is() -> None:
    pointing = [
        f"{module}: {name}"
        for module, path in SOURCES.items()
        for name in names_in(ast.parse(path.read_text(encoding="utf-8")))
        if POINTING_WORDS & set(name.strip("_").split("_"))
    ]
    assert pointing == []
    assert "found" in names_in(ast.parse("def f():\n    found = 1"))
