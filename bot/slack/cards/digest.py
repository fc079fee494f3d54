"""The audit digest: what is wrong, what is new, what was fixed; and when nothing is wrong, that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from slack_sdk.models.blocks import Block

from bot.config import Settings
from bot.slack import names
from bot.slack.cards import kit
from bot.slack.cards.changes import Changes, changes
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import code, count, inline, moment, person
from bot.store import audits, ledger
from bot.store.tables.audits import Audit, AuditResult
from bot.store.types import JsonObject, Tx

SEVERITIES = ("critical", "high", "medium", "low", "info")
BUTTONS = 5
BUCKETS = 15


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    audit = audits.get(tx, args["audit_id"])
    if audit is None:
        raise CardGoneError(f"audit {args['audit_id']}")
    if audit.state != "done":
        return _unfinished(audit)
    now = audits.results(tx, audit.id)
    earlier = audits.previous(tx, audit)
    found = changes(audits.results(tx, earlier.id) if earlier else None, now)
    bad = sorted([*found.new, *found.still], key=_badness)
    return kit.card(
        kit.header(_headline(bad, found)),
        *_buckets(bad, {_place(one) for one in found.new}),
        kit.paragraph("New since the last audit", _lines(sorted(found.new, key=_badness)), elsewhere=""),
        kit.paragraph("Fixed since the last audit", _lines(found.fixed), elsewhere=""),
        kit.paragraph("Could not be checked (not the same as good)", _lines(found.unknown), elsewhere=""),
        *_open_buttons(audit, bad),
        kit.context(_about(audit, now, earlier), f"Ledger head {code(str(ledger.head(tx)))}"),
    )


def _unfinished(audit: Audit) -> kit.Card:
    if audit.state == "failed":
        reason = inline(audit.error or "no reason was recorded", 1500)
        return kit.card(kit.header("S3 audit: could not be completed"), kit.section(reason))
    return kit.card(kit.section(f"S3 audit of account {code(audit.account_id)}: under way."))


def _headline(bad: Sequence[AuditResult], found: Changes) -> str:
    if not bad and not found.unknown:
        return "S3 audit: nothing to report"
    buckets = len({one.bucket for one in bad})
    wrong = f"{count(len(bad), 'problem')} in {count(buckets, 'bucket')}" if bad else "no problem found"
    unknown = f", {count(len(found.unknown), 'check')} not possible" if found.unknown else ""
    return f"S3 audit: {wrong}{unknown}"


def _buckets(bad: Iterable[AuditResult], new: set[tuple[str, str]]) -> list[Block]:
    """One section a bucket, the worst first."""
    groups = _by_bucket(bad)
    blocks: list[Block] = []
    for bucket, results in groups[:BUCKETS]:
        lines = [_line(one) + (" *(new)*" if _place(one) in new else "") for one in results]
        block = kit.paragraph(code(bucket), lines, elsewhere="")
        blocks += [block] if block else []
    if len(groups) > BUCKETS:
        blocks.append(kit.context(f"… {len(groups) - BUCKETS} more buckets with problems."))
    return blocks


def _by_bucket(bad: Iterable[AuditResult]) -> list[tuple[str, list[AuditResult]]]:
    together = sorted(bad, key=lambda one: one.bucket)
    groups = [
        (bucket, sorted(found, key=_badness)) for bucket, found in groupby(together, lambda one: one.bucket)
    ]
    return sorted(groups, key=lambda group: (_badness(group[1][0])[0], group[0]))


def _open_buttons(audit: Audit, bad: Iterable[AuditResult]) -> list[Block]:
    """A button for each of the worst buckets, and how many have none."""
    groups = _by_bucket(bad)
    buttons = [
        kit.button(
            f"Open incident: {bucket}",
            f"{names.OPEN_FROM_AUDIT}.{number}",
            f"{audit.account_id}:{bucket}",
            label=f"Open an incident for {bucket}",
        )
        for number, (bucket, _) in enumerate(groups[:BUTTONS])
    ]
    row = kit.actions(*buttons)
    rest = len(groups) - BUTTONS
    more = [kit.context(f"… {rest} more buckets: `/s3incident open BUCKET`.")] if rest > 0 else []
    return [*([row] if row else []), *more]


def _lines(results: Iterable[AuditResult]) -> list[str]:
    return [f"{code(one.bucket)} {_line(one)}" for one in results]


def _line(result: AuditResult) -> str:
    return f"*{result.severity}* {inline(result.check.replace('_', ' '))}: {inline(result.detail)}"


def _about(audit: Audit, now: Sequence[AuditResult], earlier: Audit | None) -> str:
    buckets = count(len({one.bucket for one in now}), "bucket")
    asked = f", asked for by {person(audit.requested_by)}" if audit.requested_by else ""
    since = (
        f"; compared with {moment(earlier.started_at)}"
        if earlier
        else "; the first of its kind, so nothing is new"
    )
    return f"Account {code(audit.account_id)}, {buckets}, {len(now)} checks, {audit.cadence}{asked}{since}."


def _badness(result: AuditResult) -> tuple[int, str, str]:
    rank = SEVERITIES.index(result.severity) if result.severity in SEVERITIES else len(SEVERITIES)
    return rank, result.bucket, result.check


def _place(result: AuditResult) -> tuple[str, str]:
    return result.bucket, result.check
