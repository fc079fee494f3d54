"""R16: deny everybody who is not of the organization."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from bot.policy.change import TightenError
from bot.policy.denials import deny_outside_organization
from bot.remediation import denying
from bot.remediation.arns import account_of
from bot.remediation.buckets import BucketRow, feel_it, strangers
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget
from bot.remediation.plan import Plan, State, Target
from bot.remediation.rows import wording


class DenyOutsideOrganization(BucketRow):
    """R16: a Deny to everybody without the organization's id, but for accounts that are named.

    It is refused where the bot's own roles are not known to be of the organization: it would lock itself out.
    """

    row = "R16"
    name = "deny-outside-organization"
    title = "Deny everybody outside of the organization in a bucket"
    family = "bucket policy"
    order = 75
    wants = ("bucket", "organization")
    optional = ("accounts",)
    reads = denying.READS
    permissions = denying.PERMISSIONS
    verb = "Deny everybody outside of the organization in"
    undo_verb = "Let in again those outside of the organization in"
    undo_warning = wording.OUTSIDERS_COME_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, `organization` (o-a1b2c3d4e5), and `accounts` that stay, with commas between."""
        bucket = super().target(account_id, region, wanted)
        params = {"organization": wanted.get("organization", ""), "accounts": wanted.get("accounts", "")}
        try:
            deny_outside_organization(
                None, bucket.id, "S3Incident", params["organization"], denying.several(params["accounts"])
            )
        except TightenError as error:
            raise BadTarget(str(error)) from error
        return bucket.model_copy(update={"params": {**bucket.params, **params}})

    def snapshot(self, read: Reader, target: Target) -> State:
        return denying.snapshot(read, target)

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        organization, stay = target.params["organization"], denying.several(target.params["accounts"])
        outside = [one for one in strangers(target, context) if account_of(one.principal) not in stay]
        return denying.plan(
            self,
            target,
            state,
            context,
            partial(deny_outside_organization, organization=organization, accounts=stay),
            affected=feel_it(outside),
            warnings=(wording.NAME_THE_VENDORS,),
        )


REMEDIATION = DenyOutsideOrganization()
