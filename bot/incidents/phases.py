"""The phases of an incident and the moves between them."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """NIST SP 800-61r2 section 3, with triage and evidence as its "detection and analysis"."""

    TRIAGE = "triage"
    EVIDENCE = "evidence"
    CONTAINMENT = "containment"
    ERADICATION = "eradication"
    RECOVERY = "recovery"
    CLOSED = "closed"

    @property
    def csf(self) -> str:
        """The same phase in the words of NIST SP 800-61r3, which follows CSF 2.0."""
        return _CSF[self]


_CSF = {
    Phase.TRIAGE: "Detect (DE.AE)",
    Phase.EVIDENCE: "Respond: incident analysis (RS.AN)",
    Phase.CONTAINMENT: "Respond: incident mitigation (RS.MI)",
    Phase.ERADICATION: "Respond: incident mitigation (RS.MI)",
    Phase.RECOVERY: "Recover: recovery plan execution (RC.RP)",
    Phase.CLOSED: "Identify: improvement (ID.IM)",
}
_ORDER = tuple(Phase)


def before(phase: Phase) -> tuple[Phase, ...]:
    """The phases from which an incident may move on to this one: every earlier one, never back."""
    return _ORDER[: _ORDER.index(phase)]
