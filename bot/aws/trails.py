"""What was being recorded: the trails of an account and the logging of one bucket.

What cannot be read is unknown, with the reason. It is never taken for "off".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.aws.fact import Fact, ask
from bot.aws.gateway import Gateway
from bot.aws.objects import bucket_region


@dataclass(frozen=True)
class TrailFact:
    """One trail, in AWS's own shapes.

    Attributes:
        trail: an entry of DescribeTrails' trailList (Name, TrailARN, HomeRegion, S3BucketName ...).
        status: GetTrailStatus (IsLogging, StartLoggingTime, StopLoggingTime, LatestDeliveryError ...).
        selectors: GetEventSelectors (EventSelectors, AdvancedEventSelectors).
    """

    trail: Mapping[str, Any]
    status: Fact[Mapping[str, Any]]
    selectors: Fact[Mapping[str, Any]]


@dataclass(frozen=True)
class TrailFacts:
    """All that decides what can be known about a bucket.

    Attributes:
        bucket_region: the Region whose trails see the bucket's object calls.
        bucket_logging: GetBucketLogging's LoggingEnabled; empty when server access logging is off.
        trails: the trails that log in the bucket's Region, multi-Region and organization trails included.
    """

    account_id: str
    bucket: str
    bucket_region: Fact[str]
    bucket_logging: Fact[Mapping[str, Any]]
    trails: Fact[tuple[TrailFact, ...]]


def trail_facts(gateway: Gateway, bucket: str) -> TrailFacts:
    """Reads trails and bucket logging. Raises nothing of AWS's: each part carries its own reason."""
    region = ask(lambda: bucket_region(gateway, bucket))
    where = region.value or gateway.region
    return TrailFacts(
        gateway.account_id,
        bucket,
        region,
        ask(lambda: _bucket_logging(gateway, bucket, where)),
        ask(lambda: _trails(gateway, where)),
    )


def _bucket_logging(gateway: Gateway, bucket: str, region: str) -> Mapping[str, Any]:
    data = gateway.call("s3", "get_bucket_logging", {"Bucket": bucket}, region).data
    logging: Mapping[str, Any] = data.get("LoggingEnabled") or {}
    return logging


def _trails(gateway: Gateway, region: str) -> tuple[TrailFact, ...]:
    found = gateway.call("cloudtrail", "describe_trails", {"includeShadowTrails": True}, region).data
    return tuple(_trail(gateway, trail) for trail in found.get("trailList", ()))


def _trail(gateway: Gateway, trail: Mapping[str, Any]) -> TrailFact:
    # A trail answers for its status and selectors in its home Region only.
    arn, home = trail["TrailARN"], trail["HomeRegion"]

    def status() -> Mapping[str, Any]:
        return gateway.call("cloudtrail", "get_trail_status", {"Name": arn}, home).data

    def selectors() -> Mapping[str, Any]:
        return gateway.call("cloudtrail", "get_event_selectors", {"TrailName": arn}, home).data

    return TrailFact(trail, ask(status), ask(selectors))
