"""The web application: who may ask, what is answered, and the page's own files.

Only a browser or script that has the token is answered, only under this machine's
own loopback names, and nothing that a page of a crawl says becomes markup.
"""

from __future__ import annotations

import hmac
import json
import mimetypes
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.base.errors import MathmineError
from pipeline.corpus.formula_trees import pieces
from pipeline.tagging.mined import MinedRound
from pipeline.tagging.queue import Queue
from pipeline.tagging.store import Refused, TagStore

TOKEN_HEADER = "x-mathmine-token"  # noqa: S105
#: Where a file on the disk leads to (``pipeline.tagging.opening``), with the token.
DOORWAY = "/open"
MAX_BODY = 10_000
MAX_LIMIT = 500
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "font-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_NAMES = ("127.0.0.1", "localhost")
_PAGE = Path(__file__).with_name("assets") / "page.html"
# Not every machine knows these by their endings.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/ttf", ".ttf")


def make_app(
    mined: MinedRound,
    store: TagStore,
    token: str,
    port: int,
    *,
    opened: Callable[[], None] | None = None,
) -> ASGIApp:
    """The application of one round; see ``pipeline.tagging.__main__`` for its API.

    ``opened`` is called when a browser comes with the token.
    """
    queue = Queue(mined, store)
    # Endpoints run in threads; what they share is small and quick.
    lock = threading.Lock()

    def answered(question: Callable[[], dict[str, Any]]) -> Response:
        try:
            with lock:
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

    def domain_of(prefix: str) -> str:
        host = prefix.partition("/")[0]
        domain = queue.domain_of.get(host)
        if domain is None or prefix not in mined.tree(domain).nodes:
            raise KeyError(f"{prefix[:200]} in round {mined.number}")
        return domain

    def ask_queue(request: Request) -> Response:
        asked = request.query_params

        def question() -> dict[str, Any]:
            return queue.page(
                language=asked.get("language", ""),
                min_share=float(asked.get("min_share", 0)),
                max_share=float(asked.get("max_share", 1)),
                state=asked.get("state", "open"),
                offset=max(0, int(asked.get("offset", 0))),
                limit=min(MAX_LIMIT, max(0, int(asked.get("limit", 50)))),
            )

        return answered(question)

    def ask_domain(request: Request) -> Response:
        return answered(lambda: queue.domain(request.query_params.get("domain", "")))

    def ask_samples(request: Request) -> Response:
        prefix = request.query_params.get("prefix", "")

        def question() -> dict[str, Any]:
            domain_of(prefix)
            samples = mined.samples(prefix)
            return {"prefix": prefix, "samples": [_shown(sample) for sample in samples]}

        return answered(question)

    async def decide(request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Response):
            return body

        def question() -> dict[str, Any]:
            prefix, word, note = (str(body.get(key, "")) for key in ("prefix", "word", "note"))
            domain = domain_of(prefix)
            if word == "split" and not mined.tree(domain).children(prefix):
                raise Refused(f"there is nothing deeper under {prefix}")
            event = store.decide(
                prefix,
                word,  # type: ignore[arg-type]
                note,
                overrule=body.get("overrule") is True,
            )
            return {"saved": {"prefix": prefix, "word": event.action}, **after(domain)}

        return await run_in_threadpool(answered, question)

    async def undo(request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Response):
            return body

        def question() -> dict[str, Any]:
            event = store.undo()
            if event is None:
                return {"undone": None}
            undone = {"prefix": event.prefix, "word": event.action}
            domain = queue.domain_of.get(event.prefix.partition("/")[0])
            return {"undone": undone, **(after(domain) if domain else {})}

        return await run_in_threadpool(answered, question)

    def after(domain: str) -> dict[str, Any]:
        now = queue.standing(domain)
        return {
            "domain": domain,
            "state": now.state,
            "next": now.open[0].prefix if now.open else None,
        }

    def page(_request: Request) -> Response:
        return FileResponse(_PAGE)

    # The font that formulas are set in is ziamath's.
    assets = StaticFiles(packages=[("pipeline.tagging", "assets"), ("ziamath", "fonts")])
    app = Starlette(
        routes=[
            Route("/", page),
            Mount("/assets", assets),
            Route("/api/queue", ask_queue),
            Route("/api/domain", ask_domain),
            Route("/api/samples", ask_samples),
            Route("/api/decision", decide, methods=["POST"]),
            Route("/api/undo", undo, methods=["POST"]),
        ]
    )
    # A name of another site that leads to this machine is no way around the browser's rules.
    guarded = TrustedHostMiddleware(_Guard(app, token, port, opened), allowed_hosts=_NAMES)
    return _WithHeaders(guarded)


class _WithHeaders:
    """Every answer, refusals too, tells the browser to be careful with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *((k, v) for k, v in message["headers"] if k != b"cache-control"),
                    *((key.encode(), value.encode()) for key, value in _HEADERS.items()),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class _Guard:
    """Turns away whoever has no token, and browsers that were led here by another site."""

    def __init__(
        self, app: ASGIApp, token: str, port: int, opened: Callable[[], None] | None
    ) -> None:
        self._app, self._token, self._opened = app, token, opened
        self._origins = {f"http://{name}:{port}" for name in _NAMES}
        # Cookies are shared by all ports of a host.
        self._cookie = f"mathmine-tagging-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method == "POST":
            origin = request.headers.get("origin")
            if origin is not None and origin not in self._origins:
                return JSONResponse({"error": "asked by another site"}, 403)
        given = request.query_params.get("token")
        path = request.url.path
        if path in ("/", DOORWAY) and given is not None and self._is_token(given):
            if self._opened:
                self._opened()
            response = _onward() if path == DOORWAY else RedirectResponse("/", 303)
            response.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            return response
        known = request.headers.get(TOKEN_HEADER) or request.cookies.get(self._cookie, "")
        if not self._is_token(known):
            return JSONResponse(
                {"error": "no token, or an old one: open the address that make tag has printed"},
                403,
            )
        return None

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())


def _onward() -> Response:
    """Leads to the page as a page of its own site does.

    To a redirection from where a file has led the browser would send no strict cookie.
    """
    page = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><a href="/">Tagging</a>'
    return Response(page, media_type="text/html")


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
    """A sample page for the browser; no link but to http and https."""
    url = sample["url"]
    return {
        **{key: sample[key] for key in ("url", "title", "language", "collected", "score")},
        "link": url if url.lower().startswith(("http://", "https://")) else None,
        "pieces": pieces(sample["text"]),
    }
