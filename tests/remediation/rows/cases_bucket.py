"""Cases of the rows that take out what was added to a bucket's settings, access points and keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from bot.remediation.catalogue import remediation
from bot.remediation.plan import Plan, State
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.rows.cases import (
    CONTEXT,
    PARTNER,
    POLICIES,
    Case,
    new_bucket,
    other_policy,
    policy,
    put_policy,
)

# -- R29: lifecycle ------------------------------------------------------------------------------------

PURGE: dict[str, Any] = {
    "ID": "purge",
    "Filter": {"Prefix": ""},
    "Status": "Enabled",
    "Expiration": {"Days": 1},
}
_OWN_RULES: tuple[dict[str, Any], ...] = (
    {
        "ID": "archive, old",
        "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "class", "Value": "cold"}]}},
        "Status": "Enabled",
        "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 3},
    },
    {
        "ID": "legal-hold-ends",
        "Filter": {"Prefix": "legal/"},
        "Status": "Disabled",
        "Expiration": {"Date": "2031-01-01T00:00:00Z"},
    },
    {
        "ID": "uploads",
        "Filter": {},
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
)
_MINIMUM = "TransitionDefaultMinimumObjectSize"


def lifecycle(*rules: dict[str, Any], minimum: str = "all_storage_classes_128K") -> State:
    return {"Rules": list(rules) or None, _MINIMUM: minimum if rules else None}


def put_lifecycle(account: Account, name: str, state: State) -> None:
    account.client("s3").put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={"Rules": state["Rules"]},
        TransitionDefaultMinimumObjectSize=state[_MINIMUM],
    )


def own_rules(rules: tuple[dict[str, Any], ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.sampled_from(rules), unique_by=lambda one: one["ID"], max_size=3)


REMOVE_LIFECYCLE_RULE = Case(
    "R29",
    make=new_bucket,
    states=st.builds(
        lambda own, minimum: lifecycle(*own[:1], PURGE, *own[1:], minimum=minimum),
        own_rules(_OWN_RULES),
        st.sampled_from(["all_storage_classes_128K", "varies_by_storage_class"]),
    ),
    put=put_lifecycle,
    drift=lambda account, name: put_lifecycle(account, name, lifecycle({**PURGE, "Status": "Disabled"})),
    examples=(lifecycle(*_OWN_RULES, PURGE), lifecycle(PURGE)),
    wanted=lambda _, name: {"bucket": name, "rule": "purge"},
    known=lambda name: ({"bucket": name, "rule": "purge"}, {"Bucket": name}),
)

# -- R28: replication ----------------------------------------------------------------------------------

COPYING_ROLE = f"arn:aws:iam::{ACCOUNT}:role/replicates"


def copies(rule: str, bucket: str, priority: int, **destination: str) -> dict[str, Any]:
    return {
        "ID": rule,
        "Priority": priority,
        "Filter": {"Prefix": ""},
        "Status": "Enabled",
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}", **destination},
        "DeleteMarkerReplication": {"Status": "Disabled"},
    }


THEFT = copies("sync", "outside-archive", 9, Account="444455556666")
_OWN_COPIES = (
    copies("disaster-recovery", "acme-replica", 1, StorageClass="STANDARD_IA"),
    copies("audit", "acme-replica", 2),
)


def replication(*rules: dict[str, Any]) -> State:
    return {"Replication": {"Role": COPYING_ROLE, "Rules": list(rules)} if rules else None}


def replicating_bucket(account: Account, name: str) -> None:
    """Versioned, beside a replica of the owner's."""
    for one in (name, "acme-replica"):
        new_bucket(account, one)
        wanted = {"Status": "Enabled"}
        account.client("s3").put_bucket_versioning(Bucket=one, VersioningConfiguration=wanted)


def put_replication(account: Account, name: str, state: State) -> None:
    account.client("s3").put_bucket_replication(Bucket=name, ReplicationConfiguration=state["Replication"])


REMOVE_REPLICATION_RULE = Case(
    "R28",
    make=replicating_bucket,
    states=st.builds(lambda own: replication(*own[:1], THEFT, *own[1:]), own_rules(_OWN_COPIES)),
    put=put_replication,
    drift=lambda account, name: put_replication(account, name, replication({**THEFT, "Status": "Disabled"})),
    examples=(replication(*_OWN_COPIES, THEFT), replication(THEFT)),
    wanted=lambda _, name: {"bucket": name, "rule": "sync"},
    known=lambda name: ({"bucket": name, "rule": "sync"}, {"Bucket": name}),
)

# -- R30: settings that hand something to others -------------------------------------------------------

#: Which setting each bucket of these tests was given.
_GIVEN: dict[str, str] = {}


class SettingCase(Case):
    """A state says which setting it is about, and with it what the proposal names."""

    def plans(self, name: str) -> Iterator[Plan]:
        kind = remediation(self.row)
        for state in self.examples:
            target = kind.target(ACCOUNT, REGION, wanted_setting(name, state["Setting"]))
            yield kind.plan(target, {"Bucket": name, **state}, CONTEXT)


#: What is named of each setting; the others go as a whole.
_NAMED = {"notification": "drop-box", "inventory": "list, weekly", "cors": "https://evil.example"}


def wanted_setting(name: str, setting: str) -> dict[str, str]:
    named = {"id": _NAMED[setting]} if setting in _NAMED else {}
    return {"bucket": name, "setting": setting, **named}


def setting(name: str, value: Any) -> State:
    return {"Setting": name, "Value": value}


def inventory(name: str, bucket: str = "outside-lists") -> dict[str, Any]:
    return {
        "Id": name,
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Weekly"},
        "OptionalFields": ["Size", "ETag"],
        "Destination": {
            "S3BucketDestination": {
                "AccountId": "444455556666",
                "Bucket": f"arn:aws:s3:::{bucket}",
                "Format": "CSV",
            }
        },
    }


def queue(name: str, account: str = ACCOUNT) -> dict[str, Any]:
    """No queue of the account has these names: what stays is not validated again."""
    return {
        "Id": name,
        "QueueArn": f"arn:aws:sqs:{REGION}:{account}:{name}",
        "Events": ["s3:ObjectCreated:*"],
    }


DROP_BOX = queue("drop-box", "444455556666")
_TOPIC = {
    "Id": "alarms",
    "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:gone",
    "Events": ["s3:ObjectRemoved:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "legal/"}]}},
}
EVIL_CORS = {
    "AllowedMethods": ["GET"],
    "AllowedOrigins": ["https://evil.example"],
    "AllowedHeaders": ["*"],
}
_OWN_CORS = {"ID": "app", "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://acme.example"]}
WEBSITE = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}
OUTSIDE_LOGS = {
    "LoggingEnabled": {"TargetBucket": "acme-older-logs", "TargetPrefix": "x/"},
}


def _notifications(queues: list[dict[str, Any]], *, topic: bool, bus: bool) -> State:
    value: dict[str, Any] = {"QueueConfigurations": queues}
    topics = {"TopicConfigurations": [_TOPIC]} if topic else {}
    return setting("notification", topics | value | ({"EventBridgeConfiguration": {}} if bus else {}))


_NOTIFICATIONS = st.builds(
    lambda own, topic, bus: _notifications([*own, DROP_BOX], topic=topic, bus=bus),
    st.lists(st.just(queue("orders")), max_size=1),
    st.booleans(),
    st.booleans(),
)


def put_setting(account: Account, name: str, state: State) -> None:
    _GIVEN[name] = state["Setting"]
    s3, value = account.client("s3"), state["Value"]
    match state["Setting"]:
        case "notification":
            s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration=value or {}, SkipDestinationValidation=True
            )
        case "inventory":
            for one in (value or {}).values():
                s3.put_bucket_inventory_configuration(Bucket=name, Id=one["Id"], InventoryConfiguration=one)
        case "website":
            s3.put_bucket_website(Bucket=name, WebsiteConfiguration=value)
        case "cors":
            s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": value})
        case "request-payment":
            s3.put_bucket_request_payment(Bucket=name, RequestPaymentConfiguration=value)
        case "logging":
            s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=value)


def _other_setting(account: Account, name: str) -> None:
    """Of the first example."""
    put_setting(account, name, setting("inventory", {"list": inventory("list", "acme-lists")}))


def _bucket_and_logs(account: Account, name: str) -> None:
    new_bucket(account, "acme-older-logs")
    new_bucket(account, name)


REMOVE_ATTACHED_SETTING = SettingCase(
    "R30",
    make=_bucket_and_logs,
    states=_NOTIFICATIONS
    | st.sampled_from(
        [
            setting("inventory", {one: inventory(one) for one in ("list", "weekly")}),
            setting("website", WEBSITE),
            setting("cors", [_OWN_CORS, EVIL_CORS]),
            setting("request-payment", {"Payer": "Requester"}),
            setting("logging", OUTSIDE_LOGS),
        ]
    ),
    put=put_setting,
    drift=_other_setting,
    examples=(
        setting("inventory", {one: inventory(one) for one in ("list", "weekly")}),
        _notifications([queue("orders"), DROP_BOX], topic=True, bus=True),
        setting("website", WEBSITE),
        setting("cors", [EVIL_CORS]),
        setting("request-payment", {"Payer": "Requester"}),
        setting("logging", OUTSIDE_LOGS),
    ),
    wanted=lambda _, name: wanted_setting(name, _GIVEN[name]),
)

# -- R27: presigned URLs -------------------------------------------------------------------------------

DENY_PRESIGNED = Case(
    "R27",
    make=new_bucket,
    states=POLICIES,
    put=put_policy,
    drift=other_policy,
    examples=(policy(PARTNER), policy()),
    wanted=lambda _, name: {"bucket": name, "minutes": "15"},
    known=lambda name: ({"bucket": name, "minutes": "15"}, {"Bucket": name}),
)

CASES: tuple[Case, ...] = (
    DENY_PRESIGNED,
    REMOVE_ATTACHED_SETTING,
    REMOVE_LIFECYCLE_RULE,
    REMOVE_REPLICATION_RULE,
)
