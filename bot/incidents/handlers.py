"""Which function of this room does which kind of work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.aws.access import AwsAccess
from bot.config import Settings
from bot.incidents import jobs
from bot.incidents.approvals import expire
from bot.incidents.execution import execute
from bot.incidents.guided import poll
from bot.incidents.investigation import collect
from bot.incidents.planning import prepare
from bot.incidents.tools import Tools
from bot.incidents.undoing import prepare_undo
from bot.incidents.watch import watch
from bot.store.database import Database
from bot.store.types import JsonObject


def handlers(
    database: Database, settings: Settings, aws: AwsAccess
) -> dict[str, Callable[[JsonObject], None]]:
    """One handler for each kind of job of this room. Each bears being run again with the same payload."""
    tools = Tools(database, settings, aws)
    return {
        jobs.EVIDENCE_COLLECT: partial(collect, tools),
        jobs.PLAN_PREPARE: partial(prepare, tools),
        jobs.PLAN_EXECUTE: partial(execute, tools),
        jobs.PLAN_EXPIRE: partial(_expire, tools),
        jobs.PLAN_UNDO: partial(prepare_undo, tools),
        jobs.PLAN_WATCH: partial(watch, tools),
        jobs.PLAN_POLL: partial(poll, tools),
    }


def _expire(tools: Tools, payload: JsonObject) -> None:
    with tools.database.begin() as tx:
        expire(tx, payload["plan_id"])
