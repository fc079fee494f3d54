"""Where keys come from: each session walked back to the key, instance, federation or service that started it.

The event that issued a key names it (responseElements.credentials.accessKeyId), so the walk is exact
where the log holds that event; otherwise role, session name and time of creation are compared (domain
0.2, E12).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.evidence.collect import Collected, OriginKey, origin_key
from bot.evidence.events import Event, mapping, text_or_none
from bot.evidence.identity import Identity
from bot.evidence.report import Hop, Matched

#: Longer chains do not occur; a forged log could hold a circle.
MOST_HOPS = 20


@dataclass(frozen=True)
class Mints:
    """All calls that issued keys, by the key they issued and by the session they started."""

    by_key: dict[str, Event]
    by_session: dict[tuple[str, str], tuple[Event, ...]]

    @classmethod
    def of(cls, collected: Collected) -> "Mints":
        """From the calls seen; the earliest wins where one key appears twice."""
        by_key: dict[str, Event] = {}
        by_session: dict[tuple[str, str], list[Event]] = {}
        for event in collected.minting:
            if not event.succeeded:
                continue
            if event.minted_key:
                by_key.setdefault(event.minted_key, event)
            if session := _session_started(event):
                by_session.setdefault(session, []).append(event)
        return cls(by_key, {session: tuple(events) for session, events in by_session.items()})


def hops(key: str, who: Identity, mints: Mints) -> Iterator[Hop]:
    """The chain of a key, from the key itself up to where the logs end."""
    seen: set[str] = set()
    while key not in seen and len(seen) < MOST_HOPS:
        seen.add(key)
        event, matched = _minted(key, who, mints)
        yield _hop(key, who, event, matched)
        if event is None or event.who.access_key is None:
            return
        key, who = event.who.access_key, event.who


def _minted(key: str, who: Identity, mints: Mints) -> tuple[Event | None, Matched]:
    if event := mints.by_key.get(key):
        return event, "issued key"
    created = _moment(who.session_created)
    for event in mints.by_session.get((who.issuer or "", who.session_name or ""), ()):
        # Without the issued key in the record, only the very second of creation makes it this session.
        if created is not None and event.time == created and event.minted_key is None:
            return event, "session"
    return None, "not found"


def _session_started(event: Event) -> tuple[str, str] | None:
    role = text_or_none(event.parameters.get("roleArn"))
    name = text_or_none(event.parameters.get("roleSessionName"))
    return (role, name) if role and name else None


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _hop(key: str, who: Identity, event: Event | None, matched: Matched) -> Hop:
    return Hop(
        access_key_id=key,
        principal=who.principal,
        event=event.name if event else None,
        event_id=event.event_id if event else None,
        time=event.time if event else None,
        minted_by=event.who.principal if event else None,
        parent_key_id=event.who.access_key if event else None,
        matched=matched,
        origin=_origin(event, who) if event else _unknown_origin(key, who),
    )


def _origin(event: Event, who: Identity) -> str:
    if event.who.type == "AWSService" and who.is_instance:
        return f"Issued by {event.who.principal} to EC2 instance {who.session_name}: its instance role."
    if event.who.type == "AWSService":
        return f"Issued to the service {event.who.principal}."
    if event.name == "CreateAccessKey":
        return f"A long-term key, made by {event.who.principal}."
    if event.name in ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"):
        provider = mapping(event.response).get("provider") or event.who.principal
        return f"Issued after sign-in at identity provider {provider}."
    return f"Issued by {event.name} to {event.who.principal}."


def _unknown_origin(key: str, who: Identity) -> str:
    if key.startswith("AKIA"):
        return "A long-term key; these logs do not hold its creation. The chain starts here."
    if who.is_instance:
        named = f"By its name a session of EC2 instance {who.session_name}"
        return f"{named}; the call that issued it is not in these logs."
    started = f" (session started {who.session_created})" if who.session_created else ""
    return f"The call that issued this temporary key is not in these logs{started}."


def issued_by(origins: Iterable[OriginKey], mints: Mints) -> dict[str, Event]:
    """The keys that were issued to callers at these origins, and the calls that issued them."""
    wanted = frozenset(origins)
    return {key: event for key, event in mints.by_key.items() if origin_key(event) in wanted}
