"""A threaded web server for a WSGI application, on a free port of this machine."""

from __future__ import annotations

import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class WebServer:
    """Its address is known before there is an application to serve."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def application(self) -> WSGIApplication | None:
        return self._server.get_app()

    @application.setter
    def application(self, application: WSGIApplication) -> None:
        self._server.set_app(application)

    def __enter__(self) -> WebServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
