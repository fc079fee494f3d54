"""Whether a record is about a bucket, in all the places where CloudTrail may name it."""

from collections.abc import Iterator, Mapping

from bot.evidence.events import Event, mapping, text_or_none


def touches(event: Event, bucket: str) -> bool:
    """Whether an event is about a bucket: as its target, as the source of a copy, or in a KMS context."""
    if event.bucket == bucket or event.parameters.get("bucket") == bucket:
        return True
    if any(bucket_of(arn) == bucket for arn in event.texts()):
        return True
    if event.service == "kms":
        context = mapping(event.parameters.get("encryptionContext"))
        return bucket_of(str(context.get("aws:s3:arn", ""))) == bucket
    return event.service == "s3" and bucket in _other_places(event.parameters)


def _other_places(parameters: Mapping[str, object]) -> Iterator[str]:
    if source := text_or_none(parameters.get("x-amz-copy-source")):
        yield source.removeprefix("/").split("/")[0]
    if "bucketName" not in parameters and (host := text_or_none(parameters.get("Host"))):
        yield host.partition(".s3")[0]


def bucket_of(arn: str) -> str | None:
    """The bucket in an S3 ARN of any partition (`arn:aws-cn:s3:::name/key`), or None for other ARNs."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "s3":
        return None
    return parts[5].split("/")[0]
