"""Who is answered, and what goes with every answer.

Only a browser or script that has the token is answered, only under this machine's own
loopback names.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER = "x-mathmine-token"  # noqa: S105
#: Where a file on the disk leads to (``pipeline.tagging.opening``), with the token.
DOORWAY = "/open"
_POLICY = b"content-security-policy"
_HEADERS = {
    _POLICY.decode(): "default-src 'none'; script-src 'self'; style-src 'self'; "
    "font-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-dns-prefetch-control": "off",
    "cache-control": "no-store",
}
_NAMES = ("127.0.0.1", "localhost")


def guarded(app: ASGIApp, token: str, port: int, opened: Callable[[], None] | None) -> ASGIApp:
    """``app`` for those with the token alone; ``opened`` is called when a browser comes with it."""
    # A name of another site that leads to this machine is no way around the browser's rules.
    trusted = TrustedHostMiddleware(_Guard(app, token, port, opened), allowed_hosts=_NAMES)
    return _WithHeaders(trusted)


class _WithHeaders:
    """Every answer, refusals too, tells the browser to be careful with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A stored page has a stricter policy of its own.
                own = [(k, v) for k, v in message["headers"] if k != b"cache-control"]
                strict = any(key == _POLICY for key, _ in own)
                headers = [(key.encode(), value.encode()) for key, value in _HEADERS.items()]
                message["headers"] = [
                    *own,
                    *((k, v) for k, v in headers if not (strict and k == _POLICY)),
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
