"""Cases of the rows that take out what was added to a bucket's settings, access points and keys."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.remediation.plan import State
from tests.aws.account import ACCOUNT, Account
from tests.remediation.rows.cases import Case, new_bucket

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
    return {"Rules": list(rules) or None, _MINIMUM: minimum if rules else None, "MfaDelete": False}


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

CASES: tuple[Case, ...] = (
    REMOVE_LIFECYCLE_RULE,
    REMOVE_REPLICATION_RULE,
)
