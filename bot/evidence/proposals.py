"""What to do about it: rows of the remediation catalogue in the order to carry them out (domain 2.0).

Deny first, then switch keys off, then close the bucket: a key that is deleted or switched off alone
leaves sessions alive, and closing the bucket first warns an attacker who still holds keys. Where the way
in is unclear no containment is proposed, and why is said: people decide.
"""

from bot.evidence.answers.case import Case
from bot.evidence.collect import actor_key
from bot.evidence.proposing import bucket, hardening, leftovers, principals, restoring, seeing
from bot.evidence.proposing.insiders import own_hands
from bot.evidence.proposing.plan import CONTAINING, Plan
from bot.evidence.report import Proposal


def proposals(case: Case) -> tuple[Proposal, ...]:
    """What suspects' acts call for, and for a policy that was opened by anybody."""
    plan, insiders = Plan(), {actor for actor in case.suspects if own_hands(actor, case)}
    for actor in sorted(case.suspects, key=lambda one: (_first(case, one), one)):
        principals.against(actor, case, plan)
    for event in case.collected.kept:
        bucket.opened(event, case, plan)
        if event.succeeded and event.event_id in case.suspicious:
            if actor_key(event) not in insiders:
                leftovers.made(event, plan)
            bucket.done(event, case, plan)
    bucket.passed_on(case, plan)
    restoring.restore(case, plan)
    seeing.unseen(case, plan)
    hardening.watch(case, plan)
    return tuple(plan.proposals())


def _first(case: Case, actor: str) -> str:
    return min(counts.first for counts in case.collected.tallies[actor].origins.values()).isoformat()


def no_containment(case: Case, proposed: tuple[Proposal, ...]) -> str | None:
    """Why nothing that contains is proposed; None where something is."""
    if any(one.remediation in CONTAINING for one in proposed):
        return None
    if not case.suspects:
        return "No automatic containment: nobody is under suspicion on this evidence. Widen it before acting."
    if all(own_hands(actor, case) for actor in case.suspects):
        return None  # said of each by name (see unknown)
    whos = [case.collected.tallies[actor].who for actor in case.suspects]
    if any(who.type == "Root" for who in whos):
        return (
            "No automatic containment: the root user cannot be denied from within the account. Change its "
            "password, delete its access keys, check its MFA and e-mail address."
        )
    if all(who.is_anonymous or who.account != case.scene.owner for who in whos):
        return (
            "No automatic containment: the suspects are outside the account, and these logs do not show what "
            "lets them in. Read the bucket's policy, ACLs, access points and grants, and close what is open."
        )
    return (
        "No automatic containment: the way in is unclear. Widen the window and the sources and ask the data "
        "owner before changing anything."
    )
