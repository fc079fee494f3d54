"""What to do about it: rows of the remediation catalogue in the order to carry them out (domain 2.0).

Deny first, then switch keys off, then close the bucket: a key that is deleted or switched off alone
leaves sessions alive, and closing the bucket first warns an attacker who still holds keys. Where the way
in is unclear nothing is proposed: people decide.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.evidence.answers.case import Case
from bot.evidence.collect import actor_key
from bot.evidence.detections.grants import acl_is_public, let_in_by_policy
from bot.evidence.events import Event, text_or_none
from bot.evidence.report import MOST_EVENT_IDS, Proposal
from bot.evidence.touching import touches
from bot.evidence.wording import called, clause

#: R2's reach: sessions of the user inherit its policies, roles that it assumed do not.
_DENIES = "Denying everything also stops sessions made from its keys, but not roles it has assumed."


@dataclass
class _Plan:
    """Steps without repetition, each with its reasons joined."""

    steps: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[list[str], list[str]]] = field(
        default_factory=dict
    )

    def add(self, row: str, target: dict[str, str], why: str, event_ids: Iterable[str]) -> None:
        why = why[:1].upper() + why[1:]
        whys, ids = self.steps.setdefault((row, tuple(target.items())), ([], []))
        if why not in whys:
            whys.append(why)
        ids.extend(one for one in event_ids if one not in ids)

    def proposals(self, row: str) -> Iterator[Proposal]:
        for (kind, target), (whys, ids) in self.steps.items():
            if kind == row:
                yield Proposal(
                    remediation=kind,
                    target=dict(target),
                    why=" ".join(whys),
                    event_ids=tuple(ids[:MOST_EVENT_IDS]),
                )


def proposals(case: Case) -> tuple[Proposal, ...]:
    """R2 and R1 for users, R5 for role sessions, R18 for a policy that was opened; none without a suspect."""
    plan = _Plan()
    for actor in sorted(case.suspects, key=lambda one: (_first(case, one), one)):
        _against(actor, case, plan)
    for event in case.collected.kept:
        if _opened(event, case):
            plan.add("R18", {"bucket": case.scene.bucket}, _why_opened(event), [event.event_id])
    return tuple(step for row in ("R2", "R1", "R5", "R18") for step in plan.proposals(row))


def _first(case: Case, actor: str) -> str:
    return min(counts.first for counts in case.collected.tallies[actor].origins.values()).isoformat()


def _against(actor: str, case: Case, plan: _Plan) -> None:
    who, assessment = case.collected.tallies[actor].who, case.assessed[actor]
    ids = [one for sign in assessment.signs for one in sign.event_ids]
    why = f"{called(actor)} is a suspect: {'; '.join(map(clause, assessment.reasons[:3]))}."
    if who.account not in (None, case.scene.owner):
        return
    if who.type == "IAMUser" and who.user_name:
        plan.add(
            "R2",
            {"user": who.user_name},
            f"{why} {_DENIES}",
            ids,
        )
        for key in sorted({key for key, *_ in assessment.origins if key and key.startswith("AKIA")}):
            plan.add(
                "R1",
                {"user": who.user_name, "access_key_id": key},
                f"{called(actor)} used it in the attack.",
                ids,
            )
    elif who.type == "AssumedRole" and who.issuer:
        revoke = "Sessions issued until now are revoked; then close the way they were obtained."
        plan.add("R5", {"role": who.issuer.rsplit("/", 1)[-1]}, f"{why} {revoke}", ids)
    _against_what_it_made(actor, case, plan)


def _against_what_it_made(actor: str, case: Case, plan: _Plan) -> None:
    """Keys and users that the suspect created, also those not used yet."""
    for event in case.collected.kept:
        if actor_key(event) != actor or not event.succeeded:
            continue
        user = text_or_none(event.parameters.get("userName")) or event.who.user_name
        if event.name == "CreateAccessKey" and event.minted_key and user:
            why = f"{called(actor)} made it ({event.name})."
            plan.add("R1", {"user": user, "access_key_id": event.minted_key}, why, [event.event_id])
        if event.name in ("CreateUser", "CreateLoginProfile") and user and user != event.who.user_name:
            plan.add("R2", {"user": user}, f"{called(actor)} created it ({event.name}).", [event.event_id])


def _opened(event: Event, case: Case) -> bool:
    """A bucket policy, written by a suspect or open to everybody, that lets outsiders in."""
    if event.name != "PutBucketPolicy" or not event.succeeded or not touches(event, case.scene.bucket):
        return False
    let_in = let_in_by_policy(event, case.scene.owner)
    return (let_in.public or bool(let_in.accounts)) and case.assessed[actor_key(event)].label != "service"


def _why_opened(event: Event) -> str:
    let_in = let_in_by_policy(event, event.account)
    whom = "everybody" if let_in.public or acl_is_public(event) else f"account {', '.join(let_in.accounts)}"
    wrote = f"{called(actor_key(event))} wrote a bucket policy that lets in {whom}"
    return f"{wrote}; remove that statement, keep the rest."
