"""How a past is played: an account is built, then everybody makes real calls at times of the last hour."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import botocore.exceptions

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import account
from bot.sandbox.scenarios.account import Account
from bot.sandbox.scenarios.cast import Cast
from bot.sandbox.scenarios.player import Player, Stage
from bot.sandbox.scenarios.world import World


@dataclass
class Beat:
    """One moment of the story: minutes before now, and what happens then."""

    minutes_ago: float
    player: Player
    happens: Callable[[Player], object]


class Past:
    """The account of every story, with the people in it. The same seed and the same `now` make the same.

    Attributes:
        root: builds what a story needs beside; leaves no trace in CloudTrail.
    """

    def __init__(self, aws: FakeAws, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.chance = Random(aws.seed)
        self._aws = aws
        stage = Stage(aws.endpoint, aws.region)
        self.root = Cast(aws, {}, stage).root()
        self.account = Account(self.root, aws.account_id, aws.region, self.now)
        self.account.build(self.chance)
        self.cast = Cast(aws, self.account.keys, stage)

    def play(self, beats: Iterable[Beat], errors: Collection[str] = ()) -> None:
        """Everything in order of time. To be refused is part of a story, and so are these other `errors`."""
        for beat in sorted(beats, key=lambda beat: -beat.minutes_ago):
            beat.player.at = self.now - timedelta(minutes=beat.minutes_ago)
            try:
                beat.happens(beat.player)
            except botocore.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in {"AccessDenied", *errors}:
                    raise
        self._aws.deliver()

    def world(self, **more: Any) -> World:
        """What is left for those who use it; `more` is what this story adds (see World)."""
        bot = self.account.keys[account.BOT]
        given: dict[str, Any] = {
            "account_id": self._aws.account_id,
            "region": self._aws.region,
            "bucket": account.BUCKET,
            "trail_bucket": account.TRAIL_BUCKET,
            "innocent_roles": (account.APP, account.REPORTS),
            "bot_access_key_id": bot.access_key_id,
            "bot_secret_access_key": bot.secret_access_key,
            "evidence_role_arn": self.account.role_arn(account.EVIDENCE),
            "remediation_role_arn": self.account.role_arn(account.REMEDIATE),
            "external_id": account.EXTERNAL_ID,
            "break_glass_arn": self.account.role_arn(account.BREAK_GLASS),
            "keys": self.account.keys,
        }
        return World(**given | more)
