"""The scenario `stolen-role`: a web server hands its instance role's session to a stranger (SSRF).

The stolen session works from outside while the server goes on with the same one; with it the attacker opens a
session of a further role, which revoking the first does not end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import calls, cast, everyday, files, policies
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.calls import do, get, listing
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import EVERY, LivePlayers, Restarting, Role
from bot.sandbox.scenarios.past import Beat, Past
from bot.sandbox.scenarios.player import Credentials, Part, Player
from bot.sandbox.scenarios.world import World

WEB, EXPORT, INSTANCE = "payroll-web", "payroll-export", "i-0a1b2c3d4e5f67890"
SERVER = Part(WEB, "innocent", "198.51.100.140", cast.SERVICE)
THIEF = Part("attacker (stolen session)", "attacker", cast.FOREIGN, cast.AWS_CLI)
CHAINED = Part("attacker (second role)", "attacker", cast.FOREIGN_SECOND, cast.BOTO3)


class StolenRole:
    """Builds the account and plays the past; `live` goes on with it."""

    name = "stolen-role"
    title = "An instance role's session is stolen through a web server and opens a second role"
    by_hand: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now
        self._stolen: dict[str, Player] = {}
        self._second: list[Credentials] = []

    def build(self, aws: FakeAws) -> World:
        past = Past(aws, self._now)
        _roles(past)
        server = past.cast.instance(SERVER, WEB, INSTANCE)
        thief = past.cast.with_credentials(THIEF, _once(server.credentials))
        self._stolen = {
            "server": server,
            "thief": thief,
            "chained": past.cast.with_credentials(CHAINED, lambda: self._second[0]),
        }
        past.play([*everyday.ordinary(past.cast, past.chance), *self._story(past.account.role_arn(EXPORT))])
        return past.world(attacker_ips=(THIEF.source_ip, CHAINED.source_ip))

    def _story(self, second_role: str) -> Iterator[Beat]:
        server, thief, chained = (self._stolen[name] for name in ("server", "thief", "chained"))
        for minute in range(57, 0, -5):
            yield Beat(minute, server, get(files.PAYROLL[minute % len(files.PAYROLL)]))
        yield Beat(41.0, thief, do("sts", "get_caller_identity"))
        yield Beat(40.2, thief, do("s3", "list_buckets"))
        yield Beat(39.6, thief, listing(""))
        for number, key in enumerate(files.PAYROLL[:20]):
            yield Beat(38.5 - number * 0.1, thief, get(key))
        yield Beat(30.0, thief, do("iam", "list_roles"))
        yield Beat(24.6, thief, lambda player: self._second.append(_chain(player, second_role)))
        yield Beat(24.0, chained, do("sts", "get_caller_identity"))
        yield Beat(23.4, chained, listing("hr/"))
        for number, key in enumerate(files.STAFF):
            yield Beat(22.8 - number * 0.2, chained, get(key))

    def live(self, aws: FakeAws, world: World, every: float = EVERY) -> LivePlayers:
        for player in self._stolen.values():
            player.at = None
        roles = [
            Role(self._stolen["thief"], calls.rounds(files.PAYROLL, calls.try_get)),
            Role(self._stolen["chained"], calls.rounds(files.STAFF, calls.try_get)),
            Restarting(self._stolen["server"], calls.rounds(everyday.SALARIES, calls.try_get)),
            *everyday.going_on(Cast(aws, world.keys)),
        ]
        return LivePlayers(
            roles,
            attackers=(THIEF.name, CHAINED.name),
            innocents=(cast.APP.name, cast.REPORTS.name, SERVER.name),
            every=every,
        )

    def wrong(self, aws: FakeAws, world: World) -> Iterator[str]:
        del aws, world
        yield from ()


def _roles(past: Past) -> None:
    read = policies.allow(["s3:GetObject", "s3:ListBucket"], policies.objects(BUCKET))
    more = policies.allow(["s3:ListAllMyBuckets", "iam:ListRoles"])
    onward = policies.allow(["sts:AssumeRole"], [past.account.role_arn(EXPORT)])
    trusted = policies.trust_in_service("ec2.amazonaws.com")
    past.account.add_role(WEB, trusted, policies.document(read, more, onward))
    past.account.add_role(EXPORT, policies.trust(past.account.role_arn(WEB)), policies.document(read))


def _chain(thief: Player, role: str) -> Credentials:
    issued = thief.do("sts", "assume_role", RoleArn=role, RoleSessionName="botocore-session-1774925")
    given = issued["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _once(issue: Callable[[], Credentials]) -> Callable[[], Credentials]:
    """The server was mended since: what was stolen once is all that the thief has."""
    held: list[Credentials] = []

    def again() -> Credentials:
        if not held:
            held.append(issue())
        return held[0]

    return again
