"""Sessions that somebody else's pipelines got: a role's trust that asks too little of who signs in (D23)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bot.evidence import wording
from bot.evidence.collect import Collected, OriginKey
from bot.evidence.detections.grants import provider_name
from bot.evidence.detections.sign import Head, Sign
from bot.evidence.events import Event, text_or_none

#: Subjects of build services name their organization: GitHub's `repo:acme/app:...`, GitLab's
#: `project_path:acme/app:...`, Terraform's and Buildkite's `organization:acme:...`.
_ORGANIZATION = re.compile(r"(?:repo|project_path|organization):([^:/@]+)", re.IGNORECASE)

#: So many sessions of one origin before another's first make it the role's home.
AT_HOME = 3

_STRANGER: Head = ("D23", "origin", "high", "adds")
_AND_STRANGE: Head = ("D23", "origin", "critical", "decides")


def strangers(collected: Collected) -> Iterator[Sign]:
    """Sessions of a role that one organization (or one issuer) used so far and another one got.

    Alone that may be a second team; it decides where such a session also did what the role's own never do.
    """
    by_role: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(collected.minting, key=lambda one: (one.time, one.event_id)):
        if event.name == "AssumeRoleWithWebIdentity" and event.succeeded and home_of(event):
            by_role[str(event.parameters.get("roleArn"))].append(event)
    for events in by_role.values():
        home = home_of(events[0])
        until = next((n for n, one in enumerate(events) if home_of(one) != home), len(events))
        if until >= AT_HOME:
            usual = _done_with((event.minted_key for event in events[:until]), collected)
            for event in events[until:]:
                if home_of(event) != home:
                    yield from _sessions(event, str(home), usual, collected)


def home_of(event: Event) -> str | None:
    """Whose pipeline signed in, in lower case: the organization in the subject, else who issued the token.

    The issuers of clusters and of apps vouch for many subjects, so nothing more is read out of those.
    """
    subject = text_or_none(event.response.get("subjectFromWebIdentityToken")) or event.who.user_name
    found = _ORGANIZATION.match(subject or "")
    return found[1].lower() if found else issuer(event)


def issuer(event: Event) -> str | None:
    """Who vouched for whoever signed in: `token.actions.githubusercontent.com`; None: not in the log."""
    named = text_or_none(event.response.get("provider")) or text_or_none(event.parameters.get("principalArn"))
    if named is None and ":oidc-provider/" in (event.who.principal_id or ""):
        # `arn:aws:iam::111122223333:oidc-provider/HOST/PATH:audience:subject`
        named = ":".join((event.who.principal_id or "").split(":")[:6])
    return provider_name(named) if named else None


def _done_with(keys: Iterable[str | None], collected: Collected) -> frozenset[str]:
    """What was done to the bucket with these keys, and worked."""
    wanted = frozenset(keys)
    return frozenset(
        name
        for tally in collected.tallies.values()
        for place, counts in tally.origins.items()
        if place[0] in wanted
        for name, outcome in counts.outcomes
        if outcome == "ok"
    )


def _sessions(event: Event, home: str, usual: frozenset[str], collected: Collected) -> Iterator[Sign]:
    """Whoever used the key that the call issued."""
    strange = sorted(_done_with([event.minted_key], collected) - usual) if event.minted_key else []
    title = wording.strangers_pipeline(str(home_of(event)), home, strange)
    for actor, tally in collected.tallies.items():
        places = [place for place in tally.origins if place[0] and place[0] == event.minted_key]
        if places:
            head = _AND_STRANGE if strange else _STRANGER
            ids = [tally.origins[place].first_id for place in places]
            yield _sign(actor, head, title, event, places, ids)


def _sign(
    actor: str, head: Head, title: str, event: Event, places: Sequence[OriginKey], ids: Sequence[str]
) -> Sign:
    mitre = ("T1078.004", "T1199")
    proof = tuple(dict.fromkeys((event.event_id, *ids)))
    return Sign(*head, title, mitre, actor, event.time, event.time, proof, frozenset(places))
