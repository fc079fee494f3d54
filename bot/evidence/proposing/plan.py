"""The rows of the remediation catalogue that evidence can call for, and the order to carry them out in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.evidence.report import MOST_EVENT_IDS, Proposal

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
    "R35": "Set default encryption and block SSE-C",
    "R44": "Restore what was deleted",
}

#: Rows that stop somebody or close something. The others repair; they contain nothing.
CONTAINING = frozenset(ROWS) - {"R37", "R6", "R11", "R10", "R33", "R34", "R35", "R44"}


@dataclass
class Plan:
    """Steps without repetition, each with its reasons joined."""

    steps: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[list[str], list[str]]] = field(
        default_factory=dict
    )

    def add(self, row: str, target: dict[str, str], why: str, event_ids: Iterable[str]) -> None:
        """One more reason for a row and its target."""
        why = why[:1].upper() + why[1:]
        whys, ids = self.steps.setdefault((row, tuple(target.items())), ([], []))
        if why not in whys:
            whys.append(why)
        ids.extend(one for one in event_ids if one not in ids)

    def proposals(self) -> Iterator[Proposal]:
        """In the order of ROWS; within a row as they were found."""
        for row in ROWS:
            for (kind, target), (whys, ids) in self.steps.items():
                if kind == row:
                    yield Proposal(
                        remediation=kind,
                        title=ROWS[kind],
                        target=dict(target),
                        why=" ".join(whys),
                        event_ids=tuple(ids[:MOST_EVENT_IDS]),
                    )
