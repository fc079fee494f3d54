"""The playbook format: what a file in `playbooks/` may say.

A playbook is a list of steps. A step starts when every step in its `needs` has ended (done, skipped or
failed) and its `when` holds; without `when` it always holds. What a step says to people is a Jinja2 template,
inline or a file in the folder beside the playbook that has its name.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Title = Annotated[str, Field(min_length=1, max_length=150)]
#: Where NIST SP 800-61 puts the step.
StepPhase = Literal["triage", "evidence", "containment", "eradication", "recovery"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Approvals(_Strict):
    """Who must agree before a change runs.

    `required` counts distinct people; the catalogue's own number is the least. `expires_minutes` is how long
    they have; without it S3INCIDENT_APPROVAL_MINUTES holds.
    """

    required: Annotated[int, Field(ge=1, le=5)] = 1
    expires_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = None


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
    """Proposes one change for each proposal of the latest evidence that names this row of the catalogue."""

    kind: Literal["remediation"]
    remediation: Annotated[str, Field(pattern=r"^R\d{1,2}$")]
    approvals: Approvals = Approvals()


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
    """One playbook. After loading, `text` of every step is the template itself, wherever it came from."""

    name: Key
    title: Title
    description: str = ""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    def step(self, key: str) -> Step:
        """The step of a key; raises KeyError."""
        return {step.key: step for step in self.steps}[key]
