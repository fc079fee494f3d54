"""What IAM knows as clues: rights now, keys and their last use, MFA, AWS's own alarm (E26, E27, E28)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.aws.iam_facts import IamFacts, Key, PrincipalFacts
from bot.evidence.clues import wording, wording_iam
from bot.evidence.clues.credential_rows import report_clues
from bot.evidence.clues.gathered import Gathered, Suspicion
from bot.evidence.clues.rights import rights
from bot.evidence.report import Clue, Coverage, Severity

SUBJECT = "IAM"
#: AWS attaches these policies to users whose key it has found in public.
QUARANTINE = "AWSCompromisedKeyQuarantine"
#: How many services a clue names, and actions of each.
SERVICES, ACTIONS = 6, 4


def told(facts: IamFacts, suspicion: Suspicion, bucket: str, now: datetime) -> Gathered:
    """What IAM says of the suspected principals and keys; `now` (UTC) is when it was asked."""
    view = _View(facts, suspicion, bucket, now)
    listed = {key.id for one in facts.principals.value or () for key in one.keys.value or ()}
    clues = (
        *(clue for one in facts.principals.value or () for clue in view.of_principal(one)),
        *(view.of_lone_key(key) for key in facts.key_uses if key not in listed),
        *report_clues(facts, suspicion),
    )
    return Gathered(clues, (_coverage(facts),))


@dataclass(frozen=True)
class _View:
    facts: IamFacts
    suspicion: Suspicion
    bucket: str
    now: datetime

    def of_principal(self, one: PrincipalFacts) -> Iterator[Clue]:
        for arn in one.attached:
            if arn.rpartition("/")[2].startswith(QUARANTINE):
                title = wording_iam.quarantined(one.kind, one.name)
                yield _clue(f"{one.arn} {arn}", title, wording_iam.quarantine_text(arn), "critical", one.arn)
        allowed, refused = rights(one, self.bucket)
        title = wording_iam.rights_title(one.kind, one.name)
        text = wording_iam.rights_text(allowed, refused, one.boundary)
        yield _clue(f"{one.arn} rights", title, text, "info", one.arn)
        keys = one.keys.value or ()
        yield from (self._key(key, one, keys) for key in keys if self._worth(key))
        yield from self._reached(one)

    def _worth(self, key: Key) -> bool:
        """A key that is suspected, or newer than the suspicion."""
        return key.id in self.suspicion.keys or self._is_new(key.created)

    def _is_new(self, created: datetime) -> bool:
        return self.suspicion.since is not None and created >= self.suspicion.since

    def _key(self, key: Key, owner: PrincipalFacts, keys: Collection[Key]) -> Clue:
        new = self._is_new(key.created)
        others = sum(one.active and one.id != key.id for one in keys)
        named = wording_iam.key_title(key.id, owner.name)
        text = wording_iam.key_text(named, key.created, self.now, key.active, self._used(key.id), others)
        title = wording_iam.new_key_title(key.id, owner.name) if new else named
        severity: Severity = "high" if new and key.active else "info"
        time = key.created if new else None
        return _clue(key.id, title, text, severity, owner.arn, key=key.id, time=time)

    def of_lone_key(self, key: str) -> Clue:
        """A key of whose owner nothing else is known."""
        use = self.facts.key_uses[key].value
        title = wording_iam.key_title(key, use.user if use else None)
        text = wording_iam.key_text(title, None, self.now, None, self._used(key), 0)
        return _clue(key, title, text, "info", None, key=key)

    def _used(self, key: str) -> str:
        fact = self.facts.key_uses.get(key)
        if fact is None:
            return ""
        if fact.value is None:
            return wording_iam.use_unknown(fact.unknown or "")
        if fact.value.at is None:
            return wording_iam.NEVER_USED
        return wording_iam.last_used(fact.value.at, fact.value.service, fact.value.region)

    def _reached(self, one: PrincipalFacts) -> Iterator[Clue]:
        uses = (one.last_accessed.value or ())[:SERVICES]
        if uses:
            services = [(use.service, use.at, [name for name, _ in use.actions[:ACTIONS]]) for use in uses]
            title = wording_iam.reached_title(one.kind, one.name)
            text = wording_iam.reached_text(services)
            yield _clue(f"{one.arn} last accessed", title, text, "info", one.arn, time=uses[0].at)


def _clue(
    id_: str,
    title: str,
    text: str,
    severity: Severity,
    principal: str | None,
    *,
    key: str | None = None,
    time: datetime | None = None,
) -> Clue:
    when = time.astimezone(UTC) if time else None
    return Clue(
        source="IAM",
        id=id_,
        title=title,
        text=text,
        severity=severity,
        time=when,
        principal=principal,
        access_key_id=key,
        resource=principal,
    )


def _coverage(facts: IamFacts) -> Coverage:
    """By the authorization details and the credential report; what else is missing is told with them."""
    for reason, denied in (
        (facts.principals.unknown, facts.principals.denied),
        (facts.report.unknown, facts.report.denied),
    ):
        if reason:
            turn_on = wording.allow(wording_iam.MAY_IAM) if denied else wording.ASK_AGAIN
            because = wording.unanswered(reason)
            return Coverage(subject=SUBJECT, answer="cannot_know", because=because, turn_on=turn_on)
    generated = facts.report.value.generated if facts.report.value else None
    principals = facts.principals.value or ()
    because = wording_iam.iam_sees(
        len(principals), len(facts.key_uses), generated, next(_missing(facts), None)
    )
    return Coverage(subject=SUBJECT, answer="yes", because=because)


def _missing(facts: IamFacts) -> Iterator[str]:
    """Why something about one principal or key could not be had."""
    for one in facts.principals.value or ():
        yield from filter(None, (one.keys.unknown, one.last_accessed.unknown))
    yield from filter(None, (one.unknown for one in facts.key_uses.values()))
