"""`s3incident remediations`: what the bot can change, and what it needs for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from bot.remediation.catalogue import listing
from bot.remediation.listing import entry, table

AsJson = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write JSON to a file; - is standard output.")
]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="Write the table of the documentation.")]


def remediations_command(json_file: AsJson = None, markdown: AsMarkdown = False) -> None:
    """List the remediations: what each does, how many people must agree, and what it may do in AWS."""
    if json_file is not None:
        _write(json_file)
    elif markdown:
        typer.echo(table(listing()), nl=False)
    else:
        _show(Console())


def _write(path: Path) -> None:
    text = json.dumps([entry(one) for one in listing()], indent=2) + "\n"
    if str(path) == "-":
        typer.echo(text, nl=False)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        typer.echo(f"{path} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(1) from error


def _show(console: Console) -> None:
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("row", "family", "people", "undo"):
        shown.add_column(heading, no_wrap=True)
    shown.add_column("what it does", overflow="fold")
    shown.add_column("permissions", overflow="fold")
    for one in listing():
        undo = "yes" if one.reversible else "no"
        permissions = "\n".join(one.permissions)
        shown.add_row(one.row, one.family, str(one.approvals), undo, one.title, permissions)
    console.print(shown)
