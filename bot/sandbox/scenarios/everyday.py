"""What happens every day, whatever the story: the payroll application works, and an operator looks around."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from bot.sandbox.scenarios import account, calls, cast, files
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.calls import do, get, listing, put
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.live import Role
from bot.sandbox.scenarios.past import Beat

SALARIES = tuple(key for key in files.PAYROLL if "salaries" in key)


def ordinary(players: Cast, chance: Random) -> Iterator[Beat]:
    """The last hour of the application, its reports, and an operator."""
    app, reports = players.service(cast.APP), players.service(cast.REPORTS)
    months = [key for key in files.PAYROLL if key.endswith(".csv")]
    for minute in range(56, 0, -4):
        key = chance.choice(months)
        yield Beat(minute - 0.4, app, get(key))
        yield Beat(minute - 1.1, app, put(f"uploads/timesheet-{minute:02}.csv", b"hours\n" * 200))
        if minute % 3 == 0:
            yield Beat(minute - 1.9, reports, listing("2026/"))
            yield Beat(minute - 2.0, reports, get(chance.choice(months)))
    yield from _operator(players)


def _operator(players: Cast) -> Iterator[Beat]:
    maria = players.user(cast.MARIA, account.OPERATOR)
    yield Beat(46.2, maria, do("s3", "list_buckets"))
    yield Beat(45.9, maria, do("s3", "get_bucket_policy", Bucket=account.PARTNER))
    yield Beat(45.7, maria, do("s3", "get_bucket_acl", Bucket=account.PARTNER))
    yield Beat(27.5, maria, do("iam", "list_users"))
    yield Beat(27.1, maria, do("iam", "list_access_keys", UserName=account.RUNNER))
    # Not hers to change: an innocent denial stands in the log as well.
    status = {"Status": "Enabled"}
    yield Beat(
        26.8, maria, do("s3", "put_bucket_versioning", Bucket=account.PARTNER, VersioningConfiguration=status)
    )


def going_on(players: Cast) -> list[Role]:
    """The same people, from now on."""
    return [
        Role(players.service(cast.APP), calls.rounds(SALARIES, calls.try_get, calls.try_put)),
        Role(players.service(cast.REPORTS), calls.rounds(SALARIES, calls.try_list, calls.try_get)),
        Role(players.user(cast.MARIA, account.OPERATOR), calls.rounds([BUCKET], calls.try_look)),
    ]
