"""The scenario `leaked-key`: a pipeline's access key leaks and the payroll bucket ends up open to everyone.

Everything in it is a real boto3 call to the fake AWS, at a time of the last hour. What can be found out about
it is what those calls left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import botocore.exceptions

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import account, cast, files, policies
from bot.sandbox.scenarios.account import BUCKET, Account
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import LivePlayers
from bot.sandbox.scenarios.player import Player, Stage
from bot.sandbox.scenarios.world import KeyPair, Players, World

#: How many objects the attacker copies with the leaked key, all of the payroll among them.
COPIED = 35


@dataclass
class Beat:
    """One moment of the story: minutes before now, and what happens then."""

    minutes_ago: float
    player: Player
    happens: Callable[[Player], object]


class LeakedKey:
    """Builds the account and plays the past; `live` goes on with it.

    `now` is the moment at which the past ends, by default the present.
    """

    name = "leaked-key"
    title = "A pipeline's access key leaks; the payroll bucket ends up open to everyone"

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now

    def build(self, aws: FakeAws) -> World:
        """The account with its last hour. The same seed and the same `now` make the same events."""
        now = self._now or datetime.now(UTC)
        chance = Random(aws.seed)
        stage = Stage(aws.endpoint, aws.region)
        built = Account(Cast(aws, {}, stage).root(), aws.account_id, aws.region, now)
        built.build(chance)
        story = _Story(Cast(aws, built.keys, stage), built.keys, now, chance)
        story.play()
        aws.deliver()
        return _world(aws, built)

    def live(self, aws: FakeAws, world: World) -> Players:
        """The same people, from now on."""
        return LivePlayers(aws, world)


class _Story:
    """The last hour, in order of time."""

    def __init__(self, players: Cast, keys: dict[str, KeyPair], now: datetime, chance: Random) -> None:
        self._cast = players
        self._keys = keys
        self._now = now
        self._chance = chance
        self._app = players.service(cast.APP)
        self._reports = players.service(cast.REPORTS)
        self._attacker = players.user(cast.ATTACKER, account.ATTACKED_USER)
        self._script = players.user(cast.ATTACKER_SCRIPT, account.ATTACKED_USER)

    def play(self) -> None:
        beats = [*self._ordinary(), *self._attack(), *self._with_second_key()]
        for beat in sorted(beats, key=lambda beat: -beat.minutes_ago):
            self._at(beat)

    def _at(self, beat: Beat) -> None:
        beat.player.at = self._now - timedelta(minutes=beat.minutes_ago)
        try:
            beat.happens(beat.player)
        except botocore.exceptions.ClientError as error:
            # To be refused is part of the story; anything else is a fault of the stage.
            if error.response["Error"]["Code"] != "AccessDenied":
                raise

    # -- ordinary traffic ------------------------------------------------------------------------------

    def _ordinary(self) -> Iterator[Beat]:
        months = [key for key in files.PAYROLL if key.endswith(".csv")]
        for minute in range(56, 0, -4):
            key = self._chance.choice(months)
            yield Beat(minute - 0.4, self._app, _get(key))
            yield Beat(minute - 1.1, self._app, _put(f"uploads/timesheet-{minute:02}.csv", b"hours\n" * 200))
            if minute % 3 == 0:
                yield Beat(minute - 1.9, self._reports, _list("2026/"))
                yield Beat(minute - 2.0, self._reports, _get(self._chance.choice(months)))
        pipeline = self._cast.user(cast.PIPELINE, account.ATTACKED_USER)
        yield Beat(55.5, pipeline, lambda ci: ci.do("s3", "list_objects_v2", Bucket=account.WEBSITE))
        page = files.website()["index.html"]
        yield Beat(
            55.3,
            pipeline,
            lambda ci: ci.do("s3", "put_object", Bucket=account.WEBSITE, Key="index.html", Body=page),
        )
        yield from self._operator()

    def _operator(self) -> Iterator[Beat]:
        maria = self._cast.user(cast.MARIA, account.OPERATOR)
        yield Beat(46.2, maria, lambda m: m.do("s3", "list_buckets"))
        yield Beat(45.9, maria, lambda m: m.do("s3", "get_bucket_policy", Bucket=account.PARTNER))
        yield Beat(45.7, maria, lambda m: m.do("s3", "get_bucket_acl", Bucket=account.PARTNER))
        yield Beat(27.5, maria, lambda m: m.do("iam", "list_users"))
        yield Beat(27.1, maria, lambda m: m.do("iam", "list_access_keys", UserName=account.RUNNER))
        # Not hers to change: an innocent denial stands in the log as well.
        yield Beat(
            26.8,
            maria,
            lambda m: m.do(
                "s3",
                "put_bucket_versioning",
                Bucket=account.PARTNER,
                VersioningConfiguration={"Status": "Enabled"},
            ),
        )

    # -- the attack ------------------------------------------------------------------------------------

    def _attack(self) -> Iterator[Beat]:
        first = self._attacker
        yield Beat(50.0, first, lambda a: a.do("sts", "get_caller_identity"))
        yield Beat(49.6, first, lambda a: a.do("s3", "list_buckets"))
        yield Beat(49.2, first, _list(""))
        yield Beat(48.8, first, _get(files.PAYROLL[-3]))
        yield Beat(46.0, first, _grant_itself)
        yield Beat(45.4, first, lambda a: a.do("s3", "list_buckets"))
        yield Beat(45.1, first, lambda a: a.do("s3", "get_bucket_policy", Bucket=BUCKET))
        yield Beat(44.8, first, lambda a: a.do("s3", "get_bucket_versioning", Bucket=BUCKET))
        yield Beat(44.6, first, lambda a: a.do("s3", "get_bucket_logging", Bucket=BUCKET))
        yield Beat(44.1, self._script, _list(""))
        for number, key in enumerate((*files.PAYROLL, *files.STAFF)[:COPIED]):
            yield Beat(43.5 - number * 0.06, self._script, _get(key))
        yield Beat(31.0, first, self._mint_key)
        yield Beat(20.0, first, lambda a: a.do("s3", "delete_public_access_block", Bucket=BUCKET))
        yield Beat(19.6, first, _open_policy)
        anonymous = self._cast.anonymous(cast.ANONYMOUS)
        yield Beat(15.0, anonymous, _list(""))
        for number, key in enumerate(files.PAYROLL[-6:]):
            yield Beat(14.5 - number * 1.4, anonymous, _get(key))

    def _mint_key(self, attacker: Player) -> None:
        key = attacker.do("iam", "create_access_key")["AccessKey"]
        self._keys[f"{account.ATTACKED_USER}/2"] = KeyPair(key["AccessKeyId"], key["SecretAccessKey"])

    def _with_second_key(self) -> Iterator[Beat]:
        second = self._cast.user(cast.ATTACKER_SECOND, f"{account.ATTACKED_USER}/2")
        yield Beat(29.5, second, lambda a: a.do("sts", "get_caller_identity"))
        yield Beat(29.1, second, _list("hr/"))
        for number, key in enumerate(files.STAFF[:4]):
            yield Beat(28.6 - number * 0.3, second, _get(key))


def _get(key: str) -> Callable[[Player], object]:
    return lambda player: player.do("s3", "get_object", Bucket=BUCKET, Key=key)


def _put(key: str, body: bytes) -> Callable[[Player], object]:
    return lambda player: player.do("s3", "put_object", Bucket=BUCKET, Key=key, Body=body)


def _list(prefix: str) -> Callable[[Player], object]:
    return lambda player: player.do("s3", "list_objects_v2", Bucket=BUCKET, Prefix=prefix)


def _grant_itself(attacker: Player) -> None:
    grant = policies.document(policies.allow(["s3:*", "iam:CreateAccessKey", "iam:ListAccessKeys"]))
    attacker.do(
        "iam",
        "put_user_policy",
        UserName=account.ATTACKED_USER,
        PolicyName="ci-cache-access",
        PolicyDocument=grant,
    )


def _open_policy(attacker: Player) -> None:
    opened = policies.document(policies.tls_only(BUCKET), policies.open_to_everyone(BUCKET))
    attacker.do("s3", "put_bucket_policy", Bucket=BUCKET, Policy=opened)


def _world(aws: FakeAws, built: Account) -> World:
    bot = built.keys[account.BOT]
    return World(
        account_id=aws.account_id,
        region=aws.region,
        bucket=BUCKET,
        trail_bucket=account.TRAIL_BUCKET,
        attacker_user=account.ATTACKED_USER,
        attacker_ips=(cast.FOREIGN, cast.FOREIGN_SECOND, cast.FOREIGN_ANONYMOUS),
        leaked_key_id=built.keys[account.ATTACKED_USER].access_key_id,
        second_key_id=built.keys[f"{account.ATTACKED_USER}/2"].access_key_id,
        innocent_roles=(account.APP, account.REPORTS),
        bot_access_key_id=bot.access_key_id,
        bot_secret_access_key=bot.secret_access_key,
        evidence_role_arn=built.role_arn(account.EVIDENCE),
        remediation_role_arn=built.role_arn(account.REMEDIATE),
        external_id=account.EXTERNAL_ID,
        break_glass_arn=built.role_arn(account.BREAK_GLASS),
        keys=built.keys,
    )
