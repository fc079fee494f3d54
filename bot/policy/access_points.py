"""Who gets at a bucket through its access points.

A request through an access point needs both policies, the access point's and the bucket's, and meets the
Block Public Access settings of both. A bucket policy that delegates to access points
(s3:DataAccessPointAccount) is not public itself, and makes their policies the real gate. Source: S3 User
Guide, "Configuring IAM policies for using access points", "Blocking public access to your Amazon S3 storage"
("Access points").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.policy import wording
from bot.policy.document import Policy
from bot.policy.meaning_of_public import is_public
from bot.policy.reach import NOBODY_ELSE, Reach, View, granted, granted_actions, together

_RESTRICT = "RestrictPublicBuckets"


@dataclass(frozen=True)
class AccessPoint:
    """An access point of the bucket, in the bucket owner's account.

    `public_access_block` is its own PublicAccessBlockConfiguration (GetAccessPoint); `vpc` the id of the VPC
    it takes requests from, None for one with an internet origin.
    """

    arn: str
    policy: Policy | None
    public_access_block: Mapping[str, Any] | None = None
    vpc: str | None = None

    @property
    def name(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2] or self.arn

    @property
    def public(self) -> bool:
        """S3's own rule, as GetAccessPointPolicyStatus: one with a VPC origin never is public."""
        return self.vpc is None and self.policy is not None and is_public(self.policy, access_point=True)

    def view(self, account_id: str) -> View:
        """How policies look to a request that comes through it."""
        keys = {
            "s3:dataaccesspointarn": self.arn,
            "s3:dataaccesspointaccount": account_id,
            "s3:accesspointnetworkorigin": "VPC" if self.vpc else "Internet",
        }
        return View(account_id, {**keys, "aws:sourcevpc": self.vpc} if self.vpc else keys)


@dataclass(frozen=True)
class AccessPointVerdict:
    """One access point: S3's verdict on its policy, and who gets at the bucket through it for which actions.

    `cross_account` are the other accounts that would get in, whether held back or not.
    """

    name: str
    public: bool
    reach: Reach
    actions: tuple[str, ...]
    held_back_by: tuple[str, ...]
    cross_account: tuple[str, ...]


def judge_access_point(
    point: AccessPoint, bucket_policy: Policy | None, restricted_by: tuple[str, ...], account_id: str
) -> AccessPointVerdict:
    """Who gets in through one access point.

    `restricted_by` are the settings of the bucket and above that have RestrictPublicBuckets on.
    """
    own = (
        (f"access point {point.name} {_RESTRICT}",)
        if (point.public_access_block or {}).get(_RESTRICT)
        else ()
    )
    public = point.public or (bucket_policy is not None and is_public(bucket_policy))
    held_back = (*own, *restricted_by) if public else ()
    view = point.view(account_id)
    reach = _through(point, bucket_policy, view)
    now = NOBODY_ELSE if held_back else reach
    return AccessPointVerdict(
        name=point.name,
        public=point.public,
        reach=now,
        actions=() if now == NOBODY_ELSE else _actions(point.policy, view),
        held_back_by=held_back,
        cross_account=reach.accounts,
    )


def _through(point: AccessPoint, bucket_policy: Policy | None, view: View) -> Reach:
    """Whom both policies let in. Each alone bounds it; of equals the access point's own names say it best."""
    if point.policy is None or bucket_policy is None:
        return NOBODY_ELSE
    bounds = [together(granted(policy, view).values()) for policy in (point.policy, bucket_policy)]
    if point.vpc:
        bounds.append(Reach("principals", (wording.from_source(point.vpc),)))
    return min(bounds, key=lambda reach: reach.rank)


def _actions(policy: Policy | None, view: View) -> tuple[str, ...]:
    by_statement = granted_actions(policy, view).values() if policy else ()
    found = (action for actions in by_statement for action, reach in actions.items() if reach != NOBODY_ELSE)
    return tuple(dict.fromkeys(found))
