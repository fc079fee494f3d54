"""An identity provider, SAML or OpenID Connect (IAM API Reference, DeleteSAMLProvider; domain R10)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.remediation.arns import account_of, partition
from bot.remediation.contract import Observed, PlanContext, Reader
from bot.remediation.created.thing import Export, Step, dated
from bot.remediation.errors import BadTarget
from bot.remediation.iam import asked, reads_of
from bot.remediation.plan import Permission, Target
from bot.remediation.words import deletions as words

_KEPT = (
    *("CreateDate", "ValidUntil", "Tags", "SAMLMetadataDocument"),
    *("Url", "ClientIDList", "ThumbprintList"),
)
#: By the kind in the ARN: the API's name of it, and the parameter that names one.
_KINDS = {
    "saml-provider": ("saml_provider", "SAMLProviderArn", "SAMLProvider"),
    "oidc-provider": ("open_id_connect_provider", "OpenIDConnectProviderArn", "OpenIDConnectProvider"),
}


class CreatedProvider:
    """Roles that trust it let nobody in through it any more."""

    kind = "identity provider"
    wants = ("identity_provider",)
    permissions = tuple(f"iam:{verb}{name}" for *_, name in _KINDS.values() for verb in ("Delete", "Get"))

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes its ARN, the name of a SAML provider, or the https:// address of an OpenID Connect one."""
        given = wanted.get("identity_provider", "")
        arn = _arn(f"arn:{partition(region)}:iam::{account_id}", given)
        if account_of(arn) != account_id or not re.fullmatch(
            r"[^:]+:[^:]+:iam::\d+:(saml|oidc)-provider/[!-~]+", arn
        ):
            raise BadTarget(words.not_a_provider(given, account_id))
        params = {"identity_provider": arn, "account_id": account_id, "region": region}
        label = f"identity provider {arn.partition('-provider/')[2]}"
        return Target(kind="identity_provider", id=arn, label=label, params=params)

    def export(self, read: Reader, target: Target) -> Export | None:
        name, parameter, _ = _kind(target)
        answer = asked(read, f"get_{name}", {parameter: target.id})
        return {"Provider": dated(answer, *_KEPT)} if answer is not None else None

    def created(self, export: Export) -> str | None:
        found = export["Provider"].get("CreateDate")
        return str(found) if found else None

    def steps(self, target: Target, export: Export) -> Iterator[Step]:  # noqa: ARG002
        name, parameter, _ = _kind(target)
        yield Step(f"delete_{name}", {parameter: target.id}, target.id)

    def reads(self, target: Target, export: Export) -> Iterator[Permission]:  # noqa: ARG002
        yield from reads_of(target.id, f"iam:Get{_kind(target)[2]}")

    def refuse(self, target: Target, export: Export, context: PlanContext) -> None:
        """Nobody's access is kept by a provider alone."""

    def used(self, target: Target, export: Export, context: PlanContext) -> list[Observed]:  # noqa: ARG002
        return []

    def warnings(self, export: Export) -> Iterator[str]:  # noqa: ARG002
        yield words.FEDERATED_GO_ON


def _arn(account: str, given: str) -> str:
    if given.startswith("arn:"):
        return given
    if given.startswith("https://"):
        return f"{account}:oidc-provider/{given.removeprefix('https://').rstrip('/')}"
    return f"{account}:saml-provider/{given}"


def _kind(target: Target) -> tuple[str, str, str]:
    return _KINDS[target.id.split(":", 5)[5].partition("/")[0]]
