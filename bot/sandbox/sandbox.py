"""The sandbox: a fake Slack, a fake AWS and the people of a scenario, in one process on this machine.

The bot is not part of it: it connects from outside, with the settings of `environment`, as it would to
the real ones.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from bot.sandbox.aws.observed import ObservedCall
from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.catalogue import scenario
from bot.sandbox.scenarios.world import Players, World
from bot.sandbox.slack.server import FakeSlack

#: How many calls the panel "the world outside" begins with.
SHOWN = 60


class Sandbox:
    """`start` it, give `environment()` to a bot, click on `page_url`, `stop` it.

    Args:
        scenario: whose story is played (see bot.sandbox.scenarios.catalogue).
        port: of the page and the fake Slack; 0 takes a free one.
        delivery, request_url: as of FakeSlack: a websocket that the bot opens, or signed HTTP to the bot.
        lookups_per_second: of CloudTrail's event history, for the account and for the bot; AWS's own are two.
    """

    def __init__(
        self,
        scenario_name: str = "leaked-key",
        *,
        seed: int = 7,
        port: int = 0,
        delivery: Literal["socket", "http"] = "socket",
        request_url: str | None = None,
        lookups_per_second: float = 2.0,
    ) -> None:
        self.scenario = scenario(scenario_name)
        self._lookups_per_second = lookups_per_second
        self.aws = FakeAws(seed=seed, lookups_per_second=lookups_per_second)
        self.slack = FakeSlack(port=port, delivery=delivery, request_url=request_url, outside=self._outside)
        self.world: World
        self.players: Players

    def start(self) -> None:
        """Opens the page, makes the account, plays the past; the players are ready but do not play yet.

        Raises OSError when the port is taken.
        """
        self.slack.start()
        self.aws.start()
        self.world = self.scenario.build(self.aws)
        self.aws.deliver()
        self.players = self.scenario.live(self.aws, self.world)
        self.aws.subscribe(lambda call: self.slack.publish_outside(_shown(call)) if call.actor else None)

    def stop(self) -> None:
        if hasattr(self, "players"):
            self.players.stop()
        self.slack.stop()
        self.aws.stop()

    @property
    def page_url(self) -> str:
        return self.slack.page_url

    def environment(self, folder: Path) -> dict[str, str]:
        """What the bot must be told: the same variables as for a real workspace and a real account.

        `folder` is where the bot keeps its database and its vault.
        """
        world = self.world
        account = {
            "account_id": world.account_id,
            "name": "acme-production",
            "regions": [world.region],
            "evidence_role": world.evidence_role_arn,
            "remediation_role": world.remediation_role_arn,
            "external_id": world.external_id,
            "break_glass": [world.break_glass_arn],
            "trail_logs": f"s3://{world.trail_bucket}/",
        }
        security = self.slack.workspace.channel_named("security").id
        audit = {"channel": security, "account_id": world.account_id, "timezone": "Europe/Berlin"}
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            "AWS_ENDPOINT_URL": self.aws.endpoint,
            "AWS_ACCESS_KEY_ID": world.bot_access_key_id,
            "AWS_SECRET_ACCESS_KEY": world.bot_secret_access_key,
            "AWS_DEFAULT_REGION": world.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "DATABASE_URL": f"sqlite:///{folder / 's3incident.db'}",
            "S3INCIDENT_ACCOUNTS": json.dumps([account]),
            "S3INCIDENT_AUDITS": json.dumps([audit]),
            "S3INCIDENT_APPROVERS": "S0APPROVE",
            "S3INCIDENT_VAULT_DIR": str(folder / "vault"),
            "S3INCIDENT_WATCH_SECONDS": "8",
            "S3INCIDENT_LOOKUPS_PER_SECOND": str(self._lookups_per_second),
        }

    def _outside(self) -> list[dict[str, Any]]:
        return [_shown(call) for call in self.aws.recent() if call.actor][-SHOWN:]


def _shown(call: ObservedCall) -> dict[str, Any]:
    """One line of the panel, as the page reads it."""
    line = asdict(call)
    return {
        **{
            key: line[key]
            for key in ("seq", "actor", "role", "principal", "resource", "allowed", "source_ip")
        },
        "time": call.time.isoformat(),
        "call": call.event_name,
        "error": call.error_code,
    }
