"""What differs between two states of a bucket, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.evidence.clues import wording
from bot.evidence.clues.bucket_record import Block, BucketRecord
from bot.evidence.events import many
from bot.policy.document import Policy
from bot.policy.settings import FLAGS


def changes(
    was: BucketRecord, now: BucketRecord, account_was: Block | None, account_now: Block | None
) -> list[str]:
    """Each difference as a sentence without its full stop; none for a state that was merely seen again."""
    return [
        *_policy(was, now),
        *_block(was.block, now.block, "bucket"),
        *_block(account_was, account_now, "account"),
        *_acl(was, now),
        *_setting("Versioning", was.versioning, now.versioning),
        *_setting("MFA Delete", _on(was.mfa_delete), _on(now.mfa_delete)),
        *_setting("Server access logs", was.log_target or "off", now.log_target or "off"),
    ]


def labels(policy: Policy | None) -> list[str]:
    """The statements' Sids or positions."""
    return [one.label for one in policy.statements] if policy else []


def _policy(was: BucketRecord, now: BucketRecord) -> Iterator[str]:
    if was.policy_text == now.policy_text:
        return
    if now.policy_text is None:
        yield wording.POLICY_DELETED
        return
    if was.policy_text is None:
        yield wording.policy_put(labels(now.policy))
        return
    old, new = _statements(was.policy), _statements(now.policy)
    added = [label for text, label in new.items() if text not in old]
    removed = [label for text, label in old.items() if text not in new]
    yield wording.statements_changed(added, removed) if added or removed else wording.POLICY_REWRITTEN


def _statements(policy: Policy | None) -> dict[str, str]:
    """Each statement as canonical JSON, with its label."""
    if policy is None:
        return {}
    sources = many(policy.source.get("Statement"))
    return {
        json.dumps(source, sort_keys=True): one.label
        for source, one in zip(sources, policy.statements, strict=True)
    }


def _block(was: Block | None, now: Block | None, where: str) -> Iterator[str]:
    off = [flag for flag in FLAGS if (was or {}).get(flag) and not (now or {}).get(flag)]
    on = [flag for flag in FLAGS if (now or {}).get(flag) and not (was or {}).get(flag)]
    if off or on:
        yield wording.block_changed(off, on, where, whole=len(off or on) == len(FLAGS))


def _acl(was: BucketRecord, now: BucketRecord) -> Iterator[str]:
    old, new = (_grants(state.acl) for state in (was, now))
    added, removed = [one for one in new if one not in old], [one for one in old if one not in new]
    if added or removed:
        yield wording.grants_changed(added, removed)


def _grants(acl: Mapping[str, Any]) -> Sequence[str]:
    owner = acl.get("Owner", {}).get("ID")
    return [
        f"{grant['Permission']} to {name.rsplit('/', 1)[-1]}"
        for grant in acl.get("Grants", ())
        if (name := grant["Grantee"].get("URI") or grant["Grantee"].get("ID") or "") != owner
    ]


def _setting(what: str, was: str, now: str) -> Iterator[str]:
    if was != now:
        yield wording.setting_changed(what, was, now)


def _on(value: bool) -> str:
    return "on" if value else "off"
