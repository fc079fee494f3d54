"""Against whom: users and their keys, roles and their sessions, people of IAM Identity Center."""

from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.labels import BEFORE
from bot.evidence.actors.lineage import issued_by
from bot.evidence.actors.origins import IDENTITY_CENTER
from bot.evidence.answers.case import Case
from bot.evidence.clients import is_console
from bot.evidence.collect import Tally
from bot.evidence.events import Event, text_or_none
from bot.evidence.identity import Identity
from bot.evidence.proposing.insiders import own_hands
from bot.evidence.proposing.plan import Plan
from bot.evidence.wording import called, clause

#: R2's reach: sessions of the user inherit its policies, roles that it assumed do not.
_DENIES = "Denying everything also stops sessions made from its keys, but not roles it has assumed."
_REVOKES = "Sessions issued until now are revoked; then close the way they were obtained."
_INSTANCE = (
    "First require IMDSv2 on the instance, or the thief fetches new credentials; then revoke once more."
)


def against(actor: str, case: Case, plan: Plan) -> None:
    """What stops one suspect of the bucket owner's account; other accounts are not ours to stop."""
    who, assessment = case.collected.tallies[actor].who, case.assessed[actor]
    if who.account not in (None, case.scene.owner) or who.is_anonymous or only_opened(assessment):
        return
    if own_hands(actor, case):
        return
    ids = [one for sign in assessment.signs for one in sign.event_ids]
    ids += [event_id for _, event_id in assessment.inherited]
    why = f"{called(actor)} is a suspect: {'; '.join(map(clause, assessment.reasons[:3]))}."
    if who.type == "IAMUser" and who.user_name:
        _user(actor, who.user_name, f"{why} {_DENIES}", ids, case, plan)
    elif who.type == "FederatedUser" and ":user/" in (who.issuer or ""):
        plan.add("R2", {"user": _last(who.issuer)}, f"{why} Federation tokens have at most its rights.", ids)
    elif who.type == "AssumedRole" and who.issuer:
        _role(who, why, ids, plan)
        _entrance(actor, who, case, plan)
    _started(actor, case, plan)


def only_opened(assessment: Assessment) -> bool:
    """Opened a door and nothing else: mistakes look like that, and closing the door is what helps."""
    only = {sign.kind for sign in assessment.signs} == {"exposure"}
    return only and not assessment.inherited and not assessment.declared


def _entrance(actor: str, who: Identity, case: Case, plan: Plan) -> None:
    """A session that another account started came in by the role's trust policy.

    That door is closed where the thief came through it. An account that has started its sessions from there
    all along is a guest, and a session of a guest's that was stolen later is used elsewhere.
    """
    for event in started_outside(actor, case):
        if not is_guest(event, actor, case):
            account = event.who.account or ""
            why = f"Account {account} started {called(actor)}: its trust policy lets that account in."
            plan.add("R6", {"role": _last(who.issuer), "principal": account}, why, [event.event_id])


def started_outside(actor: str, case: Case) -> list[Event]:
    """The calls of accounts that are neither the owner's nor declared that started a suspect's sessions."""
    inside = {None, case.scene.owner, *case.scene.known_accounts}
    keys = sorted({key for key, *_ in case.assessed[actor].origins if key})
    events = (case.mints.by_key.get(key) for key in keys)
    return [one for one in events if one and one.who.account not in inside and one.who.type != "AWSService"]


def is_guest(event: Event, actor: str, case: Case) -> bool:
    """Whether the account that started a session did so from a place of its own, or had long done so."""
    if event.source_ip not in {address for _, address, _ in case.assessed[actor].origins}:
        return True
    return any(
        one.succeeded
        and one.who.account == event.who.account
        and one.source_ip == event.source_ip
        and one.parameters.get("roleArn") == event.parameters.get("roleArn")
        and one.time <= event.time - BEFORE
        for one in case.collected.minting
    )


def _user(actor: str, user: str, why: str, ids: list[str], case: Case, plan: Plan) -> None:
    if not _robbed(actor, case):
        plan.add("R2", {"user": user}, why, ids)
    assessment = case.assessed[actor]
    for key in sorted({key for key, *_ in assessment.origins if key and key.startswith("AKIA")}):
        used = f"{called(actor)} used it in the attack."
        plan.add("R1", {"user": user, "access_key_id": key}, used, ids)
    if _in_console(case.collected.tallies[actor], case, actor):
        plan.add("R8", {"user": user}, f"{called(actor)} was in the console from a suspicious place.", ids)


def _robbed(actor: str, case: Case) -> bool:
    """A user for whom a suspect made a key, who goes on working with other keys: that key off is enough.

    Unless sessions were made from it: those end only when the user is denied.
    """
    held = case.assessed[actor].origins
    made = [case.mints.by_key.get(key) for key, *_ in held if key]
    if not made or any(event is None or event.name != "CreateAccessKey" for event in made):
        return False
    own = [place for place in case.collected.tallies[actor].origins if place not in held]
    return bool(own) and not issued_by(held, case.mints)


def _in_console(tally: Tally, case: Case, actor: str) -> bool:
    return any(
        is_console(place[2]) and counts.presigned < counts.events and case.holds_against(actor, place)
        for place, counts in tally.origins.items()
    )


def _role(who: Identity, why: str, ids: list[str], plan: Plan) -> None:
    role = _last(who.issuer)
    if IDENTITY_CENTER in role:
        user = who.session_name or role
        plan.add(
            "R9", {"user": user}, f"{why} Its role belongs to Identity Center and cannot be changed.", ids
        )
        return
    revoke = f"{_REVOKES} {_INSTANCE}" if who.is_instance else _REVOKES
    plan.add("R5", {"role": role}, f"{why} {revoke}", ids)


def _started(actor: str, case: Case, plan: Plan) -> None:
    """Roles that the suspect assumed, also those whose sessions have not been used yet."""
    for event in issued_by(case.assessed[actor].origins, case.mints).values():
        arn = text_or_none(event.parameters.get("roleArn")) or ""
        if event.name == "AssumeRole" and arn.split(":")[4:5] == [case.scene.owner]:
            why = f"{called(actor)} assumed it; denying the user does not end this session."
            plan.add("R5", {"role": _last(arn)}, why, [event.event_id])


def _last(arn: str | None) -> str:
    return (arn or "").rsplit("/", 1)[-1]
