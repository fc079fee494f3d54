"""A small server of the page: the JSON API over real HTTP, holding one state and everything that was done.

It answers as the fake Slack does, with nothing of the fake Slack in it, so that a test of the page says
which side of the API is wrong.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
CSP = "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle of an answer is no error; any other is the test's to show."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class PageServer:
    """``states``: user id -> state. ``answer`` may change the state and gives the reply to POST /page/do."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._streams: list[queue.SimpleQueue[Json | None]] = []
        self.reset({}, {})
        self._http = _Http(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> PageServer:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.drop_streams()
        self._http.shutdown()
        self._http.server_close()

    def reset(self, states: dict[str, Json], files: dict[str, tuple[str, bytes]]) -> None:
        """Begin anew, at the same address (the browser may keep the page's own files)."""
        self.drop_streams()
        self.states = states
        self.files = files
        self.done: list[Json] = []
        self.answer: Callable[[Json], Json] = lambda _: {"ok": True}
        self.up = True

    def tell(self, event: Json) -> None:
        """Push an event to every open page."""
        for stream in list(self._streams):
            stream.put(event)

    def outside(self, item: Json) -> None:
        """A call in the world outside: in the state from now on, and told to every open page."""
        for state in self.states.values():
            state["outside"].append(item)
        self.tell({"type": "outside", "item": item})

    def drop_streams(self) -> None:
        """Cut every open event stream, as a restart of the server would."""
        for stream in list(self._streams):
            stream.put(None)

    def kinds(self, kind: str, count: int = 1) -> list[Json]:
        """What was done of this kind, as soon as there are ``count`` of it."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self._of(kind)) >= count, timeout=5)
            return self._of(kind)

    def take(self, done: Json) -> Json:
        with self._arrived:
            self.done.append(done)
            self._arrived.notify_all()
        return self.answer(done)

    def _of(self, kind: str) -> list[Json]:
        return [one for one in self.done if one["kind"] == kind]

    def events(self) -> queue.SimpleQueue[Json | None]:
        stream: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        self._streams.append(stream)
        return stream

    def close_events(self, stream: queue.SimpleQueue[Json | None]) -> None:
        self._streams.remove(stream)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_Handler):
            page = server

        return Handler


class _Handler(BaseHTTPRequestHandler):
    page: PageServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal of the tests."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        person = parse_qs(url.query).get("as", [next(iter(self.page.states), "")])[0]
        if not self.page.up:
            self._send(503, "text/plain", b"away")
        elif url.path == "/page/state" and person not in self.page.states:
            self._send(404, "text/plain", b"nobody has this id")
        elif url.path == "/page/state":
            self._send(200, "application/json", json.dumps(self.page.states[person]).encode())
        elif url.path == "/page/events":
            self._stream()
        elif url.path.startswith("/files/"):
            self._send(200, *self.page.files[url.path.removeprefix("/files/")])
        else:
            self._static("index.html" if url.path == "/" else url.path.removeprefix("/static/"))

    def do_POST(self) -> None:
        done = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(200, "application/json", json.dumps(self.page.take(done)).encode())

    def _static(self, name: str) -> None:
        file = resources.files("bot.sandbox.page") / name
        if not file.is_file():
            return self._send(404, "text/plain", b"no such file")
        return self._send(200, TYPES["." + name.rpartition(".")[2]], file.read_bytes())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "max-age=600" if self.path.startswith("/static/") else "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        events = self.page.events()
        try:
            self.wfile.write(b"retry: 100\n\n")
            while (event := events.get()) is not None:
                self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        except OSError:
            return
        finally:
            self.page.close_events(events)
