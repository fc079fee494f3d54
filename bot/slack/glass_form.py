"""The form in which a requester approves alone: why it cannot wait, and the plan's number typed out."""

from __future__ import annotations

import json

from slack_sdk.models.views import View

from bot.remediation.plan import Plan
from bot.slack import modals, names
from bot.slack.cards import kit
from bot.slack.cards.text import count, inline
from bot.store.tables.plans import PlanRow


def draw(row: PlanRow, digest: str, channel_id: str) -> View:
    """The metadata only says what the form is about; who may break the glass is checked afterwards."""
    plan = Plan.model_validate(row.body)
    about = {"plan_id": row.id, "digest": digest, "number": row.number, "channel_id": channel_id}
    undo = "It can be undone." if plan.undo and not plan.irreversible else "*It cannot be undone completely.*"
    return View(
        type="modal",
        callback_id=names.GLASS_FORM,
        private_metadata=json.dumps(about),
        title=kit.plain("Break the glass?", 24),
        submit=kit.plain("Approve it alone", 24),
        close=kit.plain("Back", 24),
        blocks=[
            kit.section(f"*{inline(plan.title, 600)}*\n{count(len(plan.calls), 'AWS call')}. {undo}"),
            kit.section(
                "You asked for this change yourself. Only go on when nobody else can be reached in time:"
                " every approver is told at once, and it stands in the report with your reason."
            ),
            modals.input_block(
                names.REASON,
                "Why can it not wait for somebody else?",
                modals.text_input("", "A sentence that every approver will read", 900, multiline=True),
            ),
            modals.input_block(
                names.NUMBER,
                f"Type the number of this plan: {row.number}",
                modals.text_input("", "", 10),
            ),
        ],
    )
