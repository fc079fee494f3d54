"""R17: deny requests without TLS."""

from __future__ import annotations

from bot.policy.denials import deny_without_tls
from bot.remediation import denying
from bot.remediation.buckets import BucketRow
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.plan import Plan, State, Target
from bot.remediation.rows import wording


class DenyWithoutTls(BucketRow):
    """R17: a Deny on the condition that aws:SecureTransport is false.

    Where a statement does so already, by whatever name, nothing is added.
    """

    row = "R17"
    name = "deny-without-tls"
    title = "Deny requests without TLS to a bucket"
    family = "bucket policy"
    order = 230
    reads = denying.READS
    permissions = denying.PERMISSIONS
    verb = "Deny requests without TLS to"
    undo_verb = "Allow again requests without TLS to"
    undo_warning = wording.PLAIN_HTTP_AGAIN

    def snapshot(self, read: Reader, target: Target) -> State:
        return denying.snapshot(read, target)

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        return denying.plan(
            self,
            target,
            state,
            context,
            deny_without_tls,
            affected=(wording.PLAIN_HTTP_STOPS,),
            warnings=(wording.LOOK_FOR_PLAIN_HTTP,),
        )


REMEDIATION = DenyWithoutTls()
