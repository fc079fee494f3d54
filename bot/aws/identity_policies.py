"""All that a user's or role's own policies say: inline and managed, those of a user's groups too.

Source: IAM API Reference, ListUserPolicies, GetUserPolicy, ListAttachedUserPolicies, ListGroupsForUser, and
their counterparts for groups and roles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from bot.aws.fact import Fact, ask
from bot.aws.gateway import Gateway

Document = Mapping[str, Any]


@dataclass(frozen=True)
class IdentityPolicies:
    """The documents of one identity; `arn` is its own, with its path.

    `bounded` says that it has a permissions boundary, which is not among them.
    """

    arn: str
    documents: tuple[Document, ...]
    bounded: bool


def identity_policies(reader: Gateway, arn: str) -> Fact[IdentityPolicies]:
    """The policies of a user or role, by the last part of an ARN. What cannot be read has its reason."""
    kind, name = ("user" if ":user/" in arn else "role"), arn.rsplit("/", 1)[-1]
    return ask(lambda: _read(reader, kind, name))


def _read(reader: Gateway, kind: str, name: str) -> IdentityPolicies:
    shown = reader.call("iam", f"get_{kind}", {f"{kind.title()}Name": name}).data[kind.title()]
    documents = [*_of(reader, kind, name)]
    if kind == "user":
        for group in reader.pages("iam", "list_groups_for_user", {"UserName": name}, "Groups"):
            documents += _of(reader, "group", group["GroupName"])
    return IdentityPolicies(shown["Arn"], tuple(documents), "PermissionsBoundary" in shown)


def _of(reader: Gateway, kind: str, name: str) -> Iterator[Document]:
    holder = {f"{kind.title()}Name": name}
    for inline in reader.pages("iam", f"list_{kind}_policies", holder, "PolicyNames"):
        found = reader.call("iam", f"get_{kind}_policy", {**holder, "PolicyName": inline}).data
        yield _document(found["PolicyDocument"])
    for attached in reader.pages("iam", f"list_attached_{kind}_policies", holder, "AttachedPolicies"):
        arn = attached["PolicyArn"]
        policy = reader.call("iam", "get_policy", {"PolicyArn": arn}).data["Policy"]
        version = {"PolicyArn": arn, "VersionId": policy["DefaultVersionId"]}
        yield _document(reader.call("iam", "get_policy_version", version).data["PolicyVersion"]["Document"])


def _document(given: str | Document) -> Document:
    """botocore decodes the documents of most operations and leaves the others' URL-encoded."""
    return dict(json.loads(unquote(given))) if isinstance(given, str) else given
