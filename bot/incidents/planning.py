"""Planning a change: read what AWS shows now, compute the plan, put it before the approvers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field

from bot.aws.errors import AwsRefused
from bot.aws.gateway import Gateway
from bot.aws.organization import organization_id
from bot.config import AccountSettings, Settings, SettingsError
from bot.evidence.report import Actor, Investigation, Origin, Window
from bot.incidents import jobs, reminders, sentences
from bot.incidents.batches import first_from, still_being_planned
from bot.incidents.headline import investigation_of
from bot.incidents.measured import latest_log, measured
from bot.incidents.object_lists import record_lists, seal_lists
from bot.incidents.phases import Phase
from bot.incidents.plan_states import UNDER_WAY, PlanState
from bot.incidents.policies import ApprovalPolicy
from bot.incidents.recorded import RequestLog
from bot.incidents.recording import BOT, notice, plan_key, record
from bot.incidents.replicating import warned, with_replication
from bot.incidents.tools import Tools
from bot.remediation.arns import account_of
from bot.remediation.catalogue import remediation
from bot.remediation.contract import BatchOperations, Observed, PlanContext
from bot.remediation.errors import NothingToDo, RemediationError
from bot.remediation.plan import Plan, state_hash
from bot.remediation.session_policy import session_policy
from bot.remediation.sweep.row import surveyed
from bot.remediation.words.moments import read_utc
from bot.store import evidence, incidents, outbox, plans
from bot.store.jobs import enqueue
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx, utcnow

#: Timeline entries of this kind say that no plan came of an order; `detail.order` names the order.
NO_PLAN = "plan.none"
#: A plan of more characters than this is attached as a file too: its pages are many.
LONG = 60_000
#: How long an order waits that has to come after another one.
AGAIN = timedelta(seconds=1)


class Order(BaseModel):
    """The payload of plan.prepare. `target` is the proposal's, such as {"user": "ci-deploy"}.

    `required` can only raise the number of approvals that the catalogue asks for. `policy`, `batch_id`,
    `batch_position` and `must_wait_for` become the plan's own, see bot.store.tables.plans.PlanRow.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    incident_id: int
    step_id: int | None = None
    remediation: str
    target: dict[str, str]
    why: str = ""
    requested_by: str
    replaces: str | None = None
    required: int = Field(default=1, ge=1)
    expires_minutes: int | None = Field(default=None, ge=1)
    policy: ApprovalPolicy = ApprovalPolicy()
    batch_id: str | None = None
    batch_position: int = 0
    must_wait_for: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        """The id of this order and of the plan that comes of it: the same work done twice is one plan."""
        which = (self.incident_id, self.step_id, self.remediation, self.target, self.replaces)
        return state_hash(list(which))[:20]

    @property
    def on(self) -> str:
        """The target for people."""
        return ", ".join(map(read_utc, self.target.values()))


def prepare(tools: Tools, payload: JsonObject) -> None:
    """The handler of plan.prepare: a proposed plan, or a sentence why there is none. Never neither.

    Raises AwsUnavailable, upon which the job is tried again.
    """
    order = Order.model_validate(payload)
    with tools.database.read() as tx:
        incident = incidents.get(tx, order.incident_id)
        known = plans.get(tx, order.id)
        too_early = _not_yet(tx, order, payload)
        investigation = _latest(tx, order.incident_id)
        log = latest_log(tx, tools, order.incident_id)
    if incident is None or known is not None:
        return
    if too_early:
        with tools.database.begin() as tx:
            _later(tx, payload)
        return
    try:
        plan = _plan(tools, incident, order, investigation, log)
        approvals = max(order.required, remediation(order.remediation).approvals)
        lists = seal_lists(tools, incident.name, plan)
    except (RemediationError, AwsRefused, SettingsError) as obstacle:
        with tools.database.begin() as tx:
            say_none(tx, order, str(obstacle), done=isinstance(obstacle, NothingToDo))
        return
    minutes = order.expires_minutes or tools.settings.approval_minutes
    with tools.database.begin() as tx:
        # Held, so that of two plans from one state the second sees the first.
        incidents.hold(tx, order.incident_id)
        if first := first_from(tx, order.incident_id, plan):
            _later(tx, payload, after=first.id)
        elif propose(tx, order, plan, approvals, timedelta(minutes=minutes)):
            record_lists(tx, order.incident_id, order.id, plan, lists)


def _not_yet(tx: Tx, order: Order, payload: JsonObject) -> bool:
    """Whether something comes first: an order that it must not overtake, or a plan from the same state."""
    first = plans.get(tx, payload.get("after", ""))
    return still_being_planned(tx, order.must_wait_for) or (first is not None and first.state in UNDER_WAY)


def _later(tx: Tx, payload: JsonObject, **more: str) -> None:
    """The same order again in a moment."""
    again = {name: value for name, value in payload.items() if name != "job_id"} | more
    enqueue(tx, jobs.PLAN_PREPARE, due_at=utcnow() + AGAIN, priority=5, **again)


def propose(tx: Tx, order: Order, plan: Plan, approvals: int, life: timedelta) -> bool:
    """Stores the plan, posts its card and sets its expiry. False when it exists or the incident is closed."""
    # Held, so that two plans never get one number, nor a closed incident a plan.
    incident = incidents.hold(tx, order.incident_id)
    if incident is None or incident.phase == Phase.CLOSED or plans.get(tx, order.id) is not None:
        return False
    publish(tx, row_of(tx, order, plan, approvals, life))
    return True


def row_of(tx: Tx, order: Order, plan: Plan, approvals: int, life: timedelta) -> PlanRow:
    """The plan as a row, not yet stored."""
    now = utcnow()
    return PlanRow(
        id=order.id,
        incident_id=order.incident_id,
        step_id=order.step_id,
        replaces=order.replaces,
        number=plans.next_number(tx, order.incident_id),
        remediation=plan.remediation,
        account_id=plan.account_id,
        region=plan.region,
        target=order.target,
        body=plan.model_dump(mode="json"),
        digest=plan.digest,
        base_hash=plan.base_hash,
        state=PlanState.PROPOSED.value,
        reason=order.why,
        requested_by=order.requested_by,
        required_approvals=approvals,
        created_at=now,
        expires_at=now + life,
        policy=order.policy.model_dump(mode="json"),
        batch_id=order.batch_id,
        batch_position=order.batch_position,
        must_wait_for=list(order.must_wait_for),
    )


def publish(tx: Tx, row: PlanRow) -> None:
    """Stores a proposed plan and puts it before people."""
    plans.insert(tx, row)
    text = sentences.proposed(row.number, str(row.body["title"]), row.reason)
    detail = {"plan_id": row.id, "digest": row.digest, "base_hash": row.base_hash}
    record(tx, row.incident_id, BOT, "plan.proposed", text, requested_by=row.requested_by, **detail)
    outbox.show(tx, plan_key(row.id), outbox.incident_place(row.incident_id), "plan", {"plan_id": row.id})
    if len(json.dumps(row.body)) > LONG:
        thread = outbox.incident_place(row.incident_id, thread_of=plan_key(row.id))
        outbox.say(tx, f"plan-file:{row.id}", thread, "file", {"plan_id": row.id})
    enqueue(tx, jobs.PLAN_EXPIRE, due_at=row.expires_at, dedupe_key=f"expire:{row.id}", plan_id=row.id)
    reminders.schedule(tx, row)


def _plan(
    tools: Tools, incident: Incident, order: Order, seen: Investigation | None, log: RequestLog | None
) -> Plan:
    account = tools.settings.account(incident.account_id)
    row = remediation(order.remediation)
    target = row.target(incident.account_id, incident.region, order.target)
    reader = tools.aws.reader(incident.account_id)
    state = surveyed(row, reader, target, tools.manifests)
    context = replace(context_of(tools, incident, account, seen), log=log)
    if target.kind == "bucket":
        context = replace(context, known=known_of(reader, context.keep, account.account_id))
    unsure = ""
    if "s3:PutBucketPolicy" in row.permissions:
        context, unsure = with_replication(reader, target, context)
    plan = warned(row.plan(target, state, context), unsure)
    # Refused here, not after people approved: the step's credentials must be able to hold its policy.
    session_policy(plan)
    return measured(plan, reader, log)


def context_of(
    tools: Tools, incident: Incident, account: AccountSettings, seen: Investigation | None
) -> PlanContext:
    """What planning must know beside the target: whom never to lock out (rule 9), and who uses it."""
    own = tools.own_principals(account)
    partition = account.evidence_role.split(":")[1]
    root = f"arn:{partition}:iam::{account.account_id}:root"
    return PlanContext(
        incident=incident.name,
        keep=(*own, *account.break_glass, root),
        protected=(*own, *account.break_glass),
        observed=observed_in(seen) if seen else (),
        hours=_hours(seen.window) if seen else None,
        since=began(seen) if seen else None,
        batch=batch_of(tools.settings, account),
        former={"bucket": seen.bucket, **seen.bucket_before} if seen and seen.bucket_before else {},
    )


def batch_of(settings: Settings, account: AccountSettings) -> BatchOperations | None:
    """How S3 Batch Operations may be used: with a role of the account itself."""
    role, url = settings.batch_role, settings.batch_url
    if role is None or url is None or account_of(role) != account.account_id:
        return None
    bucket, _, folder = url.removeprefix("s3://").partition("/")
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    return BatchOperations(settings.batch_above, role, bucket, prefix)


def began(seen: Investigation) -> datetime | None:
    """When the first suspicious act that the evidence shows was; None where it shows none."""
    suspicious = (origin.first_seen for actor in seen.actors for origin in actor.origins if origin.suspicious)
    return min(suspicious, default=None)


def _hours(window: Window) -> float | None:
    """How long the time is that was looked at; None where no event was found in it."""
    first, last = window.start or window.first_event, window.end or window.last_event
    return (last - first).total_seconds() / 3600 if first and last else None


def known_of(reader: Gateway, keep: Iterable[str], account_id: str) -> dict[str, str]:
    """The condition keys that requests of all who must stay are known to have: their organisation's id.

    What is not known counts as a lock-out where a Deny turns on it.
    """
    if any(account_of(arn) != account_id for arn in keep):
        return {}
    organization = organization_id(reader).value
    return {"aws:PrincipalOrgID": organization} if organization else {}


def observed_in(investigation: Investigation) -> tuple[Observed, ...]:
    """Every principal and key of the evidence: who will feel a change."""
    return tuple(
        _observed(actor, key, origins)
        for actor in investigation.actors
        for key, origins in _by_key(actor).items()
    )


def _by_key(actor: Actor) -> dict[str | None, list[Origin]]:
    keys: dict[str | None, list[Origin]] = defaultdict(list)
    for origin in actor.origins:
        keys[origin.access_key_id].append(origin)
    return keys


def _observed(actor: Actor, key: str | None, origins: list[Origin]) -> Observed:
    return Observed(
        principal=actor.principal,
        access_key_id=key,
        label=actor.label,
        source_ips=tuple(dict.fromkeys(origin.source_ip for origin in origins)),
        user_agents=tuple(dict.fromkeys(origin.user_agent for origin in origins)),
        events=sum(origin.events for origin in origins),
        last_seen=max(origin.last_seen for origin in origins),
    )


def _latest(tx: Tx, incident_id: int) -> Investigation | None:
    run = evidence.latest_run(tx, incident_id)
    return investigation_of(run) if run else None


def say_none(tx: Tx, order: Order, sentence: str, *, done: bool = False) -> None:
    """Records once that no plan came of the order, and lets the playbook go on. `done`: it is already so."""
    key = f"{NO_PLAN}:{order.id}"
    if outbox.find(tx, key) is not None:
        return
    text = sentences.no_plan(order.remediation, order.on, sentence)
    detail = {"order": order.id, "step_id": order.step_id, "replaces": order.replaces, "done": done}
    record(tx, order.incident_id, BOT, NO_PLAN, text, **detail)
    notice(tx, order.incident_id, key, text)
    enqueue(tx, jobs.PLAYBOOK_ADVANCE, incident_id=order.incident_id)
