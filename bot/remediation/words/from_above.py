"""Sentences and steps of what is done above the account: organization (R13), Identity Center (R9)."""

from __future__ import annotations

# --- R13: a control policy ------------------------------------------------------------------------

WHERE = (
    "In the organization's management account, or in the account to which its policies are delegated, first"
    " make the policy:"
)
NOT_BOUND = (
    "Nobody inside the account can take it off. It does not bind the management account and service-linked"
    " roles; a service control policy does not bind principals of other accounts either."
)
FIVE_POLICIES = (
    "An account, a unit and the root take five policies of a type each: if AWS refuses, attach to the unit."
)
OUTSIDE_DENIED = (
    "Nobody outside of the organization reaches any bucket it is attached to, AWS services apart: partners,"
    " CDNs without a service principal and anonymous readers stop."
)


def denied_everything(principal: str, unit: str) -> str:
    return f"{principal} is denied everything in {unit}, all its sessions at once."


def attach(command: str) -> str:
    return f"Then attach it, with the Id that was printed (p-...) for POLICY_ID: {command}"


def take_back(name: str, unit: str) -> str:
    return (
        f"The bot cannot undo this: to take it back, detach the policy {name} from {unit} and delete it, in"
        " the account where it was made (aws organizations detach-policy, delete-policy)."
    )


def neither(given: str) -> str:
    return f"{given!r} is neither the ARN of a user, role or session nor the id of an organization (o-...)."


def not_a_unit(given: str) -> str:
    return f"{given!r} is no account (12 digits), no unit (ou-...) and no root (r-...) of an organization."


def no_such_unit(unit: str) -> str:
    return f"The organization has no account, unit or root {unit}."


def management_account(account_id: str) -> str:
    return (
        f"{account_id} is the organization's management account, which no control policy binds: contain its"
        " users (R2) and roles (R5) themselves."
    )


def no_organization(account_id: str) -> str:
    return (
        f"Account {account_id} is in no organization: there is no policy above it. Contain users and roles."
    )


def cannot_see(said: str) -> str:
    return (
        "The bot cannot see the organization's policies, so it could not tell when this is done. They are"
        " seen from the management account, or where their administration is delegated to this account"
        f" (organizations:ListPoliciesForTarget, DescribePolicy). {said}"
    )


def attached_already(name: str, unit: str) -> str:
    return f"The policy {name} is attached to {unit}: nothing is left to do here."
