"""The forms: open an incident, reject a plan, close an incident; and a page for one sentence.

Limits of a view: 24 characters for title and buttons, 100 blocks, 3,000 characters of metadata.
https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

import json

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    Option,
    PlainTextInputElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement
from slack_sdk.models.views import View

from bot.config import AccountSettings
from bot.slack import names
from bot.slack.cards import kit
from bot.slack.cards.text import code, one_line
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow

SEVERITIES = {
    "1": "SEV1: data is being stolen or destroyed now",
    "2": "SEV2: somebody got in, or the bucket is open to everyone",
    "3": "SEV3: suspicious, no sign of loss yet",
    "4": "SEV4: a precaution or an exercise",
}
MOST_OPTIONS = 100


def open_form(
    accounts: tuple[AccountSettings, ...], *, bucket: str = "", account_id: str = "", suspicion: str = ""
) -> View:
    """The form behind `/s3incident open`, with what is already known filled in."""
    return View(
        type="modal",
        callback_id=names.OPEN_FORM,
        title=kit.plain("Open an S3 incident", 24),
        submit=kit.plain("Open incident", 24),
        close=kit.plain("Cancel", 24),
        blocks=[
            input_block(names.BUCKET, "Bucket", text_input(bucket, "the name, without s3://", 255)),
            input_block(names.ACCOUNT, "AWS account that owns it", _accounts(accounts, account_id)),
            input_block(names.SEVERITY, "Severity", _severities()),
            input_block(
                names.SUSPICION,
                "What is suspected?",
                text_input(suspicion, "", 3000, multiline=True),
                optional=True,
            ),
            kit.context(
                "Opening makes a private channel, invites you and the approvers, and starts the playbook."
            ),
        ],
    )


def reject_form(plan: PlanRow, digest: str, channel_id: str) -> View:
    """Asks why. The metadata only says what the form is about; who may reject is checked afterwards."""
    about = {"plan_id": plan.id, "digest": digest, "channel_id": channel_id}
    return View(
        type="modal",
        callback_id=names.REJECT_FORM,
        private_metadata=json.dumps(about),
        title=kit.plain("Reject this change", 24),
        submit=kit.plain("Reject", 24),
        close=kit.plain("Back", 24),
        blocks=[
            kit.section(
                f"{code(plan.body['title'], 300)}\nNothing will be called. The playbook goes on without it."
            ),
            input_block(
                names.REASON,
                "Why?",
                text_input("", "The team and the report will read this", 1000, multiline=True),
            ),
        ],
    )


def close_form(incident: Incident, note: str) -> View:
    return View(
        type="modal",
        callback_id=names.CLOSE_FORM,
        private_metadata=json.dumps({"incident_id": incident.id}),
        title=kit.plain(f"Close {incident.name}?", 24),
        submit=kit.plain("Close incident", 24),
        close=kit.plain("Back", 24),
        blocks=[
            kit.section(_before_closing(incident)),
            input_block(
                names.NOTE,
                "Closing note",
                text_input(note, "What happened, in a sentence", 3000, multiline=True),
                optional=True,
            ),
        ],
    )


def sentence(text: str, *more: Block) -> View:
    """A page that only says something."""
    return page("S3 incident", [kit.section(text), *more])


def page(title: str, blocks: list[Block]) -> View:
    """A page to read, closed with one button."""
    return View(
        type="modal",
        title=kit.plain(title, 24),
        close=kit.plain("Close", 24),
        blocks=kit.fit(blocks, kit.VIEW_BLOCKS, kit.VIEW_WHOLE),
    )


def _before_closing(incident: Incident) -> str:
    contained = (
        "The incident is contained." if incident.contained_at else "*The incident is not contained yet.*"
    )
    return (
        f"{contained} Closing ends the playbook and lets proposed changes expire. Changes that were made "
        "stay, and their Undo buttons keep working. The channel and the ledger stay as they are."
    )


def input_block(
    block_id: str, label: str, element: InputInteractiveElement, *, optional: bool = False
) -> InputBlock:
    return InputBlock(block_id=block_id, label=kit.plain(label, 2000), element=element, optional=optional)


def text_input(
    initial: str, placeholder: str, limit: int, *, multiline: bool = False
) -> PlainTextInputElement:
    """A field for text; `limit` in characters."""
    return PlainTextInputElement(
        action_id=names.VALUE,
        initial_value=initial[:limit] or None,
        placeholder=kit.plain(placeholder, 150) if placeholder else None,
        max_length=limit,
        multiline=multiline,
    )


def _accounts(accounts: tuple[AccountSettings, ...], chosen: str) -> StaticSelectElement:
    options = [_option(one.account_id, f"{one.account_id} {one.name}") for one in accounts[:MOST_OPTIONS]]
    known = [option for option in options if option.value == chosen]
    initial = known[0] if known else options[0] if len(options) == 1 else None
    return StaticSelectElement(action_id=names.VALUE, options=options, initial_option=initial)


def _severities() -> StaticSelectElement:
    options = [_option(value, text) for value, text in SEVERITIES.items()]
    return StaticSelectElement(action_id=names.VALUE, options=options, initial_option=options[1])


def _option(value: str, text: str) -> Option:
    return Option(value=value, text=kit.plain(one_line(text), 75))
