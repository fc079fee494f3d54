"""The way of one call through the fake AWS.

1. read it and name the operation, 2. faults that were ordered, 3. who is calling, 4. may they, 5. what S3, STS
and CloudTrail refuse all the same, 6. carry it out, 7. record it, 8. answer.
"""

from __future__ import annotations

import logging
import re
import threading
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from random import Random
from typing import Any

from werkzeug.datastructures import EnvironHeaders, Headers

from bot.policy.actions import event_name
from bot.sandbox.aws import batch, dating, errors, signature
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.buckets import Buckets
from bot.sandbox.aws.call import Call, HttpRequest, Response, Stage, stage_of
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.events import Event, compose, service_record
from bot.sandbox.aws.faults import Faults
from bot.sandbox.aws.history import History
from bot.sandbox.aws.identities import ANONYMOUS, Caller, Identities, RootKey
from bot.sandbox.aws.observed import Observations, ObservedCall
from bot.sandbox.aws.operations import recognise
from bot.sandbox.aws.permissions import Permissions
from bot.sandbox.aws.sts import Sts
from bot.sandbox.aws.trails import SERVICE, Trails

log = logging.getLogger(__name__)

REQUEST_ID = re.compile(rb"<RequestId>[^<]*</RequestId>")
#: Calls by which moto would have to know the caller: the layer says the user's name instead.
ABOUT_SELF = {"GetUser", "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey"}
#: Headers of moto's answers that are not AWS's.
MOTOS_OWN = (
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amz-id-2",
    "Date",
    "Connection",
    "Access-Control-Allow-Origin",
)


class Gate:
    """The WSGI application. One call at a time has its effect; waiting and stalling happen outside of that."""

    def __init__(self, backend: Backend, root: RootKey, seed: int, lookups_per_second: float) -> None:
        self._backend = backend
        self._chance = Random(seed)
        self._lock = threading.RLock()
        self.faults = Faults()
        self.observations = Observations()
        self.history = History(lookups_per_second)
        self.buckets = Buckets(backend)
        self._identities = Identities(backend, root)
        self._permissions = Permissions(backend, self.buckets)
        self._sts = Sts(backend, self._identities, self._chance)
        # Deliveries happen when they happen: their ids must not disturb those of the story.
        self._delivery_chance = Random(f"{seed} deliveries")
        self._trails = Trails(backend, self._permissions, self._delivery_chance, self._cloudtrail_looks)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call = self._read(environ)
        try:
            response = self._answer(call)
        except Exception:  # the boundary of the server: moto may raise anything
            log.exception("the fake AWS failed on %s:%s", call.service, call.operation)
            response = self._finish(call, self._refuse(call, errors.server_fault(call.service, 500)))
        self.faults.after(call.service, call.operation)
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        start_response(status, list(response.headers))
        return [b"" if call.http.method == "HEAD" else response.body]

    def deliver(self) -> int:
        """Write all pending log files now; their number."""
        with self._lock:
            return self._trails.deliver()

    # -- reading ---------------------------------------------------------------------------------------

    def _read(self, environ: dict[str, Any]) -> Call:
        headers = Headers(list(EnvironHeaders(environ)))
        stage = stage_of(headers, environ.get("REMOTE_ADDR", "127.0.0.1"))
        if "host" not in headers:
            headers["host"] = environ.get("HTTP_HOST", "")
        raw_path, _, raw_query = environ["REQUEST_URI"].partition("?")
        http = HttpRequest(
            method=environ["REQUEST_METHOD"],
            raw_path=re.sub(r"^/\d{12}(?=/v20180820/)", "", raw_path),
            raw_query=raw_query,
            headers=headers,
            body=_body(environ),
            peer=environ.get("REMOTE_ADDR", "127.0.0.1"),
        )
        return self._named(http, stage)

    def _named(self, http: HttpRequest, stage: Stage) -> Call:
        scope = _scope(http)
        operation = recognise(http, scope[0])
        with self._lock:
            request_id = self._request_id(operation.service)
        return Call(
            http=http,
            stage=stage,
            service=operation.service,
            operation=operation.name,
            protocol=operation.protocol,
            params=operation.params,
            region=scope[1] or self._backend.region,
            request_id=request_id,
        )

    def _request_id(self, service: str) -> str:
        return s3_request_id(self._chance) if service in {"s3", "s3control"} else some_uuid(self._chance)

    # -- answering -------------------------------------------------------------------------------------

    def _answer(self, call: Call) -> Response:
        caller, known = ANONYMOUS, True
        try:
            self.faults.before(call.service, call.operation)
        except AwsError as error:
            return self._finish(call, self._refuse(call, error))
        with self._lock:
            try:
                caller = self._identities.identify(call.http, call.stage, call.service)
                response = self._carry_out(call, caller)
            except AwsError as error:
                known = not error.authentication
                response = self._refuse(call, error)
            self._finish(call, response)
            if known and call.stage.recorded:
                self._record(call, caller, response)
        self._observe(call, caller, response)
        return response

    def _carry_out(self, call: Call, caller: Caller) -> Response:
        if call.service == "s3":
            self.buckets.require(call)
        self._permissions.check(call, caller)
        self.buckets.guard(call, caller)
        self._sts.check(call, caller)
        self._trails.guard(call)
        if (call.service, call.operation) == ("s3", "DeleteObjects"):
            return self._delete_each(call, caller)
        response = self.buckets.answer(call) or self._sts.answer(call, caller) or self.history.answer(call)
        response = response or self._ask_moto(call, caller)
        if response.ok:
            self.buckets.after(call, response)
            self._trails.after(call, response)
            dating.date(self._backend, call, response)
        return response

    def _delete_each(self, call: Call, caller: Caller) -> Response:
        done = []
        for one in batch.split(call):
            try:
                response = self._carry_out(one, caller)
            except AwsError as error:
                response = self._refuse(one, error)
            if call.stage.recorded:
                self._record(one, caller, response)
            done.append((one, response))
        return batch.answer(call, done)

    def _ask_moto(self, call: Call, caller: Caller) -> Response:
        if call.service == "iam" and call.operation in ABOUT_SELF and caller.kind == "user":
            call = _naming_user(call, caller.name)
        try:
            response = self._backend.respond(call, caller.access_key_id or "anonymous")
        except NotImplementedError:  # moto's way of saying so
            raise errors.not_in_sandbox(call.service, call.operation) from None
        if not response.ok:
            self._understand(call, caller, response)
        return response

    def _understand(self, call: Call, caller: Caller, response: Response) -> None:
        """Read the error out of moto's answer, for the record."""
        if "html" in response.headers.get("Content-Type", ""):
            raise errors.not_in_sandbox(call.service, call.operation)
        missing = response.status == 404 and call.operation in {"GetObject", "HeadObject"}
        if missing and not self._permissions.may(
            call, caller, "s3:ListBucket", f"arn:aws:s3:::{call.bucket}"
        ):
            # Without s3:ListBucket S3 does not tell that a key does not exist (API Reference, GetObject).
            raise errors.access_denied("s3")
        response.error, response.message = _error_of(call, response)

    def _refuse(self, call: Call, error: AwsError) -> Response:
        return errors.render(
            error,
            service=call.service,
            protocol=call.protocol,
            method=call.http.method,
            request_id=call.request_id,
        )

    def _finish(self, call: Call, response: Response) -> Response:
        """Give the answer the ids under which CloudTrail records it."""
        response.body = REQUEST_ID.sub(
            b"<RequestId>" + call.request_id.encode() + b"</RequestId>", response.body
        )
        for name in MOTOS_OWN:
            response.headers.pop(name, None)
        response.headers["Server"] = "AmazonS3" if call.service == "s3" else "amazonaws"
        if call.service in {"s3", "s3control"}:
            response.headers["x-amz-request-id"] = call.request_id
            response.headers["x-amz-id-2"] = f"{call.request_id}sandbox="
        else:
            response.headers["x-amzn-RequestId"] = call.request_id
        if call.http.method != "HEAD":
            response.headers["Content-Length"] = str(len(response.body))
        return response

    # -- recording -------------------------------------------------------------------------------------

    def _record(self, call: Call, caller: Caller, response: Response) -> None:
        account = self._backend.account_id
        record = compose(call, caller, response, account_id=account, event_id=some_uuid(self._chance))
        self._trails.take(self._keep(call.stage.at, record))

    def _keep(self, at: datetime, record: dict[str, Any]) -> Event:
        event = Event(at.replace(microsecond=0), len(self.history), record)
        self.history.add(event)
        return event

    def _cloudtrail_looks(self, bucket: str, at: datetime) -> Event:
        """Before it delivers, CloudTrail reads the ACL of the bucket: the commonest S3 event of all."""
        account, region = self._backend.account_id, self._backend.region
        ids = (s3_request_id(self._delivery_chance), some_uuid(self._delivery_chance))
        record = service_record(
            SERVICE, "GetBucketAcl", bucket, at, account_id=account, region=region, ids=ids
        )
        return self._keep(at, record)

    def _observe(self, call: Call, caller: Caller, response: Response) -> None:
        resource = "/".join(part for part in (call.bucket, call.key) if part)
        self.observations.add(
            ObservedCall(
                seq=self.observations.next_number(),
                time=call.stage.at,
                actor=call.stage.actor,
                role=call.stage.role,
                principal=caller.arn or self._identities.claimed(call.http) or "anonymous",
                event_name=event_name(call.service, call.operation),
                resource=resource or _target(call),
                allowed=response.ok,
                error_code=response.error,
                source_ip=call.stage.source_ip,
            )
        )


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        return bytes(stream.read(int(length)))
    return bytes(stream.read()) if environ.get("wsgi.input_terminated") else b""


def _scope(http: HttpRequest) -> tuple[str, str]:
    """Signing name and Region; an unsigned call is one to S3, or one of the query protocol to STS."""
    try:
        signed = signature.read(http)
    except ValueError:
        signed = None
    if signed:
        return signed.service, signed.region
    form = "x-www-form-urlencoded" in http.headers.get("content-type", "")
    return ("sts" if form else "s3"), ""


def _naming_user(call: Call, name: str) -> Call:
    if call.text("UserName"):
        return call
    body = call.http.body + f"&UserName={name}".encode()
    return replace(call, http=replace(call.http, body=body))


def _error_of(call: Call, response: Response) -> tuple[str, str]:
    body = response.body.decode("utf-8", "replace")
    code = re.search(r"<Code>(.*?)</Code>", body) or re.search(r'"__type": ?"(?:.*#)?(.*?)"', body)
    message = re.search(r"<Message>(.*?)</Message>", body, re.DOTALL) or re.search(
        r'"[mM]essage": ?"(.*?)"', body
    )
    absent = "NoSuchKey" if call.key else "NoSuchBucket"
    fallback = {403: "AccessDenied", 404: absent, 412: "PreconditionFailed", 304: "NotModified"}
    return (
        code[1] if code else fallback.get(response.status, str(response.status)),
        message[1] if message else HTTPStatus(response.status).phrase,
    )


def _target(call: Call) -> str:
    """What a call of another service is about, in a word."""
    for name in ("RoleArn", "UserName", "RoleName", "PolicyArn", "TrailName", "Name"):
        if call.text(name):
            return str(call.text(name))
    return ""


def s3_request_id(chance: Random) -> str:
    return "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=16))


def some_uuid(chance: Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
