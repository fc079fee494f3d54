"""Where keys come from: each session walked back to the key, instance, federation or service that started it.

The event that issued a key names it (responseElements.credentials.accessKeyId), so the walk is exact
where the log holds that event; otherwise role, session name and time of creation are compared (domain
0.2, E12). Console sessions have keys that no event names: they are found by principal and time of sign-in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.evidence.actors import origins
from bot.evidence.collect import Collected, OriginKey, origin_key
from bot.evidence.events import Event, text_or_none
from bot.evidence.identity import Identity
from bot.evidence.report import Hop, Matched

#: Longer chains do not occur; a forged log could hold a circle.
MOST_HOPS = 20

#: A console session's creationDate is the moment of sign-in; the event is written some seconds around it.
_AROUND = timedelta(seconds=90)

#: Events of sign-in that start a console session for the principal that they show.
_SIGN_INS = frozenset({"ConsoleLogin", "GetSigninToken", "SwitchRole"})


@dataclass(frozen=True)
class Mints:
    """All calls that issued keys: by the key they issued, by the session they started, by who signed in.

    `copies` are all records of the calls in `by_key`: of a call between two accounts there is one in each.
    """

    by_key: Mapping[str, Event]
    by_session: Mapping[tuple[str, str], Sequence[Event]]
    sign_ins: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    copies: Mapping[str, Sequence[Event]] = field(default_factory=dict)

    @classmethod
    def of(cls, collected: Collected) -> "Mints":
        """From the calls seen.

        Of two accounts' copies of one call, the one that names the caller wins (sharedEventID; the role
        owner's copy shows the caller's account only); of several, the earliest.
        """
        copies: dict[str, list[Event]] = {}
        by_session: dict[tuple[str, str], list[Event]] = {}
        for event in collected.minting:
            if not event.succeeded:
                continue
            if key := event.minted_key:
                copies.setdefault(key, []).append(event)
            if session := _session_started(event):
                by_session.setdefault(session, []).append(event)
        by_key = {key: min(events, key=_tells_more) for key, events in copies.items()}
        return cls(by_key, by_session, _sign_ins(collected.kept), copies)

    def issued(self, key: str, who: Identity) -> tuple[Event | None, Matched]:
        """The call that issued a key, and how it was found."""
        if event := self.by_key.get(key):
            return event, "issued key"
        created = _moment(who.session_created)
        if created is None:
            return None, "not found"
        for event in self.by_session.get((who.issuer or "", who.session_name or ""), ()):
            # Without the issued key in the record, only the very second of creation makes it this session.
            if event.time == created and event.minted_key is None:
                return event, "session"
        near = [e for e in self.sign_ins.get(who.principal, ()) if abs(e.time - created) <= _AROUND]
        signed_in = min(near, key=lambda e: (abs(e.time - created), e.event_id), default=None)
        return (signed_in, "session") if signed_in and key.startswith("ASIA") else (None, "not found")


def hops(key: str, who: Identity, mints: Mints) -> Iterator[Hop]:
    """The chain of a key, from the key itself up to where the logs end."""
    seen: set[str] = set()
    while key not in seen and len(seen) < MOST_HOPS:
        seen.add(key)
        event, matched = mints.issued(key, who)
        yield _hop(key, who, event, matched)
        if event is None or event.who.access_key is None:
            return
        key, who = event.who.access_key, event.who


def _tells_more(event: Event) -> tuple[bool, datetime, str]:
    return event.who.type == "AWSAccount", event.time, event.event_id


def _sign_ins(kept: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in kept:
        if event.name in _SIGN_INS and event.succeeded and event.response.get("ConsoleLogin") != "Failure":
            found.setdefault(event.who.principal, []).append(event)
    return found


def _session_started(event: Event) -> tuple[str, str] | None:
    role = text_or_none(event.parameters.get("roleArn"))
    name = text_or_none(event.parameters.get("roleSessionName"))
    return (role, name) if role and name else None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _hop(key: str, who: Identity, event: Event | None, matched: Matched) -> Hop:
    return Hop(
        access_key_id=key,
        principal=who.principal,
        event=event.name if event else None,
        event_id=event.event_id if event else None,
        time=event.time if event else None,
        minted_by=origins.starter(event) if event else None,
        parent_key_id=event.who.access_key if event else None,
        matched=matched,
        origin=origins.known(event, who) if event else origins.unknown(key, who),
    )


def issued_by(places: Iterable[OriginKey], mints: Mints) -> dict[str, Event]:
    """The keys that were issued to callers at these origins, and the calls that issued them."""
    wanted = frozenset(places)
    return {key: event for key, event in mints.by_key.items() if origin_key(event) in wanted}
