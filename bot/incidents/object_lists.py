"""The lists of objects of a plan, sealed in the vault: what was there before, and what people approve.

The list of object ACLs is the only record of who was granted what once the grants are taken away.
"""

from __future__ import annotations

from bot.evidence.vault.manifest import Custody
from bot.evidence.vault.vault import Artefact as Stored
from bot.incidents import sweep_sentences as sentences
from bot.incidents.recording import BOT, plan_key, record
from bot.incidents.tools import Tools
from bot.incidents.vaults import vault_of
from bot.remediation.plan import Plan
from bot.store import evidence, outbox
from bot.store.tables.evidence import Artefact
from bot.store.types import Tx, utcnow

KIND = "objects"
#: Longer lists are not sent to Slack: `s3incident evidence export` has them.
MOST_SENT = 50_000


def seal_lists(tools: Tools, incident: str, plan: Plan) -> tuple[Stored, ...]:
    """Puts the plan's lists into the vault's copies too, and notes them in its manifest.

    Raises OSError when a store does not take them: a plan whose list is not safe must not be proposed.
    """
    vault = vault_of(tools.settings, tools.aws)
    return tuple(
        vault.seal_parts(
            _name(plan, sha256),
            tools.manifests.chunks(sha256),
            KIND,
            plan.title,
            Custody(query=plan.title, incident=incident),
        )
        for sha256 in _lists(plan)
    )


def record_lists(tx: Tx, incident_id: int, plan_id: str, plan: Plan, lists: tuple[Stored, ...]) -> None:
    """Notes the lists beside the incident's other evidence, and sends them below the plan's card."""
    lengths = _lists(plan)
    for stored in lists:
        row = evidence.add_artefact(tx, _row(incident_id, plan, stored))
        text = sentences.listed(plan.title, lengths[stored.sha256], stored.sha256)
        record(tx, incident_id, BOT, "plan.listed", text, plan_id=plan_id, sha256=stored.sha256)
        if lengths[stored.sha256] <= MOST_SENT:
            thread = outbox.incident_place(incident_id, thread_of=plan_key(plan_id))
            args = {"artefact_id": row.id, "title": sentences.FILE_TITLE}
            outbox.say(tx, f"{plan_key(plan_id)}:{stored.sha256[:12]}", thread, "file", args)


def _lists(plan: Plan) -> dict[str, int]:
    """How many objects are on which list of the plan."""
    return {call.each.sha256: call.each.items for call in (*plan.calls, *plan.undo) if call.each}


def _name(plan: Plan, sha256: str) -> str:
    return f"{plan.remediation}-objects-{sha256[:12]}.jsonl"


def _row(incident_id: int, plan: Plan, stored: Stored) -> Artefact:
    return Artefact(
        incident_id=incident_id,
        evidence_run_id=None,
        name=_name(plan, stored.sha256),
        kind=stored.kind,
        path=stored.path,
        sha256=stored.sha256,
        size=stored.size,
        query={"plan": plan.title, "digest": plan.digest},
        created_at=utcnow(),
    )
