"""The scenario `leaked-key`: a pipeline's access key leaks and the payroll bucket ends up open to everyone.

Everything in it is a real boto3 call to the fake AWS, at a time of the last hour. What can be found out about
it is what those calls left behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import account, calls, cast, everyday, files, policies
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.calls import do, get, listing, put
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import EVERY, LivePlayers, Role
from bot.sandbox.scenarios.past import Beat, Past
from bot.sandbox.scenarios.player import Player
from bot.sandbox.scenarios.state import is_public
from bot.sandbox.scenarios.world import KeyPair, World

#: How many objects the attacker copies with the leaked key, all of the payroll among them.
COPIED = 35
_SECOND = f"{account.ATTACKED_USER}/2"


class LeakedKey:
    """Builds the account and plays the past; `live` goes on with it."""

    name = "leaked-key"
    title = "A pipeline's access key leaks; the payroll bucket ends up open to everyone"
    by_hand: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now

    def build(self, aws: FakeAws) -> World:
        """The account with its last hour."""
        past = Past(aws, self._now)
        ordinary = [*everyday.ordinary(past.cast, past.chance), *_pipeline(past.cast)]
        past.play([*ordinary, *_attack(past), *_with_second_key(past.cast)])
        keys = past.account.keys
        return past.world(
            attacker_ips=(cast.FOREIGN, cast.FOREIGN_SECOND, cast.FOREIGN_ANONYMOUS),
            attacker_user=account.ATTACKED_USER,
            leaked_key_id=keys[account.ATTACKED_USER].access_key_id,
            second_key_id=keys[_SECOND].access_key_id,
        )

    def live(self, aws: FakeAws, world: World, every: float = EVERY) -> LivePlayers:
        """The same people, from now on."""
        players = Cast(aws, world.keys)
        first, second = world.attacker_user, f"{world.attacker_user}/2"
        roles = [
            Role(players.user(cast.ATTACKER_SCRIPT, first), calls.rounds(everyday.SALARIES, calls.try_get)),
            Role(players.user(cast.ATTACKER_SECOND, second), calls.rounds(files.STAFF, calls.try_get)),
            Role(players.anonymous(cast.ANONYMOUS), calls.rounds(files.PAYROLL, calls.try_get)),
            *everyday.going_on(players),
        ]
        return LivePlayers(
            roles,
            attackers=(cast.ATTACKER.name, cast.ATTACKER_SECOND.name, cast.ANONYMOUS.name),
            innocents=(cast.APP.name, cast.REPORTS.name),
            every=every,
        )

    def wrong(self, aws: FakeAws, world: World) -> Iterator[str]:
        if is_public(Cast(aws, {}).root(), world.bucket):
            yield f"{world.bucket} is still public."


def _pipeline(players: Cast) -> Iterator[Beat]:
    """The key's own work."""
    pipeline = players.user(cast.PIPELINE, account.ATTACKED_USER)
    page = files.website()["index.html"]
    yield Beat(55.5, pipeline, do("s3", "list_objects_v2", Bucket=account.WEBSITE))
    yield Beat(55.3, pipeline, put("index.html", page, account.WEBSITE))


def _attack(past: Past) -> Iterator[Beat]:
    first = past.cast.user(cast.ATTACKER, account.ATTACKED_USER)
    script = past.cast.user(cast.ATTACKER_SCRIPT, account.ATTACKED_USER)
    yield Beat(50.0, first, do("sts", "get_caller_identity"))
    yield Beat(49.6, first, do("s3", "list_buckets"))
    yield Beat(49.2, first, listing(""))
    yield Beat(48.8, first, get(files.PAYROLL[-3]))
    yield Beat(46.0, first, _grant_itself)
    yield Beat(45.4, first, do("s3", "list_buckets"))
    yield Beat(45.1, first, do("s3", "get_bucket_policy", Bucket=BUCKET))
    yield Beat(44.8, first, do("s3", "get_bucket_versioning", Bucket=BUCKET))
    yield Beat(44.6, first, do("s3", "get_bucket_logging", Bucket=BUCKET))
    yield Beat(44.1, script, listing(""))
    for number, key in enumerate((*files.PAYROLL, *files.STAFF)[:COPIED]):
        yield Beat(43.5 - number * 0.06, script, get(key))
    yield Beat(31.0, first, lambda attacker: _mint_key(attacker, past.account.keys))
    yield Beat(20.0, first, do("s3", "delete_public_access_block", Bucket=BUCKET))
    opened = policies.document(policies.tls_only(BUCKET), policies.open_to_everyone(BUCKET))
    yield Beat(19.6, first, do("s3", "put_bucket_policy", Bucket=BUCKET, Policy=opened))
    anonymous = past.cast.anonymous(cast.ANONYMOUS)
    yield Beat(15.0, anonymous, listing(""))
    for number, key in enumerate(files.PAYROLL[-6:]):
        yield Beat(14.5 - number * 1.4, anonymous, get(key))


def _grant_itself(attacker: Player) -> None:
    grant = policies.document(policies.allow(["s3:*", "iam:CreateAccessKey", "iam:ListAccessKeys"]))
    attacker.do(
        "iam",
        "put_user_policy",
        UserName=account.ATTACKED_USER,
        PolicyName="ci-cache-access",
        PolicyDocument=grant,
    )


def _mint_key(attacker: Player, keys: dict[str, KeyPair]) -> None:
    key = attacker.do("iam", "create_access_key")["AccessKey"]
    keys[_SECOND] = KeyPair(key["AccessKeyId"], key["SecretAccessKey"])


def _with_second_key(players: Cast) -> Iterator[Beat]:
    second = players.user(cast.ATTACKER_SECOND, _SECOND)
    yield Beat(29.5, second, do("sts", "get_caller_identity"))
    yield Beat(29.1, second, listing("hr/"))
    for number, key in enumerate(files.STAFF[:4]):
        yield Beat(28.6 - number * 0.3, second, get(key))
