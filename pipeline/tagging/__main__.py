"""Tag URL patterns on a local web page, or merge another person's tags.

    python -m pipeline.tagging --workspace DIR --round N --who ada
    python -m pipeline.tagging --config run.toml --merge OTHER.tsv

The page's address, with the token that it takes, is the first line printed. Scripts
ask the same API, with the token in the header ``X-Mathmine-Token``; all answers are
JSON, errors ``{"error": …}`` with a status of 400 and more:

    GET  /api/queue     language= min_share= max_share= offset= limit= (up to 500)
                        state=open|all|begun|disputed|skipped|done
         → round, total, domains [domain, language, pages, collected, share, gain, state,
           open, next], languages, progress. ``gain``: uncollected pages under nodes that
           nobody has decided; ``next``: the prefix to decide next.
    GET  /api/domain    domain=
         → a domain as above, and nodes [prefix, parent, depth, pages, collected, share,
           scores (tenth, median, nine tenths), children, open, split, skipped, tag,
           falls_under, disputed], parents first.
    GET  /api/samples   prefix=
         → samples [url, link, title, language, collected, score, pieces], up to ten.
    POST /api/decision  {"prefix": …, "word": "mathematical"|"not"|"split"|"skip",
                         "note": "", "overrule": false}
         → saved, domain, state, next. 409 where another person said the opposite and
           ``overrule`` is not true. When the answer comes, the decision is on the disk.
    POST /api/undo      {}
         → undone [prefix, word] or null, domain, state, next.
"""

from __future__ import annotations

import argparse
import getpass
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from pipeline.base.errors import ConfigError, SetupError
from pipeline.base.program import Parser, run_program
from pipeline.base.small_files import write_whole
from pipeline.config.kept import KEPT, Kept
from pipeline.config.run_file import load_config
from pipeline.config.settings import Config
from pipeline.mine.patterns import AUTO, Patterns
from pipeline.tagging.app import DOORWAY, make_app
from pipeline.tagging.merging import compared
from pipeline.tagging.mined import MinedRound
from pipeline.tagging.opening import Doorway
from pipeline.tagging.store import TagStore
from pipeline.workspace.storage import LocalStorage

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8765


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    return run_program(lambda: _tag(arguments))


def _tag(arguments: Sequence[str] | None) -> int:
    asked = _parser().parse_args(arguments)
    config = _config(asked)
    if not config.tags.file:
        raise ConfigError(
            "the configuration names no file for tags",
            expected='file = "url_patterns.tsv" in its section [tags]',
        )
    if asked.make_file:
        _make_file(Path(config.tags.file))
        return 0
    store = TagStore(Path(config.tags.file), asked.who, asked.round)
    if asked.merge:
        _merge(store, Path(asked.merge))
        return 0
    try:
        _serve(store, MinedRound(asked.workspace, asked.round), asked.port, asked.browser)
    except KeyboardInterrupt:
        print("stopped; every decision is saved", file=sys.stderr)
    return 0


def _config(asked: argparse.Namespace) -> Config:
    """The run's: what is given, or what the workspace keeps; nobody tags into another's file."""
    storage = LocalStorage(Path(asked.workspace))
    kept = Kept(storage.root, storage.read(KEPT), storage.names("crawls"))
    if not asked.config:
        return kept.config(to_read=False)
    given = load_config(Path(asked.config))
    if not asked.merge and not asked.make_file:
        kept.check(given)
    return given


def _make_file(path: Path) -> None:
    """A file of tags with nothing but its header; one that is there is left alone."""
    if path.exists():
        print(f"{path} is there already")
        return
    write_whole(path, Patterns().tsv())
    print(f"{path} is made, with its header; tag, or write a line a pattern")


def _merge(store: TagStore, other: Path) -> None:
    store.hosts()
    merge = compared(Patterns(store.patterns().values()), Patterns.read(other))
    store.merge(list(merge.additions), [their for _, their in merge.disputes])
    print(merge.report())


def _serve(store: TagStore, mined: MinedRound, port: int, browser: bool) -> None:
    store.hosts()
    try:
        listener = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise SetupError(
            f"port {port} cannot be used: {error.strerror}",
            expected="a port that no other program listens on",
            remedy="say make tag PORT=0 for any free one; is another make tag running?",
        ) from None
    with listener:
        bound = listener.getsockname()[1]
        token = secrets.token_urlsafe(24)
        site = f"http://{LOOPBACK}:{bound}"
        print(f"{site}/?token={token}", flush=True)
        print(
            f"{len(mined.domains):,} domains of round {mined.number}, tags of {store.who} go to "
            f"{store.path}; stop with Ctrl-C",
            file=sys.stderr,
        )
        doorway = Doorway(f"{site}{DOORWAY}?token={token}") if browser else None
        app = make_app(mined, store, token, bound, opened=doorway.remove if doorway else None)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, ws="none", lifespan="off")
        )
        # The server gives back what ended it; as Ctrl-C does, the other way is to clear up.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            if doorway:
                doorway.show()
            server.run(sockets=[listener])
        finally:
            if doorway:
                doorway.remove()


def _parser() -> Parser:
    parser = Parser(__doc__, prog="python -m pipeline.tagging")
    parser.add_argument(
        "--workspace",
        default="build/workspace",
        metavar="DIR",
        help="a local workspace, or a local copy of its rounds (default: %(default)s)",
    )
    parser.add_argument(
        "--config",
        metavar="TOML",
        help="the run, whose tags.file is written (default: the one that the workspace keeps)",
    )
    parser.add_argument("--round", type=int, default=1, metavar="N", help="round, from 1")
    parser.add_argument(
        "--who", default=_login(), metavar="NAME", help="who tags (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="0 for any free one (default: %(default)s)"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )
    parser.add_argument(
        "--make-file", action="store_true", help="make the file of tags, with its header, and end"
    )
    parser.add_argument("--merge", metavar="TSV", help="merge another file of tags, and end")
    return parser


def _login() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = ""
    return name if name and name != AUTO else "somebody"


if __name__ == "__main__":
    sys.exit(main())
