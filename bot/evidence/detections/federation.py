"""Sessions that somebody else's pipelines got: a role's trust that asks too little of who signs in (D23)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.evidence import wording
from bot.evidence.collect import Collected, OriginKey
from bot.evidence.detections.sign import Head, Sign
from bot.evidence.events import Event, text_or_none

#: Subjects of build services name their organization: GitHub's `repo:acme/app:...`, GitLab's
#: `project_path:acme/app:...`, Terraform's and Buildkite's `organization:acme:...`.
_ORGANIZATION = re.compile(r"(?:repo|project_path|organization):([^:/@]+)", re.IGNORECASE)

#: So many sessions of one organization before another's first make it the role's home.
AT_HOME = 3

_STRANGER: Head = ("D23", "origin", "high", "adds")


def strangers(collected: Collected) -> Iterator[Sign]:
    """Sessions of a role that one organization used so far and another one got."""
    by_role: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(collected.minting, key=lambda one: (one.time, one.event_id)):
        if event.name == "AssumeRoleWithWebIdentity" and event.succeeded and organization(event):
            by_role[str(event.parameters.get("roleArn"))].append(event)
    for events in by_role.values():
        home = organization(events[0])
        until = next((n for n, one in enumerate(events) if organization(one) != home), len(events))
        if until >= AT_HOME:
            for event in events[until:]:
                if organization(event) != home:
                    yield from _sessions(event, str(home), collected)


def organization(event: Event) -> str | None:
    """Whose pipeline signed in, in lower case; None where the subject names no organization."""
    subject = text_or_none(event.response.get("subjectFromWebIdentityToken")) or event.who.user_name
    found = _ORGANIZATION.match(subject or "")
    return found[1].lower() if found else None


def _sessions(event: Event, home: str, collected: Collected) -> Iterator[Sign]:
    """Whoever used the key that the call issued."""
    title = wording.strangers_pipeline(str(organization(event)), home)
    for actor, tally in collected.tallies.items():
        places = [place for place in tally.origins if place[0] and place[0] == event.minted_key]
        if places:
            yield _sign(actor, title, event, places, [tally.origins[place].first_id for place in places])


def _sign(actor: str, title: str, event: Event, places: Sequence[OriginKey], ids: Sequence[str]) -> Sign:
    mitre = ("T1078.004", "T1199")
    proof = tuple(dict.fromkeys((event.event_id, *ids)))
    return Sign(*_STRANGER, title, mitre, actor, event.time, event.time, proof, frozenset(places))
