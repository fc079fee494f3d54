"""One credential of a user who stays: a key, a certificate, a password for one service (domain R10)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.remediation.arns import refuse_protected, user_arn
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.created.thing import Export, Step, dated
from bot.remediation.errors import BadTarget, Refused
from bot.remediation.iam import asked, listed, reads_of
from bot.remediation.plan import Permission, Target
from bot.remediation.users import observed_of, user_name
from bot.remediation.words import deletions as words

_ID = re.compile(r"\w{16,128}", re.ASCII)


@dataclass(frozen=True)
class CreatedCredential:
    """A kind of credential: `parameter` names one in the target, the rest in IAM's API."""

    kind: str
    parameter: str
    member: str
    listing: str
    key: str
    deletion: str
    actions: tuple[str, str]

    @property
    def wants(self) -> tuple[str, ...]:
        return ("user", self.parameter)

    @property
    def permissions(self) -> tuple[str, ...]:
        return (*self.actions, "iam:GetUser")

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        name, which = user_name(account_id, wanted), wanted[self.parameter]
        if not _ID.fullmatch(which):
            raise BadTarget(words.not_an_id(which))
        params = {"user": name, self.parameter: which, "account_id": account_id, "region": region}
        arn = user_arn(account_id, region, name)
        return Target(kind="user", id=arn, label=f"{self.kind} {which} of {name}", params=params)

    def export(self, read: Reader, target: Target) -> Export | None:
        who = {"UserName": target.params["user"]}
        user = asked(read, "get_user", who)
        if user is None:
            return None
        for one in listed(read, self.listing, who, self.key):
            if one[self.member] == target.params[self.parameter]:
                names = ("Status", "CreateDate", "UploadDate", "CertificateBody", "ServiceName")
                return {"UserArn": user["User"]["Arn"], "Credential": dated(one, *names)}
        return None

    def created(self, export: Export) -> str | None:
        made: dict[str, str] = export["Credential"]
        return made.get("CreateDate") or made.get("UploadDate")

    def steps(self, target: Target, export: Export) -> Iterator[Step]:
        params = {"UserName": target.params["user"], self.member: target.params[self.parameter]}
        yield Step(self.deletion, params, export["UserArn"])

    def reads(self, target: Target, export: Export) -> Iterator[Permission]:  # noqa: ARG002
        yield from reads_of(export["UserArn"], "iam:GetUser", self.actions[1])

    def refuse(self, target: Target, export: Export, context: PlanContext) -> None:
        refuse_protected(export["UserArn"], context)
        if self.kind == "access key" and export["Credential"]["Status"] == "Active":
            raise Refused(words.deactivate_first(target.params[self.parameter]))

    def used(self, target: Target, export: Export, context: PlanContext) -> list[Observed]:
        used = observed_of(export["UserArn"], context)
        return [one for one in used if one.access_key_id == target.params[self.parameter]]

    def warnings(self, export: Export) -> Iterator[str]:  # noqa: ARG002
        yield words.SESSIONS_OF_KEY_GO_ON


CREDENTIALS = (
    CreatedCredential(
        "access key",
        "access_key_id",
        "AccessKeyId",
        "list_access_keys",
        "AccessKeyMetadata",
        "delete_access_key",
        ("iam:DeleteAccessKey", "iam:ListAccessKeys"),
    ),
    CreatedCredential(
        "SSH key",
        "ssh_key_id",
        "SSHPublicKeyId",
        "list_ssh_public_keys",
        "SSHPublicKeys",
        "delete_ssh_public_key",
        ("iam:DeleteSSHPublicKey", "iam:ListSSHPublicKeys"),
    ),
    CreatedCredential(
        "signing certificate",
        "certificate_id",
        "CertificateId",
        "list_signing_certificates",
        "Certificates",
        "delete_signing_certificate",
        ("iam:DeleteSigningCertificate", "iam:ListSigningCertificates"),
    ),
    CreatedCredential(
        "service credential",
        "service_credential_id",
        "ServiceSpecificCredentialId",
        "list_service_specific_credentials",
        "ServiceSpecificCredentials",
        "delete_service_specific_credential",
        ("iam:DeleteServiceSpecificCredential", "iam:ListServiceSpecificCredentials"),
    ),
)
