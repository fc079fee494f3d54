"""R31: what may pass a VPC endpoint for S3."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.wildcard import literal
from bot.remediation.arns import partition, refuse_protected, role_of
from bot.remediation.contract import Guided, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.guided import Guide, by_hand, command
from bot.remediation.plan import Permission, Plan, State, Target, state_hash
from bot.remediation.words import by_hand as words

_ID = re.compile(r"vpce-[0-9a-f]{8,17}", re.ASCII)
_PRINCIPAL = re.compile(r"arn:[\w-]+:(?:iam|sts)::\d{12}:[\x21-\x7e]+", re.ASCII)
_READ = "ec2:DescribeVpcEndpoints"
#: VPC User Guide, "Endpoint policies": characters, white space counted.
MOST_CHARACTERS = 20480


class VpcEndpointPolicy(Guided):
    """R31: one Deny more: a principal, or every bucket of other accounts.

    Source: VPC User Guide, "Control access to VPC endpoints using endpoint policies"; EC2 API Reference,
    ModifyVpcEndpoint (replaces the whole document).
    """

    row = "R31"
    name = "vpc-endpoint-policy"
    title = "Close a VPC endpoint to a principal, or to buckets of other accounts"
    family = "bucket policy"
    order = 370
    wants = ("vpc_endpoint",)
    optional = ("principal",)
    permissions = (_READ,)
    verb = "Close the VPC endpoint"

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `vpc_endpoint`, its id; `principal`, an ARN: without it other accounts' buckets are meant."""
        endpoint, principal = wanted.get("vpc_endpoint", ""), wanted.get("principal", "")
        if not _ID.fullmatch(endpoint):
            raise BadTarget(words.not_an_endpoint(endpoint))
        if principal and not _PRINCIPAL.fullmatch(principal):
            raise BadTarget(words.not_a_principal(principal))
        more = {"principal": principal} if principal else {}
        return Target(
            kind="vpc_endpoint",
            id=f"arn:{partition(region)}:ec2:{region}:{account_id}:vpc-endpoint/{endpoint}",
            label=endpoint,
            params={"vpc_endpoint": endpoint, "account_id": account_id, "region": region, **more},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """Its policy, and the service that it leads to."""
        params = {"VpcEndpointIds": [target.params["vpc_endpoint"]]}
        try:
            found = read.call("ec2", "describe_vpc_endpoints", params, target.params["region"]).data
        except AwsRefused as error:
            if error.code == "InvalidVpcEndpointId.NotFound":
                raise TargetMissing(words.no_such_endpoint(target.label, target.params["region"])) from error
            raise
        endpoint = found["VpcEndpoints"][0]
        return {
            "VpcEndpoint": target.params["vpc_endpoint"],
            "Service": endpoint["ServiceName"],
            "Policy": json.loads(endpoint.get("PolicyDocument") or "null"),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        if not state["Service"].endswith((".s3", ".s3-global.accesspoint")):
            raise Refused(words.not_for_s3(target.label, state["Service"]))
        if principal := target.params.get("principal"):
            refuse_protected(role_of(principal), context)
        after = {**state, "Policy": _with(target, state["Policy"])}
        guide = Guide(
            steps=(words.ENDPOINT_FIRST, _modify(target, after), words.WHEN_DONE),
            affected=(words.closes_endpoint(principal, target.params["account_id"]),),
            warnings=(words.ENDPOINT_IS_ONE_WAY, *(() if principal else (words.AWS_BUCKETS_TOO,))),
            irreversible=(words.endpoint_back(_modify(target, state)),),
        )
        what = principal or "buckets of other accounts"
        reads = [Permission(action=_READ, resource="*")]
        title = f"Close the VPC endpoint {target.label} to {what}"
        return by_hand(self, target, (state, after), title, guide, reads)


#: What an endpoint has to which nobody has given a policy.
_OPEN = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


def _with(target: Target, document: Mapping[str, Any] | None) -> dict[str, Any]:
    """The document with our statement at its end. Raises NothingToDo and Refused."""
    before = dict(document or _OPEN)
    listed = before["Statement"] if isinstance(before["Statement"], list) else [before["Statement"]]
    wanted = _statement(target)
    if wanted in listed:
        raise NothingToDo(words.endpoint_is_closed(target.label))
    after = {**before, "Statement": [*(one for one in listed if one.get("Sid") != wanted["Sid"]), wanted]}
    if len(json.dumps(after)) > MOST_CHARACTERS:
        raise Refused(words.endpoint_policy_too_long(target.label, MOST_CHARACTERS))
    return after


def _statement(target: Target) -> dict[str, Any]:
    principal, account_id = target.params.get("principal"), target.params["account_id"]
    # A session's ARN is not in aws:PrincipalArn: that has the role's.
    by_arn = {"ArnLike": {"aws:PrincipalArn": [literal(role_of(principal))]}} if principal else {}
    return {
        "Sid": f"S3IncidentR31x{state_hash([principal, account_id])[:12]}",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": by_arn or {"StringNotEquals": {"aws:ResourceAccount": [account_id]}},
    }


def _modify(target: Target, state: State) -> str:
    document = json.dumps(state["Policy"] or _OPEN, separators=(",", ":"))
    region, endpoint = target.params["region"], target.params["vpc_endpoint"]
    named = ("--region", region, "--vpc-endpoint-id", endpoint)
    return command("aws", "ec2", "modify-vpc-endpoint", *named, "--policy-document", document)


REMEDIATION = VpcEndpointPolicy()
