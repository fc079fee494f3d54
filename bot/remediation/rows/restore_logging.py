"""R37: let a trail that was tampered with record again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.remediation import log_delivery, trails
from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.words import delivery as delivery_words
from bot.remediation.words import trails as words

_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/[\w-]+")
#: The members of a trail's description that this row restores, and UpdateTrail's names of them.
_SETTINGS = {
    "S3BucketName": "S3BucketName",
    "S3KeyPrefix": "S3KeyPrefix",
    "KmsKeyId": "KmsKeyId",
    "IsMultiRegionTrail": "IsMultiRegionTrail",
    "IncludeGlobalServiceEvents": "IncludeGlobalServiceEvents",
    "LogFileValidationEnabled": "EnableLogFileValidation",
}
#: In the target of a plan: its state has only what the calls change.
_PLANNED = "planned"
_READS_STATUS = "cloudtrail:GetTrailStatus"


class RestoreLogging(Automated):
    """R37: logging on, log file validation on, management events selected, and what it is known to have had.

    A deleted trail is created again where the bucket that it wrote into is known. Source: CloudTrail API
    Reference, StartLogging, UpdateTrail, CreateTrail.
    """

    row = "R37"
    name = "restore-logging"
    title = "Restore a trail that was stopped, changed or deleted"
    family = "protection"
    order = 290
    reversible = False
    wants = ("trail",)
    optional = ("log_bucket", "prefix", "kms_key", "multi_region")
    permissions = (
        *("cloudtrail:StartLogging", "cloudtrail:UpdateTrail", "cloudtrail:CreateTrail"),
        *("cloudtrail:PutEventSelectors", trails.READS_TRAILS, trails.READS_SELECTORS, _READS_STATUS),
    )
    undo_verb = ""
    undo_warning = words.LOGGING_STAYS

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `trail`, and what it had before where that was changed: `log_bucket`, `prefix`, `kms_key` (an
        ARN), `multi_region` (yes or no).
        """
        former = {name: value for name in self.optional if (value := wanted.get(name)) is not None}
        if bucket := former.get("log_bucket"):
            RemovePublicStatements().target(account_id, region, {"bucket": bucket})
        if former.get("kms_key") and not _KEY.fullmatch(former["kms_key"]):
            raise BadTarget(words.not_a_key(former["kms_key"]))
        if former.get("multi_region", "yes") not in ("yes", "no"):
            raise BadTarget(words.not_yes_or_no("multi_region", former["multi_region"]))
        return trails.trail_target(account_id, region, wanted.get("trail", ""), **former)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Settings`: None where the trail is gone; then nothing else is known of it.

        `Delivery`, what keeps its files from arriving, is asked for planning only.
        """
        state = _state(read, target)
        return state if _PLANNED in target.params else {**state, "Delivery": _delivery(read, target, state)}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        target, state = trails.found_as(target, state), dict(state)
        target = target.model_copy(update={"params": {**target.params, _PLANNED: "yes"}})
        delivery = state.pop("Delivery", None)
        steps = list(_steps(target, state))
        if not steps:
            raise NothingToDo(words.already_logging(target.label))
        said = [what for what, _, _ in steps]
        return Plan(
            remediation=self.row,
            title=words.restores(target.label, ", ".join(said)),
            verb="Restore",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=tuple(call for _, call, _ in steps),
            undo=(),
            base_hash=state_hash(state),
            before=state,
            after=steps[-1][2],
            reads=(
                Permission(action=trails.READS_TRAILS, resource="*"),
                Permission(action=trails.READS_SELECTORS, resource=target.id),
                Permission(action=_READS_STATUS, resource=target.id),
            ),
            affected=(words.NOBODY_FEELS_LOGGING,),
            irreversible=(words.LOGGING_STAYS,),
            warnings=tuple(_warnings(target, state, steps[-1][2]["Settings"], delivery)),
        )

    def trouble(self, read: Reader, plan: Plan) -> str:
        """That files do not arrive, by CloudTrail's own word."""
        home, arn = plan.after["HomeRegion"], plan.after["TrailArn"]
        error = log_delivery.latest_error(read, arn, home)
        return delivery_words.still_not_delivered(plan.target.label, error) if error else ""


def _state(read: Reader, target: Target) -> State:
    trail = trails.describe(read, target)
    if trail is None:
        return _gone(target)
    return {
        "TrailArn": trail["TrailARN"],
        "HomeRegion": trail["HomeRegion"],
        "Logging": trails.is_logging(read, trail),
        "Settings": {name: trail.get(name) or None for name in _SETTINGS},
        **trails.selectors_of(read, trail),
    }


def _delivery(read: Reader, target: Target, state: State) -> State:
    """Of the bucket that the trail is to write into, and of its last attempt where that was the same one."""
    now, home = state["Settings"] or {}, state["HomeRegion"]
    bucket = str(target.params.get("log_bucket") or now.get("S3BucketName"))
    found = log_delivery.log_bucket(read, bucket, home)
    if now.get("S3BucketName") != bucket:
        return found
    return {**found, "Error": log_delivery.latest_error(read, state["TrailArn"], home)}


def _gone(target: Target) -> State:
    """The state of a trail that is not there. Raises TargetMissing where it cannot be created again."""
    if not target.params.get("log_bucket"):
        raise TargetMissing(words.trail_is_gone(target.label, target.params["region"]))
    return {
        "TrailArn": target.id,
        "HomeRegion": target.id.split(":")[3],
        "Logging": False,
        "Settings": None,
        "EventSelectors": [],
        "AdvancedEventSelectors": [],
    }


def _steps(target: Target, state: State) -> Iterator[tuple[str, Call, State]]:
    """What is restored, the call for it, and the state after it: sight first, then what is seen."""
    if state["Settings"] is None:
        state = {**state, "Settings": _settings(target, {}), "EventSelectors": [trails.DEFAULT]}
        yield "create it again", _create(target, state), state
    if not state["Logging"]:
        state = {**state, "Logging": True}
        yield "logging on", _start(state), state
    if not trails.records_management(state):
        selectors = [*trails.as_advanced(state), trails.management_events()]
        state = {**state, "EventSelectors": [], "AdvancedEventSelectors": selectors}
        yield "management events", trails.put_selectors(state), state
    wanted = _settings(target, state["Settings"])
    if changed := {name: value for name, value in wanted.items() if value != state["Settings"][name]}:
        state = {**state, "Settings": wanted}
        yield ", ".join(changed), _update(changed, state), state


def _settings(target: Target, now: Mapping[str, Any]) -> dict[str, Any]:
    """What the trail is to have: what it has, what it is told to have had, and validation in any case."""
    told, wanted = target.params, {name: now.get(name) for name in _SETTINGS}
    for name, param in (("S3BucketName", "log_bucket"), ("S3KeyPrefix", "prefix"), ("KmsKeyId", "kms_key")):
        if param in told:
            wanted[name] = told[param] or None
    everywhere = told.get("multi_region", "" if now else "yes")
    if everywhere:
        wanted["IsMultiRegionTrail"] = everywhere == "yes" or None
    if wanted["IsMultiRegionTrail"] or not now:
        wanted["IncludeGlobalServiceEvents"] = True
    wanted["LogFileValidationEnabled"] = True
    return wanted


def _create(target: Target, after: State) -> Call:
    wanted = {_SETTINGS[name]: value for name, value in after["Settings"].items() if value is not None}
    return trails.change("create_trail", "cloudtrail:CreateTrail", after, Name=target.label, **wanted)


def _start(after: State) -> Call:
    return trails.change("start_logging", "cloudtrail:StartLogging", after, Name=after["TrailArn"])


def _update(changed: Mapping[str, Any], after: State) -> Call:
    """Only what changes; an empty text takes a prefix or a key away."""
    off: dict[str, Any] = {"S3KeyPrefix": "", "KmsKeyId": ""}
    wanted = {
        _SETTINGS[name]: off.get(name, False) if value is None else value for name, value in changed.items()
    }
    return trails.change("update_trail", "cloudtrail:UpdateTrail", after, Name=after["TrailArn"], **wanted)


def _warnings(
    target: Target, state: State, after: Mapping[str, Any], delivery: State | None
) -> Iterator[str]:
    yield words.GAP_STAYS
    if state["Settings"] is None:
        yield words.WITHOUT_LOG_GROUP
    elif not any(name in target.params for name in RestoreLogging.optional):
        yield words.GIVE_FORMER
    if delivery is not None:
        yield from log_delivery.said(delivery, after, target.id, target.params["account_id"])


REMEDIATION = RestoreLogging()
