"""Why there is no plan. Each carries one sentence for the channel."""


class RemediationError(Exception):
    """No plan can be made or run. Its text is the sentence."""


class NothingToDo(RemediationError):  # noqa: N818
    """The state is already as the change would leave it."""


class Refused(RemediationError):  # noqa: N818
    """The change is possible in AWS, and this program does not make it."""


class TargetMissing(RemediationError):  # noqa: N818
    """AWS knows no such user, key or bucket."""


class BadTarget(RemediationError):  # noqa: N818
    """What was asked for cannot be the target of this remediation."""


class NoSuchRemediation(RemediationError):  # noqa: N818
    """The catalogue has no such row."""


class SplitStep(Refused):
    """The permissions of one step do not fit into a session policy."""
