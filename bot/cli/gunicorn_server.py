"""HTTP mode's server: gunicorn with threads, started from code so that there is nothing to configure."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class _Application(BaseApplication):  # type: ignore[misc]
    """One process with many threads: a listener only writes a transaction, so one core is enough."""

    def __init__(self, build: Callable[[], WSGIApplication], options: dict[str, Any]) -> None:
        self._build = build
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Built in the worker process, after the fork: connections are not shared between processes.
        application = self._build()
        # What stands now stands for good. Walking it again and again would stop every answer for 70 ms.
        gc.collect()
        gc.freeze()
        return application


def serve(build: Callable[[], WSGIApplication], host: str, port: int, threads: int) -> None:
    """Serves what `build` makes until stopped by a signal."""
    _Application(
        build,
        {
            "bind": f"{host}:{port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": threads,
            "keepalive": 75,
            "graceful_timeout": 10,
            "loglevel": "warning",
        },
    ).run()
