"""Ids as AWS makes them, from a seeded chance."""

from __future__ import annotations

import uuid
from random import Random


def s3_request_id(chance: Random) -> str:
    """16 letters and digits, as S3 names its requests."""
    return "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=16))


def some_uuid(chance: Random) -> str:
    """A version 4 UUID, as everybody else names requests and CloudTrail names events."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
