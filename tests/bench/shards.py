"""The corpus as it is published, beside plain files: ``python -m tests.bench shards``.

Rounds over a small sample web; its pages are then varied to a corpus of ``--gigabytes`` of text,
in no order, in files without indexes. That is published. DuckDB answers the
questions of docs/questions.md, and some that look for little, over both, in turns, by CPU time.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.base.printing import aligned
from pipeline.corpus.shards import EmitNotes
from pipeline.loop.publishing import publish
from pipeline.loop.run import Run
from pipeline.workspace.table_schemas import schema
from pipeline.workspace.views import views
from tests.documents import blocks_of
from tests.places import PROJECT
from tests.sample_runs import PAGES, carry_out_rounds, make_sample_web

#: Some questions compare rounds.
_ROUNDS = 3
_NUMBER = re.compile(r"\d+")
#: Pages that are made first, to learn how long they are.
_TRIED = 1_000
#: Pages whose paragraphs make one.
_MIXED = 4
_FILE_BYTES, _GROUP_ROWS = 256_000_000, 100_000
#: Rows that are streamed of each configuration.
_STREAMED = 20_000
#: Questions that look for little, beside those of the documents.
_FEW = {
    "one page by its id": "select url, text from corpus where page_id = '{page_id}'",
    "pages of one host": "select url, text from corpus where host = '{host}'",
    "the best 1,000 texts": "select text from corpus where rank <= 1000",
    "texts above a score": "select text from corpus where score >= {score}",
    "texts of one language": "select text from corpus where language = '{language}'",
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--mixed", action="store_true", help="publish it mixed, too")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mathmine-shards-") as name:
        folder = Path(name)
        web = make_sample_web(folder, PAGES)
        workspace = folder / "workspace"
        carry_out_rounds(web, workspace, _ROUNDS)
        run = Run(web.config, str(workspace))
        made = _enlarge(run, workspace, int(asked.gigabytes * 1e9))
        print(f"{made['rows']:,} pages, {made['bytes']:,} bytes of text", flush=True)
        forms = {"plain": workspace / "corpus/data"}
        for form, seed in (("by rank", None), ("mixed", 7))[: 1 + asked.mixed]:
            started, forms[form] = time.perf_counter(), folder / form
            list(publish(run, str(folder / form), seed=seed, public=False))
            print(f"published {form} in {time.perf_counter() - started:,.0f} s", flush=True)
        _tell_sizes(forms)
        _tell_stream(forms["by rank"])
        _tell_questions(run, forms, made, asked.turns)
    return 0


def _enlarge(run: Run, workspace: Path, size: int) -> dict[str, Any]:
    """Replace the corpus by one of ``size`` bytes of text, out of paragraphs of its own pages and
    numbers that are changed; what was made of it, with a page and a host to look for.
    """
    corpus = run.workspace.corpus()
    manifest = corpus.existing()
    base = pa.concat_tables(pq.read_table(path) for path in corpus.local_files()).to_pylist()
    draw, columns = random.Random(1), schema("corpus").arrow()
    trial = next(_varied(base, [*range(1, _TRIED + 1)], random.Random(2)))
    number = size * _TRIED // sum(len(row["text"].encode()) for row in trial) + 1
    ranks = [*range(1, number + 1)]
    draw.shuffle(ranks)
    files, written, made = [], 0, {"rows": number, "bytes": 0}
    ids = workspace / "pages.parquet"
    narrow = [name for name in schema("pages").names if name != "text"]
    with pq.ParquetWriter(ids, pa.schema([schema("pages").arrow().field(n) for n in narrow])) as of:
        writer = None
        for rows in _varied(base, ranks, draw):
            table = pa.Table.from_pylist(rows, columns)
            made["bytes"] += sum(len(row["text"].encode()) for row in rows)
            if writer is None or written > _FILE_BYTES:
                if writer is not None:
                    writer.close()
                files.append(f"{corpus.path}/part-{len(files):05d}-made.parquet")
                writer = pq.ParquetWriter(workspace / files[-1], columns, compression="zstd")
                written = 0
            writer.write_table(table, row_group_size=_GROUP_ROWS)
            written += table.nbytes
            of.write_table(_narrow(rows, narrow, of.schema))
        assert writer is not None
        writer.close()
    for path in corpus.local_files():
        path.unlink()
    notes = EmitNotes.of(manifest).model_copy(update={"files": None, "tokens": 1})
    changed = replace(manifest, rows=number, parts=files, notes=notes.document())
    (workspace / "corpus/manifest.json").write_text(changed.to_json(), encoding="utf-8")
    [(host, _)] = Counter(row["host"] for row in base).most_common(1)
    return made | {
        "page_id": f"{number // 2:032x}",
        "host": f"{host}.7.example",
        "language": "zh",
        "score": 1 - 0.02,
    }


def _varied(
    base: list[dict[str, Any]], ranks: list[int], draw: random.Random
) -> Iterator[list[dict[str, Any]]]:
    by_language: dict[str, list[list[str]]] = {}
    for row in base:
        by_language.setdefault(row["language"], []).append(row["text"].split("\n"))
    rows: list[dict[str, Any]] = []
    for number, rank in enumerate(ranks):
        row = draw.choice(base)
        others = draw.choices(by_language[row["language"]], k=_MIXED)
        lines = [line for lines in others for line in lines[::_MIXED]]
        draw.shuffle(lines)
        shift = draw.randrange(1, 1_000)
        text = _NUMBER.sub(lambda m, by=shift: str(int(m[0][:9]) + by), "\n".join(lines))
        # Many hosts, as a crawl has: each has pages of all ranks.
        host = f"{row['host']}.{number % 997}.example"
        rows.append(
            row
            | {"page_id": f"{number:032x}", "text": text, "host": host, "rank": rank}
            | {"score": 1 - rank / len(ranks), "url": f"https://{host}/{number}"}
        )
        if len(rows) == 20_000:
            yield rows
            rows = []
    if rows:
        yield rows


def _narrow(rows: list[dict[str, Any]], names: list[str], columns: pa.Schema) -> pa.Table:
    own = {"words": 100, "notations": "tex", "encoding": "utf-8", "warc_truncated": None}
    return pa.Table.from_pylist(
        [{name: (row | own)[name] for name in names} for row in rows], columns
    )


def _tell_sizes(forms: dict[str, Path]) -> None:
    lines = [["form", "files", "MB", "row groups"]]
    for form, folder in forms.items():
        files = list(folder.rglob("*.parquet"))
        groups = sum(pq.ParquetFile(file).num_row_groups for file in files)
        size = sum(file.stat().st_size for file in files)
        lines.append([form, f"{len(files):,}", f"{size / 1e6:,.1f}", f"{groups:,}"])
    print("\n".join(aligned(lines)), flush=True)


def _tell_stream(folder: Path) -> None:
    """How fast ``datasets`` streams each configuration, where it is installed."""
    try:
        import datasets
    except ImportError:
        print("datasets is not installed: nothing is streamed")
        return
    lines = [["configuration", "first row, s", "rows", "rows a second", "languages"]]
    for name in datasets.get_dataset_config_names(str(folder)):
        started = time.perf_counter()
        stream = datasets.load_dataset(str(folder), name, split="train", streaming=True)
        rows = iter(stream)
        languages = Counter([next(rows)["language"]])
        first = time.perf_counter() - started
        languages.update(row["language"] for row in islice(rows, _STREAMED - 1))
        took, number = time.perf_counter() - started, languages.total()
        speed = f"{number / took:,.0f}"
        lines.append([name, f"{first:.2f}", f"{number:,}", speed, ", ".join(languages)])
    print("\n".join(aligned(lines)), flush=True)


def _tell_questions(run: Run, forms: dict[str, Path], made: dict[str, Any], turns: int) -> None:
    text = "".join(blocks_of(PROJECT / "docs" / "questions.md", "sql"))
    questions = [(" ".join(q.split())[:44], q) for q in text.split(";") if q.strip()]
    few = [(name, query.format(**made)) for name, query in _FEW.items()]
    connections = {form: _opened(run, folder) for form, folder in forms.items() if form != "mixed"}
    lines, whole = (
        [["question", "plain, CPU-ms", "published, CPU-ms", "ratio"]],
        dict.fromkeys(connections, 0.0),
    )
    for name, query in [*questions, *few]:
        took: dict[str, list[float]] = {form: [] for form in connections}
        answers: dict[str, Any] = {}
        for _ in range(turns):
            for form, connection in connections.items():
                started = time.process_time()
                answers[form] = len(connection.sql(query).fetchall())
                took[form].append(time.process_time() - started)
        assert len({*answers.values()}) == 1, (name, answers)
        plain, ours = (1_000 * median(took[form]) for form in connections)
        for form in connections:
            whole[form] += median(took[form]) if (name, query) in questions else 0
        lines.append([name, f"{plain:,.1f}", f"{ours:,.1f}", f"{plain / ours:.2f}"])
    print("\n".join(aligned(lines)))
    plain, ours = whole.values()
    print(f"the {len(questions)} questions of the documents: {plain:.2f} and {ours:.2f} CPU-s")


def _opened(run: Run, folder: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with the views of the workspace, the corpus as it is in ``folder``."""
    connection = duckdb.connect()
    connection.execute(views(run.workspace))
    columns = ", ".join(schema("corpus").names)
    place = f"{folder}/**/*.parquet"
    connection.execute(f"create or replace view corpus as select {columns} from '{place}'")
    pages = Path(str(run.workspace)) / "pages.parquet"
    connection.execute(f"create or replace view pages as from '{pages}'")
    return connection


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
