"""R39: AWS Config's managed rules about S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.remediation.arns import partition
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.watching import account_target
from bot.remediation.words import watching as words

#: Rules without parameters (AWS Config Developer Guide, "List of managed rules"): those put unless others
#: are named, and those that can be named.
USUAL = (
    "S3_BUCKET_PUBLIC_READ_PROHIBITED",
    "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
    "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
    "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
    "S3_BUCKET_ACL_PROHIBITED",
    "S3_BUCKET_POLICY_GRANTEE_CHECK",
    "S3_BUCKET_SSL_REQUESTS_ONLY",
    "S3_BUCKET_LOGGING_ENABLED",
    "S3_BUCKET_VERSIONING_ENABLED",
    "CLOUDTRAIL_S3_DATAEVENTS_ENABLED",
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    "MULTI_REGION_CLOUD_TRAIL_ENABLED",
)
OTHERS = (
    "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS",
    "S3_BUCKET_DEFAULT_LOCK_ENABLED",
    "S3_BUCKET_REPLICATION_ENABLED",
    "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
    "S3_DEFAULT_ENCRYPTION_KMS",
    "S3_EVENT_NOTIFICATIONS_ENABLED",
    "S3_LIFECYCLE_POLICY_CHECK",
    "S3_VERSION_LIFECYCLE_POLICY_CHECK",
)
_READS = ("config:DescribeConfigRules", "config:DescribeConfigurationRecorderStatus")
_DESCRIPTION = "Put by S3Incident: watches S3 after a security incident."


class ConfigRules(Automated):
    """R39: each rule that no other rule of the account covers already. Rules only watch; none repairs."""

    row = "R39"
    name = "config-rules"
    title = "Watch S3 by AWS Config's managed rules"
    family = "protection"
    order = 330
    wants = ("account",)
    optional = ("rules",)
    permissions = ("config:PutConfigRule", "config:DeleteConfigRule", *_READS)
    undo_verb = "Delete the Config rules of"
    undo_warning = words.RULES_GONE
    #: Config shows a deleted rule as DELETING for a while.
    patience = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `account`, and `rules`: identifiers of managed rules with commas between them."""
        named = [one.strip().upper() for one in wanted.get("rules", "").split(",") if one.strip()]
        unknown = [one for one in named if one not in (*USUAL, *OTHERS)]
        if unknown:
            raise BadTarget(words.unknown_rules(unknown, (*USUAL, *OTHERS)))
        rules = ",".join(dict.fromkeys(named)) or ",".join(USUAL)
        return account_target(account_id, region, wanted, rules=rules)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Rules`: the state of each of ours, None where it is not there. `Covered`: others do the same."""
        found = list(_rules(read, target.params["region"]))
        ours = {one["ConfigRuleName"]: one.get("ConfigRuleState", "ACTIVE") for one in found}
        wanted = target.params["rules"].split(",")
        other = {
            one["Source"]["SourceIdentifier"] for one in found if one["ConfigRuleName"] not in _names(wanted)
        }
        return {
            "Account": target.params["account"],
            "Region": target.params["region"],
            "Recording": _recording(read, target.params["region"]),
            "Rules": {one: ours.get(_name(one)) for one in wanted},
            "Covered": [one for one in wanted if one in other],
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        if not state["Recording"]:
            raise Refused(words.no_recorder(target.params["region"]))
        steps = list(_steps(target, state))
        if not steps:
            raise NothingToDo(words.rules_are_there(target.label))
        return Plan(
            remediation=self.row,
            title=f"Watch S3 in {target.label} ({target.params['region']}) by {len(steps)} Config rules",
            verb="Watch S3 by Config rules in",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=tuple(call for call, _, _ in steps),
            undo=tuple(undo for _, undo, _ in reversed(steps)),
            base_hash=state_hash(state),
            before=state,
            after=steps[-1][2],
            reads=(
                Permission(action=_READS[0], resource=_any_rule(target)),
                Permission(action=_READS[1], resource="*"),
            ),
            affected=(words.NOBODY_FEELS_RULES,),
            warnings=(words.rules_cost(len(steps)), words.ONLY_THIS_REGION, words.NOT_ALL_RULES),
        )


def _rules(read: Reader, region: str) -> Iterator[Mapping[str, Any]]:
    params: dict[str, str] = {}
    while True:
        answer = read.call("config", "describe_config_rules", params, region).data
        yield from answer["ConfigRules"]
        if not answer.get("NextToken"):
            return
        params = {"NextToken": answer["NextToken"]}


def _recording(read: Reader, region: str) -> bool:
    answer = read.call("config", "describe_configuration_recorder_status", {}, region).data
    return any(one.get("recording") for one in answer.get("ConfigurationRecordersStatus", ()))


def _name(identifier: str) -> str:
    return f"S3Incident-{identifier.lower().replace('_', '-')}"


def _names(identifiers: list[str]) -> set[str]:
    return {_name(one) for one in identifiers}


def _any_rule(target: Target) -> str:
    """Rules are named by ids that Config chooses: no narrower ARN is known before."""
    region = target.params["region"]
    return f"arn:{partition(region)}:config:{region}:{target.params['account_id']}:config-rule/*"


def _steps(target: Target, state: State) -> Iterator[tuple[Call, Call, State]]:
    for identifier, there in state["Rules"].items():
        if there or identifier in state["Covered"]:
            continue
        before, state = state, {**state, "Rules": {**state["Rules"], identifier: "ACTIVE"}}
        rule = {
            "ConfigRuleName": _name(identifier),
            "Description": _DESCRIPTION,
            "Source": {"Owner": "AWS", "SourceIdentifier": identifier},
        }
        put = _call(target, "put_config_rule", "config:PutConfigRule", state, ConfigRule=rule)
        name = _name(identifier)
        yield (
            put,
            _call(target, "delete_config_rule", "config:DeleteConfigRule", before, ConfigRuleName=name),
            state,
        )


def _call(target: Target, operation: str, action: str, after: State, **params: Any) -> Call:
    return Call(
        service="config",
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=(Permission(action=action, resource=_any_rule(target)),),
    )


REMEDIATION = ConfigRules()
