"""`kill -9` between the intent and the outcome of an AWS call: after a restart there is one effect, and the
card tells the truth."""

from __future__ import annotations

from sqlalchemy import update

from bot.sandbox.sandbox import Sandbox
from bot.store import ledger, plans
from bot.store.database import Database
from bot.store.tables.work import Job, OutboxMessage
from bot.store.types import utcnow
from tests.e2e.bot_process import BotProcess
from tests.e2e.steps import card, opened, proposal, until


def leases_run_out(database: Database) -> None:
    """As if the half minute had passed for which a dead process still holds what it had begun."""
    with database.begin() as tx:
        for table in (Job, OutboxMessage):
            tx.execute(update(table).where(table.lease_until.is_not(None)).values(lease_until=utcnow()))


def test_a_bot_killed_in_the_middle_of_a_call_has_one_effect_and_a_true_card(
    sandbox: Sandbox, bot: BotProcess, database: Database
) -> None:
    sam = sandbox.slack.person("sam")
    channel = opened(sandbox)
    message = proposal(sam, channel, "Deny everything to ci-deploy")
    stall = sandbox.aws.faults.stall_after_effect("iam", "AttachUserPolicy")
    sam.click(message, "Approve")
    assert stall.wait(20), "the call never reached AWS"

    with database.read() as tx:
        [plan] = [one for one in plans.of_incident(tx, 1) if one.remediation == "R2"]
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        assert [entry.state for entry in plans.journal(tx, execution.id)] == ["intent"]
    bot.kill()
    sandbox.aws.faults.release()
    assert card(sam, channel, "Deny everything to ci-deploy", "verified") is None

    leases_run_out(database)
    bot.start()
    done = until(
        lambda: card(sam, channel, "Deny everything to ci-deploy", "verified"), "the resumed card", 60
    )
    assert done.ts == message.ts, "the card was posted anew instead of edited"
    attached = [
        event.record for event in sandbox.aws.events if event.record["eventName"] == "AttachUserPolicy"
    ]
    assert [record.get("errorCode") for record in attached] == [None], "the call was made more than once"
    with database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        [entry] = plans.journal(tx, execution.id)
        assert (execution.state, entry.state) == ("verified", "done")
        assert ledger.first_broken(tx) is None
        executed = [one for one in ledger.entries(tx, 1) if one.detail.get("plan_id") == plan.id]
    assert executed
