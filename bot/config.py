"""Settings: everything the bot must be told, read once at start and checked as a whole.

Settings come from the environment (and from a file `.env` in the working folder). Slack's, the
database's and AWS's own settings keep the names their tools use; the bot's own begin with
`S3INCIDENT_`. README has the table; `s3incident doctor` tests the values against the real services.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.cron import CronTrigger
from dotenv import dotenv_values
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableValue

ACCOUNT_ID = r"^\d{12}$"
ROLE_ARN = r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$"


class SettingsError(Exception):
    """One or more settings are missing or wrong. The message names all of them, one a line."""


class AccountSettings(BaseModel):
    """One AWS account the bot may look at and act on.

    `evidence_role` reads; `remediation_role` is assumed anew for each approved step, under a session
    policy made from that step. `break_glass` are principals that no change may ever lock out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: Annotated[str, Field(pattern=ACCOUNT_ID)]
    name: str = ""
    regions: tuple[str, ...] = ("us-east-1",)
    evidence_role: Annotated[str, Field(pattern=ROLE_ARN)]
    remediation_role: Annotated[str, Field(pattern=ROLE_ARN)]
    external_id: Annotated[str | None, Field(repr=False)] = None
    break_glass: tuple[str, ...] = ()
    responders: tuple[str, ...] = ()
    trail_logs: Annotated[str | None, Field(pattern=r"^s3://[^/]+(/.*)?$")] = None


class AuditSchedule(BaseModel):
    """When a channel gets its audit digest: two cron expressions, in that channel's own timezone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Annotated[str, Field(pattern=r"^[CG][A-Z0-9]+$")]
    account_id: Annotated[str, Field(pattern=ACCOUNT_ID)]
    timezone: str = "UTC"
    daily: str | None = "0 9 * * mon-fri"
    weekly: str | None = "0 8 * * mon"

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is not an IANA timezone such as Europe/Berlin")
        return value

    @field_validator("daily", "weekly")
    @classmethod
    def _readable_cron(cls, value: str | None) -> str | None:
        """Five cron fields. Weekdays go by name: cron and APScheduler count them from different days."""
        if value is None:
            return None
        fields = value.split()
        if len(fields) == 5 and any(character.isdigit() for character in fields[4]):
            raise ValueError(f"{value!r}: write weekdays by name, such as mon-fri")
        try:
            CronTrigger.from_crontab(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is not cron, such as '0 9 * * mon-fri': {error}") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def _names(name: str) -> AliasChoices:
    return AliasChoices(name, f"S3INCIDENT_{name}")


class Settings(BaseSettings):
    """All settings. Build it with `load_settings`, which turns a refusal into one readable list.

    Shown as text, it leaves the secrets out.

    Without `athena_workgroup` Athena is never asked. With it, Athena searches a trail's files once those of
    the days in question hold more than `athena_above` bytes (0: always). `athena_output` is where results
    go, None where the workgroup says; `athena_dollars_per_tb` is what a TB scanned costs in that Region.

    With `batch_role` and `batch_url` a restore of more than `batch_above` objects is given to S3 Batch
    Operations, which acts with that role; lists and reports go below the URL, a bucket of the same account.

    `lookups_per_second` is the pace of look-ups in CloudTrail's event history: AWS allows two in each Region.
    """

    model_config = SettingsConfigDict(
        env_prefix="S3INCIDENT_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    slack_bot_token: Annotated[str | None, Field(validation_alias=_names("SLACK_BOT_TOKEN"), repr=False)] = (
        None
    )
    slack_app_token: Annotated[str | None, Field(validation_alias=_names("SLACK_APP_TOKEN"), repr=False)] = (
        None
    )
    slack_signing_secret: Annotated[
        str | None, Field(validation_alias=_names("SLACK_SIGNING_SECRET"), repr=False)
    ] = None
    slack_api_url: Annotated[str, Field(validation_alias=_names("SLACK_API_URL"))] = "https://slack.com/api/"
    database_url: Annotated[str, Field(validation_alias=_names("DATABASE_URL"), repr=False)] = (
        "sqlite:///var/s3incident.db"
    )

    accounts: tuple[AccountSettings, ...] = ()
    approvers: Annotated[tuple[str, ...], NoDecode] = ()
    escalate_to: Annotated[tuple[str, ...], NoDecode] = ()
    audits: tuple[AuditSchedule, ...] = ()
    playbook: str = "unauthorized-s3-access"
    playbooks_dir: Path | None = None
    detections_dir: Path | None = None
    vault_dir: Path = Path("var/vault")
    vault_url: Annotated[str | None, Field(pattern=r"^s3://[^/]+(/.*)?$")] = None
    vault_account: Annotated[str | None, Field(pattern=ACCOUNT_ID)] = None
    vault_retention_days: Annotated[int | None, Field(ge=1, le=36_500)] = None
    athena_workgroup: Annotated[str | None, Field(pattern=r"^[a-zA-Z0-9._-]{1,128}$")] = None
    athena_output: Annotated[str | None, Field(pattern=r"^s3://[^/]+(/.*)?$")] = None
    athena_database: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,128}$")] = "s3incident"
    athena_above: Annotated[int, Field(ge=0)] = 50_000_000_000
    athena_dollars_per_tb: Annotated[float, Field(ge=0)] = 5.0
    batch_above: Annotated[int, Field(ge=0)] = 100_000
    batch_role: Annotated[str | None, Field(pattern=ROLE_ARN)] = None
    batch_url: Annotated[str | None, Field(pattern=r"^s3://[^/]+(/.*)?$")] = None
    approval_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 60
    evidence_days: Annotated[int, Field(ge=1, le=90)] = 7
    watch_seconds: Annotated[int, Field(ge=1)] = 60
    worker_threads: Annotated[int, Field(ge=1, le=64)] = 4
    lookups_per_second: Annotated[float, Field(gt=0)] = 2.0
    dry_run: bool = False

    @field_validator("approvers", "escalate_to", mode="before")
    @classmethod
    def _split_approvers(cls, value: object) -> object:
        """`S0123,U0456`: Slack user group ids and user ids, separated by commas."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("approvers", "escalate_to")
    @classmethod
    def _approver_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [one for one in value if one[:1] not in ("S", "U", "W")]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: give Slack ids (a user group S..., a person U... or W...)")
        return value

    def account(self, account_id: str) -> AccountSettings:
        """The settings of one account. Raises SettingsError when the bot does not know it."""
        for account in self.accounts:
            if account.account_id == account_id:
                return account
        raise SettingsError(
            f"The bot has no settings for the AWS account {account_id}: see S3INCIDENT_ACCOUNTS."
        )


#: What each way of running needs beyond the defaults.
NEEDS = {
    "run": ("slack_bot_token", "slack_app_token", "accounts", "approvers"),
    "web": ("slack_bot_token", "slack_signing_secret", "accounts", "approvers"),
    "worker": ("slack_bot_token", "accounts", "approvers"),
    "clock": ("accounts",),
    "db": (),
}
_ENV = {
    "slack_bot_token": "SLACK_BOT_TOKEN",
    "slack_app_token": "SLACK_APP_TOKEN",
    "slack_signing_secret": "SLACK_SIGNING_SECRET",
    "slack_api_url": "SLACK_API_URL",
    "database_url": "DATABASE_URL",
}
_WHAT = {
    "slack_bot_token": "the bot user's token, xoxb-..., from the Slack app's page 'OAuth & Permissions'",
    "slack_app_token": "the app-level token for Socket Mode, xapp-..., from 'Basic Information'",
    "slack_signing_secret": "the signing secret, from 'Basic Information'",
    "accounts": "a JSON list of the AWS accounts, each with account_id, evidence_role and remediation_role",
    "approvers": "who may approve: Slack user group ids and user ids, separated by commas",
}


def variable(field: str) -> str:
    """The environment variable that sets a field."""
    return _ENV.get(field, f"S3INCIDENT_{field.upper()}")


def load_settings(purpose: str) -> Settings:
    """Reads the settings for one way of running (a key of NEEDS).

    Raises SettingsError that names every missing and every wrong setting at once, never a secret's value.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = [_wrong(one) for one in error.errors(include_input=False)]
        given = _given()
        missing = [field for field in NEEDS[purpose] if variable(field) not in given]
        raise SettingsError(_refusal([*wrong, *map(_missing, missing)])) from None
    except UnreadableValue as error:
        raise SettingsError(_refusal([_not_json(str(error))])) from None
    missing = [field for field in NEEDS[purpose] if not getattr(settings, field)]
    if missing:
        raise SettingsError(_refusal(list(map(_missing, missing))))
    return settings


def given(name: str) -> str | None:
    """The value of one variable as it was given, in the environment or in `.env`, whatever the others are.

    For commands that need no other setting. None where it is not set, or empty.
    """
    return _given().get(name)


def _given() -> dict[str, str]:
    """The variables that have any value, right or wrong."""
    values = {**dotenv_values(".env"), **os.environ}
    return {name.upper(): value for name, value in values.items() if value}


def _missing(field: str) -> str:
    return f"{variable(field)} is not set: {_WHAT[field]}."


def _wrong(error: object) -> str:
    assert isinstance(error, dict)
    field, *rest = (str(part) for part in error["loc"])
    where = "".join(f"[{part}]" for part in rest)
    name = field if field.isupper() else variable(field)
    return f"{name}{where}: {error['msg'].removeprefix('Value error, ')}."


def _not_json(error: str) -> str:
    """pydantic-settings names the field of a value that is no JSON, and never the value."""
    named = [field for field in Settings.model_fields if f'"{field}"' in error]
    return f"{', '.join(map(variable, named)) or 'One of them'}: It is not JSON."


def _refusal(lines: list[str]) -> str:
    return "Some settings need attention:\n" + "\n".join(f"  - {line}" for line in lines)
