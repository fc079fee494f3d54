"""Reads what AWS answers about a bucket's access settings, as JSON.

Each is taken as AWS's API or command line gives it, or as the bare inner object. Raises SettingsError, with a
sentence, for anything else.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from bot.policy.document import Policy, PolicyError, parse

FLAGS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class SettingsError(ValueError):
    """Something that is not what AWS answers; the message is a sentence that says what is wrong."""


def read_bucket_policy(text: str) -> Policy:
    """A bucket policy: the document, or GetBucketPolicy's answer, which holds the document as text."""
    body = _loaded(text)
    document = body["Policy"] if isinstance(body, Mapping) and set(body) == {"Policy"} else body
    if not isinstance(document, str | Mapping):
        raise SettingsError("It is not a bucket policy: it must be a JSON object.")
    try:
        return parse(document, "bucket policy")
    except PolicyError as error:
        raise SettingsError(f"It is not a bucket policy: {error}") from None


def read_public_access_block(text: str) -> dict[str, bool]:
    """A PublicAccessBlockConfiguration, or Get(Account)PublicAccessBlock's answer around it."""
    body = _object(_loaded(text), "a Block Public Access configuration")
    settings = _object(
        body.get("PublicAccessBlockConfiguration", body), "a Block Public Access configuration"
    )
    if not settings or any(
        flag not in FLAGS or not isinstance(value, bool) for flag, value in settings.items()
    ):
        raise SettingsError(
            f"It is not a Block Public Access configuration: it has {', '.join(FLAGS)}, each true or false."
        )
    return dict(settings)


def read_acl(text: str) -> Mapping[str, Any]:
    """GetBucketAcl's answer: `Owner` and `Grants`."""
    acl = _object(_loaded(text), "an ACL")
    _object(acl.get("Owner", {}), "an ACL's Owner")
    grants = acl.get("Grants")
    if not isinstance(grants, list):
        raise SettingsError("It is not an ACL: it must have Grants, a list.")
    for grant in grants:
        grantee = _object(_object(grant, "an ACL's grant").get("Grantee"), "an ACL's Grantee")
        if not all(isinstance(one, str) for one in (*grantee.values(), grant.get("Permission"))):
            raise SettingsError("It is not an ACL: each grant has a Grantee and a Permission, in strings.")
    return acl


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise SettingsError("It is nested too deeply.") from None
    except ValueError as error:
        raise SettingsError(f"It is not JSON ({error}).") from None


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingsError(f"It is not {what}: that is a JSON object.")
    return value
