"""The calls that people of the stories make most: in the past, and later as attempts that may be refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.player import Player
from bot.sandbox.scenarios.world import Turn

Deed = Callable[[Player], object]
Attempt = Callable[[Player], Turn]


def do(service: str, method: str, **params: Any) -> Deed:
    """One call of the past."""
    return lambda player: player.do(service, method, **params)


def get(key: str, bucket: str = BUCKET) -> Deed:
    return do("s3", "get_object", Bucket=bucket, Key=key)


def put(key: str, body: bytes, bucket: str = BUCKET) -> Deed:
    return do("s3", "put_object", Bucket=bucket, Key=key, Body=body)


def listing(prefix: str, bucket: str = BUCKET) -> Deed:
    return do("s3", "list_objects_v2", Bucket=bucket, Prefix=prefix)


def attempt(service: str, method: str, **params: Any) -> Attempt:
    """One call of the present."""
    return lambda player: player.attempt(service, method, **params)


def try_get(key: str, bucket: str = BUCKET) -> Attempt:
    return attempt("s3", "get_object", Bucket=bucket, Key=key)


def try_put(key: str, bucket: str = BUCKET) -> Attempt:
    """Uploads a file of that name."""
    name = f"uploads/{key.rpartition('/')[2]}"
    return attempt("s3", "put_object", Bucket=bucket, Key=name, Body=b"hours\n" * 200)


def try_list(key: str, bucket: str = BUCKET) -> Attempt:
    """Lists what lies beside that key."""
    return attempt("s3", "list_objects_v2", Bucket=bucket, Prefix=f"{key.split('/', maxsplit=1)[0]}/")


def try_look(bucket: str) -> Attempt:
    return attempt("s3", "get_bucket_policy", Bucket=bucket)


def rounds(keys: Sequence[str], *calls: Callable[[str], Attempt]) -> Iterator[Attempt]:
    """The calls in turn, for one key after the other, for ever."""
    for key in itertools.cycle(keys):
        for call in calls:
            yield call(key)
