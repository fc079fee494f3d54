"""Keeps other web sites out: a page in the same browser must not be able to talk to the sandbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

LOCAL = {"127.0.0.1", "localhost"}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_from_here(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Refuse foreign Host headers (DNS rebinding) and requests that another origin makes."""
    if _host(f"//{request.headers.get('Host', '')}") not in LOCAL:
        raise web.HTTPForbidden(text="The sandbox answers only at 127.0.0.1 and localhost.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.headers['Host']}":
        raise web.HTTPForbidden(text="The sandbox does not take requests from other sites.")
    return await handler(request)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
