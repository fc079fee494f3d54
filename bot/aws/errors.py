"""What AWS can answer instead of data, as sentences a responder understands."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

#: Codes by which services ask for fewer calls. botocore has already retried when one of these arrives here.
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "ServiceUnavailable",
    }
)


class AwsError(Exception):
    """A call to AWS that gave no data. Its text is a sentence; the attributes are for code.

    Attributes:
        service, operation: boto3's names, such as `iam` and `attach_user_policy`.
        code: AWS's error code (`AccessDenied`), or the kind of local failure (`EndpointConnectionError`).
        message: what AWS said, unchanged: untrusted text.
        request_id: None when there was no response. status: the HTTP status, 0 when there was none.
    """

    what = "There was no answer to"

    def __init__(
        self,
        service: str,
        operation: str,
        code: str,
        message: str,
        request_id: str | None = None,
        status: int = 0,
    ) -> None:
        self.service = service
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id
        self.status = status
        trace = f" (request {request_id})" if request_id else ""
        super().__init__(f"{self.what} {service}:{operation}: {_closed(message)} [{code}]{trace}")


class AwsRefused(AwsError):  # noqa: N818
    """AWS understood and said no (4xx): no permission, no such thing, a value it does not take."""

    what = "AWS refused"


class AwsUnavailable(AwsError):  # noqa: N818
    """No usable answer: throttled after retries, 5xx, a service that does not exist there, no connection.

    Whether the call took effect is unknown: read the state before trying again.
    """

    what = "AWS gave no usable answer to"


class DryRun(AwsError):  # noqa: N818
    """The call would change something, and this process runs with S3INCIDENT_DRY_RUN. Nothing was sent."""

    what = "Dry run: AWS was not asked for"

    def __init__(self, service: str, operation: str) -> None:
        message = "nothing was changed. Unset S3INCIDENT_DRY_RUN to let approved changes run"
        super().__init__(service, operation, "DryRun", message)


def from_client_error(service: str, operation: str, error: ClientError) -> AwsError:
    """The AwsError that says what botocore's ClientError says."""
    response: dict[str, Any] = error.response
    meta = response.get("ResponseMetadata", {})
    detail = response.get("Error", {})
    code, message = str(detail.get("Code", "")), str(detail.get("Message", ""))
    status = int(meta.get("HTTPStatusCode", 0))
    if _is_page(message) or not code:
        code, message = "NotAvailable", "this service or operation is not available at this endpoint."
    unusable = status >= 500 or code in THROTTLED or code == "NotAvailable"
    kind = AwsUnavailable if unusable else AwsRefused
    return kind(service, operation, code, message, meta.get("RequestId"), status)


def from_local_failure(service: str, operation: str, error: Exception) -> AwsUnavailable:
    """No response at all, or one that is not AWS's (botocore's own exceptions)."""
    return AwsUnavailable(service, operation, type(error).__name__, str(error))


def bad_parameters(service: str, operation: str, error: Exception) -> AwsRefused:
    """botocore refused the parameters before sending anything."""
    return AwsRefused(service, operation, "InvalidParameter", " ".join(str(error).split()), status=400)


def _is_page(message: str) -> bool:
    """Whether the 'message' is a web page: the answer of something that is not this AWS service."""
    return message.lstrip()[:15].lower().startswith(("<!doctype", "<html"))


def _closed(text: str) -> str:
    """The text ending like a sentence."""
    text = text.strip() or "no reason given"
    return text if text[-1] in ".!?" else f"{text}."
