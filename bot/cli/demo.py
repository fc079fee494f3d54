"""`s3incident demo`: the whole thing on this machine, without Slack and without AWS."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import app as house
from bot import logs
from bot.cli import sentences
from bot.cli.running import settings_or_exit, start_everything, wait_for_signal
from bot.store import migrate

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox

PORT = 8765
#: In the place of a scenario's name.
ALL = "all"


def demo_command(
    scenario: Annotated[
        str, typer.Option(help="Whose story is played; with --headless also all, one after the other.")
    ] = "leaked-key",
    headless: Annotated[
        bool, typer.Option("--headless", help="Play the responders too, print what happens, and judge it.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0 takes a free one.")] = PORT,
    seed: Annotated[int, typer.Option(help="The same seed plays the same story.")] = 7,
    lookups: Annotated[
        float,
        typer.Option(
            help="Look-ups in event history, a second.",
            envvar="S3INCIDENT_LOOKUPS_PER_SECOND",
            min=0.1,
            hidden=True,
        ),
    ] = 2.0,
) -> None:
    """Try s3incident with an attack under way, on a page of your own machine."""
    logs.configure("ERROR")
    if scenario == ALL and headless:
        passed = [_demo(name, 0, seed, lookups, headless=True) for name in _names()]
        typer.echo(sentences.demo_all(sum(passed), len(passed)))
    else:
        passed = [_demo(scenario, 0 if headless else port, seed, lookups, headless=headless)]
    if not all(passed):
        raise typer.Exit(1)


def _demo(scenario: str, port: int, seed: int, lookups: float, *, headless: bool) -> bool:
    sandbox = _sandbox(scenario, port, seed, lookups)
    typer.echo(sentences.DEMO_PREPARING, err=True)
    try:
        sandbox.start()
    except OSError:
        typer.echo(sentences.PORT_TAKEN.format(port=port), err=True)
        raise typer.Exit(2) from None
    with tempfile.TemporaryDirectory(prefix="s3incident-demo-") as folder:
        return _play(sandbox, Path(folder), headless=headless)


def _names() -> tuple[str, ...]:
    try:
        from bot.sandbox.scenarios.catalogue import names  # noqa: PLC0415 -- as below
    except ImportError:
        typer.echo(sentences.SANDBOX_MISSING, err=True)
        raise typer.Exit(2) from None
    return names()


def _sandbox(scenario: str, port: int, seed: int, lookups: float) -> Sandbox:
    try:
        from bot.sandbox.sandbox import Sandbox  # noqa: PLC0415 -- an extra that may not be installed
    except ImportError:
        typer.echo(sentences.SANDBOX_MISSING, err=True)
        raise typer.Exit(2) from None
    try:
        return Sandbox(scenario, seed=seed, port=port, lookups_per_second=lookups)
    except KeyError as error:
        typer.echo(error.args[0], err=True)
        raise typer.Exit(2) from None


def _play(sandbox: Sandbox, folder: Path, *, headless: bool) -> bool:
    _connect(sandbox.environment(folder))
    bot = house.build(settings_or_exit("run"))
    migrate.upgrade(bot.database)
    stop = start_everything(bot)
    try:
        if headless:
            from bot.sandbox.playthrough import play  # noqa: PLC0415 -- as above

            try:
                return play(sandbox, typer.echo)
            except AssertionError as error:
                typer.echo(str(error), err=True)
                return False
        sandbox.players.start()
        typer.echo(sentences.DEMO_READY.format(url=sandbox.page_url))
        wait_for_signal()
        return True
    finally:
        stop()
        sandbox.stop()


def _connect(environment: dict[str, str]) -> None:
    """Points this process at the sandbox, and at nothing else."""
    for name in list(os.environ):
        if name.upper().endswith("_PROXY") or name.startswith(("AWS_", "SLACK_", "S3INCIDENT_")):
            del os.environ[name]
    os.environ.update(environment)
