"""How commands name an incident: by its number, or by its name."""

from __future__ import annotations

import re
from typing import NoReturn

import typer

NOT_A_NAME = "{name!r} is not an incident. Give its number or its name, such as 1 or inc-0001."
NO_SUCH = "There is no incident {name}. `/s3incident list` shows those that are open."

_NAME = re.compile(r"(?:inc-)?0*([1-9][0-9]{0,8})", re.IGNORECASE)


def incident_id(text: str) -> int:
    """The number; ends the command with exit code 2 when the text is none."""
    known = _NAME.fullmatch(text.strip())
    return int(known[1]) if known else refuse(NOT_A_NAME.format(name=text))


def refuse(sentence: str) -> NoReturn:
    """Ends the command with a sentence and exit code 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
