"""The kinds of work that services queue: one constant each, with the payload its handler gets."""

from typing import Final

#: Make the incident's private channel: {incident_id}. Handled by the Slack room.
CHANNEL_CREATE: Final = "channel.create"

#: Start what the playbook has ready: {incident_id}. Handled by the playbook room, any number of times.
PLAYBOOK_ADVANCE: Final = "playbook.advance"

#: Investigate: {incident_id, step_id}.
EVIDENCE_COLLECT: Final = "evidence.collect"

#: Draw the pictures and write the list of an investigation: {incident_id, run_id}. Handled by the reports
#: room.
EVIDENCE_SHOW: Final = "evidence.show"

#: Read the live state and propose a change: {incident_id, step_id, remediation, target, why, requested_by,
#: and, where they apply, replaces, required, expires_minutes}.
PLAN_PREPARE: Final = "plan.prepare"

#: A change is wanted that no step proposed: {incident_id, remediation, target, why, requested_by}. Handled by
#: the playbook room, which knows whose approval it needs.
PLAN_ORDER: Final = "plan.order"

#: Carry out an approved plan, or resume one that a crash interrupted: {plan_id}.
PLAN_EXECUTE: Final = "plan.execute"

#: The time to approve is over: {plan_id}, due when the plan expires.
PLAN_EXPIRE: Final = "plan.expire"

#: Propose the undo of a plan that ran: {plan_id, requested_by}.
PLAN_UNDO: Final = "plan.undo"

#: Look whether a change still holds: {plan_id, and since (ISO 8601) on a later look}.
PLAN_WATCH: Final = "plan.watch"

#: Look whether somebody has made a guided change by hand: {plan_id, and asked: true after a click}.
PLAN_POLL: Final = "plan.poll"

#: Somebody clicked: {plan_id, digest, verdict (approve, reject or break_glass), user_id, team_id,
#: channel_id, reason}. Handled by the Slack room, which looks the person up before it decides anything.
APPROVAL_DECIDE: Final = "approval.decide"

#: Somebody approved several changes in one form: {plans: [[plan_id, digest], ...], user_id, team_id,
#: channel_id}. Handled by the Slack room, as are the next five.
APPROVAL_TOGETHER: Final = "approval.together"

#: Invite those who may decide about a plan, where its policy names them: {plan_id}.
APPROVAL_INVITE: Final = "approval.invite"

#: Remind those who may decide: {plan_id, nth}.
APPROVAL_REMIND: Final = "approval.remind"

#: Ask the wider group, because nobody decided: {plan_id}.
APPROVAL_ESCALATE: Final = "approval.escalate"

#: Tell every approver that somebody approved alone: {plan_id, user_id, key (of that approval)}.
APPROVAL_ANNOUNCE: Final = "approval.announce"

#: Show somebody what waits for their decision: {user_id, channel_id, key}; without a channel, in App Home.
INBOX_SHOW: Final = "inbox.show"

#: Audit an account: {account_id, channel_id, cadence, requested_by, slot}. Handled by the audits room.
AUDIT_RUN: Final = "audit.run"

#: Write the post-incident report: {incident_id}. Handled by the reports room, any number of times.
REPORT_WRITE: Final = "report.write"
