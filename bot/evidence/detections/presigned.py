"""Presigned URLs that came into other hands (E24).

A URL is made for somebody else, so that it is used away from its signer says nothing. That one and the same
URL is used by several does: one signer, object and second of signing is one URL. Its signer is no suspect for
that. Scanners of mail and chat open links too, and so people decide what it means.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bot.evidence import names, wording
from bot.evidence.clients import family
from bot.evidence.collect import actor_key
from bot.evidence.detections.sign import Head, Sign, sign_of
from bot.evidence.events import Event

#: A presigned URL is for one recipient, who may have a few ways out; more addresses are more recipients.
MOST_ADDRESSES = 4

#: So many URLs of one signer, each used by somebody else after its recipient: they were taken together.
SEVERAL = 5

RULE = "E24"
_PASSED_ON: Head = (RULE, "taking", "medium", "adds")

#: (signer, object key, moment of signing)
Url = tuple[str, str, str]


def signs(events: Iterable[Event]) -> Iterator[Sign]:
    """One for each URL that many had, and one for each signer whose URLs came into second hands together."""
    urls: dict[Url, list[Event]] = defaultdict(list)
    for event in events:
        signed = str(event.parameters.get("X-Amz-Date", ""))
        if signed and by_url(event) and event.succeeded and event.name in names.CONTENT_READS:
            urls[actor_key(event), str(event.parameters.get("key")), signed].append(event)
    second: dict[str, list[Event]] = defaultdict(list)
    for (actor, key, _), same in urls.items():
        addresses = len({event.source_ip for event in same})
        if addresses > MOST_ADDRESSES:
            yield sign_of(actor, _PASSED_ON, wording.passed_on(key, addresses), "T1530", same)
        else:
            second[actor] += _second_hand(same)
    for actor, taken in second.items():
        objects = len({event.key for event in taken})
        if objects >= SEVERAL:
            places = len({event.source_ip for event in taken})
            yield sign_of(actor, _PASSED_ON, wording.in_second_hands(objects, places), "T1530", taken)


def by_url(event: Event) -> bool:
    """Whether the signature came in a presigned URL."""
    return event.extra.get("AuthenticationMethod") == "QueryString"


def _second_hand(same: Sequence[Event]) -> list[Event]:
    """Uses of a URL by somebody else than the first: another address and another client."""
    first = min(same, key=lambda event: (event.time, event.event_id))
    return [
        event
        for event in same
        if event.source_ip != first.source_ip and family(event.user_agent) != family(first.user_agent)
    ]
