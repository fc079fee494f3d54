"""Every sentence of this room that people read: what happened, what it means, what to do. Plain text."""

from __future__ import annotations

from collections.abc import Sequence

# --- who may decide -------------------------------------------------------------------------------

DEACTIVATED = "This Slack account is deactivated and cannot decide about a change."
IS_A_BOT = "Apps and bots cannot approve or reject a change. A person must press the button."
IS_A_STRANGER = (
    "You are a member of another workspace, so you cannot decide about a change here."
    " Ask an approver of this workspace."
)
IS_A_GUEST = "Guests of this workspace cannot decide about a change. Ask a full member who is an approver."
NOT_AN_APPROVER = (
    "You are not an approver of this change, so this click changed nothing."
    " Its card says who may decide; ask one of them."
)
IS_THE_REQUESTER = "You asked for this change yourself, so another person must decide. Ask another approver."
OR_BREAK_GLASS = "If nobody can be reached, 'Break glass…' on its card is the way to approve it alone."
GLASS_STAYS_WHOLE = (
    "The approval policy of this change lets nobody approve it alone, so nothing was changed."
    " Ask one of those whom its card names."
)
GLASS_IS_THE_REQUESTERS = (
    "Breaking the glass is for the person who asked for the change. You did not: press 'Approve', and if you"
    " may decide, your approval counts like any other."
)
GLASS_NOT_YOURS = (
    "You asked for this change, but are not among those who may approve alone by its policy, so nothing was"
    " changed. Ask one of those whom its card names."
)
GLASS_REASON_NEEDED = (
    "Say in a sentence why it cannot wait for somebody else: every approver reads it. Nothing was changed."
)


def glass_broken(number: int, label: str, reason: str) -> str:
    return f"BREAK-GLASS: plan {number} approved alone by the person who asked for it: {label}. {reason}"


# --- opening and closing --------------------------------------------------------------------------

OPEN_USAGE = "Say which bucket: /s3incident open BUCKET [sev1-sev4] [what you suspect]."


def not_a_bucket(name: str) -> str:
    return (
        f"{name!r} cannot be the name of an S3 bucket. A name has 3 to 63 letters, digits, dots and hyphens,"
        " and begins and ends with a letter or a digit."
    )


def other_bucket_kind(name: str, kind: str) -> str:
    return (
        f"{name!r} is {kind}. This works on general purpose buckets:"
        " give the name of the bucket that holds the objects."
    )


def severity_out_of_range(word: str) -> str:
    return f"{word!r} is not a severity. Use sev1 (worst) to sev4."


def opened(bucket: str, account_id: str, severity: int, suspicion: str) -> str:
    told = f" Suspected: {suspicion}" if suspicion else ""
    return f"Opened as SEV{severity} for the bucket {bucket} in account {account_id}.{told}"


NO_SUCH_INCIDENT = "This incident does not exist (any more). /s3incident list shows those that are open."
ALREADY_CLOSED = "This incident is already closed. Open a new one if something new happened."
CHANNEL_READY = "The channel is ready and the playbook has started."
EMPTY_NOTE = "The note is empty. Say /s3incident note and then what should stand in the timeline."


def closing_must_wait(labels: list[str]) -> str:
    return (
        f"Not closed: {_and(labels)} is still being carried out. Wait until it has ended"
        " (seconds, as a rule), then close again."
    )


def closed(note: str, open_tasks: int, head: str) -> str:
    left = f" {open_tasks} {'task was' if open_tasks == 1 else 'tasks were'} left open." if open_tasks else ""
    told = f" {note}{'' if note.endswith(('.', '!', '?')) else '.'}" if note else ""
    return f"Closed.{told}{left} The ledger ends at {head}."


# --- approvals ------------------------------------------------------------------------------------

NO_SUCH_PLAN = "This plan does not exist (any more), so the click changed nothing."
OTHER_VERSION = (
    "The button belongs to another version of this plan, so the click changed nothing."
    " Look at the newest card of this change in the channel and decide there."
)
BODY_CHANGED = (
    "The stored plan is no longer the one that was shown: its hash differs. Nothing was approved."
    " Tell whoever runs this bot, and ask for a fresh plan."
)
REASON_NEEDED = "Say why you reject it, so that the others understand. Nothing was changed."
INCIDENT_IS_CLOSED = "The incident is closed, so nothing more is changed in its name. Open a new one."
CLOSED_MEANWHILE = "Not decided before the incident was closed. Nothing was called."


def approved(label: str) -> str:
    return f"You approved: {label}. It starts now."


def counted(label: str, have: int, need: int) -> str:
    return (
        f"Your approval of {label} is counted: {have} of {need}. It starts when {need - have} more said yes."
    )


def counted_before(label: str, have: int, need: int) -> str:
    return f"You had already approved {label}; a person counts once. {have} of {need} said yes so far."


def rejected(label: str) -> str:
    return f"You rejected: {label}. Nothing was called. 'Plan again' makes a fresh plan."


TOO_LATE = {
    "approved": "Too late: this plan is already approved and about to start.",
    "running": "Too late: this plan is already being carried out.",
    "verified": "Too late: this plan was already carried out. 'Undo' proposes the way back.",
    "held": "Too late: this plan was already carried out. 'Undo' proposes the way back.",
    "failed": "Too late: this plan was approved before and failed. The card says what was called.",
    "stopped": "Too late: this plan was approved and stopped half way. A person must look at AWS first.",
    "stale": "This plan no longer fits what is in AWS; nothing was called. 'Plan again' makes a fresh one.",
    "rejected": "Too late: somebody rejected this plan. 'Plan again' makes a fresh one.",
    "expired": "This plan has expired, which only means: paused. 'Plan again' makes a fresh one.",
    "replaced": "A newer plan stands for this one. Decide on its card.",
    "undone": "Too late: this plan was carried out and undone since.",
}


def expired(label: str) -> str:
    return (
        f"Nobody decided in time about: {label}. It is paused, not refused; 'Plan again' makes a fresh plan."
    )


def expired_before_start(label: str) -> str:
    return (
        f"Approved, but no worker could start it in time: {label}. Nothing was called."
        " 'Plan again' makes a fresh plan to approve."
    )


def undo_reason(number: int) -> str:
    return f"Takes back plan {number}."


def cannot_ask_again(state: str) -> str:
    return f"There is nothing to plan again: this plan is {state}."


def asked_again(label: str) -> str:
    return f"A fresh plan for {label} is being made from what AWS shows now. Its card follows in the channel."


def cannot_undo(state: str) -> str:
    return f"There is nothing to undo: this plan is {state}, not carried out and verified."


UNDO_OF_UNDO = "This is itself an undo. To make the change again, ask for a fresh plan of the change."
UNDO_UNDER_WAY = "An undo of this plan is already proposed or running. Decide on its card."


def undo_newer_first(number: int, label: str) -> str:
    return (
        f"Plan {number} ({label}) changed the same thing later and still stands. Undo that one first:"
        " changes are taken back in the reverse order."
    )


def undo_asked(label: str) -> str:
    return f"The undo of {label} is being prepared. Another person must approve it on its own card."


# --- reminders ------------------------------------------------------------------------------------


def reminded(numbers: Sequence[int]) -> str:
    which = _and([str(number) for number in numbers])
    return f"Reminded those who may decide of plan{'' if len(numbers) == 1 else 's'} {which}."


def escalated(numbers: Sequence[int]) -> str:
    which = _and([str(number) for number in numbers])
    plural = "" if len(numbers) == 1 else "s"
    return f"Nobody decided in time about plan{plural} {which}: the wider group is asked, and may decide too."


# --- planning -------------------------------------------------------------------------------------


def proposed(number: int, label: str, why: str) -> str:
    told = f" Why: {why}" if why else ""
    return f"Plan {number} proposed: {label}.{told}"


def no_plan(remediation: str, target: str, sentence: str) -> str:
    return f"No plan for {remediation} on {target}: {sentence}"


def replication_unknown(bucket: str, error: str) -> str:
    return (
        f"Whether other buckets replicate into {bucket} is not known: {error} If one does, check that its"
        " role may still write."
    )


def replication_unread(bucket: str, sources: Sequence[str]) -> str:
    named = ", ".join(sources[:3]) + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")
    return (
        f"The replication settings of {named} could not be read: if one replicates into {bucket}, check that"
        " its role may still write."
    )


def plan_needs_person(remediation: str, target: str, error: str) -> str:
    return (
        f"{remediation} on {target} could not be planned: {error} Nothing was changed."
        " Put that right, then ask for it again."
    )


def undo_no_longer_fits(label: str) -> str:
    return (
        f"The undo of {label} was not proposed: AWS no longer shows the state that the change left behind,"
        " so putting the old state back could destroy somebody's later work. Look at it by hand."
    )


def already_undone(label: str) -> str:
    return f"Nothing to undo for {label}: AWS already shows the state from before the change."


# --- execution and watch --------------------------------------------------------------------------


def started(number: int, label: str, resumed: bool) -> str:
    return f"Plan {number} {'resumed after an interruption' if resumed else 'started'}: {label}."


def ended(number: int, label: str, outcome: str, sentence: str) -> str:
    which = "" if label in sentence else f"{label}. "
    return f"Plan {number} {outcome}: {which}{sentence}"


def aws_gone_before(error: str) -> str:
    return f"AWS could not be asked, and nothing was called: {error}"


def aws_gone_between(error: str) -> str:
    return (
        f"AWS could not be asked any more after the first call was begun: {error}"
        " A person must look at what is there now."
    )


def contained(changes: int) -> str:
    which = "the one change" if changes == 1 else f"all {changes} changes"
    return f"Contained: every containment step is through, and {which} made for it can be seen in AWS."


NOT_CONTAINED = "No longer contained: a containment step was undone, failed, or is open again."


def held(number: int, label: str, seconds: int, used_how: str | None) -> str:
    if used_how is None:
        return f"Plan {number} holds: {label}. {seconds} s later AWS still shows it."
    return (
        f"Plan {number} holds: {label}. {seconds} s later AWS still shows it, and event history (some minutes"
        f" late, no object reads) has no successful call by {used_how} since. It is looked at again later."
    )


def drifted(number: int, label: str) -> str:
    return (
        f"ATTENTION: plan {number} no longer holds: {label}. AWS shows another state than the one that was"
        " verified, so somebody changed it back or changed it further. Look at the timeline, then plan again."
    )


def used_since(number: int, label: str, calls: list[str], count: int) -> str:
    more = f" and {count - len(calls)} more" if count > len(calls) else ""
    return (
        f"ATTENTION: plan {number} ({label}) is in force, but calls still succeeded after it:"
        f" {'; '.join(calls)}{more}. Another way in is open. Investigate before calling this contained."
    )


def could_not_watch(number: int, error: str) -> str:
    return f"Whether plan {number} still holds could not be checked: {error} It will be tried again."


def gave_up(kind: str, attempts: int, error: str, job: int) -> str:
    return (
        f"I gave up on a piece of work ({kind}) after {attempts} tries. The last error was: {error}"
        f" What was done before it stays. Look at the log for job {job}, mend the cause, and ask again."
    )


# --- tasks ----------------------------------------------------------------------------------------

NO_SUCH_TASK = "This task does not exist (any more)."


def task_done(title: str) -> str:
    return f"Done: {title}"


def task_was_done(title: str) -> str:
    return f"{title}: somebody marked this done before you."


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
