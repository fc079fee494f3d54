"""Is AWS as the bot needs it? The base identity, both roles of each account, and what the trails record."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.aws.access import AwsAccess, StepSession
from bot.aws.errors import AwsError
from bot.aws.fact import ask
from bot.aws.gateway import Gateway
from bot.checkup import Line, ill, well, worry
from bot.config import AccountSettings, Settings

#: A session that may do nothing but say who it is: enough to see that the role can be assumed.
_NOTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}],
    }
)
_TRUST = "Check the role's trust policy: the bot's identity, the external id, sts:SetSourceIdentity."


def checkup(settings: Settings, aws: AwsAccess) -> Iterator[Line]:
    """Asks AWS; every refusal becomes a line, none is raised."""
    try:
        identity = aws.identity()
    except AwsError as error:
        yield ill("AWS identity", str(error), "Give the bot AWS credentials, as for the AWS command line.")
        return
    yield well("AWS identity", identity.arn)
    for account in settings.accounts:
        yield from _account(account, aws)


def _account(account: AccountSettings, aws: AwsAccess) -> Iterator[Line]:
    name = f"{account.account_id} {account.name}".strip()
    try:
        reader = aws.reader(account.account_id)
        reader.call("sts", "get_caller_identity", {})
    except AwsError as error:
        yield ill(f"Evidence role of {name}", str(error), _TRUST)
    else:
        yield well(f"Evidence role of {name}", "can be assumed")
        yield _trails(name, reader)
        yield _watchers(name, reader)
    try:
        session = StepSession("inc-doctor", "s3incident-doctor", _NOTHING, {"step": "doctor"})
        aws.step(account.account_id, session).call("sts", "get_caller_identity", {})
    except AwsError as error:
        yield ill(f"Remediation role of {name}", str(error), _TRUST)
    else:
        yield well(f"Remediation role of {name}", "can be assumed, with a source identity")


def _trails(name: str, reader: Gateway) -> Line:
    what = f"Trails of {name}"
    try:
        found = reader.call("cloudtrail", "describe_trails", {"includeShadowTrails": True}).data
        trails = found.get("trailList", [])
        logging = [trail["Name"] for trail in trails if _is_logging(reader, trail["TrailARN"])]
    except AwsError as error:
        return worry(
            what, str(error), "Let the evidence role call cloudtrail:DescribeTrails and GetTrailStatus."
        )
    if not logging:
        todo = "Create a multi-Region trail with S3 data events: without it, reads cannot be known."
        return worry(what, "no trail is logging", todo)
    return well(what, f"{', '.join(logging)} logging; what they record of a bucket is in each incident")


def _watchers(name: str, reader: Gateway) -> Line:
    """What else could tell of a theft, in the account's first Region; the bot does without."""
    what = f"Further evidence of {name}"
    on = {
        "GuardDuty": ask(lambda: [*reader.pages("guardduty", "list_detectors", {}, "DetectorIds")]),
        "Access Analyzer": ask(lambda: [*reader.pages("accessanalyzer", "list_analyzers", {}, "analyzers")]),
        "AWS Config": ask(lambda: [*_recording(reader)]),
    }
    if unknown := [fact.unknown for fact in on.values() if fact.unknown]:
        todo = "Let the evidence role ask GuardDuty, Access Analyzer and AWS Config, or do without."
        return worry(what, unknown[0], todo)
    told = (f"{service} is {'on' if fact.value else 'off'}" for service, fact in on.items())
    return well(what, ", ".join(told))


def _recording(reader: Gateway) -> Iterator[str]:
    found = reader.call("config", "describe_configuration_recorder_status", {}).data
    return (one["name"] for one in found.get("ConfigurationRecordersStatus", ()) if one.get("recording"))


def _is_logging(reader: Gateway, arn: str) -> bool:
    return bool(reader.call("cloudtrail", "get_trail_status", {"Name": arn}).data.get("IsLogging"))
