"""Suspects that may well be who they seem to be: no automatic containment (domain 2.0, insider)."""

from bot.evidence.actors.labels import BEFORE
from bot.evidence.answers.case import Case
from bot.evidence.baseline import usual_name
from bot.evidence.clients import family

#: Signs that credentials are in other hands.
STOLEN = frozenset({"origin", "escalation", "context"})

#: Destruction is stopped whoever is behind it.
_STOPPED_ANYWAY = frozenset({"destruction"})


def own_hands(actor: str, case: Case) -> bool:
    """Whether a suspect acted where it had long been at work, and nothing points to stolen credentials.

    That is an insider, a mistake, or somebody at its computer: people find out, and no change does.
    """
    one, tally = case.assessed[actor], case.collected.tallies[actor]
    kinds = {sign.kind for sign in one.signs}
    if one.declared or one.inherited or not kinds or kinds & (STOLEN | _STOPPED_ANYWAY):
        return False
    begun = min(sign.first for sign in one.signs) - BEFORE
    since: dict[tuple[str, str], bool] = {}
    for (_, address, agent), counts in tally.origins.items():
        place = address, family(agent)
        habit = (usual_name(tally.who), *place) in case.collected.baseline.habits
        since[place] = since.get(place, False) or habit or counts.first <= begun
    return all(since[address, family(agent)] for _, address, agent in one.origins or tally.origins)
