"""Things made in a played past bear the date of that past, and AWS's kinds of ids.

moto stamps everything with now and gives users ids that are not AWS's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.sandbox.aws.backend import Backend, naive
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.identities import Caller


def date(backend: Backend, call: Call, response: Response) -> None:
    """Set the date of what this call has made to the call's own time."""
    dated = DATED.get((call.service, call.operation))
    if dated:
        dated(backend, call, response)


def date_use(backend: Backend, call: Call, caller: Caller) -> None:
    """A user's key was last used when this call happened, refused or not."""
    found = backend.key(caller.access_key_id) if caller.access_key_id else None
    if found:
        found[0].last_used = backend.last_use(naive(call.stage.at), call.service, call.region)


def _user(backend: Backend, call: Call, response: Response) -> None:
    user = backend.user(str(call.text("UserName")))
    if user is None:
        return
    real = "AIDA" + str(user.id)[:17].upper()
    response.body = response.body.replace(str(user.id).encode(), real.encode())
    response.body = _redated(response.body, call.stage.at)
    user.id, user.create_date = real, naive(call.stage.at)


def _role(backend: Backend, call: Call, _response: Response) -> None:
    role = backend.role(str(call.text("RoleName")))
    if role is not None:
        role.create_date = naive(call.stage.at)


def _access_key(backend: Backend, call: Call, response: Response) -> None:
    for user in backend.iam.users.values():
        for key in user.access_keys:
            if key.access_key_id.encode() in response.body:
                response.body = _redated(response.body, call.stage.at)
                key.create_date = naive(call.stage.at)


def _new_password(backend: Backend, call: Call, response: Response) -> None:
    """moto dates a password like its user, and forgets whether it must be changed."""
    user = backend.user(str(call.text("UserName")))
    if user is not None:
        user.password_date = call.stage.at
        user.password_reset_required = call.text("PasswordResetRequired") in ("true", "True")
        response.body = _with_reset(_redated(response.body, call.stage.at), user.password_reset_required)


def _password(backend: Backend, call: Call, response: Response) -> None:
    user = backend.user(str(call.text("UserName")))
    at = getattr(user, "password_date", None)
    if at is not None:
        response.body = _redated(response.body, at)


def _with_reset(body: bytes, required: bool) -> bytes:
    told = b"true" if required else b"false"
    return re.sub(rb"(<PasswordResetRequired>)[^<]*", rb"\g<1>" + told, body)


def _bucket(backend: Backend, call: Call, _response: Response) -> None:
    bucket = backend.bucket(str(call.bucket))
    if bucket is not None:
        bucket.creation_date = call.stage.at


def _object(backend: Backend, call: Call, _response: Response) -> None:
    bucket = backend.bucket(str(call.bucket))
    written = bucket.keys.get(call.key) if bucket is not None else None
    if written is not None:
        written.last_modified = naive(call.stage.at)


def _marker(backend: Backend, call: Call, _response: Response) -> None:
    """Without a version's id a deletion makes a delete marker, where there are versions at all."""
    made = backend.version(str(call.bucket), str(call.key), None)
    if made is not None and "VersionId" not in call.params and not backend.is_object(made):
        made.last_modified = naive(call.stage.at)


def _redated(body: bytes, at: datetime) -> bytes:
    told = at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"<CreateDate>[^<]*</CreateDate>", b"<CreateDate>" + told + b"</CreateDate>", body)


DATED: Mapping[tuple[str, str], Callable[[Backend, Call, Response], None]] = {
    ("iam", "CreateUser"): _user,
    ("iam", "CreateRole"): _role,
    ("iam", "CreateAccessKey"): _access_key,
    ("iam", "CreateLoginProfile"): _new_password,
    ("iam", "GetLoginProfile"): _password,
    ("s3", "CreateBucket"): _bucket,
    ("s3", "PutObject"): _object,
    ("s3", "CopyObject"): _object,
    ("s3", "DeleteObject"): _marker,
}
