"""Which function of this room does which kind of work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.config import Settings
from bot.incidents import jobs
from bot.incidents.phases import Phase
from bot.incidents.recording import BOT, notice, record
from bot.playbooks import runner, sentences
from bot.playbooks.by_hand import order
from bot.playbooks.load import load, playbook_path
from bot.playbooks.problems import PlaybookError
from bot.store import incidents, outbox, playbooks
from bot.store.database import Database
from bot.store.types import JsonObject


def handlers(database: Database, settings: Settings) -> dict[str, Callable[[JsonObject], None]]:
    """One handler a kind; each bears being run again with the same payload."""
    return {
        jobs.PLAYBOOK_ADVANCE: partial(advance, database, settings),
        jobs.PLAN_ORDER: partial(order, database),
    }


def advance(database: Database, settings: Settings, payload: JsonObject) -> None:
    """Starts the incident's playbook if it has none yet, and does whatever can be done now.

    Raises PlaybookError, after saying so in the channel, when the playbook cannot be loaded: the job is
    tried again, and succeeds once the file is corrected.
    """
    incident_id = payload["incident_id"]
    try:
        with database.begin() as tx:
            incident = incidents.hold(tx, incident_id)
            if incident is None or incident.phase == Phase.CLOSED:
                return
            if playbooks.run_of(tx, incident_id) is None:
                playbook = load(playbook_path(settings.playbook, settings.playbooks_dir)).playbook
                runner.start(tx, incident_id, playbook)
            runner.advance(tx, incident_id)
    except PlaybookError as error:
        _say_broken(database, incident_id, str(error))
        raise


def _say_broken(database: Database, incident_id: int, error: str) -> None:
    key = f"playbook-broken:{incident_id}"
    with database.begin() as tx:
        if outbox.find(tx, key) is None:
            text = sentences.cannot_load(error)
            record(tx, incident_id, BOT, "playbook.broken", text)
            notice(tx, incident_id, key, text)
