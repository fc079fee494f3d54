"""What the documents say is so: commands, settings, links. No file names the machine it was written on."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from bot.cli.main import app
from bot.config import AccountSettings, AuditSchedule, Settings, variable
from bot.remediation.catalogue import listing
from bot.remediation.listing import families
from bot.slack.listeners.commands.s3incident import SUBCOMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

#: Settings that README's table leaves out, and why a newcomer does not need them.
LEFT_OUT = {
    "slack_api_url": "the sandbox sets it",
    "playbook": "playbooks/README.md",
    "playbooks_dir": "playbooks/README.md",
    "detections_dir": "playbooks/detections/README.md",
    "approval_minutes": "playbooks/README.md; an hour serves most teams",
    "vault_dir": "in var/ beside the database",
    "vault_account": "bot/evidence/README.md; the first account serves most teams",
    "vault_retention_days": "bot/evidence/README.md; the bucket's own rule serves most teams",
    "athena_output": "bot/evidence/README.md; the workgroup says where",
    "athena_database": "bot/evidence/README.md",
    "athena_above": "bot/evidence/README.md",
    "athena_dollars_per_tb": "bot/evidence/README.md; the price of most Regions",
    "batch_above": "bot/remediation/README.md",
    "batch_role": "bot/remediation/README.md",
    "batch_url": "bot/remediation/README.md",
    "evidence_days": "a week back serves most incidents",
    "watch_seconds": "for tests and the demo",
    "worker_threads": "four are enough",
    "lookups_per_second": "for tests; AWS's own limit",
}

# -- which files there are -----------------------------------------------------------------------------


@cache
def tracked() -> tuple[Path, ...]:
    """The files that a clone has."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone: nothing tells which files belong to it")
    list_files = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    listed = subprocess.run(list_files, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


DOCUMENTS = sorted(
    path
    for folder, pattern in ((".", "*.md"), ("docs", "**/*.md"), ("bot", "**/*.md"), ("playbooks", "**/*.md"))
    for path in (ROOT / folder).glob(pattern)
)
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def code_in(text: str) -> Iterator[str]:
    """Each line of a console or shell block, and each piece of inline code."""
    for block in re.findall(r"^```(?:console|shell|sh)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield line.removeprefix("$ ").partition(" #")[0].strip()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"(?<!`)`([^`\n]+)`", prose)


# -- commands ------------------------------------------------------------------------------------------


@each_document
def test_every_make_verb_is_a_target(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    said = {
        word
        for code in code_in(document.read_text(encoding="utf-8"))
        for word in re.findall(r"^make ([a-z]+)", code)
    }
    assert said <= targets


@each_document
def test_every_command_is_one(document: Path) -> None:
    for code in code_in(document.read_text(encoding="utf-8")):
        words = code.removeprefix(".venv/bin/").split()
        if words[:1] == ["s3incident"] and words[1:] != ["..."]:
            _understood(code, shlex.split(code)[1:])


def test_every_process_of_the_procfile_is_a_command() -> None:
    for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines():
        command = line.partition(": ")[2]
        assert command.startswith("s3incident ")
        _understood(line, shlex.split(command)[1:])


def _understood(said: str, words: list[str]) -> None:
    """Asserts that the command line knows these subcommands and options; values are not looked at."""
    command = typer.main.get_command(app)
    while words and isinstance(command, TyperGroup):
        name, *words = words
        assert name in command.commands, said
        command = command.commands[name]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, said
    if isinstance(command, TyperCommand) and any(not word.startswith("-") for word in words):
        assert command.params, f"{said}: it takes no arguments"


@pytest.mark.parametrize("wrong", ["nosuch", "demo --nosuch", "db nosuch", "run now"])
def test_a_command_that_is_none_would_be_noticed(wrong: str) -> None:
    with pytest.raises(AssertionError):
        _understood(wrong, wrong.split())


def test_the_slash_command_is_told_in_full() -> None:
    [line] = [line for line in README.splitlines() if line.startswith("`/s3incident open [")]
    told = [code.removeprefix("/s3incident ").split()[0] for code in re.findall(r"`([^`]+)`", line)]
    assert told == [*SUBCOMMANDS, "help"]


# -- settings ------------------------------------------------------------------------------------------


def rows_of_settings() -> dict[str, str]:
    """Variable to what the table says of it, without AWS's own."""
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \| (.*) \|$", README, re.MULTILINE)
    return dict(rows)


def test_the_table_has_every_setting_or_it_is_left_out_on_purpose() -> None:
    fields = set(Settings.model_fields)
    assert LEFT_OUT.keys() <= fields
    assert rows_of_settings().keys() == {variable(field) for field in fields - LEFT_OUT.keys()}


@pytest.mark.parametrize(
    ("name", "model"), [("S3INCIDENT_ACCOUNTS", AccountSettings), ("S3INCIDENT_AUDITS", AuditSchedule)]
)
def test_the_members_of_a_json_setting(name: str, model: type[AccountSettings] | type[AuditSchedule]) -> None:
    said = re.findall(r"`([a-z_]+)`", rows_of_settings()[name])
    assert sorted(said) == sorted(model.model_fields)


@each_document
def test_every_variable_named_is_a_setting(document: Path) -> None:
    known = {variable(field) for field in Settings.model_fields} | {
        "S3INCIDENT_REAL_DATA",
        "S3INCIDENT_FUZZ_MINUTES",
    }
    said = set(re.findall(r"S3INCIDENT_[A-Z_]+[A-Z]", document.read_text(encoding="utf-8")))
    assert said <= known


# -- the rest of README --------------------------------------------------------------------------------


def test_it_tells_of_every_remediation() -> None:
    wanted = families(listing())
    assert wanted in README, f"Put this table there:\n{wanted}"


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 150
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) < 120


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    for link in (link for link in links if not re.match(r"[a-z]+:", link)):
        target = (document.parent / link.partition("#")[0]).resolve()
        assert target.is_relative_to(ROOT), link
        assert any(target == path or target in path.parents for path in tracked()), f"not in a clone: {link}"


@each_document
def test_paths_in_code_are_there(document: Path) -> None:
    said = {
        code
        for code in code_in(document.read_text(encoding="utf-8"))
        if re.fullmatch(r"(bot|tests|docs|playbooks|migrations)/[\w/.-]*[\w/]", code) and "NAME" not in code
    }
    assert [path for path in sorted(said) if not (ROOT / path).exists()] == []


# -- nothing of the machine ----------------------------------------------------------------------------

#: A package index named in a file would be asked by whoever installs; a home folder is somebody's own.
_INDEX = re.compile(r"--(?:extra-)?index-url|index-url *=|--find-links")
_HOME = re.compile(r"(?<![\w.:/$}])/(?:home|Users|root|workspaces?|mnt)/\w")


def _texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        if path != Path(__file__):
            try:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


@pytest.mark.parametrize("forbidden", [_INDEX, _HOME], ids=["an index", "somebody's folder"])
def test_no_file_names(forbidden: re.Pattern[str]) -> None:
    assert [name for name, text in _texts() if forbidden.search(text)] == []


def test_no_file_names_this_machine() -> None:
    here = {str(folder) for folder in (ROOT, Path.home()) if len(folder.parts) > 2}
    hosts = {host for value in _indexes() for host in re.findall(r"//(?:[^@/\s]*@)?([\w.-]+\.\w+)", value)}
    for word in here | hosts:
        assert [name for name, text in _texts() if word in text] == []


def _indexes() -> Iterator[str]:
    """Where this machine installs from: never to be written down."""
    for name, value in os.environ.items():
        if re.fullmatch(r"(?:PIP|UV)_\w*(?:INDEX|LINKS|HOST)\w*", name):
            yield value
    for path in (Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf"):
        if path.is_file():
            yield path.read_text(encoding="utf-8")
