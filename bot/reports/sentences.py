"""Every sentence that a report composes: what happened, what it means, what to do. Plain text.

Arguments may hold what an attacker wrote; the renderer escapes them.
"""

from __future__ import annotations

from datetime import datetime

from bot.evidence.report import Answer, Coverage
from bot.evidence.wording import at, size, some, span

FILE_TITLE = "Post-incident report (HTML)"


def written(sha256: str) -> str:
    return f"The post-incident report is written. Its SHA-256 is {sha256}."


# --- summary --------------------------------------------------------------------------------------


def opened(who: str, when: datetime, severity: int, bucket: str, account_id: str, suspicion: str) -> str:
    told = f" The suspicion was: {suspicion}." if suspicion else ""
    return (
        f"On {at(when)}, {who} opened a SEV{severity} incident for the bucket {bucket}"
        f" in account {account_id}.{told}"
    )


NO_EVIDENCE = "No investigation of the logs was finished, so this report cannot say what happened."


def contained(when: datetime, opened_at: datetime) -> str:
    return f"It was contained on {at(when)}, {span(when - opened_at)} after it was opened."


def contained_for_a_while(since: datetime, until: datetime) -> str:
    return (
        f"It was contained on {at(since)}, but not any more since {at(until)}:"
        " a containment change was undone or did not hold."
    )


NEVER_CONTAINED = "It was never contained: not every containment step was carried out and verified."


def closed(who: str, when: datetime) -> str:
    return f"{who} closed it on {at(when)}."


STILL_OPEN = "It is still open; this report shows it as it is now."


def changes(total: int, in_force: int, undone: int, not_made: int, unclear: int) -> str:
    """`not_made`: ended without any call; `unclear`: failed or stopped, so a person must look."""
    if not total:
        return "No change to AWS was proposed."
    parts = [
        (in_force, f"{in_force} carried out and verified"),
        (undone, f"{undone} carried out and undone later"),
        (not_made, f"{not_made} not carried out"),
        (unclear, f"{unclear} failed or stopped half way"),
    ]
    told = ", ".join(words for number, words in parts if number)
    return f"{some(total, 'change')} to AWS proposed: {told}. Each is listed below with its proof."


def cannot_know(one: Coverage) -> str:
    """A kind of event that was, or may have been, not recorded."""
    word = "were not recorded" if one.answer == "no" else "cannot be shown to have been recorded"
    return f"{one.subject[:1].upper()}{one.subject[1:]} {word}. {one.because}"


def unanswered(answers: list[Answer]) -> str:
    ids = ", ".join(one.id for one in answers)
    return f"{some(len(answers), 'question')} could not be answered from these logs ({ids})."


NOTHING_UNKNOWN = "Every question was answered from logs that are known to cover the window."

# --- objects and bytes ----------------------------------------------------------------------------

UNKNOWN_SIZE = "unknown: no record says"


def sent(count: int, exact: bool) -> str:
    return f"{'exactly' if exact else 'at least'} {size(count)}"


# --- timeline -------------------------------------------------------------------------------------

TIMELINE_GONE = (
    "What was done according to the logs is missing here: the investigation's file is not in the vault"
    " any more, or is not what was put there. What people did is complete."
)


def noted(text: str) -> str:
    return f"Note: {text}"


def closed_with(note: str) -> str:
    return note if note == "Closed." else f"Closed. {note}"


# --- changes --------------------------------------------------------------------------------------

#: What each state means, to be read after its name.
OUTCOMES = {
    "proposed": "It waits for approval. Nothing was called.",
    "approved": "It has not started yet.",
    "running": "It was being carried out while this report was written.",
    "verified": "Carried out. AWS showed the planned state afterwards.",
    "held": "Carried out, verified, and still in force when it was looked at again.",
    "failed": "AWS did not reach the planned state; the calls say how far it went.",
    "stopped": "It ended half way. A person must compare AWS with the plan.",
    "stale": "AWS had changed since the plan was made. Nothing was called.",
    "rejected": "Nothing was called.",
    "expired": "Not decided, or not begun, in time. Nothing was called; nobody refused it.",
    "replaced": "A newer plan stands for it.",
    "undone": "Carried out and verified; taken back later.",
}


def undo_ready(calls: int) -> str:
    return f"Ready: {some(calls, 'call')} put back what was there before, after a fresh approval."


def undo_done(numbers: list[int]) -> str:
    return f"Done by plan {' and '.join(map(str, numbers))}."


UNDO_NONE = "This change cannot be undone."
UNDO_IS_ONE = "This is itself an undo."
UNDO_NOT_NEEDED = "Not needed."

# --- what is left ---------------------------------------------------------------------------------

NOT_CONTAINED = "The incident is not contained."
NOT_CONTAINED_ADVICE = (
    "Decide whether the way in that is still open is acceptable; otherwise open an incident."
)
LEDGER_ADVICE = "Keep a copy of the database and find out who changed it. Later entries cannot be trusted."
EXHIBIT_ADVICE = "Restore the file from a copy with this SHA-256, or say in every use of it that it is lost."
CHANGE_ADVICE = "Compare the target with the plan, then decide whether the change is still needed."
BROKEN_ADVICE = "Collect the evidence again, and open an incident for what it shows."
STEP_ADVICE = "Do it by hand, or note why it is not needed."
PROPOSAL_ADVICE = "Decide whether it is still needed."
RUN_ADVICE = "Collect the evidence again once the cause is mended."
BREAK_GLASS_ADVICE = "Have an approver look at the change now, and say in the review whether it was right."
IRREVERSIBLE_ADVICE = "Nothing to do; know that the undo does not bring it back."


def approved_alone(number: int, title: str, who: str, why: str) -> str:
    return f"Plan {number} ({title}) was approved by {who} alone, who had asked for it (break-glass): {why}"


def ledger_broken(seq: int) -> str:
    return f"The ledger's chain breaks at entry {seq}."


def exhibit_damaged(name: str) -> str:
    return f"The evidence file {name} is missing from the vault or was changed."


def change_open(number: int, title: str, state: str, outcome: str) -> str:
    return f"Plan {number}, {title}, is {state}. {outcome}"


def step_open(title: str, state: str) -> str:
    return f"The playbook's step “{title}” is {state}."


def never_planned(remediation: str, target: str, why: str) -> str:
    return f"{remediation} on {target} was suggested by the evidence and never planned. {why}"


def run_failed(run_id: int, error: str) -> str:
    return f"Investigation {run_id} failed: {error}"


def irreversible(number: int, text: str) -> str:
    return f"Plan {number}: {text}"
