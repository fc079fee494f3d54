"""Where the playbook stands, in two lines: what is done, what goes on, what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents.queries import StepLine
from bot.slack.cards.text import count, inline

NOW = 3
NEXT = 2
FAILED = 3


def summary(steps: Sequence[StepLine], *, over: bool = False) -> str:
    """Mrkdwn; empty when no playbook has started. A step that failed is always named, with why.

    `over`: the incident is closed, so nothing goes on and nothing comes next.
    """
    if not steps:
        return ""
    running, waiting = ([], []) if over else (_titles(steps, "running"), _titles(steps, "waiting"))
    now = f" *Now:* {_named(running, NOW)}." if running else ""
    lines = [
        f"{_progress(steps)}{now}",
        f"*Next:* {_named(waiting, NEXT)}." if waiting else "",
        *_failures(steps),
    ]
    return "\n".join(line for line in lines if line)


def _progress(steps: Sequence[StepLine]) -> str:
    done, skipped = len(_titles(steps, "done")), len(_titles(steps, "skipped"))
    unneeded = f", {skipped} not needed" if skipped else ""
    return f"{done} of {count(len(steps), 'step')} done{unneeded}."


def _titles(steps: Sequence[StepLine], state: str) -> list[str]:
    return [inline(one.title, 80) for one in steps if one.step.state == state]


def _named(titles: Sequence[str], shown: int) -> str:
    rest = len(titles) - shown
    return "; ".join([*titles[:shown], *([f"{rest} more"] if rest > 0 else [])])


def _failures(steps: Sequence[StepLine]) -> list[str]:
    failed = [one for one in steps if one.step.state == "failed"]
    lines = [f"*Failed:* {inline(one.title, 80)}. {_why(one)}".rstrip() for one in failed[:FAILED]]
    rest = len(failed) - FAILED
    return [*lines, f"… {count(rest, 'more failed step')}."] if rest > 0 else lines


def _why(line: StepLine) -> str:
    """Its sentence, without the title that stands before it."""
    return inline(str(line.step.result.get("sentence") or "").rpartition(f"{line.title}. ")[2], 160)
