"""A policy beside the one that AWS Config last had before the attack. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.policy.document import PolicyError, parse
from bot.remediation.words import former as words
from bot.remediation.words.moments import read_utc


def compared(bucket: str, remaining: Mapping[str, Any] | None, former: Mapping[str, Any]) -> Iterator[str]:
    """What a plan that leaves `remaining` restores of the bucket's former policy, in a sentence.

    Nothing where the former state is not known, or is another bucket's.
    """
    if former.get("bucket") != bucket:
        return
    when = read_utc(str(former.get("captured_at", "its time is not known")))
    document = former.get("policy")
    if not isinstance(document, Mapping):
        yield words.none_then(when)
        return
    then, now = _statements(document), _statements(remaining or {"Statement": []})
    only_then = [label for text, label in then.items() if text not in now]
    only_now = [label for text, label in now.items() if text not in then]
    yield words.differs(when, only_then, only_now) if only_then or only_now else words.same(when)


def _statements(document: Mapping[str, Any]) -> dict[str, str]:
    """Each statement as text in which order plays no part, and its label."""
    try:
        labels = [statement.label for statement in parse(document).statements]
    except PolicyError:
        return {}
    written = document["Statement"]
    bodies = written if isinstance(written, list) else [written]
    return {_canonical(body): label for body, label in zip(bodies, labels, strict=True)}


def _canonical(body: Any) -> str:
    """One or many are the same to AWS, and so is the order of many."""
    return json.dumps(_plain(body), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    many = value if isinstance(value, list) else [value]
    return sorted(map(str, many))
