"""The errors of AWS: codes and sentences in one place, rendered for the protocol of the service."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from werkzeug.datastructures import Headers

from bot.sandbox.aws.call import S3_SERVICES, Response

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


class AwsError(Exception):
    """A refusal as AWS gives it.

    Attributes:
        code: AWS's error code ("AccessDenied").
        status: HTTP status.
        details: further elements of an S3 error body ("BucketName").
        authentication: True when the caller could not be identified; CloudTrail does not record those.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        details: dict[str, str] | None = None,
        authentication: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.details = details or {}
        self.authentication = authentication


def render(error: AwsError, *, service: str, protocol: str, method: str, request_id: str) -> Response:
    """The error as the service's protocol writes it (XML of S3, XML of the query protocol, or JSON)."""
    if protocol == "rest-xml":
        body, kind = _rest_xml(error, request_id), "application/xml"
    elif protocol == "query":
        body, kind = _query_xml(error, service, request_id), "text/xml"
    else:
        body, kind = (
            json.dumps({"__type": error.code, "message": error.message}),
            "application/x-amz-json-1.1",
        )
    headers = Headers([("Content-Type", kind)])
    if protocol == "rest-json":
        headers["x-amzn-ErrorType"] = error.code
    payload = b"" if method == "HEAD" else body.encode()
    return Response(error.status, payload, headers, error.code, error.message)


def _rest_xml(error: AwsError, request_id: str) -> str:
    details = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in error.details.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>{details}"
        f"<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
    )


def _query_xml(error: AwsError, service: str, request_id: str) -> str:
    if service == "ec2":
        told = f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
        return f"<Response><Errors>{told}</Errors><RequestID>{request_id}</RequestID></Response>"
    kind = "Receiver" if error.status >= 500 else "Sender"
    return (
        f'<ErrorResponse xmlns="{NAMESPACES.get(service, "")}"><Error><Type>{kind}</Type>'
        f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


# -- who are you --------------------------------------------------------------------------------------


def unknown_key(service: str) -> AwsError:
    """The key does not exist, or is inactive: AWS does not tell which."""
    if service in S3_SERVICES:
        message = "The AWS Access Key Id you provided does not exist in our records."
        return AwsError("InvalidAccessKeyId", message, 403, authentication=True)
    code = "InvalidClientTokenId" if service in {"iam", "sts"} else "UnrecognizedClientException"
    status = 403 if service in {"iam", "sts"} else 400
    return AwsError(
        code, "The security token included in the request is invalid.", status, authentication=True
    )


def bad_token(service: str) -> AwsError:
    if service in S3_SERVICES:
        message = "The provided token is malformed or otherwise invalid."
        return AwsError("InvalidToken", message, 400, authentication=True)
    return unknown_key(service)


def expired_token(service: str) -> AwsError:
    if service in S3_SERVICES:
        return AwsError("ExpiredToken", "The provided token has expired.", 400, authentication=True)
    code = "ExpiredToken" if service in {"iam", "sts"} else "ExpiredTokenException"
    message = "The security token included in the request is expired"
    return AwsError(code, message, 403 if service in {"iam", "sts"} else 400, authentication=True)


def bad_signature(service: str) -> AwsError:
    code = "InvalidSignatureException" if service == "cloudtrail" else "SignatureDoesNotMatch"
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method."
    )
    return AwsError(code, message, 403, authentication=True)


def expired_request() -> AwsError:
    return AwsError("AccessDenied", "Request has expired", 403, authentication=True)


def old_signature() -> AwsError:
    message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
    return AwsError("InvalidRequest", message, 400, authentication=True)


def missing_token(service: str) -> AwsError:
    code = "MissingAuthenticationTokenException" if service == "cloudtrail" else "MissingAuthenticationToken"
    return AwsError(code, "Request is missing Authentication Token", 403, authentication=True)


# -- may you ------------------------------------------------------------------------------------------


def access_denied(service: str, message: str = "Access Denied") -> AwsError:
    if service in S3_SERVICES | {"iam", "sts"}:
        return AwsError("AccessDenied", message, 403)
    if service == "ec2":
        return AwsError("UnauthorizedOperation", message, 403)
    return AwsError("AccessDeniedException", message, 400)


# -- not now ------------------------------------------------------------------------------------------


def throttled(service: str) -> AwsError:
    if service in S3_SERVICES:
        return AwsError("SlowDown", "Please reduce your request rate.", 503)
    if service == "athena":
        return AwsError("TooManyRequestsException", "You have exceeded the rate limit.", 400)
    code = "Throttling" if service in {"iam", "sts"} else "ThrottlingException"
    return AwsError(code, "Rate exceeded", 400)


def server_fault(service: str, status: int) -> AwsError:
    if status == 503:
        return AwsError("ServiceUnavailable", "Service is unable to handle request.", 503)
    code = "InternalError" if service in S3_SERVICES else "InternalFailure"
    return AwsError(code, "We encountered an internal error. Please try again.", status)


def not_in_sandbox(service: str, operation: str) -> AwsError:
    message = f"The sandbox's AWS has no {service}:{operation}. Real AWS does."
    return AwsError("NotImplemented", message, 501)


# -- S3 -----------------------------------------------------------------------------------------------


def no_such_bucket(bucket: str) -> AwsError:
    message = "The specified bucket does not exist"
    return AwsError("NoSuchBucket", message, 404, details={"BucketName": bucket})


def no_such_bucket_policy(bucket: str) -> AwsError:
    message = "The bucket policy does not exist"
    return AwsError("NoSuchBucketPolicy", message, 404, details={"BucketName": bucket})


def malformed_policy(message: str) -> AwsError:
    return AwsError("MalformedPolicy", message, 400)


def no_public_access_block(details: dict[str, str]) -> AwsError:
    message = "The public access block configuration was not found"
    return AwsError("NoSuchPublicAccessBlockConfiguration", message, 404, details=details)


def bad_owner_id(value: str) -> AwsError:
    message = f"The value of the expected bucket owner parameter must be an AWS Account ID... [{value}]"
    return AwsError("InvalidBucketOwnerAWSAccountID", message, 400)


def acls_not_supported() -> AwsError:
    return AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)


def acl_against_ownership() -> AwsError:
    message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    return AwsError("InvalidBucketAclWithObjectOwnership", message, 400)


def no_such_key(key: str) -> AwsError:
    return AwsError("NoSuchKey", "The specified key does not exist.", 404, details={"Key": key})


def no_such_version() -> AwsError:
    return AwsError("NoSuchVersion", "The specified version does not exist.", 404)


def malformed_acl() -> AwsError:
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return AwsError("MalformedACLError", message, 400)


def customer_key_needed() -> AwsError:
    message = (
        "The object was stored using a form of Server Side Encryption. The correct parameters must be "
        "provided to retrieve the object."
    )
    return AwsError("InvalidRequest", message, 400)


def bucket_owner_only() -> AwsError:
    return AwsError("AccessDenied", "This operation may only be performed by the bucket owner", 403)


def versioning_needed() -> AwsError:
    message = (
        "A replication configuration is present on this bucket, so you cannot change the versioning state. "
        "To change the versioning state, first delete the replication configuration."
    )
    return AwsError("InvalidBucketState", message, 409)


def mfa_needed() -> AwsError:
    return AwsError("AccessDenied", "Mfa Authentication must be used for this request", 403)


# -- IAM, STS, CloudTrail -----------------------------------------------------------------------------


def malformed_document(message: str = "Syntax errors in policy.") -> AwsError:
    return AwsError("MalformedPolicyDocument", message, 400)


def invalid_parameter(message: str, code: str = "ValidationError") -> AwsError:
    return AwsError(code, message, 400)


def insufficient_bucket_policy(bucket: str) -> AwsError:
    message = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
    return AwsError("InsufficientS3BucketPolicyException", message, 400)
