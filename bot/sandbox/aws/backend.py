"""moto, in this process: it keeps the state of the account and answers what the layer above does not.

This is the only module that looks into moto. moto's state belongs to the process, so one fake AWS at a time.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from moto.backends import get_backend
from moto.cloudtrail.models import cloudtrail_backends
from moto.config.models import config_backends
from moto.guardduty.models import guardduty_backends
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AccessKeyLastUsed, AWSManagedPolicy, iam_backends
from moto.moto_api._internal import mock_random, moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import OWNER as OWNER_ID
from moto.s3.models import (
    FakeAcl,
    FakeGrant,
    FakeGrantee,
    FakeKey,
    PublicAccessBlock,
    s3_backends,
)
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from bot.sandbox.aws.call import Call, HttpRequest, Response

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
#: Services whose moto application has the same name.
DIRECT = {"s3", "s3control", "iam", "sts", "cloudtrail"}


class Backend:
    """The account's state in moto. Not thread-safe: the gate lets one call in at a time."""

    _taken = threading.Lock()

    def __init__(self, account_id: str, region: str, organization_id: str | None = None) -> None:
        self.account_id = account_id
        self.organization_id = organization_id
        self.region = region
        #: Service control policies that bind the account, as JSON; none but FullAWSAccess at first.
        self.control_policies: tuple[str, ...] = ()
        #: The ARN of a multi-Region access point by its name; whoever keeps them says how.
        self.multi_region_arn: Callable[[str], str] = str
        self._any_service = DomainDispatcherApplication(create_backend_app)
        self._apps: dict[str, Any] = {}

    def open(self, seed: int) -> None:
        """Begin with an empty account.

        Raises:
            RuntimeError: another fake AWS runs in this process.
        """
        if not self._taken.acquire(blocking=False):
            raise RuntimeError("One fake AWS runs in this process already: stop it first.")
        moto_api_backend.reset()
        # moto would write invented access logs into the target of every bucket that logs.
        s3_backends[self.account_id]["aws"].log_incoming_request = lambda *_: None
        # moto draws ids for the policies, but only the first time in a process: before the story, not in it.
        self._load_managed_policies()
        mock_random.seed(seed)

    def close(self) -> None:
        moto_api_backend.reset()
        self._taken.release()

    def _load_managed_policies(self) -> None:
        policies = _published_policies(self.account_id, self.region)
        for policy in policies:
            policy.attachment_count = 0
        self.iam.aws_managed_policies = policies
        self.iam.managed_policies = {policy.arn: policy for policy in policies}

    # -- answering -------------------------------------------------------------------------------------

    def respond(self, call: Call, access_key_id: str) -> Response:
        """Let moto carry the call out, as somebody who may: who really may has been decided before."""
        environ = self._environ(call.http, call, access_key_id)
        with self._log_target_open(call):
            chunks, status, headers = run_wsgi_app(self._app(call.service), environ, buffered=True)
        return Response(int(status.split()[0]), b"".join(chunks), Headers(list(headers)))

    def _app(self, service: str) -> Any:
        """moto's application for a service; asking for it by name spares a search in every call."""
        if service not in DIRECT:
            return self._any_service
        if service not in self._apps:
            self._apps[service] = create_backend_app(service)
        return self._apps[service]

    def _environ(self, http: HttpRequest, call: Call, access_key_id: str) -> dict[str, Any]:
        headers = Headers(list(http.headers))
        signing_name = "s3" if call.service == "s3control" else call.service
        scope = f"{access_key_id}/20260101/{call.region}/{signing_name}/aws4_request"
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
            if "authorization" not in headers or call.service == "s3"
            else headers["authorization"]
        )
        headers["x-moto-account-id"] = self.account_id
        environ: dict[str, Any] = {
            "REQUEST_METHOD": http.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": http.path.encode().decode("latin-1"),
            "QUERY_STRING": http.raw_query,
            "RAW_URI": http.raw_path + (f"?{http.raw_query}" if http.raw_query else ""),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": call.stage.source_ip,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(http.body),
            "wsgi.errors": io.StringIO(),
            "CONTENT_LENGTH": str(len(http.body)),
        }
        environ["REQUEST_URI"] = environ["RAW_URI"]
        names: dict[str, str] = {}
        for name, value in headers:
            variable = name.upper().replace("-", "_")
            if variable in {"CONTENT_LENGTH", "TRANSFER_ENCODING", "EXPECT"}:
                continue
            environ[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = value
            if "_" in name:
                names[f"HTTP_{variable}"] = name
        environ["moto.preserved_header_names"] = names
        return environ

    # -- IAM -------------------------------------------------------------------------------------------

    @property
    def iam(self) -> Any:
        return iam_backends[self.account_id]["aws"]

    def user(self, name: str) -> Any | None:
        return self.iam.users.get(name)

    def role(self, name: str) -> Any | None:
        return next((role for role in self.iam.roles.values() if role.name == name), None)

    def role_by_arn(self, arn: str) -> Any | None:
        return next((role for role in self.iam.roles.values() if role.arn == arn), None)

    def holder(self, kind: str, name: str) -> Any | None:
        """The `user`, `role` or `group` of that name."""
        groups = self.iam.groups.values()
        if kind == "group":
            return next((group for group in groups if group.name == name), None)
        return self.user(name) if kind == "user" else self.role(name)

    @staticmethod
    def boundary_of(principal: Any) -> str | None:
        """The ARN of the policy that bounds a user or role; moto gives users none."""
        return getattr(principal, "permissions_boundary_arn", None) or None

    def make_service_role(self, service: str) -> None:
        """The role that IAM makes for a service when it is first used."""
        if not self.has_service_role(service):
            self.iam.create_service_linked_role(service, "", "")

    def has_service_role(self, service: str) -> bool:
        return any(role.path == f"/aws-service-role/{service}/" for role in self.iam.roles.values())

    def key(self, access_key_id: str) -> tuple[Any, Any] | None:
        """The user's key and the user, None when there is no such key."""
        for user in self.iam.users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key_id:
                    return key, user
        return None

    def principals(self) -> Iterator[Any]:
        """Every user and role."""
        yield from self.iam.users.values()
        yield from self.iam.roles.values()

    def credential_report(self) -> str:
        """The credential report as of now, CSV."""
        self.iam.generate_report()
        return str(self.iam.get_credential_report())

    def last_use(self, at: datetime, service: str, region: str) -> Any:
        """What moto keeps about the last use of a key; `at` without zone."""
        return AccessKeyLastUsed(at, service, region)

    def managed_document(self, arn: str) -> str | None:
        """The default version of a managed policy, as JSON."""
        policy = self.iam.managed_policies.get(arn)
        if policy is None:
            return None
        version = next(item for item in policy.versions if item.version_id == policy.default_version_id)
        return str(version.document)

    def user_documents(self, user: Any) -> Iterator[tuple[str, str]]:
        """Name and JSON of every policy that speaks of a user: its own and those of its groups."""
        yield from self._documents(user)
        for group in self.iam.groups.values():
            if user in group.users:
                yield from self._documents(group)

    def role_documents(self, role: Any) -> Iterator[tuple[str, str]]:
        return self._documents(role)

    def _documents(self, holder: Any) -> Iterator[tuple[str, str]]:
        for name, document in holder.policies.items():
            yield name, document if isinstance(document, str) else json.dumps(document)
        for arn in holder.managed_policies:
            document = self.managed_document(arn)
            if document is not None:
                yield arn, document

    # -- S3 --------------------------------------------------------------------------------------------

    def bucket(self, name: str) -> Any | None:
        owner = s3_backends.bucket_accounts.get(name)
        return None if owner is None else s3_backends[owner[1]]["aws"].buckets.get(name)

    @property
    def owner_id(self) -> str:
        """The canonical user id of the account, by which ACLs name it."""
        return str(OWNER_ID)

    def bucket_names(self) -> list[str]:
        return sorted(s3_backends[self.account_id]["aws"].buckets)

    def owner(self, bucket: str) -> str | None:
        """The account that owns a bucket, None when there is no such bucket."""
        found = s3_backends.bucket_accounts.get(bucket)
        return None if found is None else str(found[1])

    def public_access_block(self, bucket: Any) -> dict[str, bool] | None:
        """The bucket's own settings in the API's names, None when there are none."""
        block = bucket.public_access_block
        if block is None:
            return None
        return {
            "BlockPublicAcls": bool(block.block_public_acls),
            "IgnorePublicAcls": bool(block.ignore_public_acls),
            "BlockPublicPolicy": bool(block.block_public_policy),
            "RestrictPublicBuckets": bool(block.restrict_public_buckets),
        }

    def apply_bucket_defaults(self, bucket: Any) -> None:
        """What AWS gives every new bucket since April 2023 and moto does not."""
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        bucket.ownership_rule = bucket.ownership_rule or "BucketOwnerEnforced"
        bucket.encryption = {
            "Rule": {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                "BucketKeyEnabled": "false",
            }
        }

    def acl_grants(self, bucket: str, key: str | None = None) -> Iterator[tuple[str, str]]:
        """Grantee (a group's URI or a canonical id) and permission of an object's or a bucket's ACL."""
        holder = self.bucket(bucket)
        if holder is not None and key is not None:
            holder = holder.keys.get(key)
        for grant in holder.acl.grants if holder is not None and holder.acl else ():
            for grantee in grant.grantees:
                for permission in grant.permissions:
                    yield grantee.uri or grantee.id, permission

    def version(self, bucket: str, key: str, version_id: str | None) -> Any | None:
        """A version or delete marker of a key, the newest without an id; None when there is none."""
        found = self.bucket(bucket)
        listed = found.keys.getlist(key, default=[]) if found is not None else []
        if version_id is None:
            return listed[-1] if listed else None
        return next((one for one in listed if str(one.version_id or "null") == version_id), None)

    def is_object(self, version: Any) -> bool:
        """Whether it has content: no delete marker."""
        return isinstance(version, FakeKey)

    def encrypt(self, bucket: str, key: str) -> None:
        """The newest version's ETag is no MD5 of its content any more (S3 API Reference, Object)."""
        written = self.version(bucket, key, None)
        if written is not None:
            written._etag = hashlib.md5(f"{written.version_id} {written.etag}".encode()).hexdigest()  # noqa: S324

    def set_grants(self, version: Any, grants: list[tuple[str, str, str]]) -> None:
        """Write the ACL of one version: `ID` or `URI`, whose, and what."""
        version.set_acl(
            FakeAcl(
                [
                    FakeGrant([FakeGrantee(**{"grantee_id" if kind == "ID" else "uri": whose})], [what])
                    for kind, whose, what in grants
                ]
            )
        )

    def tagged(self, version: Any) -> bool:
        """Whether the version has tags."""
        return bool(s3_backends[self.account_id]["aws"].tagger.list_tags_for_resource(version.arn)["Tags"])

    @contextmanager
    def _log_target_open(self, call: Call) -> Iterator[None]:
        """moto wants to see that a log target lets S3 write; AWS takes the target and delivers nothing."""
        told = re.search(r"<TargetBucket>(.*?)</TargetBucket>", call.http.body.decode("utf-8", "replace"))
        target = self.bucket(told[1]) if told else None
        if call.operation != "PutBucketLogging" or target is None:
            yield
            return
        target.policy = _log_delivery(target.name)
        try:
            yield
        finally:
            target.policy = None

    def takes_notifications(self, arn: str) -> bool:
        """Whether there is such a queue or topic; those of other accounts and functions are believed."""
        _, _, service, region, account, name = [*arn.split(":", 5), *[""] * 6][:6]
        if account != self.account_id or service not in ("sqs", "sns"):
            return bool(name)
        found = get_backend(service)[account][region]
        return name in found.queues if service == "sqs" else arn in found.topics

    def kms_key(self, region: str, key_id: str) -> Any | None:
        """The key of an id, an ARN or an alias, in the ARN's Region or this one."""
        named = key_id.split(":")[3] if key_id.startswith("arn:") else region
        keys = get_backend("kms")[self.account_id][named]
        try:
            return keys.keys.get(keys.any_id_to_key_id(key_id))
        except KeyError:
            return None

    def contents(self, bucket: str) -> Iterator[tuple[str, bytes]]:
        """Key and content of every object that is there, in the order of keys."""
        found = self.bucket(bucket)
        for key, one in sorted(found.keys.items()) if found is not None else ():
            if isinstance(one, FakeKey):
                yield str(key), bytes(one.value)

    def put_log_object(self, bucket: str, key: str, body: bytes, at: datetime) -> None:
        """Write an object as an AWS service does (CloudTrail's delivery)."""
        owner = self.owner(bucket)
        if owner is not None:
            written = s3_backends[owner]["aws"].put_object(bucket, key, body)
            written.last_modified = naive(at)

    # -- CloudTrail ------------------------------------------------------------------------------------

    def trails(self) -> Iterator[Any]:
        for regional in list(cloudtrail_backends[self.account_id].values()):
            yield from list(regional.trails.values())

    def trail(self, name_or_arn: str) -> Any | None:
        return next((t for t in self.trails() if name_or_arn in {t.trail_name, t.arn}), None)

    # -- services that watch ---------------------------------------------------------------------------

    def recording_config(self) -> bool:
        """Whether Config's recorder of the home Region is on."""
        return any(one.status.recording for one in self._recorders())

    def date_recorder(self, *, started: datetime | None = None, stopped: datetime | None = None) -> None:
        """Since when it is on or off; moto says now."""
        for recorder in self._recorders():
            recorder.status.last_start_time = _seconds(started) or recorder.status.last_start_time
            recorder.status.last_stop_time = _seconds(stopped) or recorder.status.last_stop_time
            recorder.status.last_status = "SUCCESS"

    def _recorders(self) -> list[Any]:
        return list(config_backends[self.account_id][self.region].recorders.values())

    def detector(self, region: str, detector_id: str) -> Any | None:
        return guardduty_backends[self.account_id][region].detectors.get(detector_id)

    def detector_ids(self, region: str) -> list[str]:
        return list(guardduty_backends[self.account_id][region].detectors)

    def guardduty_features(self, region: str) -> set[str] | None:
        """What GuardDuty watches in a Region; None where it is off."""
        for one in guardduty_backends[self.account_id][region].detectors.values():
            if one.enabled:
                return {feature["name"] for feature in one.features if feature["status"] == "ENABLED"}
        return None

    def complete_detectors(self, region: str, features: Sequence[str], at: datetime) -> None:
        """Turn on what AWS turns on unless told otherwise; moto turns on nothing."""
        for one in guardduty_backends[self.account_id][region].detectors.values():
            told = {feature["name"] for feature in one.features}
            one.features += [{"name": name, "status": "ENABLED"} for name in features if name not in told]
            one.created_at = one.updated_at = naive(at)


def _seconds(at: datetime | None) -> int | None:
    return int(at.replace(tzinfo=UTC).timestamp()) if at else None


@cache
def _published_policies(account_id: str, region: str) -> list[Any]:
    """All policies that AWS manages, as moto ships them; nobody can change one, so they are made once."""
    return [
        AWSManagedPolicy.from_data(name, account_id, region, data)
        for name, data in json.loads(aws_managed_policies_data).items()
    ]


def _log_delivery(bucket: str) -> bytes:
    """What moto wants to find on the target of access logs."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Statement": [statement]}).encode()


def naive(at: datetime) -> datetime:
    """moto keeps UTC without a zone."""
    return at.astimezone(UTC).replace(tzinfo=None)
