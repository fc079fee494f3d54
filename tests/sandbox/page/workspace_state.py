"""A workspace in the middle of an incident, in the shapes of the page's JSON API."""
# ruff: noqa: E501 - sentences stand here as they are shown, unbroken

from __future__ import annotations

import base64
from typing import Any

Json = dict[str, Any]
NOON = 1_762_770_000  # 2025-11-10 10:20:00 UTC

PEOPLE: list[Json] = [
    {
        "id": "U0DANA",
        "name": "dana",
        "real_name": "Dana Okafor",
        "role": "requester",
        "color": "blue",
        "note": "On call. Opens incidents and asks for changes; may not approve them.",
    },
    {
        "id": "U0SAM",
        "name": "sam",
        "real_name": "Sam Lindqvist",
        "role": "approver",
        "color": "green",
        "note": "In @s3-approvers: approves changes that somebody else asked for.",
    },
    {
        "id": "U0ANA",
        "name": "ana",
        "real_name": "Ana Ferreira",
        "role": "approver",
        "color": "teal",
        "note": "In @s3-approvers: the second approver, where a change needs two people.",
    },
    {
        "id": "U0GIL",
        "name": "gil",
        "real_name": "Gil Novak",
        "role": "guest",
        "color": "amber",
        "note": "A guest of this workspace: sees only the channels he was invited to; may not decide.",
    },
    {
        "id": "U0STRANGER",
        "name": "stella",
        "real_name": "Stella Moreau",
        "role": "stranger",
        "color": "rose",
        "note": "From another company, through a shared channel; may not decide.",
    },
    {"id": "U0S3INCIDENT", "name": "s3incident", "real_name": "s3incident", "role": "app", "color": "violet"},
]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CSV = "time,principal,call,object\n" + "".join(
    f"2025-11-10T09:5{n % 10}:00Z,arn:aws:iam::123456789012:user/ci-deploy,GetObject,2025/11/run-{n}.csv\n"
    for n in range(20)
)
FILES = {"F0CSV": ("text/csv", CSV.encode()), "F0PNG": ("image/png", PNG)}


def ts(seconds: float) -> str:
    return f"{NOON + seconds:.6f}"


def message(at: float, user: str = "U0S3INCIDENT", channel: str = "C0INC", **more: Any) -> Json:
    bot = {"bot_id": "B0S3INCIDENT", "username": "s3incident"} if user == "U0S3INCIDENT" else {"username": ""}
    plain: Json = {
        "text": "",
        "blocks": [],
        "ephemeral": False,
        "edited": False,
        "files": [],
        "reactions": [],
    }
    return {"ts": ts(at), "channel": channel, "user": user, "pinned": False} | plain | bot | more


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def button(action_id: str, label: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(label), **more}


CONFIRM: Json = {
    "title": plain("Approve this change?"),
    "text": mrkdwn("Attach *AWSDenyAll* to `ci-deploy`. It can be undone."),
    "confirm": plain("Approve"),
    "deny": plain("Not yet"),
}

CARD: list[Json] = [
    {"type": "header", "block_id": "h", "text": plain("INC-0001 · acme-payroll")},
    {
        "type": "section",
        "block_id": "facts",
        "fields": [
            mrkdwn("*Phase*\nContainment"),
            mrkdwn("*Severity*\nSEV-1"),
            mrkdwn("*Account*\n`123456789012` · eu-central-1"),
            mrkdwn(f"*Opened*\n<!date^{NOON}^{{date_short}} at {{time}}|2025-11-10> by <@U0DANA>"),
        ],
    },
    {
        "type": "context",
        "block_id": "who",
        "elements": [mrkdwn("Lead <@U0DANA> · approvers <!subteam^S0APPROVE|@s3-approvers>")],
    },
    {
        "type": "actions",
        "block_id": "do",
        "elements": [
            button("incident.evidence", "Gather evidence"),
            button("incident.note", "Add a note"),
            {
                "type": "overflow",
                "action_id": "incident.more",
                "options": [
                    {"text": plain("Hand off the lead"), "value": "hand-off"},
                    {"text": plain("Close the incident"), "value": "close"},
                ],
            },
        ],
    },
]

DIFF = """  "Statement": [
-   {"Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"},
    {"Sid": "Finance", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/finance"}}
+   {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
  ]"""

APPROVAL: list[Json] = [
    {"type": "header", "block_id": "h", "text": plain("Deny everything to ci-deploy")},
    {
        "type": "section",
        "block_id": "why",
        "text": mrkdwn(
            "The access key `AKIAIOSFODNN7EXAMPLE` of *ci-deploy* read 41 objects from 203.0.113.77, an address it had never used before."
        ),
    },
    {
        "type": "section",
        "block_id": "facts",
        "fields": [
            mrkdwn("*Asked by*\n<@U0DANA>"),
            mrkdwn("*Can be undone*\nYes, by detaching the policy"),
            mrkdwn("*Who is hit*\n1 user, 2 keys"),
            mrkdwn(f"*Expires*\n<!date^{NOON + 1800}^{{time}}|11:50>"),
        ],
    },
    {
        "type": "rich_text",
        "block_id": "diff",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": DIFF}]}],
    },
    {
        "type": "context",
        "block_id": "hash",
        "elements": [
            mrkdwn("Plan `9f2c41aa` · step 3 of 7 · one approver of <!subteam^S0APPROVE|@s3-approvers>")
        ],
    },
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            button("plan.approve", "Approve", style="primary", value="p-1", confirm=CONFIRM),
            button("plan.reject", "Reject …", value="p-1"),
            button("plan.show", "Show the calls", value="p-1"),
        ],
    },
]


def incident_messages() -> list[Json]:
    evidence = ts(95)
    return [
        message(0, text="", blocks=CARD, pinned=True, edited=True),
        message(
            20,
            "U0DANA",
            text="Payroll export ran from an address in a network we do not use. Taking the lead.",
        ),
        message(
            40,
            "U0DANA",
            text="GuardDuty said nothing, so *do not wait for it*. See <https://example.com/runbook|the runbook>.",
        ),
        message(70, "U0SAM", text="Here. I can approve.", reactions=[{"name": "eyes", "users": ["U0DANA"]}]),
        message(
            95,
            text="*Evidence is in.* One suspect: `ci-deploy` from 203.0.113.77, 41 objects read, 3.2 MB out.",
            reply_count=2,
        ),
        message(
            96,
            text="41 objects, first at 09:50:00, last at 10:09:12 (UTC).",
            thread_ts=evidence,
            files=[
                {
                    "id": "F0CSV",
                    "name": "objects-read.csv",
                    "mimetype": "text/csv",
                    "size": len(CSV),
                    "url": "/files/F0CSV",
                }
            ],
        ),
        message(97, text="A second key was minted at 10:02:44: `AKIAI44QH8DHBEXAMPLE`.", thread_ts=evidence),
        message(120, text="", blocks=APPROVAL),
        message(
            150,
            ephemeral=True,
            text="You asked for this change, so somebody else has to approve it. <@U0SAM> and <@U0ANA> can.",
        ),
    ]


def call(seq: int, actor: str, role: str, call: str, resource: str, allowed: bool, **more: Any) -> Json:
    ip = {"attacker": "203.0.113.77", "anonymous": "198.51.100.9"}.get(role, "10.20.0.14")
    return {
        "seq": seq,
        "time": f"2025-11-10T10:{20 + seq // 20:02}:{seq % 20 * 3:02}Z",
        "actor": actor,
        "role": role,
        "call": call,
        "resource": resource,
        "allowed": allowed,
        "error": None if allowed else "AccessDenied",
        "source_ip": ip,
        "principal": f"arn:aws:iam::123456789012:{'user/ci-deploy' if role == 'attacker' else 'role/' + actor}",
    } | more


def outside(cut: bool = False) -> list[Json]:
    calls = []
    for n in range(0, 40, 2):
        reads = n > 6
        calls.append(
            call(
                n,
                "Attacker",
                "attacker",
                "s3:GetObject" if reads else "iam:CreateUser",
                f"acme-payroll/2025/11/run-{n}.csv" if reads else "ci-admin",
                reads and not (cut and n > 32),
            )
        )
        calls.append(
            call(
                n + 1,
                "payroll-batch" if n % 4 else "finance-reports",
                "innocent",
                "s3:PutObject",
                f"acme-payroll/2025/11/sum-{n}.csv",
                True,
            )
        )
    return calls


def channel(channel_id: str, name: str, **more: Any) -> Json:
    return {
        "id": channel_id,
        "name": name,
        "is_private": False,
        "topic": "",
        "purpose": "",
        "is_member": True,
        "unread": False,
        "pinned": [],
    } | more


def state(person: str) -> Json:
    insider = person in {"U0DANA", "U0SAM", "U0ANA"}
    channels = [
        channel("C0GEN", "general", topic="Everything and nothing"),
        channel("C0SEC", "security", topic="Alerts, and what we do about them", unread=True),
    ]
    messages = {
        "C0GEN": [],
        "C0SEC": [message(-500, "U0SAM", "C0SEC", text="Morning. Nothing on the board.")],
    }
    if insider:
        channels.append(
            channel(
                "C0INC",
                "inc-0001-acme-payroll",
                is_private=True,
                topic="SEV-1 · containment · lead <@U0DANA>",
                pinned=[ts(0)],
            )
        )
        messages["C0INC"] = [one for one in incident_messages() if person == "U0DANA" or not one["ephemeral"]]
    if person == "U0STRANGER":
        channels = channels[1:]
    return {
        "me": next(one for one in PEOPLE if one["id"] == person),
        "people": PEOPLE,
        "channels": channels,
        "messages": messages,
        "views": [],
        "home": None,
        "outside": outside(),
        "commands": [
            {"name": "/s3incident", "usage_hint": "open | status | list | note TEXT | close | audit | help"}
        ],
    }


def states() -> dict[str, Json]:
    return {person["id"]: state(person["id"]) for person in PEOPLE if person["role"] != "app"}
