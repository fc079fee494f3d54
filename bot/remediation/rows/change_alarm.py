"""R38: an alarm for every change of a bucket's or the account's S3 settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.remediation import trails
from bot.remediation.arns import partition
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.words import watching as words

_GROUP = re.compile(r"arn:[\w-]+:logs:([\w-]+):(\d{12}):log-group:([\w./#-]{1,512})(?::\*)?", re.ASCII)
_MAIL = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,190}\.[^\s@<>\"']{2,24}")
#: CIS benchmark 5.8 lists nine events; missing there, and here too: Block Public Access of buckets and of the
#: account, ownership, versioning, logging, encryption, notifications, access points and grants, Batch jobs.
_EVENTS = ("PutBucket*", "DeleteBucket*", "*PublicAccessBlock", "*AccessPoint*", "*AccessGrant*", "*Job*")
_CHANGES = " || ".join(f'($.eventName = "{one}")' for one in _EVENTS)
PATTERN = (
    f'{{ ($.eventSource = "s3*") && ({_CHANGES}) && ($.eventName != "PutBucketTagging")'
    " && ($.readOnly IS FALSE) }"
)
_OF_ALARM = (
    *("Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "Threshold"),
    *("ComparisonOperator", "TreatMissingData", "ActionsEnabled", "AlarmActions"),
)
_NAMESPACE = "S3Incident"


class ChangeAlarm(Automated):
    """R38: metric filter on a trail's log group, alarm on it, topic to tell people.

    Source: CloudWatch Logs User Guide, "Filter pattern syntax" (JSON); CloudTrail User Guide, "Creating
    CloudWatch alarms for CloudTrail events".
    """

    row = "R38"
    name = "change-alarm"
    title = "Raise an alarm when S3 settings change"
    family = "protection"
    order = 320
    wants = ("trail",)
    optional = ("email",)
    permissions = (
        *("sns:CreateTopic", "sns:Subscribe", "sns:DeleteTopic"),
        *("logs:PutMetricFilter", "logs:DeleteMetricFilter"),
        *("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
        *("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"),
        *("logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms"),
    )
    undo_verb = "Take away the alarm on"
    undo_warning = words.NOBODY_IS_TOLD_ANY_MORE

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `trail`: a name, an ARN, or the ARN of its log group; `email`, whom to tell."""
        given, email = wanted.get("trail", ""), wanted.get("email")
        if email and not _MAIL.fullmatch(email):
            raise BadTarget(words.not_an_address(email))
        more = {"email": email} if email else {}
        group = _GROUP.fullmatch(given)
        if group is None:
            return trails.trail_target(account_id, region, given, **more)
        if group[2] != account_id:
            raise BadTarget(words.log_group_elsewhere(given, account_id))
        params = {"trail": given, "account_id": account_id, "region": region, **more}
        return Target(kind="log_group", id=given.removesuffix(":*"), label=group[3], params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """What of ours is there. `Subscribed`: None where nobody is to be told."""
        arn = _log_group(read, target)
        names = _names(arn)
        topic = _subscribers(read, names)
        email = target.params.get("email")
        return {
            "LogGroup": arn,
            "Topic": topic is not None,
            "Subscribed": email in (topic or ()) if email else None,
            "Filter": _filter(read, names),
            "Alarm": _alarm(read, names),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        names = _names(state["LogGroup"])
        params = {**target.params, **names, "trail": state["LogGroup"]}
        target = Target(kind="log_group", id=state["LogGroup"], label=names["group"], params=params)
        steps = list(_steps(target, state))
        if not steps:
            raise NothingToDo(words.already_watched(target.label))
        return Plan(
            remediation=self.row,
            title=f"Raise an alarm when S3 settings change, on {target.label}",
            verb="Raise an alarm on",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=tuple(call for call, _, _ in steps),
            undo=tuple(undo for _, undo, _ in reversed(steps) if undo),
            base_hash=state_hash(state),
            before=state,
            after=steps[-1][2],
            reads=tuple(_reads(target)),
            affected=(words.NOBODY_FEELS_ALARMS,),
            irreversible=(words.SUBSCRIPTION_STAYS,) if self.undone(state) != state else (),
            warnings=(words.confirm(target.params.get("email"), names["topic"]), words.MINUTES_LATE),
        )

    def undone(self, before: State) -> State:
        """A topic that was there keeps its new subscriber: nobody can end one that is not confirmed."""
        stays = before["Topic"] and before["Subscribed"] is False
        return {**before, "Subscribed": True} if stays else before


def _log_group(read: Reader, target: Target) -> str:
    """The ARN of the log group, without the `:*` that CloudTrail writes behind it."""
    if target.kind == "log_group" or _GROUP.fullmatch(target.params["trail"]):
        return target.params["trail"].removesuffix(":*")
    trail = trails.describe(read, target)
    if trail is None:
        raise TargetMissing(words.no_such_trail(target.label, target.params["region"]))
    arn: str = trail.get("CloudWatchLogsLogGroupArn") or ""
    if not _GROUP.fullmatch(arn):
        raise Refused(words.no_log_group(target.label))
    return arn.removesuffix(":*")


def _names(log_group: str) -> dict[str, str]:
    """Of everything that belongs to one log group."""
    found = _GROUP.fullmatch(log_group)
    home, account, group = (found[1], found[2], found[3]) if found else ("", "", "")
    name = f"S3Incident-changes-{state_hash(log_group)[:8]}"
    topic = f"arn:{partition(home)}:sns:{home}:{account}:{name}"
    alarm = f"arn:{partition(home)}:cloudwatch:{home}:{account}:alarm:{name}"
    return {"name": name, "group": group, "home": home, "topic": topic, "alarm": alarm}


# -- reading -------------------------------------------------------------------------------------------


def _subscribers(read: Reader, names: Mapping[str, str]) -> list[str] | None:
    """The addresses that the topic tells or has asked; None where there is no topic."""
    params = {"TopicArn": names["topic"]}
    try:
        read.call("sns", "get_topic_attributes", params, names["home"])
    except AwsRefused as error:
        if error.code in ("NotFound", "NotFoundException"):
            return None
        raise
    found = read.call("sns", "list_subscriptions_by_topic", params, names["home"]).data["Subscriptions"]
    return [one["Endpoint"] for one in found if one["Protocol"] == "email"]


def _filter(read: Reader, names: Mapping[str, str]) -> dict[str, Any] | None:
    params = {"logGroupName": names["group"], "filterNamePrefix": names["name"]}
    try:
        found = read.call("logs", "describe_metric_filters", params, names["home"]).data["metricFilters"]
    except AwsRefused as error:
        if error.code == "ResourceNotFoundException":
            raise TargetMissing(words.no_such_log_group(names["group"])) from error
        raise
    mine = next((one for one in found if one["filterName"] == names["name"]), None)
    return {"Pattern": mine["filterPattern"], "Metrics": mine["metricTransformations"]} if mine else None


def _alarm(read: Reader, names: Mapping[str, str]) -> dict[str, Any] | None:
    params = {"AlarmNames": [names["name"]]}
    found = read.call("cloudwatch", "describe_alarms", params, names["home"]).data.get("MetricAlarms", [])
    return {name: found[0][name] for name in _OF_ALARM if name in found[0]} if found else None


def _reads(target: Target) -> Iterator[Permission]:
    """The plan knows the log group: whatever trail it was found by, only ours is read again."""
    yield Permission(action="sns:GetTopicAttributes", resource=target.params["topic"])
    yield Permission(action="sns:ListSubscriptionsByTopic", resource=target.params["topic"])
    yield Permission(action="logs:DescribeMetricFilters", resource=target.id)
    yield Permission(action="cloudwatch:DescribeAlarms", resource=target.params["alarm"])


# -- changing ------------------------------------------------------------------------------------------

_Step = tuple[Call, Call | None, State]


def _steps(target: Target, state: State) -> Iterator[_Step]:
    """Each call with its undo, and the state after it."""
    name, topic = target.params["name"], target.params["topic"]
    metric = {"metricName": name, "metricNamespace": _NAMESPACE, "metricValue": "1"}
    if not state["Topic"]:
        before, state = state, {**state, "Topic": True}
        made = _call(target, "sns", "create_topic", state, Name=name)
        yield made, _call(target, "sns", "delete_topic", before, TopicArn=topic), state
    if state["Subscribed"] is False:
        state, email = {**state, "Subscribed": True}, target.params["email"]
        told = {"TopicArn": topic, "Protocol": "email", "Endpoint": email}
        yield _call(target, "sns", "subscribe", state, **told), None, state
    wanted = {"Pattern": PATTERN, "Metrics": [metric]}
    if state["Filter"] != wanted:
        before, state = state, {**state, "Filter": wanted}
        yield _put_filter(target, state), _put_filter(target, before), state
    alarm = _wanted_alarm(name, topic)
    if state["Alarm"] != alarm:
        before, state = state, {**state, "Alarm": alarm}
        yield _put_alarm(target, state), _put_alarm(target, before), state


def _wanted_alarm(name: str, topic: str) -> dict[str, Any]:
    """One change within five minutes is enough."""
    metric = {"Namespace": _NAMESPACE, "MetricName": name, "Statistic": "Sum"}
    when = {"Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0, "TreatMissingData": "notBreaching"}
    compared = {"ComparisonOperator": "GreaterThanOrEqualToThreshold"}
    return {**metric, **when, **compared, "ActionsEnabled": True, "AlarmActions": [topic]}


def _put_filter(target: Target, after: State) -> Call:
    params = {"logGroupName": target.params["group"], "filterName": target.params["name"]}
    if after["Filter"] is None:
        return _call(target, "logs", "delete_metric_filter", after, **params)
    kept = {"filterPattern": after["Filter"]["Pattern"], "metricTransformations": after["Filter"]["Metrics"]}
    return _call(target, "logs", "put_metric_filter", after, **params, **kept)


def _put_alarm(target: Target, after: State) -> Call:
    name = target.params["name"]
    if after["Alarm"] is None:
        return _call(target, "cloudwatch", "delete_alarms", after, AlarmNames=[name])
    return _call(target, "cloudwatch", "put_metric_alarm", after, AlarmName=name, **after["Alarm"])


def _call(target: Target, service: str, operation: str, after: State, **params: Any) -> Call:
    """Where the log group is, on the one resource of ours that the service has."""
    arn = {"sns": target.params["topic"], "cloudwatch": target.params["alarm"], "logs": target.id}[service]
    action = f"{service}:{''.join(word.title() for word in operation.split('_'))}"
    return Call(
        service=service,
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=(Permission(action=action, resource=arn),),
        region=target.params["home"],
    )


REMEDIATION = ChangeAlarm()
