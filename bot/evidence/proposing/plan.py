"""The rows of the remediation catalogue that evidence can call for, and the order to carry them out in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.evidence.events import Event
from bot.evidence.report import MOST_EVENT_IDS, Proposal
from bot.evidence.wording import at, called

#: Rows (domain section 2) in the order of containment: sight first, then whoever is inside, then the doors,
#: then what takes data out or destroys it; after that what was left behind, and what makes good.
ROWS = {
    "R37": "Restore logging",
    "R2": "Deny everything to the user (attach AWSDenyAll)",
    "R1": "Deactivate the access key",
    "R5": "Revoke the role's sessions",
    "R9": "Disable the Identity Center user and end its sessions",
    "R8": "Remove the console password",
    "R19": "Switch on Block Public Access for the bucket",
    "R18": "Remove the statement that opens the bucket policy",
    "R14": "Deny the attacker in the bucket policy",
    "R21": "Make the bucket's ACL private",
    "R22": "Make the objects' ACLs private",
    "R24": "Restore the access point's policy",
    "R25": "Restore the multi-Region access point's policy",
    "R26": "Delete the access grant",
    "R20": "Switch on Block Public Access for the account",
    "R27": "Stop presigned URLs",
    "R28": "Remove the replication rule",
    "R29": "Remove the lifecycle rule",
    "R30": "Restore the bucket's notifications, inventory or other settings",
    "R32": "Restore the KMS key",
    "R6": "Restore the role's trust policy",
    "R11": "Take back the rights that were given",
    "R10": "Delete what the attacker created",
    "R33": "Switch on versioning",
    "R34": "Switch on server access logging",
    "R36": "Record the bucket's data events in a trail",
    "R35": "Set default encryption and block SSE-C",
    "R40": "Switch on IAM Access Analyzer",
    "R44": "Restore what was deleted or overwritten",
}

#: Rows that stop somebody or close something. The others repair; they contain nothing.
CONTAINING = frozenset(ROWS) - {
    *("R37", "R6", "R11", "R10", "R33", "R34", "R35", "R36", "R40", "R44"),
}


@dataclass
class Step:
    """Why one row is called for: in words of its own, or because of acts, told together where one says it of
    many.
    """

    whys: dict[tuple[str, str], list[Event]] = field(default_factory=dict)
    event_ids: dict[str, None] = field(default_factory=dict)

    def sentences(self) -> Iterator[str]:
        """Each reason once, after all of its acts, with when those were."""
        last = {why: act for act, why in self.whys}
        for (act, why), events in self.whys.items():
            said = why if last[why] == act else ""
            yield " ".join(filter(None, [f"{act} {_when(events)}." if events else "", said]))


def _when(events: Sequence[Event]) -> str:
    first, last = min(event.time for event in events), max(event.time for event in events)
    return f"at {at(first)}" if first == last else f"from {at(first)} to {at(last)}"


@dataclass
class Plan:
    """Steps without repetition, each with its reasons joined."""

    steps: dict[tuple[str, tuple[tuple[str, str], ...]], Step] = field(default_factory=dict)

    def add(self, row: str, target: dict[str, str], why: str, event_ids: Iterable[str]) -> None:
        """One more reason for a row and its target."""
        step = self._step(row, target)
        step.whys.setdefault(("", why[:1].upper() + why[1:]), [])
        step.event_ids |= dict.fromkeys(event_ids)

    def because_of(self, event: Event, row: str, target: dict[str, str], why: str = "") -> None:
        """A row that an act calls for, and what is to be said about it."""
        step, who = self._step(row, target), called(event.who.principal)
        act = f"{who[:1].upper()}{who[1:]} called {event.name}"
        step.whys.setdefault((act, why), []).append(event)
        step.event_ids[event.event_id] = None

    def _step(self, row: str, target: dict[str, str]) -> Step:
        return self.steps.setdefault((row, tuple(target.items())), Step())

    def proposals(self) -> Iterator[Proposal]:
        """In the order of ROWS; within a row as they were found."""
        for row in ROWS:
            for (kind, target), step in self.steps.items():
                if kind == row:
                    yield Proposal(
                        remediation=kind,
                        title=ROWS[kind],
                        target=dict(target),
                        why=" ".join(step.sentences()),
                        event_ids=tuple(step.event_ids)[:MOST_EVENT_IDS],
                    )
