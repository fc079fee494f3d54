"""`s3incident manifest`: the Slack app's manifest, to paste into "Create an app from a manifest"."""

from __future__ import annotations

import json
from typing import Annotated

import typer
import yaml

from bot.slack.manifest import manifest


def manifest_command(
    url: Annotated[
        str | None, typer.Option(help="The public address for HTTP mode; without it: Socket Mode.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of YAML.")] = False,
) -> None:
    """Print the Slack app manifest, made from the listeners and the scopes that they need."""
    made = manifest(url)
    if as_json:
        typer.echo(json.dumps(made, indent=2))
    else:
        typer.echo(yaml.safe_dump(made, sort_keys=False, allow_unicode=True), nl=False)
