"""A fake AWS on the loopback: real HTTP, real signatures, policies that are really decided, real evidence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.events import Event
from bot.sandbox.aws.faults import Faults
from bot.sandbox.aws.gate import Gate
from bot.sandbox.aws.identities import RootKey, Session
from bot.sandbox.aws.observed import ObservedCall
from bot.sandbox.aws.safeguards.safeguards import Safeguards

#: How often the server looks whether it shall stop.
POLL_SECONDS = 0.02


class QuietHandler(MotoRequestHandler):  # type: ignore[misc]  # moto ships no types
    """Keeps connections open, as AWS does, and writes no access log."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- werkzeug's name
        del type, message, args


class FakeAws:
    """One AWS account behind one endpoint. `start()` it, point boto3 at `endpoint`, `stop()` it.

    Attributes:
        endpoint: "http://127.0.0.1:PORT", set by `start()`.
        faults: throttling, errors, latency and stalls to order.
        root_access_key_id, root_secret_access_key: the account root's own key.
        delivery_seconds: how often log files are delivered in the background; 0 for only by `deliver()`.
    """

    def __init__(
        self,
        *,
        account_id: str = "111122223333",
        region: str = "us-east-1",
        seed: int = 7,
        port: int = 0,
        lookups_per_second: float = 2.0,
        delivery_seconds: float = 3.0,
        organization_id: str | None = None,
    ) -> None:
        """`lookups_per_second` is AWS's own limit for LookupEvents unless a test needs another.

        Without `organization_id` the account stands alone.
        """
        self.account_id = account_id
        self.region = region
        self.delivery_seconds = delivery_seconds
        self.endpoint = ""
        self.root_access_key_id = "AKIAROOTOFTHESANDBOX"
        self.root_secret_access_key = "sandbox-root-secret-of-nobody"
        self._seed = seed
        self._port = port
        self._backend = Backend(account_id, region, organization_id)
        root = RootKey(self.root_access_key_id, self.root_secret_access_key)
        self._gate = Gate(self._backend, root, seed, lookups_per_second)
        self._server: BaseWSGIServer | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    @property
    def faults(self) -> Faults:
        return self._gate.faults

    @property
    def seed(self) -> int:
        return self._seed

    @property
    def events(self) -> list[Event]:
        """Every event recorded so far, data events too: the truth that evidence is compared with."""
        return self._gate.recorder.history.events

    @property
    def safeguards(self) -> Safeguards:
        """What people do in AWS's consoles and no API does: Identity Center, the support plan."""
        return self._gate.safeguards

    def start(self) -> None:
        """Listen on 127.0.0.1.

        Raises:
            RuntimeError: another fake AWS runs in this process (moto's state is the process's).
        """
        self._backend.open(self._seed)
        self._server = make_server(
            "127.0.0.1", self._port, self._gate, threaded=True, request_handler=QuietHandler
        )
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._stopping.clear()
        self._threads = [
            threading.Thread(
                target=self._server.serve_forever, args=(POLL_SECONDS,), name="fake-aws", daemon=True
            ),
            threading.Thread(target=self._deliver_forever, name="fake-cloudtrail", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let go of held answers, stop listening, forget everything."""
        self._stopping.set()
        self.faults.clear()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        for thread in self._threads:
            thread.join(timeout=5)
        self._backend.close()

    def recent(self, since: int = 0) -> list[ObservedCall]:
        """The calls numbered higher than `since`, oldest first."""
        return self._gate.recorder.observations.recent(since)

    def subscribe(self, listener: Callable[[ObservedCall], None]) -> None:
        """Be told of each call as it is answered, on the thread that answers it."""
        self._gate.recorder.observations.subscribe(listener)

    def instance_credentials(self, role_name: str, instance_id: str, at: datetime | None = None) -> Session:
        """What the metadata service of an EC2 instance gives out: a new session of its role.

        Raises KeyError when there is no such role.
        """
        return self._gate.instance_credentials(role_name, instance_id, at or datetime.now(UTC))

    def deliver(self) -> int:
        """Deliver all pending CloudTrail log files now; their number."""
        return self._gate.deliver()

    def _deliver_forever(self) -> None:
        while not self._stopping.wait(self.delivery_seconds or 3600):
            if self.delivery_seconds:
                self.deliver()
