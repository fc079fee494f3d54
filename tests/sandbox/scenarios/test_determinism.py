"""The same seed makes the same story."""

import json
from datetime import UTC, datetime

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.leaked_key import LeakedKey


def test_the_same_seed_and_moment_make_the_same_hour() -> None:
    now = datetime.now(UTC)

    def told_by(seed: int) -> list[str]:
        aws = FakeAws(seed=seed, delivery_seconds=0)
        aws.start()
        LeakedKey(now).build(aws)
        records = [
            event.record for event in aws.events if event.record["userIdentity"]["type"] != "AWSService"
        ]
        aws.stop()
        return [json.dumps(record, sort_keys=True) for record in records]

    first = told_by(7)
    assert told_by(7) == first
    assert told_by(8) != first
