"""The settings of a bucket that hand its data or its news to others: how each is read, cut and written.

Each is a whole of its own: what S3 answers about it is its value, None or empty where it is not set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.remediation.buckets import change
from bot.remediation.contract import Reader
from bot.remediation.errors import Refused
from bot.remediation.plan import Call, State, Target
from bot.remediation.rule_documents import chosen, document
from bot.remediation.words import settings as words

Value = Any


class Setting(Protocol):
    """One kind of setting.

    Attributes:
        reads, writes: the IAM actions, which are not the API's names.
    """

    @property
    def reads(self) -> tuple[str, ...]: ...

    @property
    def writes(self) -> tuple[str, ...]: ...

    def read(self, read: Reader, target: Target) -> Value: ...

    def without(self, target: Target, value: Value, given: str | None) -> Value:
        """What remains without what is named by `given`, or without everything. Raises Refused."""
        ...

    def write(self, target: Target, before: State, after: State) -> tuple[Call, ...]:
        """The calls that lead from one state's `Value` to the other's."""
        ...

    def effects(self, before: Value, after: Value) -> Iterator[str]:
        """What is taken away, one sentence each."""
        ...


@dataclass(frozen=True)
class Whole:
    """A setting without parts: website, who pays, and where access logs go.

    Attributes:
        get: boto3's operation. part: where its answer has the value, "" where it is all of the answer.
        put, parameter: the operation that sets it, and the parameter that takes the value. delete: the one
            that takes it away, "" where `put` with `nothing` does.
        says: the sentence about its loss.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    get: str
    part: str
    put: str
    parameter: str
    delete: str
    nothing: Mapping[str, Any]
    says: str

    def read(self, read: Reader, target: Target) -> Value:
        found = document(read, target, self.get)
        value = {self.part: found[self.part]} if self.part in found else {} if self.part else found
        return None if value in ({}, self.nothing) else value

    def without(self, target: Target, value: Value, given: str | None) -> Value:  # noqa: ARG002
        if given is not None:
            raise Refused(words.has_no_parts(target.params["setting"]))

    def write(self, target: Target, before: State, after: State) -> tuple[Call, ...]:  # noqa: ARG002
        value = after["Value"]
        if value is None and self.delete:
            return (change(target, self.delete, self.writes[-1], after),)
        wanted = {self.parameter: self.nothing if value is None else value}
        return (change(target, self.put, self.writes[0], after, **wanted),)

    def effects(self, before: Value, after: Value) -> Iterator[str]:  # noqa: ARG002
        yield self.says


class Notifications:
    """Where S3 tells of changes: queues, topics, functions, and EventBridge.

    Destinations are not validated again: one of the others may be gone, and S3 would refuse the whole.
    """

    reads = ("s3:GetBucketNotification",)
    writes = ("s3:PutBucketNotification",)
    _KINDS = ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations")
    _BUS = "EventBridgeConfiguration"

    def read(self, read: Reader, target: Target) -> Value:
        found = document(read, target, "get_bucket_notification_configuration")
        kept = {name: found[name] for name in (*self._KINDS, self._BUS) if name in found}
        return kept or None

    def without(self, target: Target, value: Value, given: str | None) -> Value:
        if given is None:
            return None
        bus = ["EventBridge"] if self._BUS in value else []
        names = chosen(target, given, [*self._ids(value), *bus])
        left = {
            kind: [one for one in value.get(kind, ()) if one.get("Id") not in names] for kind in self._KINDS
        }
        kept = {kind: found for kind, found in left.items() if found}
        if bus and "EventBridge" not in names:
            kept[self._BUS] = value[self._BUS]
        return kept or None

    def write(self, target: Target, before: State, after: State) -> tuple[Call, ...]:  # noqa: ARG002
        call = change(
            target,
            "put_bucket_notification_configuration",
            self.writes[0],
            after,
            NotificationConfiguration=after["Value"] or {},
            SkipDestinationValidation=True,
        )
        return (call,)

    def effects(self, before: Value, after: Value) -> Iterator[str]:
        left = set(self._ids(after or {}))
        for kind in self._KINDS:
            for one in before.get(kind, ()):
                if one["Id"] not in left:
                    arn = next(str(text) for name, text in one.items() if name.endswith("Arn"))
                    yield words.tells_no_more(one["Id"], arn, one["Events"])
        if self._BUS in before and self._BUS not in (after or {}):
            yield words.NO_EVENT_BUS

    def _ids(self, value: Mapping[str, Any]) -> list[str]:
        return [one["Id"] for kind in self._KINDS for one in value.get(kind, ())]


class Cors:
    """Which websites a browser may read the bucket for: rules, named by their id or by an origin."""

    reads = ("s3:GetBucketCORS",)
    writes = ("s3:PutBucketCORS",)

    def read(self, read: Reader, target: Target) -> Value:
        rules: list[dict[str, Any]] | None = document(read, target, "get_bucket_cors").get("CORSRules")
        return rules

    def without(self, target: Target, value: Value, given: str | None) -> Value:
        if given is None:
            return None
        names = set(chosen(target, given, [name for one in value for name in self._names(one)]))
        return [one for one in value if not names & set(self._names(one))] or None

    def write(self, target: Target, before: State, after: State) -> tuple[Call, ...]:  # noqa: ARG002
        if after["Value"] is None:
            return (change(target, "delete_bucket_cors", self.writes[0], after),)
        rules = {"CORSRules": after["Value"]}
        return (change(target, "put_bucket_cors", self.writes[0], after, CORSConfiguration=rules),)

    def effects(self, before: Value, after: Value) -> Iterator[str]:
        for one in before:
            if one not in (after or ()):
                yield words.no_cross_origin(one["AllowedOrigins"])

    def _names(self, rule: Mapping[str, Any]) -> list[str]:
        return [*([rule["ID"]] if "ID" in rule else []), *rule["AllowedOrigins"]]


class Inventories:
    """Lists of all objects that S3 writes into another bucket: each a configuration with calls of its own.

    The value has those that are named alone, so that others do not make a plan stale; without a name all.
    """

    reads = ("s3:GetInventoryConfiguration",)
    writes = ("s3:PutInventoryConfiguration",)

    def read(self, read: Reader, target: Target) -> Value:
        found = {one["Id"]: one for one in self._all(read, target)}
        given = target.params.get("id")
        if given is None:
            return found or None
        names = [given] if given in found else [one.strip() for one in given.split(",")]
        return {name: found[name] for name in names if name in found} or None

    def without(self, target: Target, value: Value, given: str | None) -> Value:
        if given is not None:
            chosen(target, given, list(value))

    def write(self, target: Target, before: State, after: State) -> tuple[Call, ...]:
        value, wanted = dict(before["Value"] or {}), after["Value"] or {}
        calls = []
        # Written back in the opposite order: the undo passes through the same states.
        for name in sorted({*value, *wanted}, reverse=len(wanted) > len(value)):
            config = wanted.get(name)
            value = {**value, name: config} if config else _less(value, name)
            state = {**after, "Value": value or None}
            calls.append(self._call(target, name, config, state))
        return tuple(calls)

    def effects(self, before: Value, after: Value) -> Iterator[str]:  # noqa: ARG002
        for name, one in sorted(before.items()):
            destination = one["Destination"]["S3BucketDestination"]
            yield words.no_inventory(name, destination["Bucket"], destination.get("AccountId"))

    def _all(self, read: Reader, target: Target) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            found = document(read, target, "list_bucket_inventory_configurations", **token)
            yield from found.get("InventoryConfigurationList", ())
            if not found.get("IsTruncated"):
                return
            token = {"ContinuationToken": found["NextContinuationToken"]}

    def _call(self, target: Target, name: str, config: Value, state: State) -> Call:
        action = self.writes[0]
        if config is None:
            return change(target, "delete_bucket_inventory_configuration", action, state, Id=name)
        operation = "put_bucket_inventory_configuration"
        return change(target, operation, action, state, Id=name, InventoryConfiguration=config)


def _less(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: one for key, one in value.items() if key != name}


#: By the names that proposals use.
SETTINGS: Mapping[str, Setting] = {
    "notification": Notifications(),
    "inventory": Inventories(),
    "website": Whole(
        reads=("s3:GetBucketWebsite",),
        writes=("s3:PutBucketWebsite", "s3:DeleteBucketWebsite"),
        get="get_bucket_website",
        part="",
        put="put_bucket_website",
        parameter="WebsiteConfiguration",
        delete="delete_bucket_website",
        nothing={},
        says=words.NO_WEBSITE,
    ),
    "cors": Cors(),
    "request-payment": Whole(
        reads=("s3:GetBucketRequestPayment",),
        writes=("s3:PutBucketRequestPayment",),
        get="get_bucket_request_payment",
        part="Payer",
        put="put_bucket_request_payment",
        parameter="RequestPaymentConfiguration",
        delete="",
        nothing={"Payer": "BucketOwner"},
        says=words.OWNER_PAYS,
    ),
    "logging": Whole(
        reads=("s3:GetBucketLogging",),
        writes=("s3:PutBucketLogging",),
        get="get_bucket_logging",
        part="LoggingEnabled",
        put="put_bucket_logging",
        parameter="BucketLoggingStatus",
        delete="",
        nothing={},
        says=words.NO_ACCESS_LOG,
    ),
}
NAMES: Sequence[str] = tuple(SETTINGS)
