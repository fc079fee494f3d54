"""AWS's own word on whether a bucket policy is public: of the policy in force, and of one that is planned.

Sources: S3 API Reference, GetBucketPolicyStatus; IAM Access Analyzer API Reference, CheckNoPublicAccess (a
custom policy check, for which AWS charges by the call).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from bot.aws.errors import AwsRefused
from bot.aws.fact import Fact, ask
from bot.aws.gateway import Answer

STATUS = "GetBucketPolicyStatus"
CHECK = "CheckNoPublicAccess"


class Reader(Protocol):
    """Reads AWS, as bot.aws.gateway.Gateway does."""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer: ...


def policy_is_public(reader: Reader, bucket: str, region: str | None = None) -> Fact[bool]:
    """Whether S3 calls the policy in force public; no policy is not public.

    Raises nothing of AWS's: what could not be read carries its reason.
    """

    def read() -> bool:
        try:
            status = reader.call("s3", "get_bucket_policy_status", {"Bucket": bucket}, region).data
        except AwsRefused as error:
            if error.code == "NoSuchBucketPolicy":
                return False
            raise
        return bool(status["PolicyStatus"]["IsPublic"])

    return ask(read)


def document_is_public(reader: Reader, document: Mapping[str, Any], region: str | None = None) -> Fact[bool]:
    """Whether IAM Access Analyzer calls a document public, as the policy of a general purpose bucket.

    Raises nothing of AWS's, as above.
    """
    params = {"policyDocument": json.dumps(document), "resourceType": "AWS::S3::Bucket"}

    def read() -> bool:
        answer = reader.call("accessanalyzer", "check_no_public_access", params, region).data
        return str(answer["result"]) == "FAIL"

    return ask(read)
