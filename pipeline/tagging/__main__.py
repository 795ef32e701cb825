"""Tag URL patterns on a local web page, or merge another person's tags.

    python -m pipeline.tagging --workspace DIR --round N --who ada
    python -m pipeline.tagging --config run.toml --merge OTHER.tsv

The page's address, with the token that it takes, is the first line printed. Scripts
ask the same API, with the token in the header ``X-Mathmine-Token``; all answers are
JSON, errors ``{"error": …}`` with a status of 400 and more:

    GET  /api/queue     language= min_share= max_share= offset= limit= (up to 500)
                        state=open|all|begun|disputed|skipped|done|second|seed
         → round, total, domains [domain, language, pages, collected, share, gain, state,
           open, next], languages, progress, next_steps. ``gain``: uncollected pages under
           nodes that nobody has decided; ``next``: the prefix to decide next.
    GET  /api/domain    domain= second=1 (without what others said) at= (a prefix to show)
         → a domain as above, and nodes [prefix, parent, depth, pages, collected, share,
           scores (tenth, median, nine tenths), children, open, split, skipped, tag,
           falls_under, disputed], parents first.
    GET  /api/find      text=  → found [prefix, domain, pages, state], up to twenty.
    GET  /api/samples   prefix=
         → samples [id, url, link, title, language, collected, score, pieces], up to ten.
    GET  /api/page      id= of a sample → the stored page: url, title, fetch_time, warc,
           warc_offset, pieces, only_beginning, left_out, not_at_hand.
    GET  /fetched       id= → the same as it was fetched, made harmless: HTML.
    GET  /api/agreement → pairs [one, other, both, agreed, kappa, low, high].
    POST /api/decision  {"prefix": … or "prefixes": […], "note": "",
                         "word": "mathematical"|"not"|"split"|"skip",
                         "confidence": ""|"sure"|"likely"|"unsure",
                         "overrule": false, "second": false}
         → saved, domain, state, next. 409 where another person said the opposite and
           ``overrule`` is not true; with ``second`` the word is put beside that person's.
           When the answer comes, the decision is on the disk; on several prefixes it is on
           all or on none.
    POST /api/undo      {}
         → undone [prefix, prefixes, word] or null, domain, state, next.
"""

from __future__ import annotations

import argparse
import getpass
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from pipeline.base.errors import ConfigError, MathmineError
from pipeline.base.program import Parser, run_program
from pipeline.base.small_files import write_whole
from pipeline.config.kept import KEPT, Kept
from pipeline.config.run_file import load_config
from pipeline.config.settings import Config
from pipeline.mine.patterns import AUTO, Patterns
from pipeline.tagging.agreement import agreements
from pipeline.tagging.app import make_app
from pipeline.tagging.guard import DOORWAY
from pipeline.tagging.kept_address import LOOPBACK, KeptAddress
from pipeline.tagging.merging import compared
from pipeline.tagging.mined import MinedRound
from pipeline.tagging.next_steps import NextSteps
from pipeline.tagging.opening import Doorway
from pipeline.tagging.store import TagStore
from pipeline.workspace.storage import LocalStorage


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
        _serve(store, MinedRound(asked.workspace, asked.round), config, asked)
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


def _config_to_name(asked: argparse.Namespace) -> str | None:
    """What the next command has to name: nothing where the workspace keeps its own."""
    keeps = LocalStorage(Path(asked.workspace)).read(KEPT) is not None
    return None if keeps else asked.config


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
    store.merge(list(merge.additions), [their for _, their in merge.disputes], merge.agreed)
    print(merge.report())
    for pair in agreements(store.words()):
        if pair.kappa is not None:
            print(
                f"{pair.one} and {pair.other}: {pair.agreed:,} of {pair.both:,} words are the "
                f"same, Cohen's kappa {pair.kappa:.2f} ({pair.low:.2f} to {pair.high:.2f})"
            )


def _serve(store: TagStore, mined: MinedRound, config: Config, asked: argparse.Namespace) -> None:
    store.hosts()
    kept = KeptAddress.of(asked.workspace, store.who)
    with kept.listen(asked.port) as listener:
        port = listener.getsockname()[1]
        site = f"http://{LOOPBACK}:{port}"
        print(f"{site}/?token={kept.token}", flush=True)
        print(
            f"{len(mined.domains):,} domains of round {mined.number}, tags of {store.who} go to "
            f"{store.path}; stop with Ctrl-C",
            file=sys.stderr,
        )
        if kept.port not in (0, port) and asked.port is None:
            print(
                f"port {kept.port}, where it was before, is taken: by another make tag?",
                file=sys.stderr,
            )
        elif not kept.keep(port):
            print("the address cannot be kept: the next start has another one", file=sys.stderr)
        doorway = Doorway(f"{site}{DOORWAY}?token={kept.token}") if asked.browser else None
        app = make_app(
            mined,
            store,
            config,
            NextSteps(asked.workspace, mined.number, _config_to_name(asked), _is_copy(mined)),
            token=kept.token,
            port=port,
            opened=doorway.remove if doorway else None,
        )
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


def _is_copy(mined: MinedRound) -> bool:
    """Whether the workspace has only what is copied for this page."""
    try:
        return mined.workspace.collected(mined.number).manifest() is None
    except MathmineError:
        return False


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
        "--port",
        type=int,
        help="0 for any free one (default: the one of before, which is kept with the token for "
        "each workspace and person)",
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
