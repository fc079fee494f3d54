"""The people of the sandbox workspace, and what each of them may do."""

from __future__ import annotations

from bot.sandbox.slack.records import User, UserGroup

TEAM_ID = "T0SANDBOX"
OTHER_TEAM_ID = "T0ELSEWHERE"
BOT_USER_ID = "U0S3INCIDENT"
BOT_ID = "B0S3INCIDENT"
SLACKBOT_ID = "USLACKBOT"
APPROVERS_ID = "S0APPROVE"


def people(bot_name: str) -> list[User]:
    """Dana, Sam, Ana, Gil, Stella and the bot, each anew."""
    return [
        User(
            "U0DANA",
            "dana",
            "Dana Okafor",
            TEAM_ID,
            role="requester",
            color="blue",
            note="On call. Opens incidents and asks for changes; may not approve them.",
        ),
        User(
            "U0SAM",
            "sam",
            "Sam Lindqvist",
            TEAM_ID,
            role="approver",
            color="green",
            note="In @s3-approvers: approves changes that somebody else asked for.",
        ),
        User(
            "U0ANA",
            "ana",
            "Ana Ferreira",
            TEAM_ID,
            role="approver",
            color="teal",
            note="In @s3-approvers: the second approver, where a change needs two people.",
        ),
        User(
            "U0GIL",
            "gil",
            "Gil Novak",
            TEAM_ID,
            is_restricted=True,
            role="guest",
            color="amber",
            note="A guest of this workspace: sees only the channels he was invited to; may not decide.",
        ),
        User(
            "U0STRANGER",
            "stella",
            "Stella Moreau",
            OTHER_TEAM_ID,
            is_stranger=True,
            role="stranger",
            color="rose",
            note="From another company, through a shared channel; may not decide.",
        ),
        User(SLACKBOT_ID, "slackbot", "Slackbot", TEAM_ID, is_bot=True, role="app"),
        User(BOT_USER_ID, bot_name, bot_name, TEAM_ID, is_bot=True, role="app", color="violet"),
    ]


def approvers() -> UserGroup:
    return UserGroup(APPROVERS_ID, "s3-approvers", "S3 approvers", ["U0SAM", "U0ANA"])
