"""`/s3incident`: the word after it chooses what to do. Every word gets an answer, also a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.config import Settings
from bot.slack import names, sentences
from bot.slack.answers import Answer, Say
from bot.slack.cards import kit
from bot.slack.listeners import proposing
from bot.slack.listeners.commands import acting, reading
from bot.slack.registry import Registry
from bot.slack.requests import Command
from bot.store.types import Tx


@dataclass(frozen=True)
class Subcommand:
    """`run` gets the words after the subcommand; `usage` and `does` are for `help`."""

    run: Callable[[Tx, Settings, Command, str], Answer]
    usage: str
    does: str


SUBCOMMANDS = {
    "open": Subcommand(
        acting.open_, "open [BUCKET [sev1-4] [text]]", "open an incident; alone, it shows a form"
    ),
    "status": Subcommand(reading.status, "status [N]", "where this incident stands"),
    "list": Subcommand(reading.listing, "list", "the open incidents"),
    "approvals": Subcommand(reading.approvals, "approvals", "the changes that wait for an approval"),
    "propose": Subcommand(proposing.propose, "propose [R14]", "ask for a change beside the playbook"),
    "note": Subcommand(acting.note, "note TEXT", "add a line to this incident's timeline"),
    "close": Subcommand(acting.close, "close [TEXT]", "close this incident"),
    "audit": Subcommand(acting.audit, "audit [ACCOUNT]", "check every bucket of the account now"),
}
HELP_HEAD = "S3 incidents: evidence, approved changes, proof, undo."


def register(registry: Registry) -> None:
    registry.command(
        names.COMMAND,
        run,
        description="Open and run an S3 security incident",
        usage_hint="open | status | list | approvals | propose | note | close | audit | help",
    )


def run(tx: Tx, settings: Settings, command: Command) -> Answer:
    word, _, rest = command.text.partition(" ")
    word = word.lower()
    if word in ("", "help"):
        return help_()
    found = SUBCOMMANDS.get(word)
    if found is None:
        return Say(sentences.unknown_subcommand(word))
    return found.run(tx, settings, command, rest.strip())


def help_() -> Say:
    lines = [f"`{names.COMMAND} {one.usage}`  {one.does}" for one in SUBCOMMANDS.values()]
    lines.append(f"`{names.COMMAND} help`  this list")
    card = kit.card(kit.section(f"*{HELP_HEAD}*"), kit.section("\n".join(lines)))
    return Say(card.text, card.blocks)
