"""What a row that changes very many objects offers to the run that walks its list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.remediation.contract import Reader
from bot.remediation.plan import Call, State, Target
from bot.remediation.run import Actor
from bot.remediation.sweep.manifests import NOTHING_LEFT, Item

#: `before`: as the list says; `after`: as planned; `other`: neither, somebody else changed it.
Standing = Literal["before", "after", "other"]


@dataclass(frozen=True)
class Hands:
    """What looks and what changes: `read` is the evidence role, `act` the step's session. `setting` has what
    holds for the whole bucket.
    """

    read: Reader
    act: Actor
    target: Target
    setting: State

    @property
    def bucket(self) -> str:
        return self.target.params["bucket"]

    @property
    def region(self) -> str:
        return self.target.params["region"]


class Sweep(Protocol):
    """Its methods raise AwsError."""

    def setting(self, read: Reader, target: Target) -> State:
        """What holds for the whole bucket and must not change while the list is walked."""
        ...

    def items(self, read: Reader, target: Target, setting: State) -> Iterator[Item]:
        """What there is to do, in the order of keys, always the same for the same bucket; and what is left
        out, with `Why`. Streams.
        """
        ...

    def standing(self, hands: Hands, call: Call, item: Item) -> Standing:
        """How one object stands to what the call is to make of it."""
        ...

    def make(self, hands: Hands, call: Call, item: Item) -> str:
        """Changes one object, and returns the request id."""
        ...


def done(state: State) -> State:
    """The state once nothing on the list is left to do."""
    return {**state, "Objects": NOTHING_LEFT}


def params_of(call: Call, item: Item) -> dict[str, Any]:
    """The call's parameters for one line of its list."""
    return {**call.params, **{parameter: item[field] for parameter, field in call.takes.items()}}
