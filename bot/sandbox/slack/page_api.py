"""The page: its files, its JSON, its live events. Only for browsers on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files
from typing import Any

from aiohttp import web

from bot.sandbox.slack.backend import APP_TOKEN, BOT_TOKEN, Backend
from bot.sandbox.slack.doing import Doing
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.page_shapes import PageShapes
from bot.sandbox.slack.records import Json, SlackFile

CONTENT_SECURITY_POLICY = "default-src 'self'; style-src 'self'; img-src 'self' data:"
KEEP_ALIVE_SECONDS = 15.0
_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "json": "application/json",
    "woff2": "font/woff2",
}


class PageApi:
    """Serves ``/``, ``/static``, ``/page`` and ``/files``."""

    def __init__(
        self, backend: Backend, doing: Doing, feed: Feed, outside: Callable[[], list[Json]] | None
    ) -> None:
        self._backend = backend
        self._doing = doing
        self._feed = feed
        self._shapes = PageShapes(backend.workspace)
        self._outside = outside or list

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/", self.index)
        app.router.add_get("/archives/{channel}/{message}", self.index)
        app.router.add_get("/static/{path:.+}", self.static)
        app.router.add_get("/page/state", self.state)
        app.router.add_get("/page/events", self.events)
        app.router.add_post("/page/do", self.do)
        app.router.add_post("/page/faults", self.faults)
        app.router.add_get("/files/{file}", self.file)

    async def index(self, _request: web.Request) -> web.Response:
        return _page_file("index.html")

    async def static(self, request: web.Request) -> web.Response:
        return _page_file(request.match_info["path"])

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(self._shapes.state(self._viewer(request), self._outside()))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events until the page goes away."""
        user_id = self._viewer(request)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        with self._feed.page(user_id) as queue, suppress(ConnectionResetError):
            await response.prepare(request)
            await response.write(b"retry: 500\n\n")
            while True:
                await response.write(await _next_chunk(queue))
        return response

    async def do(self, request: web.Request) -> web.Response:
        wish = await _json_object(request)
        wish.pop("late", None)
        outcome = await self._doing.do(str(wish.get("as")), wish)
        answer: Json = {"ok": outcome.ok}
        if outcome.errors:
            answer["errors"] = outcome.errors
        if outcome.error:
            answer["error"] = outcome.error
        if outcome.options:
            answer["options"] = outcome.options
        return web.json_response(answer)

    async def faults(self, request: web.Request) -> web.Response:
        """``{"fault": "rate_limit", "method": ..., ...}``: the arguments of the switch of that name."""
        wish = await _json_object(request)
        try:
            switch_fault(self._backend.faults, wish)
        except (TypeError, ValueError) as problem:
            return web.json_response({"ok": False, "error": str(problem)}, status=400)
        return web.json_response({"ok": True})

    async def file(self, request: web.Request) -> web.Response:
        """A file's content, for the app's token and for people who can see a channel it is in."""
        found = self._backend.workspace.files.get(request.match_info["file"])
        if found is None or not found.uploaded or not self._may_read(request, found):
            raise web.HTTPNotFound
        return web.Response(
            body=found.content,
            headers={
                "Content-Type": found.mimetype,
                "X-Content-Type-Options": "nosniff",
                "Content-Disposition": f"attachment; filename*=UTF-8''{_quoted(found.name)}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    def _may_read(self, request: web.Request, file: SlackFile) -> bool:
        if request.headers.get("Authorization") in (f"Bearer {BOT_TOKEN}", f"Bearer {APP_TOKEN}"):
            return True
        workspace = self._backend.workspace
        viewer = self._viewer(request)
        return any(workspace.can_see(viewer, workspace.channels[one]) for one in file.shares)

    def _viewer(self, request: web.Request) -> str:
        """Who looks: the user ``as``, or the first person when the page has not chosen yet."""
        user_id = request.query.get("as") or next(iter(self._backend.workspace.users))
        try:
            return self._backend.workspace.user(user_id).id
        except SlackError:
            raise web.HTTPNotFound(text=f"There is nobody with the id {user_id!r} here.") from None


FAULTS = {"rate_limit", "fail", "slow", "lose_ack", "redeliver", "drop_socket", "clear"}


def switch_fault(faults: Faults, wish: Json) -> None:
    """Raises ValueError for an unknown fault, TypeError for unknown arguments."""
    name = wish.get("fault")
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name!r}; there are {', '.join(sorted(FAULTS))}")
    arguments: dict[str, Any] = {key: value for key, value in wish.items() if key not in ("fault", "as")}
    getattr(faults, name)(**arguments)


async def _json_object(request: web.Request) -> Json:
    try:
        found = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="The body must be JSON.") from None
    if not isinstance(found, dict):
        raise web.HTTPBadRequest(text="The body must be a JSON object.")
    return found


async def _next_chunk(queue: asyncio.Queue[Json]) -> bytes:
    try:
        event = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
    except TimeoutError:
        return b": still here\n\n"
    return f"data: {json.dumps(event)}\n\n".encode()


def _page_file(path: str) -> web.Response:
    """A file of the page's folder, never one outside it."""
    parts = path.split("/")
    kind = _TYPES.get(path.rpartition(".")[2])
    if kind is None or any(part in ("", ".", "..") for part in parts):
        raise web.HTTPNotFound
    found = files("bot.sandbox.page").joinpath(*parts)
    if not found.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=found.read_bytes(),
        headers={
            "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-cache",
        },
    )


def _quoted(name: str) -> str:
    return "".join(one if one.isalnum() or one in "._-" else "_" for one in name)
