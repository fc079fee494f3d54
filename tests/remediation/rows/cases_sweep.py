"""The rows that touch very many objects, each on a bucket with one object to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from hypothesis import strategies as st

from bot.remediation.plan import State
from bot.remediation.sweep.manifests import NOTHING_LEFT
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.rows.cases import AWS_USERS, EVERYBODY, OTHER, OWNER, OWNERS, Case, grant

#: When the destruction began, and a moment before it.
T0 = "2026-01-15T12:00:00+00:00"
BEFORE_T0 = "2026-01-15T11:00:00Z"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
#: As a list of three objects would be summed up, for plans without AWS.
LIST = {"sha256": "ab" * 32, "items": 3, "bytes": 4096, "largest": 2048, "examples": ["a", "b", "c"]}


class Setting(dict[str, Any]):
    """The part of a state that the bucket's settings are, and beside it what to do to its object."""

    story: Any


def setting(story: Any, **known: Any) -> Setting:
    made = Setting(known)
    made.story = story
    return made


def put_ownership(account: Account, bucket: str, ownership: str = "ObjectWriter") -> None:
    s3 = account.client("s3")
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
    )


def open_bucket(account: Account, bucket: str) -> None:
    """Whose objects' ACLs count."""
    put_ownership(account, bucket)
    account.client("s3").delete_public_access_block(Bucket=bucket)


def versioned(account: Account, bucket: str) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def owned(grants: list[dict[str, Any]]) -> State:
    return {"Owner": {"ID": OWNER}, "Grants": [OWNERS, *grants]}


# -- object ACLs ---------------------------------------------------------------------------------------

_GRANTS = st.lists(
    st.sampled_from(
        [
            grant("READ", uri=EVERYBODY),
            grant("READ_ACP", uri=EVERYBODY),
            grant("READ", uri=AWS_USERS),
            grant("FULL_CONTROL", canonical=OTHER),
        ]
    ),
    min_size=1,
    unique_by=repr,
)


def _with_acl(grants: list[dict[str, Any]]) -> Setting:
    return setting(grants, ObjectOwnership="ObjectWriter", PublicGrantsHidden=False)


def _put_acls(account: Account, bucket: str, state: State) -> None:
    assert isinstance(state, Setting)
    s3 = account.client("s3")
    open_bucket(account, bucket)
    s3.put_object(Bucket=bucket, Key="private.txt", Body=b"1")
    s3.put_object(Bucket=bucket, Key="salaries.csv", Body=b"name,salary\n")
    s3.put_object_acl(Bucket=bucket, Key="salaries.csv", AccessControlPolicy=owned(state.story))


def _other_acl(account: Account, bucket: str) -> None:
    account.client("s3").put_object_acl(
        Bucket=bucket,
        Key="salaries.csv",
        AccessControlPolicy=owned([grant("WRITE_ACP", canonical=OTHER)]),
    )


def _known_acls(name: str) -> tuple[Mapping[str, str], State]:
    lists = {"Objects": LIST, "LeftOut": NOTHING_LEFT}
    return {"bucket": name}, {"Bucket": name, "Owner": OWNER, **lists}


OBJECT_ACLS = Case(
    "R22",
    make=versioned,
    states=st.builds(_with_acl, _GRANTS),
    put=_put_acls,
    drift=_other_acl,
    examples=(_with_acl([grant("READ", uri=EVERYBODY), grant("READ", canonical=OTHER)]),),
    known=_known_acls,
)


# -- restoring -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Past:
    """A client whose calls happen before the destruction."""

    account: Account

    def client(self) -> Any:
        made = botocore.session.Session().create_client(
            "s3",
            region_name=REGION,
            endpoint_url=self.account.fake.endpoint,
            aws_access_key_id=self.account.fake.root_access_key_id,
            aws_secret_access_key=self.account.fake.root_secret_access_key,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )
        made.meta.events.register("before-sign.s3", _date)
        return made


def _date(request: Any, **_: object) -> None:
    request.headers["x-sandbox-time"] = BEFORE_T0


_CLIENTS: dict[str, Any] = {}


def past(account: Account) -> Any:
    """The client, made once for each account."""
    endpoint = account.fake.endpoint
    return _CLIENTS.get(endpoint) or _CLIENTS.setdefault(endpoint, Past(account).client())


def _destroyed(how: str, storage: str, more: int = 0) -> Setting:
    return setting((how, storage, more), Versioning="Enabled", ObjectOwnership="ObjectWriter")


def _destroy(account: Account, bucket: str, state: State) -> None:
    assert isinstance(state, Setting)
    how, storage, more = state.story
    s3, then = account.client("s3"), past(account)
    open_bucket(account, bucket)
    then.put_object(Bucket=bucket, Key="kept.txt", Body=b"kept")
    then.put_object(
        Bucket=bucket,
        Key="salaries.csv",
        Body=b"name,salary\n",
        ContentType="text/csv",
        Metadata={"owner": "payroll"},
        Tagging="class=secret",
        StorageClass=storage,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=KEY_ARN,
        GrantFullControl=f'id="{OWNER}"',
        GrantRead=f'id="{OTHER}"',
    )
    if how != "delete":
        s3.put_object(Bucket=bucket, Key="salaries.csv", Body=b"pay us\n")
    if how != "overwrite":
        s3.delete_object(Bucket=bucket, Key="salaries.csv")
    s3.put_object(Bucket=bucket, Key="new.txt", Body=b"written since")
    for number in range(more):
        then.put_object(Bucket=bucket, Key=f"more/{number}", Body=b"more")
        s3.delete_object(Bucket=bucket, Key=f"more/{number}")


def _write_again(account: Account, bucket: str) -> None:
    account.client("s3").put_object(Bucket=bucket, Key="salaries.csv", Body=b"a colleague's repair\n")


RESTORE_OBJECTS = Case(
    "R44",
    make=versioned,
    states=st.builds(
        _destroyed,
        st.sampled_from(["delete", "overwrite", "both"]),
        st.sampled_from(["STANDARD", "STANDARD_IA", "GLACIER_IR"]),
    ),
    put=_destroy,
    drift=_write_again,
    # So many that S3 Batch Operations is asked to help.
    examples=(_destroyed("both", "STANDARD_IA"), _destroyed("delete", "STANDARD", more=7)),
    wanted=lambda _, name: {"bucket": name, "before": T0},
    known=lambda name: (
        {"bucket": name, "before": T0},
        {"Bucket": name, "Objects": LIST, "LeftOut": NOTHING_LEFT},
    ),
)

CASES = (OBJECT_ACLS, RESTORE_OBJECTS)
