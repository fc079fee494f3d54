"""Which approval policy a change gets: `default`, then the one for its row, then its step's own on top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.incidents.policies import ApprovalPolicy
from bot.playbooks.format import Approvals, Playbook, RemediationStep

DEFAULT = "default"


@dataclass(frozen=True)
class Asked:
    """What is asked of people for one change. `required` counts people; the catalogue may ask for more."""

    required: int
    expires_minutes: int | None
    policy: ApprovalPolicy


def asked(playbook: Playbook, step: RemediationStep | None, row: str, severity: int) -> Asked:
    """For a row of the catalogue in an incident of this severity (1 is worst); `step` where one proposes it.

    The number of people never goes down from one layer to the next; every other key replaces what stood
    before it.
    """
    name = _named(playbook, step, row)
    layers = [*_layers(playbook, name, f"sev{severity}"), *_own(step)]
    return Asked(
        required=max((one.required for one in layers), default=1),
        expires_minutes=_last(layers, "expires_minutes"),
        policy=ApprovalPolicy(name=name, **_given(layers)),
    )


def _named(playbook: Playbook, step: RemediationStep | None, row: str) -> str:
    if step is not None and isinstance(step.approvals, str):
        return step.approvals
    return next((name for name, one in playbook.approvals.items() if row in one.rows), DEFAULT)


def _layers(playbook: Playbook, name: str, severity: str) -> Iterator[Approvals]:
    for each in dict.fromkeys((DEFAULT, name)):
        if policy := playbook.approvals.get(each):
            yield policy
            yield from (one for level, one in policy.severity.items() if level == severity)


def _own(step: RemediationStep | None) -> list[Approvals]:
    return [step.approvals] if step is not None and isinstance(step.approvals, Approvals) else []


def _given(layers: list[Approvals]) -> dict[str, Any]:
    names = ("approvers", "remind_minutes", "escalate_minutes", "escalate_to", "break_glass")
    values = {name: _last(layers, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _last(layers: list[Approvals], name: str) -> Any:
    given = [value for one in layers if (value := getattr(one, name)) is not None]
    return given[-1] if given else None
