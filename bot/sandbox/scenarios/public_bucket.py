"""The scenario `public-bucket`: somebody publishes the payroll by mistake, and strangers find it.

No credential is stolen: Block Public Access comes off, the ACL and the policy let everybody in, and addresses
that nobody knows read without signing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import calls, cast, everyday, files, policies
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.calls import do, get, listing, put
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import EVERY, LivePlayers, Role
from bot.sandbox.scenarios.past import Beat, Past
from bot.sandbox.scenarios.player import Part
from bot.sandbox.scenarios.state import asked, is_public
from bot.sandbox.scenarios.world import World

PUBLISHER = Part("jonas.web", "innocent", "198.51.100.31", cast.OFFICE_CLI)
STRANGER = Part("stranger", "anonymous", cast.FOREIGN_ANONYMOUS, cast.CURL)
CRAWLER = Part("bucket crawler", "anonymous", "203.0.113.140", "python-requests/2.32.5")
#: The statement that a search engine's answer suggested.
_PUBLISHED = {
    "Sid": "PublicReadGetObject",
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": policies.objects(BUCKET),
}


class PublicBucket:
    """Builds the account and plays the past; `live` goes on with it."""

    name = "public-bucket"
    title = "The payroll bucket is public by ACL and policy, and strangers are reading it"
    by_hand: tuple[tuple[str, Mapping[str, str]], ...] = ()

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now

    def build(self, aws: FakeAws) -> World:
        past = Past(aws, self._now)
        work = policies.allow(["s3:*"], policies.objects(BUCKET))
        past.account.add_user(PUBLISHER.name, policies.document(work), "payroll-website")
        past.play([*everyday.ordinary(past.cast, past.chance), *_mistake(past.cast), *_strangers(past.cast)])
        return past.world(attacker_ips=(STRANGER.source_ip, CRAWLER.source_ip))

    def live(self, aws: FakeAws, world: World, every: float = EVERY) -> LivePlayers:
        players = Cast(aws, world.keys)
        jonas = players.user(PUBLISHER, PUBLISHER.name)
        roles = [
            Role(players.anonymous(STRANGER), calls.rounds(files.PAYROLL, calls.try_get)),
            Role(players.anonymous(CRAWLER), calls.rounds(files.STAFF, calls.try_list, calls.try_get)),
            Role(jonas, calls.rounds(everyday.SALARIES, calls.try_get)),
            *everyday.going_on(players),
        ]
        return LivePlayers(
            roles,
            attackers=(STRANGER.name, CRAWLER.name),
            innocents=(cast.APP.name, cast.REPORTS.name, PUBLISHER.name),
            every=every,
        )

    def wrong(self, aws: FakeAws, world: World) -> Iterator[str]:
        root = Cast(aws, {}).root()
        if is_public(root, world.bucket):
            yield f"{world.bucket} is still public."
        block = asked(root, "get_public_access_block", Bucket=world.bucket)
        if not all(block.get("PublicAccessBlockConfiguration", {"none": False}).values()):
            yield f"Block Public Access of {world.bucket} is not fully on."
        if "DenyInsecureTransport" not in str(asked(root, "get_bucket_policy", Bucket=world.bucket)):
            yield f"{world.bucket} has lost the statement that demands TLS."


def _mistake(players: Cast) -> Iterator[Beat]:
    jonas = players.user(PUBLISHER, PUBLISHER.name)
    page = b"<!doctype html><title>Payslips</title>\n"
    acls = {"Bucket": BUCKET, "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}
    opened = policies.document(policies.tls_only(BUCKET), _PUBLISHED)
    yield Beat(54.0, jonas, put("index.html", page))
    yield Beat(53.1, jonas, do("s3", "delete_public_access_block", Bucket=BUCKET))
    yield Beat(52.7, jonas, do("s3", "put_bucket_ownership_controls", **acls))
    yield Beat(52.2, jonas, do("s3", "put_bucket_acl", Bucket=BUCKET, ACL="public-read"))
    yield Beat(51.6, jonas, do("s3", "put_bucket_policy", Bucket=BUCKET, Policy=opened))
    yield Beat(51.0, jonas, get("index.html"))


def _strangers(players: Cast) -> Iterator[Beat]:
    crawler, stranger = players.anonymous(CRAWLER), players.anonymous(STRANGER)
    yield Beat(40.0, crawler, listing(""))
    for number, key in enumerate(files.STAFF):
        yield Beat(39.5 - number * 0.3, crawler, get(key))
    yield Beat(24.0, stranger, listing("2026/"))
    for number, key in enumerate(files.PAYROLL):
        yield Beat(23.5 - number * 0.2, stranger, get(key))
