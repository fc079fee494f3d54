"""`s3incident run`, `web`, `worker`, `clock`: the processes, each of which may be killed at any moment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from bot import app as house
from bot import logs
from bot.app import Bot
from bot.cli import sentences
from bot.clock import Clock
from bot.config import Settings, SettingsError, load_settings
from bot.store import migrate
from bot.worker import Worker

Stop = Callable[[], None]


def settings_or_exit(purpose: str) -> Settings:
    """The settings, or exit code 2 with every missing and wrong one named."""
    try:
        return load_settings(purpose)
    except SettingsError as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from None


def run_command() -> None:
    """Everything in one process, over Socket Mode: no public address needed."""
    logs.configure()
    bot = house.build(settings_or_exit("run"))
    migrate.upgrade(bot.database)
    stop = start_everything(bot)
    typer.echo(sentences.RUNNING)
    wait_for_signal()
    stop()


def web_command(
    port: Annotated[int, typer.Option(help="The port to listen on.", envvar="PORT")] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "0.0.0.0",  # noqa: S104
    threads: Annotated[int, typer.Option(help="Requests handled at once.", min=1)] = 16,
) -> None:
    """Slack's deliveries over HTTP, signed, at /slack/events; a health check at /healthz."""
    from bot.cli.gunicorn_server import serve  # noqa: PLC0415 -- gunicorn reads the platform on import

    logs.configure()
    settings = settings_or_exit("web")
    serve(lambda: house.build(settings).wsgi(), host, port, threads)


def worker_command() -> None:
    """Does the queued work and delivers the messages. Run as many as you like."""
    logs.configure()
    bot = house.build(settings_or_exit("worker"))
    worker = start_worker(bot)
    wait_for_signal()
    worker.stop()


def clock_command() -> None:
    """Says when it is time for an audit. Run as many as you like: each slot fires once."""
    logs.configure()
    bot = house.build(settings_or_exit("clock"))
    clock = Clock(bot.database, bot.settings.audits)
    clock.start()
    wait_for_signal()
    clock.stop()


def start_everything(bot: Bot) -> Stop:
    """Worker, clock and websocket; what it returns stops them in the reverse order."""
    worker = start_worker(bot)
    clock = Clock(bot.database, bot.settings.audits)
    clock.start()
    socket = bot.socket()
    socket.start()

    def stop() -> None:
        socket.stop()
        clock.stop()
        worker.stop()
        bot.database.close()

    return stop


def start_worker(bot: Bot) -> Worker:
    worker = Worker(bot.database, bot.handlers, bot.deliver, bot.settings.worker_threads)
    worker.start()
    return worker


def wait_for_signal() -> None:
    """Returns at SIGINT or SIGTERM."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    while not asked.wait(3600):
        pass
