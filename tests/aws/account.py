"""An AWS account to try the bot on: the fake AWS, with users, roles and buckets made by real calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import botocore.loaders
import botocore.session
import pytest
from botocore.config import Config
from botocore.credentials import Credentials

from bot.aws.access import AwsAccess
from bot.config import AccountSettings, Settings
from bot.sandbox.aws.server import FakeAws

ACCOUNT = "111122223333"
REGION = "us-east-1"
LOOKUPS = 100.0  # a second
EXTERNAL_ID = "ext-4711"
EVIDENCE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/S3IncidentEvidence"
REMEDIATION_ROLE = f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate"

#: Services that the two roles reach beside IAM, S3 and CloudTrail.
_WATCHING = ("access-analyzer", "cloudwatch", "config", "kms", "logs", "sns")
_READ_TOO = (
    *(f"{service}:{verb}*" for service in _WATCHING for verb in ("Describe", "Get", "List")),
    *("ec2:DescribeVpcEndpoints", "identitystore:Describe*", "identitystore:Get*", "identitystore:List*"),
    *("organizations:Describe*", "organizations:List*", "sso:Describe*", "sso:Get*", "sso:List*"),
    "support:Describe*",
)
_CHANGE_TOO = ("cloudtrail:*", *(f"{service}:*" for service in _WATCHING))

_LOADER = botocore.loaders.create_loader()
_CLIENTS: dict[tuple[str, str, str, str], Any] = {}


@dataclass(frozen=True)
class Account:
    """A running fake AWS, and the bot's own way into it."""

    fake: FakeAws
    settings: Settings
    access: AwsAccess

    def client(
        self,
        service: str,
        key: str | None = None,
        secret: str = "",
        token: str | None = None,
        region: str = REGION,
    ) -> Any:
        """A plain client, as anybody else would have it; without a key that of the account root."""
        key, secret = (
            (key, secret) if key else (self.fake.root_access_key_id, self.fake.root_secret_access_key)
        )
        found = _CLIENTS.get((self.fake.endpoint, service, key, region))
        if found is None:
            session = botocore.session.Session()
            session.register_component("data_loader", _LOADER)
            found = _CLIENTS[self.fake.endpoint, service, key, region] = session.create_client(
                service,
                region_name=region,
                endpoint_url=self.fake.endpoint,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=Config(proxies={}, retries={"total_max_attempts": 1}),
            )
        return found

    def user(self, name: str, *, path: str = "/", allow: str = "s3:*") -> Credentials:
        """A user with one key and an inline policy."""
        iam = self.client("iam")
        iam.create_user(UserName=name, Path=path)
        iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=policy_text(allow))
        return self.key(name)

    def key(self, user: str) -> Credentials:
        made = self.client("iam").create_access_key(UserName=user)["AccessKey"]
        return Credentials(made["AccessKeyId"], made["SecretAccessKey"])

    def of(self, service: str, credentials: Credentials) -> Any:
        return self.client(service, credentials.access_key, credentials.secret_key, credentials.token)

    def records(self, event_name: str) -> list[dict[str, Any]]:
        """What CloudTrail has recorded of one event, oldest first."""
        return [event.record for event in self.fake.events if event.record["eventName"] == event_name]

    def bucket(self, name: str, policy: dict[str, Any] | None = None) -> str:
        """A bucket with one object; with a policy, Block Public Access is taken off first."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="2026/salaries.csv", Body=b"name,salary\n")
        if policy is not None:
            s3.delete_public_access_block(Bucket=name)
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
        return name


@contextmanager
def running(*, organization_id: str | None = None, **settings: Any) -> Iterator[Account]:
    """A fresh account; the environment points at it as an operator's would. Its event history is fast."""
    fake = FakeAws(delivery_seconds=0, organization_id=organization_id, lookups_per_second=LOOKUPS)
    fake.start()
    try:
        base = _bot_user(fake)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", fake.endpoint)
            patch.setenv("AWS_ACCESS_KEY_ID", base.access_key)
            patch.setenv("AWS_SECRET_ACCESS_KEY", base.secret_key)
            patch.setenv("AWS_CONFIG_FILE", "/dev/null")
            patch.setenv("S3INCIDENT_LOOKUPS_PER_SECOND", str(LOOKUPS))
            patch.delenv("AWS_SESSION_TOKEN", raising=False)
            patch.delenv("AWS_PROFILE", raising=False)
            yield account_of(fake, **settings)
    finally:
        fake.stop()


def account_of(fake: FakeAws, **settings: Any) -> Account:
    account = AccountSettings(
        account_id=ACCOUNT,
        regions=(REGION,),
        evidence_role=EVIDENCE_ROLE,
        remediation_role=REMEDIATION_ROLE,
        external_id=EXTERNAL_ID,
    )
    made = Settings(_env_file=None, accounts=(account,), **settings)
    return Account(fake, made, AwsAccess(made))


def _bot_user(fake: FakeAws) -> Credentials:
    """The bot's base user, which may only assume the two roles, and the roles."""
    root = Account(fake, Settings(_env_file=None), AwsAccess(Settings(_env_file=None)))
    iam = root.client("iam")
    base = root.user("s3incident", allow="sts:*")
    conditions = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}, "Null": {"sts:SourceIdentity": "false"}}
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/s3incident"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": conditions,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for arn, allow in (
        (EVIDENCE_ROLE, ["iam:Get*", "iam:List*", "s3:Get*", "s3:List*", "cloudtrail:*", *_READ_TOO]),
        (REMEDIATION_ROLE, ["iam:*", "s3:*", *_READ_TOO, *_CHANGE_TOO, "kms:*"]),
    ):
        name = arn.rsplit("/", 1)[-1]
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=policy_text(allow))
    return base


def trail_bucket_policy(bucket: str) -> dict[str, Any]:
    """Lets CloudTrail write its files into a bucket."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy_text(actions: str | list[str]) -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
