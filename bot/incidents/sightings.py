"""What event history says that somebody who was cut off has done: successful management calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.aws.gateway import Gateway
from bot.aws.lookup import event_history
from bot.evidence.events import BadRecordError, Event, event_from
from bot.evidence.sources.plan import GLOBAL_REGION
from bot.remediation.plan import Target

Sightings = tuple[Event, ...]

#: Of a role's sessions, the keys to look up: event history takes two questions a second.
MOST_SESSION_KEYS = 10

# IAM lets a principal ask who it is whatever its policies say, so this call proves no access.
_PROVES_NOTHING = frozenset({("sts", "GetCallerIdentity")})
_ATTRIBUTES = {"user": ("Username", "user"), "access_key": ("AccessKeyId", "access_key_id")}


def sightings(
    reader: Gateway,
    regions: Sequence[str],
    target: Target,
    session_keys: Sequence[str],
    since: datetime,
    until: datetime,
) -> Sightings:
    """By time, from every Region of the account and the one of the global services.

    Object reads are not in event history; nor is anything of a target that is no principal. Raises AwsError.
    """
    found: dict[str, Event] = {}
    lookup = event_history(reader)
    for region in dict.fromkeys((*regions, GLOBAL_REGION)):
        for attribute in _attributes(target, session_keys) if since < until else ():
            for one in lookup(region=region, attribute=attribute, start=since, end=until):
                event = _event(one)
                if event is not None and event.time > since and _got_through(event):
                    found[event.event_id] = event
    return tuple(sorted(found.values(), key=lambda event: event.time))


def _attributes(target: Target, session_keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    if target.kind in _ATTRIBUTES:
        name, param = _ATTRIBUTES[target.kind]
        yield name, target.params[param]
    for key in session_keys[:MOST_SESSION_KEYS]:
        yield "AccessKeyId", key


def _event(found: object) -> Event | None:
    try:
        return event_from(found)
    except BadRecordError:
        return None


def _got_through(event: Event) -> bool:
    return event.succeeded and (event.service, event.name) not in _PROVES_NOTHING
