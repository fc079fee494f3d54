"""The one gateway through which every AWS call passes (DESIGN rule 10).

Dry run, the bucket-owner check, pacing and the record of each call are here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.paginate import Paginator
from botocore.parsers import ResponseParserError

from bot.aws.clients import Clients
from bot.aws.errors import AwsError, DryRun, bad_parameters, from_client_error, from_local_failure
from bot.aws.pacing import Pacer

#: Operations that begin so change nothing. Everything else counts as a change.
READS = ("get_", "list_", "describe_", "head_", "lookup_", "check_", "validate_", "simulate_", "batch_get_")
#: Issuing credentials changes nothing in the account, nor does having IAM write a report or ending a query.
HARMLESS = frozenset(
    {
        ("sts", "assume_role"),
        ("iam", "generate_credential_report"),
        ("iam", "generate_service_last_accessed_details"),
        ("athena", "stop_query_execution"),
    }
)
#: ExpectedBucketOwner for a read of a bucket that may be another account's: a log archive.
ANY_OWNER = ""


@dataclass(frozen=True)
class Answer:
    """What AWS returned, without its envelope, and the id by which AWS knows the request."""

    data: Mapping[str, Any]
    request_id: str


@dataclass(frozen=True)
class CallRecord:
    """One call as it was made. `code` is None for success. Never carries parameters: they can be secret."""

    account_id: str
    service: str
    operation: str
    region: str
    code: str | None
    request_id: str | None
    seconds: float


def unrecorded(_: CallRecord) -> None:
    """For callers that keep no record."""


class Gateway:
    """AWS as one set of credentials sees it in one account. Thread-safe."""

    def __init__(
        self,
        account_id: str,
        region: str,
        clients: Clients,
        *,
        pacer: Pacer,
        dry_run: bool = False,
        on_call: Callable[[CallRecord], None] = unrecorded,
    ) -> None:
        self.account_id = account_id
        self.region = region
        self._clients = clients
        self._pacer = pacer
        self._dry_run = dry_run
        self._on_call = on_call
        self._log = structlog.get_logger("aws")

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        """Makes one call, named as in boto3 (`iam`, `attach_user_policy`), in `region` or the gateway's own.

        Raises AwsRefused, AwsUnavailable, or DryRun when it would change something in a dry run.
        """
        data = self._send(service, operation, region or self.region, **params)
        request_id = data.pop("ResponseMetadata").get("RequestId", "")
        return Answer(data, request_id)

    def pages(
        self, service: str, operation: str, params: Mapping[str, Any], key: str, region: str | None = None
    ) -> Iterator[Any]:
        """The items under `key` of every page, asked for as they are needed. Raises as `call` does."""
        region = region or self.region
        model = self._model(service, operation, region)
        send = partial(self._send, service, operation, region)
        config = self._clients.pagination(service, model.name)
        answers = Paginator(send, config, model).paginate(**params) if config else iter([send(**params)])
        for answer in answers:
            yield from answer.get(key) or ()

    def credentials(self) -> Credentials | None:
        """What the gateway signs with: for the bulk reader, which signs for itself."""
        return self._clients.credentials()

    def endpoint(self, service: str, region: str | None = None) -> str:
        """The URL that calls to a service go to."""
        url: str = self._clients.get(service, region or self.region).meta.endpoint_url
        return url

    def _model(self, service: str, operation: str, region: str) -> Any:
        """botocore's model of an operation. Raises ValueError when the service has no such operation."""
        meta = self._clients.get(service, region).meta
        if operation not in meta.method_to_api_mapping:
            raise ValueError(f"{service} has no operation {operation}.")
        return meta.service_model.operation_model(meta.method_to_api_mapping[operation])

    def _send(self, service: str, operation: str, region: str, **params: Any) -> dict[str, Any]:
        params = self._with_owner(service, operation, region, params)
        if self._dry_run and _changes(service, operation, params):
            raise DryRun(service, operation)
        if operation == "lookup_events":
            self._pacer.wait((self.account_id, region))
        started = time.monotonic()
        try:
            answer: dict[str, Any] = getattr(self._clients.get(service, region), operation)(**params)
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            failure = _failure(service, operation, error)
            self._record(service, operation, region, started, failure.code, failure.request_id)
            raise failure from error
        request_id = answer["ResponseMetadata"].get("RequestId")
        self._record(service, operation, region, started, None, request_id)
        return answer

    def _with_owner(
        self, service: str, operation: str, region: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        """S3 itself then refuses a bucket of that name in somebody else's account."""
        shape = self._model(service, operation, region).input_shape
        if service != "s3" or shape is None or "ExpectedBucketOwner" not in shape.members:
            return params
        owner = params.pop("ExpectedBucketOwner", self.account_id)
        if owner == ANY_OWNER and not _changes(service, operation, params):
            return params
        return {**params, "ExpectedBucketOwner": owner or self.account_id}

    def _record(
        self,
        service: str,
        operation: str,
        region: str,
        started: float,
        code: str | None,
        request_id: str | None,
    ) -> None:
        seconds = time.monotonic() - started
        self._on_call(CallRecord(self.account_id, service, operation, region, code, request_id, seconds))
        self._log.debug(
            "aws.call",
            account=self.account_id,
            call=f"{service}:{operation}",
            region=region,
            code=code,
            request_id=request_id,
            seconds=round(seconds, 3),
        )


def _changes(service: str, operation: str, params: Mapping[str, Any]) -> bool:
    if (service, operation) == ("athena", "start_query_execution"):
        # A query writes its answer where the settings say, and changes nothing; a statement makes a table.
        return not str(params.get("QueryString", "")).startswith("SELECT ")
    return not operation.startswith(READS) and (service, operation) not in HARMLESS


def _failure(service: str, operation: str, error: Exception) -> AwsError:
    if isinstance(error, ClientError):
        return from_client_error(service, operation, error)
    if isinstance(error, ParamValidationError):
        return bad_parameters(service, operation, error)
    return from_local_failure(service, operation, error)
