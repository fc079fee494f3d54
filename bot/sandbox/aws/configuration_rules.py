"""What S3 refuses of a lifecycle, a replication or a notification configuration.

Sources: S3 API Reference, PutBucketLifecycleConfiguration, PutBucketReplication,
PutBucketNotificationConfiguration; S3 User Guide, "Requirements and considerations for replication",
"Lifecycle and other bucket configurations".
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import AwsError

MINIMUM_HEADER = "x-amz-transition-default-minimum-object-size"
_MINIMA = ("all_storage_classes_128K", "varies_by_storage_class")
#: Rules in one configuration, lifecycle or replication.
_MOST_RULES = 1000
_ACTIONS = (
    *("Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition"),
    "AbortIncompleteMultipartUpload",
)
_MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


def check_lifecycle(call: Call, document: ET.Element, *, mfa_delete: bool) -> str:
    """The default minimum object size that the call asks for.

    Raises:
        AwsError: MalformedXML, InvalidArgument, InvalidRequest, or InvalidBucketState under MFA Delete.
    """
    if mfa_delete:
        message = "Lifecycle configuration is not supported on MFA-enabled buckets."
        raise AwsError("InvalidBucketState", message, 409)
    rules = _rules(document)
    _unique(rules, "ID", "Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        if not any(rule.find(action) is not None for action in _ACTIONS):
            raise AwsError("InvalidRequest", "At least one action needs to be specified in a rule", 400)
        _check_expiration(rule)
    minimum = call.header(MINIMUM_HEADER) or _MINIMA[0]
    if minimum not in _MINIMA:
        raise AwsError("InvalidArgument", f"Invalid value for {MINIMUM_HEADER}", 400)
    return minimum


def _check_expiration(rule: ET.Element) -> None:
    days, date = rule.findtext("Expiration/Days"), rule.findtext("Expiration/Date")
    if days is not None and (not days.isdecimal() or int(days) < 1):
        message = "'Days' for Expiration action must be a positive integer"
        raise AwsError("InvalidArgument", message, 400)
    if date is not None and "T00:00:00" not in date:
        raise AwsError("InvalidArgument", "'Date' must be at midnight GMT", 400)


def check_replication(backend: Backend, bucket: str, document: ET.Element) -> None:
    """Both buckets must have versioning; destinations of other accounts cannot be looked at here.

    Raises:
        AwsError: MalformedXML, InvalidArgument or InvalidRequest.
    """
    rules = _rules(document)
    if not document.findtext("Role"):
        raise AwsError("MalformedXML", _MALFORMED, 400)
    _unique(rules, "ID", "Rule Id must be unique. Found same Id for more than one rule")
    priorities = [rule for rule in rules if rule.find("Filter") is not None]
    _unique(priorities, "Priority", "Found duplicate Priority in the replication configuration")
    if not _versioned(backend, bucket):
        message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        raise AwsError("InvalidRequest", message, 400)
    for rule in rules:
        _check_destination(backend, rule)


def _check_destination(backend: Backend, rule: ET.Element) -> None:
    name = (rule.findtext("Destination/Bucket") or "").rpartition(":")[2]
    if backend.owner(name) is None:
        if rule.findtext("Destination/Account") in (None, backend.account_id):
            raise AwsError("InvalidRequest", "Destination bucket must exist.", 400)
    elif not _versioned(backend, name):
        raise AwsError("InvalidRequest", "Destination bucket must have versioning enabled.", 400)


def _versioned(backend: Backend, bucket: str) -> bool:
    found = backend.bucket(bucket)
    return found is not None and bool(found.is_versioned)


def check_notification(backend: Backend, call: Call, document: ET.Element) -> None:
    """Ids are unique, and S3 sends a test message to every destination, unless it is told not to.

    Raises:
        AwsError: InvalidArgument.
    """
    found = [one for one in document if one.tag != "EventBridgeConfiguration"]
    _unique(found, "Id", "Same ID used for multiple configurations. Each configuration ID must be unique")
    if str(call.header("x-amz-skip-destination-validation")).lower() == "true":
        return
    for one in found:
        arn = next(
            (one.findtext(tag) for tag in ("Topic", "Queue", "CloudFunction") if one.findtext(tag)), ""
        )
        if not backend.takes_notifications(arn or ""):
            message = "Unable to validate the following destination configurations"
            raise AwsError("InvalidArgument", message, 400)


def _rules(document: ET.Element) -> list[ET.Element]:
    rules = document.findall("Rule")
    if not 0 < len(rules) <= _MOST_RULES or any(rule.find("Status") is None for rule in rules):
        raise AwsError("MalformedXML", _MALFORMED, 400)
    return rules


def _unique(elements: Iterable[ET.Element], name: str, message: str) -> None:
    given = Counter(text for one in elements if (text := one.findtext(name)) is not None)
    if any(count > 1 for count in given.values()):
        raise AwsError("InvalidArgument", message, 400)
