"""The audit digest: what is wrong, what is new, what was fixed; and when nothing is wrong, that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from slack_sdk.models.blocks import Block

from bot.config import Settings
from bot.slack import names
from bot.slack.cards import findings, kit
from bot.slack.cards.changes import Changes, changes
from bot.slack.cards.findings import Place
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import code, count, inline, moment, person
from bot.store import audits, ledger
from bot.store.tables.audits import Audit, AuditResult
from bot.store.types import JsonObject, Tx

BUTTONS = 5
BUCKETS = 15

Urgent = Sequence[tuple[str, Sequence[AuditResult]]]


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    audit = audits.get(tx, args["audit_id"])
    if audit is None:
        raise CardGoneError(f"audit {args['audit_id']}")
    if audit.state != "done":
        return _unfinished(audit)
    now = audits.results(tx, audit.id)
    earlier = audits.previous(tx, audit)
    found = changes(audits.results(tx, earlier.id) if earlier else None, now)
    return kit.card(
        kit.header(_headline(found)),
        *_said(found, earlier, now),
        *_problems(found),
        kit.paragraph("Fixed since the last audit", _fixed(found, now), elsewhere=""),
        kit.paragraph(
            "Could not be checked (not the same as good)", findings.sentences(found.unknown), elsewhere=""
        ),
        *_open_buttons(audit, findings.urgent(_bad(found))),
        kit.context(_about(audit, now, earlier), f"Ledger head {code(str(ledger.head(tx)))}"),
    )


def _unfinished(audit: Audit) -> kit.Card:
    if audit.state == "failed":
        reason = inline(audit.error or "no reason was recorded", 1500)
        return kit.card(kit.header("S3 audit: could not be completed"), kit.section(reason))
    return kit.card(kit.section(f"S3 audit of account {code(audit.account_id)}: under way."))


def _bad(found: Changes) -> tuple[AuditResult, ...]:
    return (*found.new, *found.still)


def _headline(found: Changes) -> str:
    bad = _bad(found)
    if not bad and not found.unknown:
        return "S3 audit: nothing to report"
    buckets = len({one.bucket for one in bad})
    wrong = f"{count(len(bad), 'problem')} in {count(buckets, 'bucket')}" if bad else "no problem found"
    unknown = f", {count(len(found.unknown), 'check')} not possible" if found.unknown else ""
    return f"S3 audit: {wrong}{unknown}"


def _said(found: Changes, earlier: Audit | None, now: Sequence[AuditResult]) -> list[Block]:
    """In a sentence or two: that all is well, and what is different from the last time."""
    fine = _all_good(now) if not _bad(found) and not found.unknown else ""
    text = " ".join(part for part in (fine, _since(found, earlier)) if part)
    return [kit.section(text)] if text else []


def _all_good(now: Sequence[AuditResult]) -> str:
    if not now:
        return "Nothing to report: the account has no bucket."
    buckets = count(len({one.bucket for one in now}), "bucket")
    return f"Nothing to report: all {count(len(now), 'check')} of {buckets} came out well."


def _since(found: Changes, earlier: Audit | None) -> str:
    if earlier is None:
        return ""
    last = f"since the last audit, {moment(earlier.started_at)}"
    new, fixed, still = len(found.new), len(found.fixed), len(found.still)
    if not new and not fixed:
        return f"Nothing new and nothing fixed {last}."
    parts = [f"*{new} new*" if new else "none new", f"{fixed} fixed" if fixed else "none fixed"]
    return f"S{last[1:]}: {', '.join(parts)}{f', {still} still there' if still else ''}."


def _problems(found: Changes) -> list[Block]:
    """The urgent ones a bucket a section, the worst first; then all others in one list."""
    bad, new = _bad(found), {findings.place(one) for one in found.new}
    groups = findings.urgent(bad)
    title = "Less urgent" if groups else "Problems, none of them critical or high"
    others = [one for one in bad if one.severity not in findings.URGENT]
    rest = kit.paragraph(title, findings.together(others, new), elsewhere="")
    return [*_urgent(groups, new), *([rest] if rest else [])]


def _urgent(groups: Urgent, new: Collection[Place]) -> list[Block]:
    blocks: list[Block] = []
    for bucket, results in groups[:BUCKETS]:
        block = kit.paragraph(code(bucket), [findings.line(one, new) for one in results], elsewhere="")
        blocks += [block] if block else []
    rest = len(groups) - BUCKETS
    return (
        [*blocks, kit.context(f"… {count(rest, 'more bucket')} with urgent problems.")]
        if rest > 0
        else blocks
    )


def _fixed(found: Changes, now: Iterable[AuditResult]) -> list[str]:
    """What is true now in place of each problem; a bucket that is gone took its problems with it."""
    today = {findings.place(one): one for one in now}
    present = [today[findings.place(one)] for one in found.fixed if findings.place(one) in today]
    gone = [one.bucket for one in found.fixed if findings.place(one) not in today]
    return [
        *findings.sentences(present),
        *([f"{findings.named(gone)}: no such bucket any more."] if gone else []),
    ]


def _open_buttons(audit: Audit, groups: Urgent) -> list[Block]:
    """A button for each of the worst buckets with an urgent problem, and how many have none."""
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
    more = [kit.context(f"… {count(rest, 'more bucket')}: `/s3incident open BUCKET`.")] if rest > 0 else []
    return [*([row] if row else []), *more]


def _about(audit: Audit, now: Sequence[AuditResult], earlier: Audit | None) -> str:
    buckets = count(len({one.bucket for one in now}), "bucket")
    asked = f" Asked for by {person(audit.requested_by)}." if audit.requested_by else ""
    kind = f"{audit.cadence} audit" if audit.cadence != "asked" else "audit that was asked for"
    first = f" First {kind} in this channel, so there is nothing to compare with." if not earlier else ""
    return f"Account {code(audit.account_id)}, {buckets}, {count(len(now), 'check')}.{asked}{first}"
