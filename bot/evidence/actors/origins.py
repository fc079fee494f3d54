"""In words: how a key came to be, or which hop is missing and where to look for it (domain E12)."""

from collections.abc import Callable

from bot.evidence.events import Event, mapping, text_or_none
from bot.evidence.identity import Identity
from bot.evidence.wording import short

#: What stands behind an AssumeRole that a service makes.
_RUNTIMES = {
    "access-grants.s3.amazonaws.com": "a grantee of S3 Access Grants (GetDataAccess)",
    "ec2.amazonaws.com": "an EC2 instance",
    "lambda.amazonaws.com": "a Lambda function",
    "ecs-tasks.amazonaws.com": "an ECS task",
    "eks.amazonaws.com": "a pod in EKS",
    "pods.eks.amazonaws.com": "a pod in EKS",
    "codebuild.amazonaws.com": "a CodeBuild build",
    "glue.amazonaws.com": "a Glue job",
    "sagemaker.amazonaws.com": "a SageMaker job or notebook",
    "cloudformation.amazonaws.com": "a CloudFormation stack",
    "states.amazonaws.com": "a Step Functions workflow",
    "batchoperations.s3.amazonaws.com": "S3 Batch Operations",
    "s3.amazonaws.com": "S3 itself (replication, inventory)",
}

#: Roles that IAM Identity Center makes: only it issues their sessions.
IDENTITY_CENTER = "AWSReservedSSO_"


def starter(event: Event) -> str:
    """Who made the call that started a session; a switched role's session names whom it came from."""
    return text_or_none(event.extra.get("SwitchFrom")) or event.who.principal


def known(event: Event, who: Identity) -> str:
    """The origin of a key whose issuing call is in the logs."""
    if event.who.type == "AWSService":
        return _by_service(event, who)
    return _BY_NAME.get(event.name, _by_caller)(event)


def _by_service(event: Event, who: Identity) -> str:
    service = event.who.principal
    if who.is_instance:
        return f"Issued by {service} to EC2 instance {who.session_name}: its instance role.{_delivery(who)}"
    if runtime := _RUNTIMES.get(service):
        return f"Issued to {runtime} ({service}), session {short(who.session_name or 'without a name')}."
    return f"Issued to the service {service}."


def _delivery(who: Identity) -> str:
    """ec2RoleDelivery: version 1 of the instance metadata service is what SSRF reads from."""
    versions = {"1.0": " It was fetched with IMDSv1, which a forged request (SSRF) can reach.",
                "2.0": " It was fetched with IMDSv2."}  # fmt: skip
    return versions.get(who.role_delivery or "", "")


def _by_caller(event: Event) -> str:
    if event.who.type == "AWSAccount":
        shared = f", there with sharedEventID {event.shared_event_id}" if event.shared_event_id else ""
        return (
            f"Issued by {event.name} to principal id {short(event.who.principal_id or 'unknown')} of account "
            f"{event.who.account}. Only that account's CloudTrail names the caller: look there for this call"
            f"{shared}."
        )
    return f"Issued by {event.name} to {event.who.principal}."


def _federated(event: Event) -> str:
    provider = mapping(event.response).get("provider") or mapping(event.response).get("issuer")
    subject = (
        mapping(event.response).get("subjectFromWebIdentityToken")
        or mapping(event.response).get("subject")
        or event.who.user_name
    )
    person = f" as {short(str(subject))}" if subject else ""
    return f"Issued after sign-in{person} at identity provider {short(str(provider or event.who.principal))}."


def _signed_in(event: Event) -> str:
    mfa = {"Yes": " with MFA", "No": " without MFA"}.get(str(event.extra.get("MFAUsed")), "")
    return f"A console session: {event.who.principal} signed in{mfa} from {short(event.source_ip)}."


def _session(event: Event) -> str:
    """Two services name a call so; only one of them gives out a role's credentials for a certificate."""
    if event.service != "rolesanywhere":
        return (
            f"A session of a directory bucket (S3 Express), issued to {event.who.principal}; 5 minutes long."
        )
    anchor = short(str(event.parameters.get("trustAnchorArn") or "unnamed"))
    subject = text_or_none(mapping(event.response).get("subjectArn"))
    who = f", subject {short(subject)}" if subject else ""
    return (
        f"Issued by IAM Roles Anywhere to whoever held a certificate of trust anchor {anchor}{who}, at "
        f"{short(event.source_ip)}."
    )


def _by_pool(event: Event) -> str:
    """Without a login the pool's guests are meant: anybody on the Internet."""
    identity = short(str(event.parameters.get("identityId") or "unnamed"))
    guest = "" if event.parameters.get("logins") else ", a guest: nobody signed in for it"
    return f"Issued by a Cognito identity pool to identity {identity}{guest}, at {short(event.source_ip)}."


_BY_NAME: dict[str, Callable[[Event], str]] = {
    "AssumeRoleForPodIdentity": lambda event: (
        f"Issued to a pod in EKS by Pod Identity, on node {short(event.who.session_name or 'unnamed')}."
    ),
    "AssumeRoleWithSAML": _federated,
    "AssumeRoleWithWebIdentity": _federated,
    "ConsoleLogin": _signed_in,
    "CreateSession": _session,
    "GetCredentialsForIdentity": _by_pool,
    "CreateAccessKey": lambda event: f"A long-term key, made by {event.who.principal}.",
    "GetSigninToken": lambda event: (
        f"A console session that {event.who.principal} made from its keys with GetSigninToken: whoever held "
        "those keys got a browser session without signing in."
    ),
    "SwitchRole": lambda event: f"A console session in which {starter(event)} switched to this role.",
    "AssumeRoot": lambda event: (
        f"A root session of a member account, issued by AssumeRoot to {event.who.principal}."
    ),
    "GetFederationToken": lambda event: (
        f"A federation token issued to {event.who.principal}; it lives up to 36 hours, also when the key "
        "that asked for it is switched off."
    ),
    "GetSessionToken": lambda event: (
        f"A session token issued to {event.who.principal}; it lives up to 36 hours, also when the key that "
        "asked for it is switched off."
    ),
}


def unknown(key: str, who: Identity) -> str:
    """The origin of a key whose issuing call is not in the logs, and where to look."""
    if key.startswith("AKIA"):
        return "A long-term key; these logs do not hold its creation. The chain starts here."
    if who.invoked_by:
        return (
            f"Made inside AWS for {short(who.invoked_by)}, which acted for the caller (forward access "
            "session): no call issues such keys."
        )
    if IDENTITY_CENTER in (who.issuer or ""):
        return _identity_center(who)
    if who.is_instance:
        named = f"By its name a session of EC2 instance {who.session_name}"
        return f"{named}; the call that issued it is not in these logs.{_delivery(who)}{_look(key, who)}"
    started = f" (session started {who.session_created})" if who.session_created else ""
    return f"The call that issued this temporary key is not in these logs{started}.{_look(key, who)}"


def _identity_center(who: Identity) -> str:
    user = f", user id {who.on_behalf_of}" if who.on_behalf_of else ""
    credential = f" (credentialId {who.credential_id})" if who.credential_id else ""
    return (
        f"A session of IAM Identity Center for {short(who.session_name or 'an unnamed user')}{user}. Its "
        f"sign-in is in the CloudTrail of the Identity Center's account: look there for Authenticate and "
        f"Federate{credential}."
    )


def _look(key: str, who: Identity) -> str:
    account = f" of account {who.account}" if who.account else ""
    role = f", or in the caller's account for AssumeRole of {short(who.issuer)}" if who.issuer else ""
    return (
        f" Ask CloudTrail event history{account} in every Region for ResourceName {key}{role}, up to 36 "
        "hours before its first use."
    )
