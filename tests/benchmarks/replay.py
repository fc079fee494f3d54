"""How fast recorded requests are replayed against a change, and how much is spared by deciding shapes once.

`python -m tests.benchmarks.replay [REQUESTS [STATEMENTS]]` prints requests a second, the number of distinct
shapes, the memory beyond what was there before, and the ratio to a plain loop (on a sample of the requests).
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from rich.console import Console

from bot.policy.access import Access
from bot.policy.document import parse
from bot.policy.recorded import Recorded
from bot.policy.replay import FATES, Judging, Replay, replay

OWN, PARTNER = "111122223333", "444455556666"
BUCKET = "arn:aws:s3:::acme-payroll"
START = datetime(2026, 3, 1, tzinfo=UTC)
SAMPLE = 2_000
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetObjectTagging", "s3:DeleteObject")


def statements(number: int) -> list[dict[str, Any]]:
    """A policy of many kinds of statements: public, by account, by role, by network, by variable, Denies."""
    kinds = (_public, _team, _network, _organization, _home, _tls, _outsiders)
    return [{"Sid": f"S{one}", **kinds[one % len(kinds)](one)} for one in range(number)]


def _public(n: int) -> dict[str, Any]:
    return _of("Allow", "*", "s3:GetObject", f"public/{n}/*")


def _team(n: int) -> dict[str, Any]:
    role = f"arn:aws:iam::{OWN}:role/team-{n % 40}"
    return _of("Allow", {"AWS": role}, ["s3:Get*", "s3:PutObject"], f"team-{n}/*")


def _network(n: int) -> dict[str, Any]:
    where = {"IpAddress": {"aws:SourceIp": f"198.51.{n}.0/24"}}
    return _of("Allow", {"AWS": PARTNER}, "s3:GetObject", f"shared/{n}/*", where)


def _organization(n: int) -> dict[str, Any]:
    return _of("Allow", "*", "s3:GetObject", f"org-{n}/*", {"StringEquals": {"aws:PrincipalOrgID": f"o-{n}"}})


def _home(n: int) -> dict[str, Any]:
    return _of("Allow", {"AWS": OWN}, "s3:*", f"home-{n}/${{aws:username}}/*")


def _tls(n: int) -> dict[str, Any]:
    return _of("Deny", "*", "s3:*", f"secret-{n}/*", {"Bool": {"aws:SecureTransport": "false"}})


def _outsiders(n: int) -> dict[str, Any]:
    where = {"StringNotEquals": {"aws:SourceVpce": f"vpce-{n}"}}
    return _of("Deny", "*", "s3:DeleteObject", f"kept-{n}/*", where)


def _of(effect: str, principal: Any, action: Any, where: str, condition: Any = None) -> dict[str, Any]:
    body = {"Effect": effect, "Principal": principal, "Action": action, "Resource": f"{BUCKET}/{where}"}
    return {**body, "Condition": condition} if condition else body


def states(number: int) -> tuple[Access, Access]:
    """A policy, and the same without its public statements."""
    listed = statements(number)
    kept = [one for one in listed if one["Principal"] != "*" or one["Effect"] == "Deny"]
    before, after = (
        parse({"Version": "2012-10-17", "Statement": some}, "bucket policy") for some in (listed, kept)
    )
    open_ = ({}, {})
    return (
        Access(BUCKET, OWN, before, blocks=open_, ownership="BucketOwnerEnforced"),
        Access(BUCKET, OWN, after, blocks=open_, ownership="BucketOwnerEnforced"),
    )


def requests(number: int, seed: int = 1) -> Iterator[Recorded]:
    """Recorded requests, made one by one: object keys and addresses hardly ever repeat."""
    chance = Random(seed)
    callers = [
        *(f"arn:aws:sts::{OWN}:assumed-role/team-{n}/" for n in range(40)),
        *(f"arn:aws:iam::{OWN}:user/person-{n}" for n in range(60)),
        *(f"arn:aws:iam::{PARTNER}:role/vendor-{n}" for n in range(5)),
        "anonymous",
    ]
    places = ("public", "team", "shared", "org", "home", "secret", "kept")
    for n in range(number):
        who = chance.choice(callers)
        place, at = chance.choice(places), chance.randrange(60)
        between = "/" if place in ("public", "shared") else "-"
        address = f"198.51.{chance.randrange(60)}.{chance.randrange(256)}"
        yield Recorded(
            principal=f"{who}session-{n % 5000}" if who.endswith("/") else who,
            action=chance.choice(ACTIONS),
            resource=f"{BUCKET}/{place}{between}{at}/{chance.randrange(10**9)}.csv",
            at=START + timedelta(seconds=n),
            allowed=chance.random() < 0.9,
            context={"aws:sourceip": address, "aws:securetransport": "true", "aws:sourcevpce": ()},
            attacker=who == "anonymous",
        )


def plainly(some: list[Recorded], before: Access, after: Access) -> float:
    """Seconds of processor time for a request when each is decided by itself."""
    judging = Judging(before, after)
    begun = time.process_time()
    for one in some:
        judging.evaluate(one)
    return (time.process_time() - begun) / len(some)


def main(number: int = 1_000_000, statements_: int = 50) -> None:
    before, after = states(statements_)
    plain = plainly(list(islice(requests(number), SAMPLE)), before, after)
    making = _seconds_to_make(number // 10) * 10
    memory = _memory()
    begun, worked = time.perf_counter(), time.process_time()
    found = replay(requests(number), before, after)
    spent, worked = time.perf_counter() - begun, time.process_time() - worked
    _tell(found, (spent, worked, making), plain, _memory() - memory)


def _seconds_to_make(number: int) -> float:
    begun = time.process_time()
    for _ in requests(number):
        pass
    return time.process_time() - begun


def _memory() -> int:
    """The most that this process has had, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _tell(found: Replay, seconds: tuple[float, float, float], plain: float, memory: int) -> None:
    spent, worked, making = seconds
    say = Console(highlight=False, width=200).print
    say(f"{found.requests:,} requests in {spent:.1f} s")
    say(f"  {worked:.1f} s of it on one processor, {making:.1f} s of that to make the requests")
    say(f"  {found.requests / spent:,.0f} requests a second, {found.requests / worked:,.0f} undisturbed")
    say(f"  {found.shapes:,} distinct shapes, {len(found.rows):,} rows, {memory / 1024:.1f} MiB more memory")
    say(f"  one by one {1 / plain:,.0f} a second: {plain * found.requests / worked:.0f} times as long")
    for fate in FATES:
        say(f"  {fate} {sum(row.requests for row in found.of(fate)):,}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
