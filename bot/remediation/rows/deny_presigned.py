"""R27: stop presigned URLs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from bot.policy.denials import deny_presigned
from bot.remediation import denying
from bot.remediation.buckets import BucketRow
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget
from bot.remediation.plan import Plan, State, Target
from bot.remediation.words import presigned as words

#: A presigned URL lives seven days at most (S3 User Guide, "Working with presigned URLs").
_LONGEST = 7 * 24 * 60
#: How the bot, people with the CLI or the console, and AWS services sign: in the headers, just now.
_IN_HEADERS = {"s3:authType": "REST-HEADER", "s3:signatureAge": "0"}


class DenyPresigned(BucketRow):
    """R27: a Deny on the condition s3:authType, and on s3:signatureAge where newer URLs shall go on.

    S3 cannot revoke one URL: all are denied, or all that were signed before so many minutes.
    """

    row = "R27"
    name = "deny-presigned"
    title = "Stop presigned URLs of a bucket"
    family = "bucket policy"
    order = 108
    optional = ("minutes",)
    reads = denying.READS
    permissions = denying.PERMISSIONS
    verb = "Stop presigned URLs of"
    undo_verb = "Let presigned URLs work again in"
    undo_warning = words.URLS_WORK_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `minutes`: URLs signed longer ago are denied; without it, all are."""
        target, minutes = super().target(account_id, region, wanted), wanted.get("minutes", "")
        if not minutes:
            return target
        if not minutes.isascii() or not minutes.isdecimal() or not 1 <= int(minutes) <= _LONGEST:
            raise BadTarget(words.not_minutes(minutes, _LONGEST))
        return target.model_copy(update={"params": {**target.params, "minutes": str(int(minutes))}})

    def snapshot(self, read: Reader, target: Target) -> State:
        return denying.snapshot(read, target)

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        minutes = int(target.params["minutes"]) if "minutes" in target.params else None
        plan = denying.plan(
            self,
            target,
            state,
            context,
            partial(deny_presigned, minutes=minutes),
            affected=(words.consumers(minutes),),
            warnings=(words.SIGNER_GOES_ON, words.FORMS_GO_ON, *([words.NEW_ONES_WORK] if minutes else [])),
            everybody=_IN_HEADERS,
        )
        title = words.title(target.label, minutes)
        return plan.model_copy(update={"title": title})


REMEDIATION = DenyPresigned()
