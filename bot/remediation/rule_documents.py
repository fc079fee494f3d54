"""Settings of a bucket that S3 replaces as a whole: which of their rules are meant, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.aws.errors import AwsRefused
from bot.remediation import sentences
from bot.remediation.contract import Reader
from bot.remediation.denying import several
from bot.remediation.errors import Refused, TargetMissing
from bot.remediation.plan import Target
from bot.remediation.words import bucket as words

#: What S3 answers where such a setting was never made or was deleted.
_ABSENT = frozenset(
    {
        "NoSuchLifecycleConfiguration",
        "ReplicationConfigurationNotFoundError",
        "NoSuchCORSConfiguration",
        "NoSuchWebsiteConfiguration",
    }
)


def document(read: Reader, target: Target, operation: str, **params: Any) -> dict[str, Any]:
    """What S3 answers about the bucket as JSON has it, times as S3 writes them; empty where nothing is set.

    Raises TargetMissing and AwsError.
    """
    bucket = target.params["bucket"]
    try:
        data = read.call("s3", operation, {"Bucket": bucket, **params}, target.params["region"]).data
    except AwsRefused as error:
        if error.code in _ABSENT:
            return {}
        if error.code == "NoSuchBucket":
            raise TargetMissing(sentences.no_such_bucket(bucket)) from error
        raise
    return {name: plain(value) for name, value in data.items()}


def plain(value: Any) -> Any:
    """An answer of boto3 as JSON: only its times are not JSON already."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def chosen(target: Target, given: str | None, there: Sequence[str]) -> tuple[str, ...]:
    """The ids that a target names, among those that are there: one as it stands, or several with commas.

    Without a name the only one there is meant. Raises Refused where a name is of none, or none is given and
    there are several.
    """
    if given is None:
        if len(there) == 1:
            return (there[0],)
        raise Refused(words.name_one(target.label, there))
    names = (given,) if given in there else several(given)
    if not names or (missing := [name for name in names if name not in there]):
        raise Refused(words.no_such_id(target.label, missing if names else [given], there))
    return names
