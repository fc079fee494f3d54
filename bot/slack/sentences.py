"""The sentences people read when they do something in Slack: what happened, what it means, what to do.

All are mrkdwn, with every value from outside escaped here.
"""

from __future__ import annotations

from bot.slack.cards.text import channel, code, count, inline, literal, person
from bot.store.tables.incidents import Incident

OUTDATED = (
    "This button or command belongs to another version of the bot, so nothing was done. "
    "Use `/s3incident help` to see what there is now."
)
OTHER_WORKSPACE = (
    "You are a member of another workspace, so nothing was done. Only members of the workspace that "
    "runs this bot can use it."
)
PROPOSE_WHAT = (
    "A change that you ask for is planned from what AWS shows now, and approved by others, like any other."
)
PROPOSE_WHY = "Who approves it reads this"
CLOSED_PROPOSES_NOTHING = "This incident is closed: open a new one to change something."
NO_INCIDENT_HERE = (
    "This channel belongs to no incident. Use the command in the incident's own channel; "
    "`/s3incident list` shows which ones are open."
)
NOTE_EMPTY = "Say what should stand in the timeline: `/s3incident note TEXT`."
NOTED = "Noted in the incident's timeline."
NO_ACCOUNTS = (
    "The bot knows no AWS account, so no incident can be opened. "
    "Set `S3INCIDENT_ACCOUNTS` and start it again."
)
NOTHING_WAITS = "Nothing waits for your approval."
NOTHING_TO_DECIDE = (
    "Nothing in this incident waits for your decision: what is proposed you asked for yourself, or approved."
)
CHOOSE_ONE = "Choose at least one change, or go back."
GLASS_SAY_WHY = "Say in a sentence why it cannot wait for somebody else."


def type_the_number(number: int) -> str:
    return f"Type {number}, the number of this plan, to show that you mean this one."


def together_head(counted: list[int], of: int) -> str:
    """`counted`: the numbers of the plans for which the yes counts."""
    which = ", ".join(map(str, counted)) or "none"
    runs = " They run in this order." if len(counted) > 1 else ""
    return f"*Your approval counts for {len(counted)} of {count(of, 'change')}* (plans {which}).{runs}"


def together_one(number: int, sentence: str) -> str:
    return f"• Plan {number}: {literal(sentence)}"


NO_OPEN_INCIDENT = "No incident is open. `/s3incident open` starts one."
ALREADY_NOTED = "Your click is already being looked at. The answer follows here."
PLAN_GONE = "This plan does not exist (any more), so nothing was done."
MESSAGE_EMPTY = "This message has no text, so nothing was added."


def setting_wrong(message: str) -> str:
    return f"A setting of the bot is missing or wrong: {inline(message)} Nothing was done."


def slack_refused(error: str) -> str:
    if error in ("expired_trigger_id", "exchanged_trigger_id", "trigger_expired"):
        return "Slack gave up waiting before the form could open (it allows three seconds). Please try again."
    return f"Slack refused what was needed to answer you: {code(error)}. Nothing was done; please try again."


def unexpected(reference: str) -> str:
    return (
        "Something went wrong inside the bot, and nothing was done. "
        f"The log has the details under {code(reference)}. "
        "Please try again; if it fails again, show this to whoever runs the bot."
    )


def unknown_subcommand(word: str) -> str:
    return f"There is no command {code(word)}. `/s3incident help` shows what there is."


def opened(incident: Incident) -> str:
    return (
        f"*{incident.name}* is open for the bucket {code(incident.bucket)} (SEV{incident.severity}). "
        "Its private channel is being made, and you will be invited to it unless you are a guest here."
    )


def already_open(incident: Incident) -> str:
    where = channel(incident.channel_id) if incident.channel_id else "a channel that is just being made"
    return (
        f"*{incident.name}* is already open for the bucket {code(incident.bucket)}: see {where}. "
        f"It was opened by {person(incident.opened_by)}. No second one was opened."
    )


def already_open_plain(incident: Incident, channel_name: str) -> str:
    """The same as plain text, under the field of a form, where mentions do not work."""
    return f"{incident.name} is already open for this bucket: see #{channel_name}."


def not_yours(incident: Incident) -> str:
    return f"Details of {incident.name} are shown to those who take part in it. Ask somebody in its channel."


def account_unknown(account_id: str) -> str:
    return f"The bot does not know the account {account_id}: choose one of the list."


def audit_started(account_id: str) -> str:
    return f"The audit of account {code(account_id)} is running. Its digest will be posted in this channel."


def which_account(wanted: str, known: list[str]) -> str:
    """For an audit of no account in particular, or of one that the settings do not name."""
    listed = ", ".join(code(one) for one in known) or "none"
    if wanted:
        return f"I do not look after an account {code(wanted, 100)}. I know {listed}."
    return f"I look after several accounts: say which one, `/s3incident audit ACCOUNT`. I know {listed}."


def nothing_yet(approvals: int) -> str:
    people = "another person" if approvals == 1 else f"{approvals} other people"
    return (
        "Nothing is changed yet: a card with exactly what would be done appears in the channel, and"
        f" {people} must approve it."
    )


def proposing(row: str, incident: str) -> str:
    return f"{row} is being planned: its card appears in the channel of {incident} in a moment."
