"""The web application: what is answered, and the page's own files.

Nothing that a page of a crawl says becomes markup, but for a stored page that is shown as it
was fetched: see ``pipeline.tagging.sanitised``. Who is answered at all is ``guard``'s affair.
"""

from __future__ import annotations

import json
import mimetypes
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from pipeline.base.errors import MathmineError
from pipeline.config.settings import Config
from pipeline.corpus.formula_trees import pieces
from pipeline.tagging.agreement import agreements
from pipeline.tagging.guard import guarded
from pipeline.tagging.mined import MinedRound
from pipeline.tagging.next_steps import NextSteps
from pipeline.tagging.queue import Queue
from pipeline.tagging.sanitised import STORED_HEADERS, Sanitised
from pipeline.tagging.store import Refused, TagStore
from pipeline.tagging.stored_pages import MAX_TEXT, NotAtHand, Place, StoredPages

MAX_BODY = 1_000_000
MAX_LIMIT = 500
#: Prefixes that one decision may be on.
MAX_PREFIXES = 500
_PAGE = Path(__file__).with_name("assets") / "page.html"
# Not every machine knows these by their endings.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/ttf", ".ttf")


def make_app(
    mined: MinedRound,
    store: TagStore,
    config: Config,
    next_steps: NextSteps,
    *,
    token: str,
    port: int,
    opened: Callable[[], None] | None = None,
) -> ASGIApp:
    """The application of one round; see ``pipeline.tagging.__main__`` for its API.

    ``opened`` is called when a browser comes with the token.
    """
    answers = _Answers(mined, store, config, next_steps)
    # The font that formulas are set in is ziamath's.
    assets = StaticFiles(packages=[("pipeline.tagging", "assets"), ("ziamath", "fonts")])
    app = Starlette(
        routes=[
            Route("/", lambda _: FileResponse(_PAGE)),
            Mount("/assets", assets),
            Route("/api/queue", answers.queue),
            Route("/api/domain", answers.domain),
            Route("/api/find", answers.find),
            Route("/api/samples", answers.samples),
            Route("/api/page", answers.page),
            Route("/api/agreement", answers.agreement),
            Route("/api/decisions", answers.decisions),
            Route("/api/decision", answers.decide, methods=["POST"]),
            Route("/api/undo", answers.undo, methods=["POST"]),
            Route("/fetched", answers.fetched),
        ]
    )
    return guarded(app, token, port, opened)


class _Answers:
    """An endpoint a method. They run in threads; what they share is small and quick."""

    def __init__(
        self, mined: MinedRound, store: TagStore, config: Config, next_steps: NextSteps
    ) -> None:
        self._mined, self._store, self._next_steps = mined, store, next_steps
        self._queue = Queue(mined, store, config.seed.patterns, config.mine)
        self._stored = StoredPages(mined.workspace, config)
        self._lock = threading.Lock()
        # Stored pages take longer, and what is decided does not wait for them.
        self._slow = threading.Lock()

    def queue(self, request: Request) -> Response:
        asked = request.query_params

        def question() -> dict[str, Any]:
            answer = self._queue.page(
                language=asked.get("language", ""),
                min_share=float(asked.get("min_share", 0)),
                max_share=float(asked.get("max_share", 1)),
                state=asked.get("state", "open"),
                reason=asked.get("reason", ""),
                offset=max(0, int(asked.get("offset", 0))),
                limit=min(MAX_LIMIT, max(0, int(asked.get("limit", 50)))),
            )
            return {
                **answer,
                "next_steps": self._next_steps.document(waits=answer["progress"]["waits"] > 0),
            }

        return self._answered(question)

    def domain(self, request: Request) -> Response:
        asked = request.query_params
        second = asked.get("second") == "1"
        return self._answered(
            lambda: self._queue.domain(
                asked.get("domain", ""), second=second, at=asked.get("at", "")
            )
        )

    def find(self, request: Request) -> Response:
        text = request.query_params.get("text", "")[:2_000]
        return self._answered(lambda: {"found": self._queue.find(text)})

    def samples(self, request: Request) -> Response:
        prefix = request.query_params.get("prefix", "")

        def question() -> dict[str, Any]:
            self._domain_of(prefix)
            samples = self._mined.samples(prefix)
            return {"prefix": prefix, "samples": [_shown(sample) for sample in samples]}

        return self._answered(question)

    def page(self, request: Request) -> Response:
        def question() -> dict[str, Any]:
            page = self._mined.page(request.query_params.get("id", ""))
            about = {key: page[key] for key in ("url", "title", "language", "warc", "warc_offset")}
            about["fetch_time"] = page["fetch_time"] and page["fetch_time"].isoformat(" ")
            return {
                **about,
                "link": _link(page["url"]),
                **self._text(page),
                **self._as_fetched(page),
            }

        return self._answered(question, self._slow)

    def fetched(self, request: Request) -> Response:
        page_id = request.query_params.get("id", "")
        try:
            with self._slow:
                page: Sanitised = self._stored.fetched(Place.of(self._mined.page(page_id)))
        except (NotAtHand, KeyError):
            return Response("not at hand", 404, STORED_HEADERS, "text/plain")
        return Response(page.html, 200, STORED_HEADERS, "text/html")

    def agreement(self, request: Request) -> Response:
        return self._answered(
            lambda: {"pairs": [asdict(pair) for pair in agreements(self._store.words())]}
        )

    def decisions(self, request: Request) -> Response:
        return self._answered(lambda: {"decisions": self._queue.decisions()})

    async def decide(self, request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Response):
            return body

        def question() -> dict[str, Any]:
            prefixes = _prefixes(body)
            word, note, confidence = (
                str(body.get(key, "")) for key in ("word", "note", "confidence")
            )
            domains = [self._domain_of(prefix) for prefix in prefixes]
            if word == "split":
                for domain, prefix in zip(domains, prefixes, strict=True):
                    if not self._mined.tree(domain).children(prefix):
                        raise Refused(f"there is nothing deeper under {prefix}")
            second = body.get("second") is True
            self._store.decide_all(
                prefixes,
                word,  # type: ignore[arg-type]
                note,
                confidence=confidence,
                overrule=body.get("overrule") is True,
                second=second,
            )
            saved = {"prefix": prefixes[0], "prefixes": prefixes, "word": word}
            return {"saved": saved, **self._after(domains[0], second=second)}

        return await run_in_threadpool(self._answered, question)

    async def undo(self, request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Response):
            return body

        def question() -> dict[str, Any]:
            events = self._store.undo()
            if not events:
                return {"undone": None}
            first, prefixes = events[0], [event.prefix for event in events]
            undone = {"prefix": first.prefix, "prefixes": prefixes, "word": first.action}
            domain = self._queue.domain_of.get(first.prefix.partition("/")[0])
            return {"undone": undone, **(self._after(domain) if domain else {})}

        return await run_in_threadpool(self._answered, question)

    def _answered(
        self, question: Callable[[], dict[str, Any]], lock: threading.Lock | None = None
    ) -> Response:
        try:
            with lock or self._lock:
                return JSONResponse(question())
        except Refused as error:
            return JSONResponse({"error": str(error)}, 409)
        except MathmineError as error:
            return JSONResponse({"error": str(error)}, 500)
        except OSError as error:
            return JSONResponse({"error": f"not saved: {error}"}, 500)
        except KeyError as error:
            return JSONResponse({"error": f"there is no {error.args[0]}"}, 404)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    def _domain_of(self, prefix: str) -> str:
        domain = self._queue.domain_of.get(prefix.partition("/")[0])
        if domain is None or prefix not in self._mined.tree(domain).nodes:
            raise KeyError(f"{prefix[:200]} in round {self._mined.number}")
        return domain

    def _after(self, domain: str, *, second: bool = False) -> dict[str, Any]:
        now = self._queue.standing(domain)
        if second:
            left = self._queue.domain(domain, second=True)
            return {"domain": domain, "state": "second", "next": left["next"]}
        return {
            "domain": domain,
            "state": now.state,
            "next": now.open[0].prefix if now.open else None,
        }

    def _text(self, page: dict[str, Any]) -> dict[str, Any]:
        """The whole text, or its beginning and why there is no more."""
        try:
            text = self._stored.text(Place.of(page))
        except NotAtHand as reason:
            return {"pieces": pieces(page["text"]), "only_beginning": str(reason)}
        cut = f"the first {MAX_TEXT:,} characters" if len(text) == MAX_TEXT else None
        return {"pieces": pieces(text), "only_beginning": cut}

    def _as_fetched(self, page: dict[str, Any]) -> dict[str, Any]:
        try:
            fetched = self._stored.fetched(Place.of(page))
        except NotAtHand as reason:
            return {"left_out": None, "not_at_hand": str(reason)}
        return {"left_out": fetched.left_out, "not_at_hand": None}


def _prefixes(body: dict[str, Any]) -> list[str]:
    """Those of a decision: ``prefixes``, or the one ``prefix``."""
    prefixes = body.get("prefixes", [body.get("prefix", "")])
    if not isinstance(prefixes, list) or not 0 < len(prefixes) <= MAX_PREFIXES:
        raise ValueError(f"prefixes is no list of 1 to {MAX_PREFIXES} prefixes")
    return [str(prefix) for prefix in prefixes]


async def _body(request: Request) -> dict[str, Any] | Response:
    """The JSON object that was posted, or what is wrong with it."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return JSONResponse({"error": "a body of application/json is expected"}, 415)
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            return JSONResponse({"error": f"more than {MAX_BODY} bytes"}, 413)
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return JSONResponse({"error": "a JSON object is expected"}, 400)
    return body


def _shown(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample page for the browser."""
    return {
        "id": sample["page_id"],
        **{key: sample[key] for key in ("url", "title", "language", "collected", "score")},
        "link": _link(sample["url"]),
        "pieces": pieces(sample["text"]),
    }


def _link(url: str) -> str | None:
    """Where to, of http and https alone."""
    return url if url.lower().startswith(("http://", "https://")) else None
