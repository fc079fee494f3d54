"""`s3incident playbook ...`: for people who write playbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.playbooks.load import load
from bot.playbooks.problems import PlaybookError

app = typer.Typer(no_args_is_help=True, help="Playbooks: what is done in which order, as data.")


@app.callback()
def playbook() -> None:
    """Playbooks: what is done in which order, as data."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The playbook, such as playbooks/unauthorized-s3-access.yml.")],
) -> None:
    """Say everything that is wrong with a playbook: file, line, what, what to do. Exit 2 if anything is."""
    try:
        loaded = load(file).playbook
    except PlaybookError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None
    steps = f"{len(loaded.steps)} step{'' if len(loaded.steps) == 1 else 's'}"
    typer.echo(f"{file}: {loaded.title}: {steps}, nothing wrong.")
