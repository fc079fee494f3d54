"""R14: deny one principal everything in a bucket, by the bucket's policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from bot.policy.change import TightenError
from bot.policy.denials import deny_principal
from bot.remediation import denying
from bot.remediation.arns import account_of, is_role, is_user, refuse_protected
from bot.remediation.buckets import BucketRow, feel_it
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.errors import BadTarget
from bot.remediation.plan import Plan, State, Target
from bot.remediation.rows import wording

_SESSION = re.compile(r"(arn:[\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.+")


class DenyPrincipal(BucketRow):
    """R14: a Deny to everybody on the condition that it is this principal (aws:PrincipalArn).

    A policy that named the principal itself could not be written again once the principal is deleted, and
    would not hold for a role's sessions (IAM User Guide, "AWS JSON policy elements: Principal").
    """

    row = "R14"
    name = "deny-principal"
    title = "Deny one principal everything in a bucket"
    family = "bucket policy"
    order = 50
    wants = ("bucket", "principal")
    reads = denying.READS
    permissions = denying.PERMISSIONS
    verb = "Deny a principal in the policy of"
    undo_verb = "Let in again the principal that was denied in the policy of"
    undo_warning = wording.PRINCIPAL_COMES_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `principal`: the ARN of a user, role, session or root, or an account id."""
        bucket, principal = super().target(account_id, region, wanted), wanted.get("principal", "")
        try:
            deny_principal(None, bucket.id, "S3Incident", principal)
        except TightenError as error:
            raise BadTarget(str(error)) from error
        return bucket.model_copy(update={"params": {**bucket.params, "principal": principal}})

    def snapshot(self, read: Reader, target: Target) -> State:
        return denying.snapshot(read, target)

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        principal = target.params["principal"]
        refuse_protected(_role_of(principal), context)
        plan = denying.plan(
            self,
            target,
            state,
            context,
            partial(deny_principal, principal=principal),
            affected=feel_it([one for one in context.observed if _means(principal, one)]),
            warnings=(wording.COPIES_ARE_NOT_DENIED, wording.OTHER_PRINCIPALS_GO_ON),
        )
        return plan.model_copy(update={"title": f"Deny {principal} everything in {target.label}"})


def _role_of(principal: str) -> str:
    """Where a session is meant, its role."""
    session = _SESSION.fullmatch(principal)
    return f"{session[1]}:iam::{session[2]}:role/{session[3]}" if session else principal


def _means(principal: str, one: Observed) -> bool:
    """Whether the denied principal is that of the evidence."""
    if principal.isdigit():
        return account_of(one.principal) == principal
    if ":role/" in principal:
        return is_role(one.principal, principal)
    return one.principal in (principal, _role_of(principal)) or is_user(one.principal, principal)


REMEDIATION = DenyPrincipal()
