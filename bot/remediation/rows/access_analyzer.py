"""R40: IAM Access Analyzer for what is open to the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.remediation.arns import partition
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import NothingToDo
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.watching import account_target
from bot.remediation.words import watching as words

NAME = "S3Incident"
_LIST = "access-analyzer:ListAnalyzers"
_SERVICE = "access-analyzer.amazonaws.com"
_ROLE = f"role/aws-service-role/{_SERVICE}/AWSServiceRoleForAccessAnalyzer"


class AccessAnalyzer(Automated):
    """R40: one analyzer of type ACCOUNT in the incident's Region, where there is none.

    Source: IAM Access Analyzer API Reference, CreateAnalyzer; IAM User Guide, "Quotas" (one of each type).
    """

    row = "R40"
    name = "access-analyzer"
    title = "Switch on IAM Access Analyzer"
    family = "protection"
    order = 340
    wants = ("account",)
    permissions = (
        *("access-analyzer:CreateAnalyzer", "iam:CreateServiceLinkedRole"),
        *("access-analyzer:DeleteAnalyzer", _LIST),
    )
    undo_verb = "Delete the analyzer of"
    undo_warning = words.NO_FINDINGS_ANY_MORE
    #: A new analyzer is CREATING for a while.
    patience = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `account`."""
        return account_target(account_id, region, wanted)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Analyzer`: the Region's one of type ACCOUNT, by name and status, None where there is none."""
        params = {"type": "ACCOUNT"}
        found = read.call("accessanalyzer", "list_analyzers", params, target.params["region"]).data[
            "analyzers"
        ]
        mine = next(iter(sorted(found, key=lambda one: str(one["name"]))), None)
        return {
            "Account": target.params["account"],
            "Region": target.params["region"],
            "Analyzer": {"Name": mine["name"], "Status": mine["status"]} if mine else None,
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        region, account_id = target.params["region"], target.params["account_id"]
        if state["Analyzer"]:
            raise NothingToDo(
                words.analyzer_is_there(state["Analyzer"]["Name"], state["Analyzer"]["Status"], region)
            )
        after = {**state, "Analyzer": {"Name": NAME, "Status": "ACTIVE"}}
        arn = f"arn:{partition(region)}:access-analyzer:{region}:{account_id}:analyzer/{NAME}"
        role = Permission(
            action="iam:CreateServiceLinkedRole",
            resource=f"arn:{partition(region)}:iam::{account_id}:{_ROLE}",
            condition={"StringEquals": {"iam:AWSServiceName": _SERVICE}},
        )
        create = Permission(action="access-analyzer:CreateAnalyzer", resource=arn)
        delete = Permission(action="access-analyzer:DeleteAnalyzer", resource=arn)
        params = {"analyzer": NAME, "analyzer_arn": arn, "role_arn": role.resource}
        return Plan(
            remediation=self.row,
            title=f"Switch on IAM Access Analyzer in {target.label} ({region})",
            verb="Switch on IAM Access Analyzer in",
            account_id=account_id,
            region=region,
            target=target.model_copy(update={"params": {**target.params, **params}}),
            calls=(_call("create_analyzer", after, create, role, analyzerName=NAME, type="ACCOUNT"),),
            undo=(_call("delete_analyzer", state, delete, analyzerName=NAME),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=(Permission(action=_LIST, resource="*"),),
            affected=(words.NOBODY_FEELS_ANALYZER,),
            warnings=(words.FINDINGS_LATE, words.ARCHIVE_RULES, words.ROLE_STAYS),
        )


def _call(operation: str, after: State, *permissions: Permission, **params: Any) -> Call:
    return Call(
        service="accessanalyzer",
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=permissions,
    )


REMEDIATION = AccessAnalyzer()
