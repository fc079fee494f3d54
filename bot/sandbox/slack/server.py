"""The fake Slack: a server on this machine that the app takes for slack.com."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Literal, TypeVar

from aiohttp import web

from bot.sandbox.slack.api.files import MOST_BYTES
from bot.sandbox.slack.api.web_api import WebApi
from bot.sandbox.slack.backend import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Backend, Refusal
from bot.sandbox.slack.delivery.courier import ACK_SECONDS, RETRY_DELAYS, Courier, Delivered
from bot.sandbox.slack.delivery.http import HttpDelivery
from bot.sandbox.slack.delivery.socket_mode import SocketMode
from bot.sandbox.slack.doing import Doing
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.guard import only_from_here
from bot.sandbox.slack.page_api import PageApi
from bot.sandbox.slack.page_shapes import PageShapes
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.respond import respond
from bot.sandbox.slack.triggers import ResponseUrls, Triggers
from bot.sandbox.slack.workspace import Workspace

Answer = TypeVar("Answer")
HOST = "127.0.0.1"


class FakeSlack:
    """Web API, Socket Mode or signed HTTP delivery, and a page to click on, at 127.0.0.1.

    Runs in a thread and event loop of its own between `start` and `stop`; also a context manager.

    Args:
        workspace: its state; whoever holds it must not change it while the server runs.
        port: 0 takes a free one.
        delivery: ``socket`` waits for the app to connect, ``http`` posts to ``request_url``.
        outside: the items of the page's panel "the world outside" so far.
        ack_seconds: how long an acknowledgement may take.
        retry_delays: seconds before each redelivery of an event that was not acknowledged.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        *,
        port: int = 0,
        delivery: Literal["socket", "http"] = "socket",
        request_url: str | None = None,
        outside: Callable[[], list[Json]] | None = None,
        ack_seconds: float = ACK_SECONDS,
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        if (delivery == "http") != (request_url is not None):
            raise ValueError("HTTP delivery needs a request_url, Socket Mode has none")
        self.workspace = workspace or Workspace()
        self.bot_token, self.app_token, self.signing_secret = BOT_TOKEN, APP_TOKEN, SIGNING_SECRET
        self.faults = Faults()
        self.faults.on_drop = self._drop_sockets
        self._port = port
        self._sockets = SocketMode(self.workspace.app.id)
        self._http = HttpDelivery(request_url, SIGNING_SECRET, self.workspace.clock) if request_url else None
        self._courier = Courier(
            self._http or self._sockets, self.faults, ack_seconds=ack_seconds, retry_delays=retry_delays
        )
        self._backend = self._assemble()
        self._doing = Doing(self._backend)
        self._feed = Feed(PageShapes(self.workspace))
        self._page = PageApi(self._backend, self._doing, self._feed, outside)
        self.workspace.observers.append(self._feed.observe)
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._runner: web.AppRunner | None = None

    def _assemble(self) -> Backend:
        clock = self.workspace.clock
        payloads = Payloads(self.workspace)
        return Backend(
            self.workspace,
            Triggers(clock),
            ResponseUrls(clock),
            payloads,
            self.faults,
            self._sockets,
            self._courier,
            Events(self.workspace, payloads, self._courier.tell),
        )

    # Life

    def start(self) -> None:
        """Listen; returns when requests are answered. Raises OSError when the port is taken."""
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-slack", daemon=True)
        self._thread.start()
        self.run(self._listen())

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._thread is None:
            return
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._thread = None

    def __enter__(self) -> FakeSlack:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, work: Coroutine[Any, Any, Answer], timeout: float | None = 30.0) -> Answer:
        """Run something on the server's loop and wait for it; for drivers in other threads."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    async def _listen(self) -> None:
        app = web.Application(middlewares=[only_from_here], client_max_size=MOST_BYTES)
        app.router.add_route("*", "/api/{method}", WebApi(self._backend).serve)
        app.router.add_get("/link/", self._sockets.connect)
        app.router.add_post("/upload/v1/{file}", self._upload)
        app.router.add_post("/response/{ticket}", self._respond)
        self._page.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._backend.base_url = self._backend.payloads.base_url = self.page_url
        self.workspace.observers.append(self._backend.events.observe)

    async def _close(self) -> None:
        await self._courier.stop()
        await self._sockets.stop()
        if self._http is not None:
            await self._http.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    # Where it is

    @property
    def page_url(self) -> str:
        return f"http://{HOST}:{self._port}/"

    @property
    def api_url(self) -> str:
        return f"{self.page_url}api/"

    # What a test or a demo may ask

    @property
    def deliveries(self) -> list[Delivered]:
        """What was brought to the app so far, with how long each acknowledgement took."""
        return list(self._courier.log)

    @property
    def refusals(self) -> list[Refusal]:
        """The Web API calls that were refused so far."""
        return list(self._backend.refusals)

    @property
    def connections(self) -> int:
        """Socket Mode connections that are open now."""
        return self._sockets.connections

    def person(self, name: str) -> Person:
        """A driver for one person. Raises KeyError for an unknown name."""
        return Person(self.workspace.person(name), self.workspace, self._doing, self._feed, self.run)

    def publish_outside(self, event: Mapping[str, Any]) -> None:
        """Push an item of the "world outside" panel to the open pages; callable from any thread."""
        if self._thread is None:
            return
        item = {"type": "outside", "item": dict(event)}
        self._loop.call_soon_threadsafe(self._feed.publish, item)

    # Requests that belong to no room of their own

    async def _upload(self, request: web.Request) -> web.Response:
        """The second step of a file upload: the bytes."""
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.uploaded:
            raise web.HTTPNotFound
        file.content = await _body(request)
        file.uploaded = True
        return web.Response(text=f"OK - {len(file.content)}")

    async def _respond(self, request: web.Request) -> web.Response:
        try:
            target = self._backend.response_urls.use(request.match_info["ticket"])
            respond(self._backend, target, await request.json())
        except SlackError as refusal:
            self._backend.refusals.append(Refusal("response_url", refusal.code))
            return web.json_response(refusal.body(), status=max(refusal.status, 400))
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        return web.Response(text="ok")

    def _drop_sockets(self, warned: bool) -> None:
        async def drop() -> None:
            await self._sockets.drop(warned=warned)

        asyncio.run_coroutine_threadsafe(drop(), self._loop)


async def _body(request: web.Request) -> bytes:
    """The uploaded bytes, raw or as the one file of a multipart form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    for part in (await request.post()).values():
        if isinstance(part, web.FileField):
            return part.file.read()
    return b""
