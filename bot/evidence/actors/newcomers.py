"""Who is new at the bucket, compared with the baseline before the window (E25)."""

from collections.abc import Mapping

from bot.evidence.baseline import usual_name
from bot.evidence.collect import Collected


def newcomers(collected: Collected) -> Mapping[str, bool | None]:
    """For each actor at the bucket whether the baseline has not seen it; None where there is none to compare.

    Sessions are compared by their role; unsigned requests are nobody in particular and never new.
    """
    seen = {name for name, *_ in collected.baseline.habits}
    return {
        actor: usual_name(tally.who) not in seen
        if seen and tally.bucket_events and not tally.who.is_anonymous
        else None
        for actor, tally in collected.tallies.items()
    }
