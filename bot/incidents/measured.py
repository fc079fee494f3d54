"""A plan measured before people see it: against the recorded requests, and against AWS's own judgement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from bot.aws.fact import Fact
from bot.aws.gateway import Gateway
from bot.aws.identity_policies import identity_policies
from bot.aws.new_access import CHECK as NEW_ACCESS
from bot.aws.new_access import grants_new_access
from bot.aws.public_verdict import CHECK, STATUS, document_is_public, policy_is_public
from bot.incidents.custody import stored
from bot.incidents.headline import investigation_of
from bot.incidents.recorded import RequestLog
from bot.incidents.tools import Tools
from bot.incidents.vaults import vault_of
from bot.policy.document import Policy, PolicyError, parse
from bot.policy.meaning_of_public import is_public
from bot.remediation.bucket_settings import read_settings
from bot.remediation.effects import replayed, touches_requests, undecided_for_own_policies
from bot.remediation.errors import Refused
from bot.remediation.impact import impact_of
from bot.remediation.impact_sentences import NO_EVIDENCE, UNREADABLE, grants_more, verdict
from bot.remediation.plan import AwsVerdict, Plan
from bot.store import evidence
from bot.store.types import Tx

#: The row that rewrites a policy of a user or role to a narrower one.
NARROWS = "R12"


def latest_log(tx: Tx, tools: Tools, incident_id: int) -> RequestLog | None:
    """The requests of the latest finished investigation; None while there is none."""
    run = evidence.latest_run(tx, incident_id)
    found = investigation_of(run) if run else None
    if run is None or found is None:
        return None
    rows = [one for one in evidence.artefacts(tx, incident_id) if one.evidence_run_id == run.id]
    files = tuple(stored(one) for one in rows if one.kind == "events")
    return RequestLog(vault_of(tools.settings, tools.aws), files, found)


def measured(plan: Plan, reader: Gateway, log: RequestLog | None) -> Plan:
    """The plan with its impact and AWS's verdicts. Its digest stays: what executes is the same.

    Raises Refused where AWS says that a policy which is to be narrowed would allow more.
    """
    verdicts = tuple(_verdicts(plan, reader))
    differing = tuple(verdict(one) for one in verdicts if one.differs)
    told = {"aws_verdicts": verdicts, "warnings": (*differing, *plan.warnings), "impact": None}
    plan = plan.model_copy(update=told)
    if not touches_requests(plan):
        return plan
    if log is None:
        return plan.model_copy(update={"warnings": (*plan.warnings, NO_EVIDENCE)})
    on = plan.target
    settings = (
        read_settings(reader, on.label, on.params["account_id"], plan.region) if on.kind == "bucket" else None
    )
    try:
        found = replayed(plan, settings, log)
        if asked := undecided_for_own_policies(found, on.params["account_id"]):
            found = replayed(plan, settings, log, _own_policies(reader, asked))
    except OSError as error:
        return plan.model_copy(update={"warnings": (*plan.warnings, UNREADABLE.format(error))})
    return plan.model_copy(update={"impact": impact_of(found, log)})


def _own_policies(reader: Gateway, arns: Iterable[str]) -> dict[str, tuple[Policy, ...]]:
    """All policies of those users and roles of which they can be read, and that no boundary limits."""
    found: dict[str, tuple[Policy, ...]] = {}
    for arn in arns:
        read = identity_policies(reader, arn).value
        if read and not read.bounded:
            with suppress(PolicyError):
                found[read.arn] = tuple(parse(one, "identity policy") for one in read.documents)
    return found


def _verdicts(plan: Plan, reader: Gateway) -> Iterator[AwsVerdict]:
    """Of the policy in force, and of the planned one: asked of AWS, beside our own reading."""
    if plan.remediation == NARROWS:
        yield _narrower(plan, reader)
    if plan.target.kind != "bucket" or plan.before.get("Policy") == plan.after.get("Policy"):
        return
    document = plan.before["Policy"]
    said = policy_is_public(reader, plan.target.label, plan.region)
    yield _beside(STATUS, "before", said, ours=document is not None and is_public(parse(document)))
    if document := plan.after["Policy"]:
        said = document_is_public(reader, document, plan.region)
        yield _beside(CHECK, "after", said, ours=is_public(parse(document)))


def _narrower(plan: Plan, reader: Gateway) -> AwsVerdict:
    """That the new policy allows nothing new: proven in planning, and asked of AWS."""
    said = grants_new_access(reader, plan.after["Document"], plan.before["Document"], plan.region)
    if said.value:
        raise Refused(grants_more(plan.target.label, NEW_ACCESS))
    told = _beside(NEW_ACCESS, "after", said, ours=False)
    return told.model_copy(update={"about": "new access"})


def _beside(by: str, when: str, said: Fact[bool], *, ours: bool) -> AwsVerdict:
    return AwsVerdict.model_validate(
        {"by": by, "when": when, "public": said.value, "ours": ours, "why": said.unknown or ""}
    )
