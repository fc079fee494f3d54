"""R45: a bucket whose policy shuts its own account out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.aws.errors import AwsRefused
from bot.remediation import sentences
from bot.remediation.arns import partition
from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Guided, PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused, TargetMissing
from bot.remediation.guided import Guide, by_hand
from bot.remediation.plan import Permission, Plan, State, Target
from bot.remediation.words import by_hand as words

_READ = "s3:GetBucketPolicy"
#: How AWS says that it was not the bucket's policy (S3 User Guide, "Troubleshoot access denied errors").
_ANOTHER_LAYER = re.compile(
    r"because no (?:identity-based|session) policy"
    r"|explicit deny in (?:an?|the) (?:(?:identity-based|session|service control|resource control"
    r"|VPC endpoint) policy|permissions boundary)"
)


class LockedOutBucket(Guided):
    """R45: the owner's root user, or AssumeRoot of the organization, takes the policy away.

    Source: S3 User Guide, "Bucket policies" (the root user can always get, put and delete them); IAM User
    Guide, "Perform a privileged task on an AWS Organizations member account" (S3UnlockBucketPolicy).
    """

    row = "R45"
    name = "locked-out-bucket"
    title = "Unlock a bucket whose policy denies everybody"
    family = "bucket policy"
    order = 395
    wants = ("bucket",)
    permissions = (_READ,)
    verb = "Unlock"

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`."""
        return RemovePublicStatements().target(account_id, region, wanted)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Readable`: the evidence role can read the policy, or AWS says that there is none.

        Raises Refused where something else than the bucket's policy denies it.
        """
        bucket = target.params["bucket"]
        return {"Bucket": bucket, "Readable": _readable(read, bucket, target.params["region"])}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        if state["Readable"]:
            raise NothingToDo(words.not_locked(target.label))
        region, account_id = target.params["region"], target.params["account_id"]
        guide = Guide(
            steps=words.unlock_steps(target.label, account_id, region, partition(region)),
            affected=(words.OTHERS_LOSE_THE_POLICY,),
            warnings=(words.CREDENTIALS_STAY_IN_TERMINAL, words.ROOT_CAN_BE_STOPPED),
            irreversible=(words.PUT_POLICY_BACK,),
        )
        reads = [Permission(action=_READ, resource=target.id)]
        after = {**state, "Readable": True}
        return by_hand(self, target, (state, after), f"Unlock {target.label}, by the root user", guide, reads)


def _readable(read: Reader, bucket: str, region: str) -> bool:
    try:
        read.call("s3", "get_bucket_policy", {"Bucket": bucket}, region)
    except AwsRefused as error:
        if error.code == "NoSuchBucket":
            raise TargetMissing(sentences.no_such_bucket(bucket)) from error
        if error.code == "AccessDenied" and _ANOTHER_LAYER.search(error.message):
            raise Refused(words.another_layer(bucket, str(error))) from error
        if error.code in ("AccessDenied", "NoSuchBucketPolicy"):
            return error.code == "NoSuchBucketPolicy"
        raise
    return True


REMEDIATION = LockedOutBucket()
