"""The load, in a process of its own: many requests at once, each on a connection that stays open.

Reads one JSON line per burst, `{"port": 8080, "requests": ["POST ...", ...]}`, and answers with one line,
`[[seconds, status], ...]` in the same order. Nothing is parsed, signed or printed while the clock runs.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

PATIENCE = 10.0


@dataclass
class Line:
    """One open connection and the answer that is arriving on it."""

    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    started: float = 0.0
    seconds: float = PATIENCE
    status: int = 0

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.seconds, self.status = PATIENCE, 0
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> bool:
        """True when the answer is complete, or the connection is lost."""
        arrived = self.socket.recv(65536)
        self.received += arrived
        if not arrived:
            return True
        head, blank, body = bytes(self.received).partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return False
        self.seconds = time.perf_counter() - self.started
        self.status = int(head.split(b" ", 2)[1])
        return True


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def burst(lines: list[Line], requests: list[bytes]) -> list[tuple[float, int]]:
    """Sends all and reads until every answer is there, or the patience is over (then the status is 0)."""
    with selectors.DefaultSelector() as ready:
        for line in lines:
            ready.register(line.socket, selectors.EVENT_READ, line)
        for line, request in zip(lines, requests, strict=True):
            line.send(request)
        deadline = time.perf_counter() + PATIENCE
        while ready.get_map() and time.perf_counter() < deadline:
            for key, _ in ready.select(0.1):
                if key.data.read():
                    ready.unregister(key.fileobj)
    return [(line.seconds, line.status) for line in lines]


def main() -> None:
    open_lines: dict[int, list[Line]] = {}
    for order in sys.stdin:
        wish = json.loads(order)
        requests = [request.encode() for request in wish["requests"]]
        lines = open_lines.setdefault(wish["port"], [])
        while len(lines) < len(requests):
            lines.append(Line(socket.create_connection(("127.0.0.1", wish["port"]))))
        sys.stdout.write(json.dumps(burst(lines, requests)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
