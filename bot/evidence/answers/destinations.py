"""Where a change would send objects or news of them: replication, inventory, notifications, log delivery."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.evidence.events import Event, many
from bot.evidence.touching import bucket_of
from bot.evidence.wording import short

#: Members that hold an ARN which is no destination.
_NOT_THERE = frozenset({"Role", "RoleArn", "Owner", "Host", "bucketName"})
_ACCOUNTS = frozenset({"Account", "AccountId"})


@dataclass(frozen=True)
class Destination:
    """An ARN that a change names as a target; `account` is None where the record does not say whose it is."""

    arn: str
    account: str | None

    def away(self, bucket: str, owner: str | None) -> bool:
        """Whether it lies in another account, or, where no account is named, in another bucket."""
        if self.account and owner:
            return self.account != owner
        return bucket_of(self.arn) not in (None, bucket)

    def __str__(self) -> str:
        what = f"bucket {bucket_of(self.arn)}" if bucket_of(self.arn) else self.arn
        return short(what) + (f" of account {short(self.account, 20)}" if self.account else "")


def destinations(event: Event) -> tuple[Destination, ...]:
    """Every target that the request of a change names."""
    return tuple(dict.fromkeys(_found(event.parameters, None)))


def _found(value: object, account: str | None) -> Iterator[Destination]:
    if isinstance(value, Mapping):
        own = next((str(value[name]) for name in sorted(_ACCOUNTS & set(value)) if value[name]), account)
        for name, member in value.items():
            if name == "TargetBucket" and isinstance(member, str):
                yield Destination(f"arn:aws:s3:::{member}", own)
            elif name not in _NOT_THERE:
                yield from _found(member, own)
    elif isinstance(value, list):
        for one in many(value):
            yield from _found(one, account)
    elif isinstance(value, str) and value.startswith("arn:") and value.count(":") >= 5:
        yield Destination(value, account or value.split(":")[4] or None)


def named(event: Event) -> str:
    """` to bucket x of account 999988887777`; empty where the record names no target."""
    found = destinations(event)
    return f" to {', '.join(map(str, found[:3]))}" if found else ""
