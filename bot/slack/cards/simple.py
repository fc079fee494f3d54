"""The short cards: a task, a notice, a message of the playbook, an answer to one person."""

from __future__ import annotations

from bot.config import Settings
from bot.slack import names
from bot.slack.cards import kit
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import escape, inline, moment, own_time, person
from bot.store import incidents
from bot.store.types import JsonObject, Tx


def task(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    """Something a person must do. Its text comes from the playbook's template, already escaped."""
    row = incidents.get_task(tx, args["task_id"])
    if row is None:
        raise CardGoneError(f"task {args['task_id']}")
    done = row.state == "done"
    when = f" {moment(row.done_at)}" if row.done_at else ""
    title = inline(row.title)
    return kit.card(
        kit.section(f"*{'Done' if done else 'To do'}: {title}*"),
        kit.section(own_time(row.text)) if row.text.strip() else None,
        kit.context(f"Done by {person(row.done_by or '')}{when}.") if done else None,
        None
        if done
        else kit.actions(kit.button("Done", names.TASK_DONE, str(row.id), label=f"Done: {row.title}")),
    )


def notice(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    """A plain sentence: nothing in it has a meaning for Slack."""
    return kit.card(kit.section(own_time(escape(str(args["text"])))))


def message(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    """A text of the playbook, whose template escaped every value."""
    return kit.card(kit.section(own_time(str(args["mrkdwn"]))))


def reply(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    """An answer to one person: `mrkdwn` when it is ours, `text` when it is plain."""
    given = str(args["mrkdwn"]) if "mrkdwn" in args else escape(str(args["text"]))
    return kit.card(kit.section(given))
