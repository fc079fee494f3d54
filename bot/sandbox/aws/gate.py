"""The way of one call through the fake AWS.

1. read it and name the operation, 2. faults that were ordered, 3. who is calling, 4. may they, 5. what S3,
STS and CloudTrail refuse all the same, 6. carry it out, 7. record it, 8. answer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from random import Random
from typing import Any

from bot.sandbox.aws import batch, dating, errors
from bot.sandbox.aws.answering import error_of, finish
from bot.sandbox.aws.athena.athena import Athena
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.batch_jobs import BatchJobs
from bot.sandbox.aws.buckets import Buckets
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.faults import Faults
from bot.sandbox.aws.iam.iam import Iam
from bot.sandbox.aws.identities import ANONYMOUS, Caller, Identities, RootKey, Session
from bot.sandbox.aws.instances import Instances
from bot.sandbox.aws.keys import Keys
from bot.sandbox.aws.permissions import Permissions
from bot.sandbox.aws.reading import read_call
from bot.sandbox.aws.recorder import Recorder
from bot.sandbox.aws.safeguards.safeguards import Safeguards
from bot.sandbox.aws.sts import Sts
from bot.sandbox.aws.suspended import keeping_versions, without_id
from bot.sandbox.aws.watchers.watchers import Watchers

log = logging.getLogger(__name__)

#: Calls for which moto would have to know the caller: they are told the user's name instead.
ABOUT_SELF = {"GetUser", "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey"}


class Gate:
    """The WSGI application. One call at a time has its effect; waits and stalls are outside of that."""

    def __init__(self, backend: Backend, root: RootKey, seed: int, lookups_per_second: float) -> None:
        self._backend = backend
        self._request_ids = Random(f"{seed} requests")
        self._lock = threading.RLock()
        self.faults = Faults()
        self._buckets = Buckets(backend)
        self._identities = Identities(backend, root)
        self._permissions = Permissions(backend, self._buckets)
        self._iam = Iam(backend)
        self._keys = Keys(backend)
        self._sts = Sts(backend, self._identities, Random(f"{seed} sessions"))
        self.recorder = Recorder(backend, self._permissions, seed, lookups_per_second)
        self._watchers = Watchers(backend, self._buckets, self.recorder.history, seed)
        self.safeguards = Safeguards(backend, self._buckets)
        self._instances = Instances(backend, self._identities, self.recorder, Random(f"{seed} instances"))
        self._jobs = BatchJobs(backend, self._task, Random(f"{seed} jobs"))
        self._athena = Athena(backend, self._permissions, Random(f"{seed} athena"))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call = read_call(environ, self._backend.region, self._request_ids)
        try:
            response = self._answer(call)
        except Exception:  # the boundary of the server: moto may raise anything
            log.exception("the fake AWS failed on %s:%s", call.service, call.operation)
            response = finish(call, _refuse(call, errors.server_fault(call.service, 500)))
        self.faults.after(call.service, call.operation)
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        start_response(status, list(response.headers))
        return [b"" if call.http.method == "HEAD" else response.body]

    def instance_credentials(self, role_name: str, instance_id: str, at: datetime) -> Session:
        """A session of the role for an EC2 instance."""
        with self._lock:
            return self._instances.credentials(role_name, instance_id, at)

    def deliver(self) -> int:
        """Write all pending log files now; their number."""
        with self._lock:
            return self.recorder.trails.deliver()

    def _answer(self, call: Call) -> Response:
        try:
            self.faults.before(call.service, call.operation)
        except AwsError as error:
            response = finish(call, _refuse(call, error))
        else:
            with self._lock:
                response = self._take(call)
        self.recorder.observe(call, self._identities.claimed(call.http), response)
        return response

    def _take(self, call: Call) -> Response:
        caller, identified = ANONYMOUS, False
        try:
            caller = self._identities.identify(call.http, call.stage, call.service)
            identified = True
            call = self._buckets.through(call)
            response = self._carry_out(call, caller)
        except AwsError as error:
            response = _refuse(call, error)
        finish(call, response)
        # CloudTrail does not record those whom AWS could not identify.
        if identified:
            dating.date_use(self._backend, call, caller)
            self.recorder.record(call, caller, response)
            if call.stage.recorded:
                self._watchers.seen(call, caller, response)
        return response

    def _carry_out(self, call: Call, caller: Caller) -> Response:
        if call.service == "s3":
            self._buckets.require(call)
        self._permissions.check(call, caller)
        self._buckets.guard(call, caller)
        self._sts.check(call, caller)
        self._iam.guard(call)
        self._keys.guard(call, caller)
        self.recorder.trails.guard(call)
        self.safeguards.guard(call)
        response = self._own_answer(call, caller) or self._ask_moto(call, caller)
        if response.ok:
            self._buckets.after(call, response)
            self.recorder.trails.after(call, response)
            dating.date(self._backend, call, response)
            self._iam.after(call, response)
            self._watchers.changed(call)
        return response

    def _own_answer(self, call: Call, caller: Caller) -> Response | None:
        if (call.service, call.operation) == ("s3", "DeleteObjects"):
            return self._delete_each(call, caller)
        return (
            self._buckets.answer(call)
            or self._sts.answer(call, caller)
            or self._iam.answer(call)
            or self._keys.answer(call)
            or self.recorder.history.answer(call)
            or self._watchers.answer(call)
            or self.safeguards.answer(call)
            or self._jobs.answer(call)
            or self._athena.answer(call, caller)
        )

    def _task(self, call: Call, caller: Caller) -> Response:
        """What S3 does for one object of a job, in the name of the job's role; recorded like any call."""
        try:
            response = self._carry_out(call, caller)
        except AwsError as error:
            response = _refuse(call, error)
        self.recorder.record(call, caller, response)
        return response

    def _delete_each(self, call: Call, caller: Caller) -> Response:
        done = []
        for one in batch.split(call):
            try:
                response = self._carry_out(one, caller)
            except AwsError as error:
                response = _refuse(one, error)
            self.recorder.record(one, caller, response)
            done.append((one, response))
        return batch.answer(call, done)

    def _ask_moto(self, call: Call, caller: Caller) -> Response:
        if call.service == "iam" and call.operation in ABOUT_SELF and caller.kind == "user":
            call = _naming_user(call, caller.name)
        try:
            bucket = self._backend.bucket(str(call.bucket))
            with keeping_versions(bucket, call):
                response = self._backend.respond(call, caller.access_key_id or "anonymous")
            without_id(bucket, call, response)
        except NotImplementedError:  # moto's way of saying so
            raise errors.not_in_sandbox(call.service, call.operation) from None
        if not response.ok:
            self._understand(call, caller, response)
        return response

    def _understand(self, call: Call, caller: Caller, response: Response) -> None:
        """Read the error out of moto's answer, for the record."""
        if call.http.method != "HEAD" and "html" in response.headers.get("Content-Type", ""):
            raise errors.not_in_sandbox(call.service, call.operation)
        bucket = f"arn:aws:s3:::{call.bucket}"
        missing = response.status == 404 and call.operation in {"GetObject", "HeadObject"}
        if missing and not self._permissions.may(call, caller, "s3:ListBucket", bucket):
            # Without s3:ListBucket S3 does not tell that a key does not exist (API Reference, GetObject).
            raise errors.access_denied("s3")
        response.error, response.message = error_of(call, response)


def _refuse(call: Call, error: AwsError) -> Response:
    return errors.render(
        error,
        service=call.service,
        protocol=call.protocol,
        method=call.http.method,
        request_id=call.request_id,
    )


def _naming_user(call: Call, name: str) -> Call:
    if call.text("UserName"):
        return call
    body = call.http.body + f"&UserName={name}".encode()
    return replace(call, http=replace(call.http, body=body))
