"""What a suspect left behind: what it created, and the rights that it gave away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.evidence.events import Event, text_or_none
from bot.evidence.proposing.plan import Plan
from bot.evidence.wording import called
from bot.policy.document import PolicyError, parse
from bot.policy.principals import account_in_arn

#: Event name -> what R10 calls the thing, and where the event names it: in requestParameters, or, by a path,
#: in responseElements.
_CREATES = {
    "CreateUser": ("user", "userName"),
    "CreateRole": ("role", "roleName"),
    "CreateGroup": ("group", "groupName"),
    "CreatePolicy": ("policy_arn", "policy.arn"),
    "CreateSAMLProvider": ("identity_provider", "name"),
    "CreateOpenIDConnectProvider": ("identity_provider", "url"),
    "CreateTrustAnchor": ("trust_anchor", "name"),
    "CreateServiceSpecificCredential": (
        "service_credential_id",
        "serviceSpecificCredential.serviceSpecificCredentialId",
    ),
    "UploadSigningCertificate": ("certificate_id", "certificate.certificateId"),
    "UploadSSHPublicKey": ("ssh_key_id", "sSHPublicKey.sSHPublicKeyId"),
}
#: What belongs to a user, and is named beside it.
_OF_A_USER = ("service_credential_id", "certificate_id", "ssh_key_id")
#: Event name -> members of requestParameters that say what was given, as R11 calls them.
_HOLDERS = {"userName": "user", "roleName": "role", "groupName": "group"}
_INLINE, _ATTACHED = {"policyName": "policy"}, {"policyArn": "policy_arn"}
_GIVES: dict[str, Mapping[str, str]] = {
    "AddUserToGroup": {},
    "DeleteUserPermissionsBoundary": {},
    **{f"Put{kind}Policy": _INLINE for kind in ("User", "Role", "Group")},
    **{f"Attach{kind}Policy": _ATTACHED for kind in ("User", "Role", "Group")},
    "CreatePolicyVersion": _ATTACHED,
    "SetDefaultPolicyVersion": {**_ATTACHED, "versionId": "version"},
}


def made(event: Event, plan: Plan) -> None:
    """What a suspect created or gave away: keys, users, passwords, roles, rights."""
    actor = called(event.who.principal)
    did, ids = f"{actor} called {event.name}.", [event.event_id]
    _of_users(event, actor, plan)
    if created := _created(event):
        plan.add("R10", created, did, ids)
    if given := _given(event):
        plan.add("R11", given, did, ids)
    if event.name == "UpdateAssumeRolePolicy" and (role := text_or_none(event.parameters.get("roleName"))):
        outside = ", ".join(dict.fromkeys(_let_in(event)))
        plan.add("R6", {"role": role, **({"principal": outside} if outside else {})}, did, ids)


def _of_users(event: Event, actor: str, plan: Plan) -> None:
    """Keys, passwords and devices of users."""
    user, ids = text_or_none(event.parameters.get("userName")) or event.who.user_name, [event.event_id]
    if not user:
        return
    if event.name == "CreateAccessKey" and event.minted_key:
        target = {"user": user, "access_key_id": event.minted_key}
        plan.add("R1", target, f"{actor} made it ({event.name}).", ids)
    if event.name in ("CreateUser", "CreateLoginProfile", "UpdateLoginProfile"):
        if user != event.who.user_name:
            plan.add("R2", {"user": user}, f"{actor} created it ({event.name}).", ids)
        if event.name != "CreateUser":
            plan.add("R8", {"user": user}, f"{actor} set its password ({event.name}).", ids)
    serial = text_or_none(event.parameters.get("serialNumber"))
    if event.name == "EnableMFADevice" and serial:
        plan.add("R8", {"user": user, "mfa_device": serial}, f"{actor} enabled it ({event.name}).", ids)


def _created(event: Event) -> dict[str, str] | None:
    kind, where = _CREATES.get(event.name, ("", ""))
    name = _found(event, where)
    if not name:
        return None
    user = text_or_none(event.parameters.get("userName")) if kind in _OF_A_USER else None
    return {**({"user": user} if user else {}), kind: name}


def _found(event: Event, where: str) -> str | None:
    """The name at that place; a path is one in responseElements."""
    if "." not in where:
        return text_or_none(event.parameters.get(where))
    part, _, member = where.partition(".")
    inside = event.response.get(part)
    return text_or_none(inside.get(member)) if isinstance(inside, Mapping) else None


def _given(event: Event) -> dict[str, str] | None:
    if event.name not in _GIVES:
        return None
    named = {**_HOLDERS, **_GIVES[event.name]}
    given = {name: text_or_none(event.parameters.get(member)) for member, name in named.items()}
    if event.name == "CreatePolicyVersion":
        given["version"] = _found(event, "policyVersion.versionId")
    return {name: value for name, value in given.items() if value} or None


def _let_in(event: Event) -> Iterator[str]:
    """Whom the new trust policy lets in that is not of the account; AWS services are of everybody's."""
    document: Any = event.parameters.get("policyDocument")
    try:
        statements = parse(document, "trust policy").statements if document else ()
    except PolicyError:
        return
    for principal in (one for each in statements if each.effect == "Allow" for one in each.principals):
        account = principal.value if principal.value.isdigit() else account_in_arn(principal.value)
        if principal.kind != "Service" and account != event.account:
            yield principal.value
