"""One kind of thing in IAM that can be deleted: what there is of it, and the calls that delete it, in order.

An export is all that goes, as plain JSON: parts (`AccessKeys`, `InlinePolicies`) by their names, so that each
call takes away one of them, and the last one the thing itself. What changes by mere use (when a key was last
used) is left out: it would make a plan stale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.policy.change import statements_of
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.plan import Permission, State, Target

Export = dict[str, Any]
#: Policies by which this program stops somebody: they go last, so that nothing works again in between.
_STOPPING = ("AWSDenyAll", "AWSCompromisedKeyQuarantine")


@dataclass(frozen=True)
class Step:
    """One deletion: the call, the ARN that it is allowed on, and what of the export it takes away.

    `gone` is the part and the name in it; empty for the thing itself.
    """

    operation: str
    params: Mapping[str, Any]
    arn: str
    gone: tuple[str, str] | tuple[()] = ()
    condition: dict[str, dict[str, Any]] | None = field(default=None)


class Thing(Protocol):
    """A kind of thing. `wants` are the target's parameters that name one."""

    @property
    def kind(self) -> str: ...
    @property
    def wants(self) -> tuple[str, ...]: ...
    @property
    def permissions(self) -> tuple[str, ...]: ...

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Raises BadTarget."""
        ...

    def export(self, read: Reader, target: Target) -> Export | None:
        """All that there is of it; None when it is gone. Raises AwsError."""
        ...

    def created(self, export: Export) -> str | None:
        """When it was made, ISO 8601; None where AWS does not tell."""
        ...

    def steps(self, target: Target, export: Export) -> Iterator[Step]:
        """The deletions, in the order in which AWS takes them."""
        ...

    def reads(self, target: Target, export: Export) -> Iterator[Permission]: ...

    def refuse(self, target: Target, export: Export, context: PlanContext) -> None:
        """Raises Refused where it must not go, or not yet."""
        ...

    def used(self, target: Target, export: Export, context: PlanContext) -> list[Observed]:
        """Who in the evidence used it."""
        ...

    def warnings(self, export: Export) -> Iterator[str]: ...


def without(state: State, gone: tuple[str, str] | tuple[()]) -> State:
    """The state after a step."""
    if not gone:
        return {**state, "Export": None}
    part, name = gone
    left = {key: value for key, value in state["Export"][part].items() if key != name}
    return {**state, "Export": {**state["Export"], part: left}}


def dated(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Some members of an answer, those that there are, with times as text."""
    members = {name: found[name] for name in names if found.get(name) is not None}
    return {name: one.isoformat() if hasattr(one, "isoformat") else one for name, one in members.items()}


def denying_last(documents: Mapping[str, Any]) -> list[str]:
    """The names of inline policies: those that only deny at the end."""
    return sorted(documents, key=lambda name: (_only_denies(documents[name]), name))


def stopping_last(arns: Mapping[str, str]) -> list[str]:
    """The ARNs of attached policies: those that stop somebody at the end."""
    return sorted(arns, key=lambda arn: (arns[arn].startswith(_STOPPING), arn))


def _only_denies(document: Mapping[str, Any]) -> bool:
    return all(one.get("Effect") == "Deny" for one in statements_of(document))


def denies_everything(export: Export) -> bool:
    """Whether what is attached or inline denies a user everything."""
    bounded = export.get("User", {}).get("PermissionsBoundary", "")
    if any(arn.endswith(":policy/AWSDenyAll") for arn in (*export["AttachedPolicies"], bounded)):
        return True
    every = [one for document in export["InlinePolicies"].values() for one in statements_of(document)]
    return any(_denies_all(one) for one in every)


def _denies_all(statement: Mapping[str, Any]) -> bool:
    everything = ("*", ["*"])
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Action") in everything
        and statement.get("Resource") in everything
        and "Condition" not in statement
    )
