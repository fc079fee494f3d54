"""The forms behind `/s3incident propose`: choose a change of the catalogue, then say of what."""

from __future__ import annotations

import json
from itertools import groupby

from slack_sdk.models.blocks import Block, InputBlock, Option, OptionGroup, StaticSelectElement
from slack_sdk.models.views import View

from bot.remediation.catalogue import listing
from bot.remediation.contract import Remediation
from bot.slack import modals, names, sentences
from bot.slack.cards import kit
from bot.slack.cards.text import one_line
from bot.store.tables.incidents import Incident

#: What the names of targets mean to people, with an example of how it is written.
FIELDS: dict[str, tuple[str, str]] = {
    "access_grant": ("Access grant", "its id"),
    "access_key_id": ("Access key", "AKIA…"),
    "access_point": ("Access point", "its name"),
    "account": ("AWS account", "12 digits"),
    "accounts": ("Other accounts to let in", "12 digits each, with commas"),
    "act": ("What to do", "disable, enable, cancel-deletion, restore-policy …"),
    "attach_to": ("Attach to", "an account, a unit (ou-…) or the root (r-…)"),
    "before": ("Point in time (UTC)", "2026-03-31T02:40:00Z"),
    "bucket": ("Bucket", "the name, without s3://"),
    "certificate_id": ("Signing certificate", "its id"),
    "days": ("Retention in days", "1 to 36500"),
    "email": ("E-mail address", "of those who are to know"),
    "grant": ("Access grant", "its id"),
    "group": ("IAM group", "the name"),
    "id": ("Its id", "several with commas; empty for all"),
    "identity_provider": ("Identity provider", "its ARN"),
    "key": ("KMS key", "its ARN or id"),
    "kms_key": ("KMS key", "its ARN or id"),
    "log_bucket": ("Bucket for the logs", "the name, without s3://"),
    "mfa_device": ("MFA device", "its serial number or ARN"),
    "minutes": ("Minutes", "URLs signed longer ago are denied; empty: all"),
    "multi_region": ("Trail of every Region", "yes or no"),
    "multi_region_access_point": ("Multi-Region Access Point", "its name, not its alias"),
    "networks": ("Networks", "203.0.113.0/24, with commas"),
    "organization": ("Organization", "o-…"),
    "policy": ("Inline policy", "its name"),
    "policy_arn": ("Managed policy", "its ARN"),
    "prefix": ("Prefix of the keys", "2026/"),
    "principal": ("Principal", "the ARN of a user or role, or an account"),
    "role": ("IAM role", "name or ARN"),
    "rule": ("Rule", "its id"),
    "rules": ("Config rules", "identifiers, with commas"),
    "service_credential_id": ("Service credential", "its id"),
    "session": ("Session", "arn:aws:sts::…:assumed-role/role/session"),
    "setting": ("Setting", "its name"),
    "ssh_key_id": ("SSH key", "its id"),
    "statement": ("Statement", "its Sid, or its number"),
    "trail": ("Trail", "name or ARN"),
    "user": ("IAM user", "the name"),
    "version": ("Version of the policy", "v3"),
    "vpc_endpoint": ("VPC endpoint", "vpce-…"),
}

#: Where the name of a target means something else in one row.
OF_ROW: dict[tuple[str, str], tuple[str, str]] = {
    ("R9", "user"): ("Identity Center user", "the user name, as in its sessions"),
}


def choose(incident: Incident) -> View:
    """Which change? By family, in the order of containment."""
    groups = [
        OptionGroup(label=kit.plain(family.capitalize(), 75), options=[_option(one) for one in rows])
        for family, rows in groupby(sorted(listing(), key=_place), key=lambda one: one.family)
    ]
    select = StaticSelectElement(
        action_id=names.VALUE, option_groups=groups, placeholder=kit.plain("A change", 150)
    )
    return View(
        type="modal",
        callback_id=names.PROPOSE_CHOICE,
        private_metadata=json.dumps({"incident_id": incident.id}),
        title=kit.plain("Propose a change", 24),
        submit=kit.plain("Next", 24),
        close=kit.plain("Cancel", 24),
        blocks=[
            kit.section(sentences.PROPOSE_WHAT),
            InputBlock(block_id=names.ROW, label=kit.plain("Change", 2000), element=select),
        ],
    )


def target_form(incident: Incident, row: Remediation, given: dict[str, str] | None = None) -> View:
    """To what? One input for each thing that the change wants to know, filled in where it is known."""
    known = {"bucket": incident.bucket, "account": incident.account_id} | (given or {})
    return View(
        type="modal",
        callback_id=names.PROPOSE_FORM,
        private_metadata=json.dumps({"incident_id": incident.id, "row": row.row}),
        title=kit.plain(f"Propose {row.row}", 24),
        submit=kit.plain("Propose", 24),
        close=kit.plain("Cancel", 24),
        blocks=[*_inputs(row, known), kit.context(sentences.nothing_yet(row.approvals))],
    )


def _inputs(row: Remediation, known: dict[str, str]) -> list[Block]:
    named = [(name, False) for name in row.wants] + [(name, True) for name in row.optional]
    fields: list[Block] = [_field(row, name, known.get(name, ""), optional) for name, optional in named]
    why = modals.text_input("", sentences.PROPOSE_WHY, 1000, multiline=True)
    return [
        kit.section(f"*{row.title}*"),
        *fields,
        InputBlock(block_id=names.REASON, label=kit.plain("Why?", 2000), element=why),
    ]


def _field(row: Remediation, name: str, value: str, optional: bool) -> InputBlock:
    label, example = OF_ROW.get((row.row, name)) or FIELDS[name]
    return InputBlock(
        block_id=f"{names.TARGET}{name}",
        label=kit.plain(label, 2000),
        element=modals.text_input(value if not optional or name != "bucket" else "", example, 2000),
        optional=optional,
    )


def _place(one: Remediation) -> tuple[int, int, str]:
    first = min(other.order for other in listing() if other.family == one.family)
    return first, one.order, one.row


def _option(one: Remediation) -> Option:
    return Option(value=one.row, text=kit.plain(one_line(f"{one.row}  {one.title}"), 75))
