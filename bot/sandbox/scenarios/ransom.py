"""The scenario `ransom`: the payroll is encrypted in place under a stranger's key, deleted, set to expire.

The bucket keeps versions, so nothing is lost for good as long as nobody deletes them: versioning is
suspended, objects are copied onto themselves with SSE-C, others deleted, a lifecycle rule shall remove what
is left, and a note asks for money (Codefinger, January 2025).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import botocore.exceptions

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import calls, cast, everyday, files, policies
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.calls import Deed, do, get, listing, put
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import EVERY, LivePlayers, Role
from bot.sandbox.scenarios.past import Beat, Past
from bot.sandbox.scenarios.player import Part, Player
from bot.sandbox.scenarios.state import asked
from bot.sandbox.scenarios.world import World

USER = "payroll-admin"
ADMIN = Part(USER, "operator", cast.OFFICE, cast.OFFICE_CLI)
THIEF = Part("attacker", "attacker", cast.FOREIGN, cast.AWS_CLI)
NOTE = "README-TO-RECOVER.txt"
RULE = "cleanup"
#: How many objects are encrypted; as many of the rest are deleted as DELETED says.
ENCRYPTED, DELETED = 18, 6
_KEY = hashlib.sha256(b"a key that only the attacker has").digest()


class Ransom:
    """Builds the account and plays the past; `live` goes on with it."""

    name = "ransom"
    title = "The payroll is encrypted under a stranger's key and deleted, with a ransom note"
    by_hand: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now
        self._before: dict[str, str] = {}

    def build(self, aws: FakeAws) -> World:
        past = Past(aws, self._now)
        self._before = _versioned(past)
        work = policies.allow(["s3:*"], policies.objects(BUCKET))
        look = policies.allow(["s3:ListAllMyBuckets"])
        past.account.add_user(USER, policies.document(work, look), "payroll")
        beats = [*everyday.ordinary(past.cast, past.chance), *_attack(past.cast)]
        # The application can no longer read what was encrypted or deleted.
        past.play(beats, {"InvalidRequest", "NoSuchKey"})
        return past.world(
            attacker_ips=(THIEF.source_ip,),
            attacker_user=USER,
            leaked_key_id=past.account.keys[USER].access_key_id,
        )

    def live(self, aws: FakeAws, world: World, every: float = EVERY) -> LivePlayers:
        players = Cast(aws, world.keys)
        note = calls.attempt("s3", "put_object", Bucket=BUCKET, Key=NOTE, Body=_NOTE)
        roles = [
            Role(players.user(THIEF, USER), calls.rounds(files.STAFF, calls.try_list, lambda _: note)),
            *everyday.going_on(players),
        ]
        return LivePlayers(
            roles, attackers=(THIEF.name,), innocents=(cast.APP.name, cast.REPORTS.name), every=every
        )

    def wrong(self, aws: FakeAws, world: World) -> Iterator[str]:
        root = Cast(aws, {}).root()
        damaged = [key for key, tag in self._before.items() if _tag(root, world.bucket, key) != tag]
        if damaged:
            yield f"{len(damaged)} of {len(self._before)} objects are not as they were, such as {damaged[0]}."
        if asked(root, "get_bucket_versioning", Bucket=world.bucket).get("Status") != "Enabled":
            yield f"Versioning of {world.bucket} is not on."
        if RULE in str(asked(root, "get_bucket_lifecycle_configuration", Bucket=world.bucket)):
            yield f"The lifecycle rule {RULE} still deletes what is left in {world.bucket}."


def _tag(root: Player, bucket: str, key: str) -> str:
    """The ETag of what is there now, or why it cannot be read."""
    try:
        return str(root.do("s3", "get_object", Bucket=bucket, Key=key)["ETag"])
    except botocore.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])


def _versioned(past: Past) -> dict[str, str]:
    """Versioning is on, and every object was written since: its ETag by key."""
    status = {"Status": "Enabled"}
    past.root.do("s3", "put_bucket_versioning", Bucket=BUCKET, VersioningConfiguration=status)
    written = {}
    for number, (key, body) in enumerate(files.payroll(past.chance).items()):
        past.root.at = past.now - timedelta(days=90, minutes=-number)
        written[key] = str(past.root.do("s3", "put_object", Bucket=BUCKET, Key=key, Body=body)["ETag"])
    return written


def _attack(players: Cast) -> Iterator[Beat]:
    admin, thief = players.user(ADMIN, USER), players.user(THIEF, USER)
    yield Beat(54.0, admin, listing("2026/"))
    yield Beat(53.0, admin, get(files.PAYROLL[0]))
    yield Beat(40.0, thief, do("sts", "get_caller_identity"))
    yield Beat(39.5, thief, do("s3", "list_buckets"))
    yield Beat(39.0, thief, listing(""))
    yield Beat(38.5, thief, do("s3", "get_bucket_versioning", Bucket=BUCKET))
    suspended = {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Suspended"}}
    yield Beat(37.0, thief, do("s3", "put_bucket_versioning", **suspended))
    keys = (*files.PAYROLL, *files.STAFF)
    for number, key in enumerate(keys[:ENCRYPTED]):
        yield Beat(36.0 - number * 0.1, thief, _encrypt(key))
    for number, key in enumerate(keys[-DELETED:]):
        yield Beat(31.0 - number * 0.1, thief, do("s3", "delete_object", Bucket=BUCKET, Key=key))
    yield Beat(28.0, thief, do("s3", "put_bucket_lifecycle_configuration", Bucket=BUCKET, **_EXPIRES))
    yield Beat(26.0, thief, put(NOTE, _NOTE))


_NOTE = b"Your files are encrypted with AES-256. Do not change anything. You have seven days.\n"
_EXPIRES = {
    "LifecycleConfiguration": {
        "Rules": [{"ID": RULE, "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}]
    }
}


def _encrypt(key: str) -> Deed:
    """Copied onto itself under a key that S3 does not keep."""
    return do(
        "s3",
        "copy_object",
        Bucket=BUCKET,
        Key=key,
        CopySource={"Bucket": BUCKET, "Key": key},
        SSECustomerAlgorithm="AES256",
        SSECustomerKey=base64.b64encode(_KEY).decode(),
    )
