"""The form in which a requester approves alone: why it cannot wait, and the plan's number typed out."""

from __future__ import annotations

import json

from slack_sdk.models.views import View

from bot.config import Settings
from bot.incidents.policies import glass_breakers
from bot.remediation.plan import Plan
from bot.slack import modals, names
from bot.slack.cards import in_words, kit
from bot.slack.cards.text import group_or_person, inline
from bot.store.tables.plans import PlanRow


def draw(row: PlanRow, digest: str, channel_id: str, settings: Settings) -> View:
    """The metadata only says what the form is about; who may break the glass is checked afterwards."""
    plan = Plan.model_validate(row.body)
    about = {"plan_id": row.id, "digest": digest, "number": row.number, "channel_id": channel_id}
    alone = ", ".join(group_or_person(one) for one in glass_breakers(row, settings.approvers)) or "nobody"
    return View(
        type="modal",
        callback_id=names.GLASS_FORM,
        private_metadata=json.dumps(about),
        title=kit.plain("Break the glass?", 24),
        submit=kit.plain("Approve it alone", 24),
        close=kit.plain("Back", 24),
        blocks=[
            kit.section(f"*{inline(plan.title, 600)}*\n{in_words.calls(plan)}. *It {in_words.undo(plan)}.*"),
            kit.section(
                f"You asked for this change yourself: its policy lets {alone} approve it alone, and nobody"
                " else. Only go on when nobody else can be reached in time: every approver is told at once,"
                " and it stands in the report with your reason."
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
