"""`s3incident detections ...`: for people who write detection rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.running import settings_or_exit
from bot.evidence.detections.rule import Rule
from bot.evidence.detections.ruleset import Detections, load
from bot.evidence.detections.sigma.files import Problem
from bot.evidence.wording import short, some

app = typer.Typer(no_args_is_help=True, help="Detections: Sigma rules that say what an event tells.")

Folders = Annotated[
    list[Path] | None,
    typer.Argument(help="Folders or files of Sigma rules. Without them: the rules in force."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")]


@app.callback()
def detections() -> None:
    """Detections: Sigma rules that say what an event tells."""


@app.command()
def check(folders: Folders = None, as_json: AsJson = False) -> None:
    """Say which rules load, and of each other one why not. Exit 1 if something is to be mended."""
    found = load(folders or _own())
    rules = [rule for rule in _every(found) if not folders or _is_in(rule.path, folders)]
    problems = [one for one in found.problems if not folders or _is_in(one.path, folders)]
    broken = [one for one in problems if one.broken]
    if as_json:
        _write({"rules": _told(rules), "left_out": list(map(_left_out, problems))})
    else:
        _show(rules, Console())
        for problem in problems:
            typer.echo(f"{'wrong' if problem.broken else 'left out'}: {short(str(problem), 600)}", err=True)
        left = len(problems) - len(broken)
        typer.echo(f"{some(len(rules), 'rule')} loaded, {len(broken)} to mend, {left} left out.")
    if broken:
        raise typer.Exit(1)


@app.command("list")
def list_rules(as_json: AsJson = False) -> None:
    """List the rules in force, the strongest first."""
    rules = list(_every(load(_own())))
    if as_json:
        _write({"rules": _told(rules)})
    else:
        _show(rules, Console())


def _own() -> list[Path]:
    """The team's folder, if there is one; nothing else of the settings is needed here."""
    folder = settings_or_exit("db").detections_dir
    return [folder] if folder else []


def _every(found: Detections) -> Iterable[Rule]:
    return (*found.rules, *found.correlations)


def _is_in(path: Path, folders: Sequence[Path]) -> bool:
    return any(folder == path or folder in path.parents for folder in folders)


def _show(rules: Iterable[Rule], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("row", "level", "weight", "kind", "records"):
        table.add_column(heading, no_wrap=True)
    table.add_column("title", overflow="fold")
    for rule in rules:
        records = "several" if rule.span else "one"
        cells = (rule.id, rule.severity, rule.weight, rule.kind, records, short(rule.title, 200))
        table.add_row(*map(Text, cells))
    console.print(table)


def _told(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return [
        {
            "row": rule.id,
            "name": rule.name,
            "title": rule.title,
            "level": rule.severity,
            "weight": rule.weight,
            "kind": rule.kind,
            "mitre": list(rule.mitre),
            "several_records": rule.span is not None,
            "file": str(rule.path),
        }
        for rule in rules
    ]


def _left_out(problem: Problem) -> dict[str, Any]:
    return {
        "file": str(problem.path),
        "rule": problem.rule,
        "reason": problem.reason,
        "to_mend": problem.broken,
    }


def _write(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
