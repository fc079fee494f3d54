"""Which events are kept one by one: of events that are alike the first, and all others are only counted."""

from collections import Counter
from collections.abc import Hashable
from typing import NamedTuple

from bot.evidence.detections.giveaways import is_credential_file, is_ransom_note
from bot.evidence.events import Event
from bot.evidence.tallies import origin_key

#: Of events alike so many are kept singly, the earliest: of reads and of single objects, and of all other
#: changes (nobody makes thousands of those but to hide one among them).
MOST_ALIKE, MOST_CHANGES = 200, 5_000

#: Of reads and single objects altogether so many are kept; and as many again of those that are special.
MOST_BULK = 10_000


class Kind(NamedTuple):
    """What events that are alike have in common: whether there are many of the kind, whether it is special,
    and all else.
    """

    bulk: bool
    special: bool
    alike: Hashable


class Keeping:
    """Asked of events in order of time.

    `issued` are keys whose issuing call is always kept; `dropped_issued` says that some other was not.
    """

    def __init__(self, issued: frozenset[str] = frozenset()) -> None:
        self.issued = issued
        self.dropped_issued = False
        self._alike: Counter[Hashable] = Counter()
        self._bulk: Counter[bool] = Counter()

    def keeps(self, kind: Kind) -> bool:
        """Whether an event is among the first of its kind, and (`bulk`) there is room for more of those.

        What is not kept among some events is not kept among more of them either.
        """
        if kind.bulk and self._bulk[kind.special] >= MOST_BULK:
            return False
        count = self._alike[kind] = self._alike[kind] + 1
        if count > (MOST_ALIKE if kind.bulk else MOST_CHANGES):
            return False
        self._bulk[kind.special] += kind.bulk
        return True

    def keeps_issuing(self, event: Event) -> bool:
        """Whether the call issued a key in question, or is among the first of its like."""
        alike = "issued", event.who.access_key, event.name, str(event.parameters.get("roleArn"))
        self._alike[alike] += 1
        if event.minted_key in self.issued or self._alike[alike] <= MOST_ALIKE:
            return True
        self.dropped_issued = True
        return False


def kind_of(event: Event, actor: str, *, bulk: bool) -> Kind:
    """The event's kind; `bulk` for reads and calls for single objects."""
    special = _special(event)
    alike = actor, origin_key(event), event.service, event.name, event.error_code, special
    return Kind(bulk, any(special), alike)


_SPECIAL = (
    "versionId",
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)
_NOTHING_WRITTEN = (False, False, "", "", "")


def _special(event: Event) -> tuple[object, ...]:
    """What sets a call apart from others of its name: those with and without it are not alike."""
    key = event.key
    asked = _NOTHING_WRITTEN if event.parameters.keys().isdisjoint(_SPECIAL) else _asked(event)
    return (
        *asked,
        event.extra.get("AuthenticationMethod") == "QueryString",
        key is not None and is_ransom_note(key),
        key is not None and is_credential_file(key),
    )


def _asked(event: Event) -> tuple[object, ...]:
    written = {name: str(event.parameters[name]) for name in _SPECIAL if name in event.parameters}
    return (
        "versionId" in written,
        "x-amz-server-side-encryption-customer-algorithm" in written,
        written.get("x-amz-server-side-encryption-aws-kms-key-id", ""),
        written.get("x-amz-acl", ""),
        written.get("x-amz-copy-source", "").removeprefix("/").split("/")[0],
    )
