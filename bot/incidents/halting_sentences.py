"""What is said of changes that go on later: halted half way, waiting for a person, or for another change."""

from __future__ import annotations

from datetime import datetime

# --- halted and continued -------------------------------------------------------------------------

NOT_HALTED = (
    "There is nothing to continue: this plan is not halted (any more). Its card says where it stands."
)


def continued(label: str, made: int, calls: int) -> str:
    return (
        f"Continued after {made} of {calls} calls: {label}. AWS is read first; the rest runs only if it"
        " still shows what the last made call left."
    )


def asked_for_the_rest(label: str, made: int, calls: int) -> str:
    return (
        f"The approval of {label} has expired after {made} of {calls} calls, so its card asks for a new one."
        " The calls that ran stay as they are until then."
    )


def left_half_way(label: str, made: int, calls: int) -> str:
    return (
        f"Not continued: {label}. {made} of its {calls} calls ran and stay in AWS. 'Continue' asks again;"
        " 'Undo what ran' proposes the way back."
    )


# --- refused ---------------------------------------------------------------------------------------


def other_incident(its: str, here: str) -> str:
    return (
        f"This button is about a change of {its}, and this is the channel of {here}, so the click changed"
        f" nothing. Decide in the channel of {its}, or in the bot's App Home."
    )


LEDGER_DISAGREES = (
    "Stopped: the ledger does not say what the approvals of this plan say, so nothing was called. Somebody"
    " has changed the database. Run `s3incident ledger verify`, and ask for the change anew."
)

# --- order ----------------------------------------------------------------------------------------


def waits_for(number: int, label: str, first: int, first_label: str) -> str:
    return f"Plan {number} ({label}) waits for plan {first} ({first_label}), which must run first."


# --- guided changes -------------------------------------------------------------------------------


def by_hand(number: int, label: str) -> str:
    return (
        f"Plan {number} was done by hand, and AWS shows it: {label}. Nobody had to say so; it was read from"
        " AWS."
    )


def stopped_looking(number: int, label: str, hours: int) -> str:
    return (
        f"Plan {number} is still waiting for somebody to do it by hand: {label}. AWS did not show it for"
        f" {hours} hours, so I stop looking by myself. The steps are on its card; 'Check now' looks again."
    )


NOT_WAITING = "This plan does not wait for anybody (any more). Its card says where it stands."
LOOKING = "AWS is being read now. The card of this plan says what it shows."


# --- the watch ------------------------------------------------------------------------------------


def new_since(number: int, label: str, since: datetime, found: list[str]) -> str:
    return (
        f"ATTENTION: since {since:%H:%M:%S} UTC, when plan {number} ({label}) was made, whoever it cuts off"
        f" has left something new behind: {'; '.join(found)}. Plans against it follow in this channel where"
        " there is a remediation; the rest is for a person."
    )


def recovered(number: int, label: str) -> str:
    return f"Plan {number} stands again: {label}. AWS shows it, and no further use was seen."
