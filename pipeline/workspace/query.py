"""Ask a workspace in SQL: DuckDB with a view of each table.

    python -m pipeline.workspace.query --workspace build/workspace
    python -m pipeline.workspace.query --workspace s3a://bucket/run --sql "from outcomes"

Without --sql, questions are read line by line: each ends with a semicolon; .tables lists the views.
On S3 DuckDB has the keys that AWS's own settings name, and the server of AWS_ENDPOINT_URL.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.base.errors import InputMissing, SetupError
from pipeline.base.program import Parser, run_program
from pipeline.workspace.storage import local_path
from pipeline.workspace.views import FILE as VIEWS

if TYPE_CHECKING:
    import duckdb

_PROMPT, _GO_ON = "sql> ", "...> "


def main(arguments: list[str] | None = None) -> int:
    """Answer one question, or those that are typed; exit status 1 where the one is no SQL."""
    return run_program(lambda: _ask(arguments))


def _ask(arguments: list[str] | None) -> int:
    parser = Parser(__doc__, prog="python -m pipeline.workspace.query")
    parser.add_argument("--workspace", required=True, metavar="URI", help="where tables live")
    parser.add_argument("--sql", help="one question; without it, questions are typed")
    options = parser.parse_args(arguments)
    connection = open_views(options.workspace)
    if options.sql:
        return 0 if _answer(connection, options.sql) else 1
    for question in _typed():
        _answer(connection, "show tables" if question == ".tables" else question)
    return 0


def open_views(uri: str) -> duckdb.DuckDBPyConnection:
    """DuckDB with the views of the workspace at ``uri``, local (this process goes there: to DuckDB
    parts of a path may be patterns) or on S3.

    Raises ``SetupError`` without DuckDB, ``InputMissing`` where there is no such workspace.
    """
    try:
        import duckdb
    except ImportError:
        raise SetupError(
            "there is no DuckDB here", remedy="pip install 'mathmine[query]'"
        ) from None
    connection = duckdb.connect()
    folder = local_path(uri)
    try:
        if folder is not None:
            os.chdir(folder)
            views = Path(VIEWS).read_text(encoding="utf-8")
        else:
            _reach_s3(connection)
            place = f"s3://{uri.partition('://')[2].rstrip('/')}/{VIEWS}"
            rows = connection.execute("select content from read_text(?)", [place]).fetchone()
            views = rows[0] if rows else ""
        connection.execute(views)
    except (OSError, duckdb.Error) as error:
        first = str(error).splitlines()[0]
        raise InputMissing(
            f"the tables of {uri} cannot be opened: {first}",
            remedy="name a workspace in which a round has come to its end",
        ) from None
    return connection


def _reach_s3(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("install httpfs; load httpfs; install aws; load aws")
    options = "type s3, provider credential_chain"
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        server = urlsplit(endpoint)
        tls = "true" if server.scheme == "https" else "false"
        host = server.netloc.replace("'", "")
        options += f", endpoint '{host}', url_style 'path', use_ssl {tls}"
    connection.execute(f"create secret ({options})")


def _answer(connection: duckdb.DuckDBPyConnection, question: str) -> bool:
    """Print what DuckDB says; whether that was an answer."""
    import duckdb

    try:
        if (rows := connection.sql(question)) is not None:
            print(rows)
    except duckdb.Error as error:
        print(error, file=sys.stderr)
        return False
    return True


def _typed() -> Iterator[str]:
    """Questions that are typed, each without its semicolon, until there are no more."""
    # Lines can then be edited, and those before fetched again.
    import readline  # noqa: F401

    lines: list[str] = []
    while True:
        try:
            line = input(_GO_ON if lines else _PROMPT).strip()
        except EOFError:
            print()
            return
        if not lines and line.startswith("."):
            if line in (".exit", ".quit"):
                return
            yield line
        elif line:
            lines.append(line)
            if line.endswith(";"):
                yield "\n".join(lines).rstrip(";")
                lines = []


if __name__ == "__main__":
    sys.exit(main())
