"""What changed between two audits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.tables.audits import AuditResult


@dataclass(frozen=True)
class Changes:
    """`new`: bad now and not bad before. `still`: bad both times. `fixed`: bad before and good now.

    `unknown`: could not be checked now; such a finding is neither fixed nor good.
    """

    new: tuple[AuditResult, ...]
    fixed: tuple[AuditResult, ...]
    still: tuple[AuditResult, ...]
    unknown: tuple[AuditResult, ...]


def changes(before: Sequence[AuditResult] | None, now: Sequence[AuditResult]) -> Changes:
    """Compares by bucket and check. `before` is None at the first audit: then nothing counts as new.

    A bucket that is gone takes its findings with it: they count as fixed.
    """
    was_bad = {_place(one): one for one in before or () if one.status == "bad"}
    seen = {_place(one): one for one in now}
    bad = [one for one in now if one.status == "bad"]
    is_new = [before is not None and _place(one) not in was_bad for one in bad]
    return Changes(
        new=tuple(one for one, new in zip(bad, is_new, strict=True) if new),
        still=tuple(one for one, new in zip(bad, is_new, strict=True) if not new),
        fixed=tuple(
            one for place, one in was_bad.items() if place not in seen or seen[place].status == "good"
        ),
        unknown=tuple(one for one in now if one.status == "unknown"),
    )


def _place(result: AuditResult) -> tuple[str, str]:
    return result.bucket, result.check
