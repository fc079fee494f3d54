"""A warm process that forks worker processes and kills them with SIGKILL.

Starting Python and reading AWS's service models takes seconds; a fork of a process that has done so takes
milliseconds, and is as much a process as any other. Each fork builds the bot from its environment and runs
the bot's own Worker. One that is to die stops dead at its point and says so; then it gets `kill -9` from
here.

`python -m tests.e2e.kill_points.nursery` takes one JSON line and gives one, again and again:
{"do": "start", "point", "position", "key"} and {"do": "kill", "wait": seconds}.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer

from bot import app, logs, worker
from bot.aws import access
from bot.aws.clients import new_loader
from bot.aws.gateway import Answer, Gateway
from bot.config import load_settings
from bot.incidents import execution, jobs
from bot.incidents.journal import StoredJournal
from bot.slack.pace import Pace
from bot.slack.posting import Posting

#: What the workers do of all the bot's work, so that nothing else happens at the same time.
KINDS = (jobs.PLAN_EXECUTE, jobs.PLAN_UNDO)
#: The models that nearly every row needs.
SERVICES = ("sts", "iam", "s3", "s3control", "cloudtrail", "kms")


@dataclass
class Mortal:
    """Stops dead at one point of carrying out a plan, and says so.

    Attributes:
        point: one of tests.e2e.kill_points.matrix.POINTS; empty: never. position: at which of the calls.
        key: the key of the plan's card. says: the pipe to the nursery.
    """

    point: str
    position: int
    key: str
    says: int
    open: tuple[int, str, str] | None = None

    def here(self, point: str, position: int = 0) -> None:
        if (point, position) == (self.point, self.position):
            os.write(self.says, b".")
            while True:
                signal.pause()

    def arm(self) -> None:
        """Puts the points into the program. Each is passed in the order in which the program comes to it."""
        self._around_journal()
        self._around_calls()
        self._around(execution, "_finish", "before the end", "after the end")
        for name in ("edit", "post"):
            # A worker that was quick posts the card when all is done already.
            self._around(Posting, name, "before the card edit", "after the card edit", self._is_last)

    def _around_journal(self) -> None:
        intent, outcome = StoredJournal.intent, StoredJournal.outcome

        def mortal_intent(journal: StoredJournal, position: int, call: Any) -> None:
            self.here("before intent", position)
            intent(journal, position, call)
            self.open = (position, call.service, call.operation)
            self.here("after intent", position)

        def mortal_outcome(journal: StoredJournal, position: int, *rest: Any, **more: Any) -> None:
            outcome(journal, position, *rest, **more)
            self.open = None
            self.here("after outcome", position)

        setattr(StoredJournal, "intent", mortal_intent)  # noqa: B010
        setattr(StoredJournal, "outcome", mortal_outcome)  # noqa: B010

    def _around_calls(self) -> None:
        call = Gateway.call

        def mortal_call(gateway: Gateway, service: str, operation: str, *rest: Any) -> Answer:
            answer = call(gateway, service, operation, *rest)
            if self.open and self.open[1:] == (service, operation):
                self.here("after call", self.open[0])
            return answer

        setattr(Gateway, "call", mortal_call)  # noqa: B010

    def _around(
        self,
        owner: Any,
        name: str,
        before: str,
        after: str,
        counts: Callable[..., bool] = lambda *_: True,
    ) -> None:
        original = getattr(owner, name)

        def mortal(*rest: Any, **more: Any) -> Any:
            if counts(*rest):
                self.here(before)
            result = original(*rest, **more)
            if counts(*rest):
                self.here(after)
            return result

        setattr(owner, name, mortal)

    def _is_last(self, *arguments: Any) -> bool:
        """Whether this edit, or post, is what people will see in the end."""
        key, card = arguments[-2:]
        return bool(key == self.key and "Done and verified" in card.text)


def live(mortal: Mortal) -> None:
    """What a fork does until it is killed."""
    mortal.arm()
    # A process that has just started may always write at once; here each fork is one of hundreds.
    setattr(Pace, "wait", lambda *_: 0.0)  # noqa: B010
    worker.POLL = 0.02
    bot = app.build(load_settings("worker"))
    handlers = {kind: bot.handlers[kind] for kind in KINDS}
    worker.Worker(bot.database, handlers, bot.deliver, threads=1).start()
    while True:
        signal.pause()


def start(order: dict[str, Any]) -> tuple[int, int]:
    """A new worker process: its id, and the pipe on which it says that it has come to its point."""
    hears, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(hears)
        try:
            live(Mortal(order["point"], order["position"], order["key"], says))
        finally:
            os._exit(1)
    os.close(says)
    return pid, hears


def kill(pid: int, hears: int, seconds: float) -> bool:
    """`kill -9`, as soon as the process has come to its point. False: it did not in that time."""
    reached = not seconds or bool(select.select([hears], [], [], seconds)[0] and os.read(hears, 1))
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(hears)
    return reached and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def warm() -> None:
    """Reads once what each fork would read again: AWS's models, and the modules that are imported late."""
    loader = new_loader()
    for service in SERVICES:
        loader.load_service_model(service, "service-2")
    setattr(access, "new_loader", lambda: loader)  # noqa: B010
    importlib.import_module("bot.remediation.catalogue").listing()


def main() -> None:
    logs.configure()
    warm()
    pid = hears = 0
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            pid, hears = start(order)
            typer.echo(json.dumps({"pid": pid}))
        else:
            typer.echo(json.dumps({"killed": kill(pid, hears, order["wait"])}))
            pid = 0
    if pid:
        # Nobody asks any more: no worker may outlive the one for whom it works.
        kill(pid, hears, 0)


if __name__ == "__main__":
    main()
