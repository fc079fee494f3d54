"""What this room says by itself (the playbook's own texts are in its files). Plain text."""

from __future__ import annotations


def started(title: str) -> str:
    return f"The playbook has started: {title}."


def finished(title: str) -> str:
    return f"Every step of the playbook has ended: {title}."


def ordered(remediation: str, target: str) -> str:
    return f"Asked for by hand: {remediation} on {target}."


def is_there_already(number: int) -> str:
    return f"This change is plan {number} already: see its card."


def cannot_load(error: str) -> str:
    return (
        f"The playbook cannot be used, so nothing was started: {error} Correct the file; it is tried again"
        " for some minutes. `s3incident playbook check FILE` shows what is wrong."
    )


def phase_moved(phase: str, csf: str) -> str:
    return f"The incident is now in the phase {phase} (NIST SP 800-61r2; r3: {csf})."


NOT_NEEDED = "Its condition does not hold."
NO_PROPOSAL = "The evidence proposes no such change."


def skipped(title: str, why: str) -> str:
    return f"Skipped: {title}. {why}"


def step_failed(title: str, why: str) -> str:
    return f"Step not done: {title}. {why}"


def step_done(title: str) -> str:
    return f"Step done: {title}."


def asked(title: str) -> str:
    return f"Asked of people: {title}."


def text_broken(error: str) -> str:
    return f"Its text or condition in the playbook cannot be used: {error}."


SOME_FAILED = "Not every change of this step was carried out; see the cards."
