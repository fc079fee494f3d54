"""The playbook format: what a file in `playbooks/` may say.

A playbook is a list of steps. A step starts when every step in its `needs` has ended (done, skipped or
failed) and its `when` holds; without `when` it always holds. What a step says to people is a Jinja2 template,
inline or a file in the folder beside the playbook that has its name.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Title = Annotated[str, Field(min_length=1, max_length=150)]
Row = Annotated[str, Field(pattern=r"^R\d{1,2}$")]
#: A Slack user group (S...) or a person (U..., W...).
SlackId = Annotated[str, Field(pattern=r"^[SUW][A-Z0-9]+$")]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
#: Where NIST SP 800-61 puts the step.
StepPhase = Literal["triage", "evidence", "containment", "eradication", "recovery"]


def _several(value: object) -> object:
    """One alone needs no brackets."""
    return [value] if isinstance(value, str) else value


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Approvals(_Strict):
    """What is asked of people before a change runs; each key that is left out comes from what stands behind.

    `required` counts distinct people, never the requester: the greatest number that any place asks for, the
    catalogue among them, holds. The other keys are those of bot.incidents.policies.ApprovalPolicy;
    without `expires_minutes` S3INCIDENT_APPROVAL_MINUTES holds.
    """

    required: Annotated[int, Field(ge=1, le=5)] = 1
    expires_minutes: Minutes | None = None
    approvers: Annotated[tuple[SlackId, ...], BeforeValidator(_several)] | None = None
    remind_minutes: Minutes | None = None
    escalate_minutes: Minutes | None = None
    escalate_to: Annotated[tuple[SlackId, ...], BeforeValidator(_several)] | None = None
    break_glass: Annotated[tuple[SlackId | Literal["approvers"], ...], BeforeValidator(_several)] | None = (
        None
    )


class Policy(Approvals):
    """A named policy. `rows` are the remediations it is for; the one named `default` is for all others."""

    rows: Annotated[tuple[Row, ...], BeforeValidator(_several)] = ()
    severity: dict[Literal["sev1", "sev2", "sev3", "sev4"], Approvals] = {}


class _Step(_Strict):
    """`when` is a Jinja2 expression over incident, findings, answers (by id), actors and proposals."""

    key: Key
    title: Title
    phase: StepPhase
    needs: tuple[Key, ...] = ()
    when: str | None = None


class EvidenceStep(_Step):
    """Investigates the bucket from the account's logs."""

    kind: Literal["evidence"]


class RemediationStep(_Step):
    """Proposes one change for each proposal of the latest evidence that names one of these rows.

    Several rows are one batch: proposed together, approvable together, carried out in the order given here.
    A row that the catalogue does not have yet is left to people (`proposals` with `automated` false).
    `approvals` is the name of a policy, or what is asked for beyond the policy of the row.
    """

    kind: Literal["remediation"]
    remediation: Annotated[tuple[Row, ...], BeforeValidator(_several), Field(min_length=1)]
    approvals: Key | Approvals | None = None


class ManualStep(_Step):
    """Asks people to do something and to say when it is done."""

    kind: Literal["manual"]
    text: str


class NotifyStep(_Step):
    """Says something, in the incident's channel or in another one (a channel id).

    Keep what goes elsewhere short: the incident's channel is private for a reason.
    """

    kind: Literal["notify"]
    text: str
    channel: Annotated[str, Field(pattern=r"^[CG][A-Z0-9]+$")] | None = None


Step = Annotated[EvidenceStep | RemediationStep | ManualStep | NotifyStep, Field(discriminator="kind")]


class Playbook(_Strict):
    """One playbook. After loading, `text` of every step is the template itself, wherever it came from.

    `approvals` are the policies by name, see bot.playbooks.policies.
    """

    name: Key
    title: Title
    description: str = ""
    approvals: dict[Key, Policy] = {}
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    def step(self, key: str) -> Step:
        """The step of a key; raises KeyError."""
        return {step.key: step for step in self.steps}[key]
