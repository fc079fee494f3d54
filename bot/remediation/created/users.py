"""A user with everything that hangs on it (IAM User Guide, "Deleting an IAM user"; domain R10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.remediation.arns import refuse_protected, user_arn
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.created import holders
from bot.remediation.created.thing import Export, Step, dated, denies_everything
from bot.remediation.errors import Refused
from bot.remediation.iam import asked, listed, reads_of
from bot.remediation.plan import Permission, Target
from bot.remediation.users import observed_of, user_name
from bot.remediation.words import deletions as words

#: Part of the export: the call that lists it, its key in the answer, and the member that names one.
_PARTS = {
    "AccessKeys": ("list_access_keys", "AccessKeyMetadata", "AccessKeyId"),
    "MFADevices": ("list_mfa_devices", "MFADevices", "SerialNumber"),
    "SSHPublicKeys": ("list_ssh_public_keys", "SSHPublicKeys", "SSHPublicKeyId"),
    "SigningCertificates": ("list_signing_certificates", "Certificates", "CertificateId"),
    "ServiceSpecificCredentials": (
        "list_service_specific_credentials",
        "ServiceSpecificCredentials",
        "ServiceSpecificCredentialId",
    ),
    "Groups": ("list_groups_for_user", "Groups", "GroupName"),
}
#: A virtual device's serial number is an ARN; a piece of hardware has its maker's (IAM API, MFADevice).
_VIRTUAL = ":mfa/"
#: In the target of a plan: the virtual devices that were the user's, with spaces. Once one is deactivated,
#: IAM does not tell any more whose it was.
DEVICES = "virtual_devices"
_LISTS_DEVICES = "iam:ListVirtualMFADevices"
_KEPT = ("Status", "CreateDate", "UploadDate", "EnableDate", "CertificateBody", "ServiceName", "Arn")
#: Part: the call that deletes one of it, and the parameter that names it.
_DELETES = {
    "AccessKeys": ("delete_access_key", "AccessKeyId"),
    "MFADevices": ("deactivate_mfa_device", "SerialNumber"),
    "SSHPublicKeys": ("delete_ssh_public_key", "SSHPublicKeyId"),
    "SigningCertificates": ("delete_signing_certificate", "CertificateId"),
    "ServiceSpecificCredentials": ("delete_service_specific_credential", "ServiceSpecificCredentialId"),
}
_READS = (
    *("iam:GetUser", "iam:GetLoginProfile", "iam:ListAccessKeys", "iam:ListMFADevices"),
    *("iam:ListSSHPublicKeys", "iam:ListSigningCertificates", "iam:ListServiceSpecificCredentials"),
    *("iam:ListGroupsForUser", *holders.reading("user")),
)


class CreatedUser:
    """Keys, password and devices go first, then groups and policies, what denies last, then the user."""

    kind = "user"
    wants = ("user",)
    permissions = (
        *("iam:DeleteUser", "iam:DeleteLoginProfile", "iam:DeleteAccessKey", "iam:DeactivateMFADevice"),
        *("iam:DeleteSSHPublicKey", "iam:DeleteSigningCertificate", "iam:DeleteServiceSpecificCredential"),
        *("iam:RemoveUserFromGroup", "iam:DeleteVirtualMFADevice", _LISTS_DEVICES),
        *(*holders.deleting("user"), *_READS),
    )

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        name = user_name(account_id, wanted)
        params = {"user": name, "account_id": account_id, "region": region}
        return Target(kind="user", id=user_arn(account_id, region, name), label=f"user {name}", params=params)

    def export(self, read: Reader, target: Target) -> Export | None:
        who = {"UserName": target.params["user"]}
        answer = asked(read, "get_user", who)
        if answer is None:
            return None
        user = dated(answer["User"], "Arn", "UserId", "Path", "CreateDate", "Tags")
        if boundary := answer["User"].get("PermissionsBoundary"):
            user["PermissionsBoundary"] = boundary["PermissionsBoundaryArn"]
        profile = asked(read, "get_login_profile", who)
        password = dated(profile["LoginProfile"], "CreateDate", "PasswordResetRequired") if profile else None
        parts = {part: _part(read, who, *how) for part, how in _PARTS.items()}
        return {
            "User": user,
            "LoginProfile": {"Password": password} if password else {},
            **parts,
            "VirtualMFADevices": _devices(read, target, parts["MFADevices"]),
            **holders.policies(read, "user", who["UserName"]),
        }

    def created(self, export: Export) -> str | None:
        return str(export["User"]["CreateDate"])

    def steps(self, target: Target, export: Export) -> Iterator[Step]:
        who, arn = {"UserName": target.params["user"]}, export["User"]["Arn"]
        if export["LoginProfile"]:
            yield Step("delete_login_profile", who, arn, ("LoginProfile", "Password"))
        for part, (operation, parameter) in _DELETES.items():
            for name in sorted(export[part]):
                yield Step(operation, {**who, parameter: name}, arn, (part, name))
        for serial in sorted(export["VirtualMFADevices"]):
            gone = ("VirtualMFADevices", serial)
            yield Step("delete_virtual_mfa_device", {"SerialNumber": serial}, serial, gone)
        for group, one in sorted(export["Groups"].items()):
            params = {**who, "GroupName": group}
            yield Step("remove_user_from_group", params, one["Arn"], ("Groups", group))
        yield from holders.policy_steps("user", who["UserName"], arn, export)
        yield Step("delete_user", who, arn)

    def reads(self, target: Target, export: Export) -> Iterator[Permission]:  # noqa: ARG002
        yield from reads_of(export["User"]["Arn"], *_READS)
        if export["VirtualMFADevices"]:
            yield Permission(action=_LISTS_DEVICES, resource="*")

    def refuse(self, target: Target, export: Export, context: PlanContext) -> None:
        refuse_protected(export["User"]["Arn"], context)
        active = [key for key, one in export["AccessKeys"].items() if one["Status"] == "Active"]
        if (active or export["LoginProfile"]) and not denies_everything(export):
            raise Refused(words.stop_user_first(target.params["user"]))

    def used(self, target: Target, export: Export, context: PlanContext) -> list[Observed]:  # noqa: ARG002
        return observed_of(export["User"]["Arn"], context)

    def warnings(self, export: Export) -> Iterator[str]:  # noqa: ARG002
        yield words.ROLES_OF_USER_GO_ON


def _part(read: Reader, who: Mapping[str, Any], operation: str, key: str, name: str) -> Export:
    return {one[name]: dated(one, *_KEPT) for one in listed(read, operation, who, key)}


def _devices(read: Reader, target: Target, enabled: Export) -> Export:
    """The virtual devices that are the user's, or were when the deletion was planned, and are still there."""
    known = {one for one in (*enabled, *target.params.get(DEVICES, "").split()) if _VIRTUAL in one}
    there = listed(read, "list_virtual_mfa_devices", {}, "VirtualMFADevices") if known else []
    return {one["SerialNumber"]: {} for one in there if one["SerialNumber"] in known}
