"""Sentences and steps of what is done above the account: organization (R13), Identity Center (R9)."""

from __future__ import annotations

import json

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


# --- R9: a person of Identity Center --------------------------------------------------------------

END_SESSIONS = (
    "On the same page, under Active sessions, choose all of them and delete them: that ends the access"
    " portal and what it would issue."
)
SESSIONS_GO_ON = (
    "Credentials of roles that were issued already live on until they end, up to 12 hours, also for a"
    " disabled user: only the Deny of the guide's third step stops them, and AWS does not show the bot"
    " whether it is there."
)
EXTERNAL_PROVIDER = (
    "Where people come from another identity provider (Okta, Entra ID), disable this one there too: the next"
    " synchronisation could enable it again."
)
ENABLE_AGAIN = (
    "The bot cannot undo this: enable the user on the same page of the console, and take the Deny off."
)


def disable(user: str, user_id: str) -> str:
    return (
        f"In the account that administers IAM Identity Center, open its console, Users, {user} (user id"
        f" {user_id}), and choose Disable user access."
    )


def deny_issued(user_id: str, until: str) -> str:
    """The statement of the domain's playbook for sessions that were issued before."""
    statement = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"identitystore:userId": user_id},
            "DateLessThan": {"aws:TokenIssueTime": until},
        },
    }
    return (
        "Deny what was issued before: put this statement into the inline policy of every permission set the"
        f" user has, and provision; or into a service control policy: {json.dumps(statement)}"
    )


def cannot_sign_in(user: str) -> str:
    return f"{user} signs in to no account of the organization any more, and gets no new credentials."


def not_a_user(given: str) -> str:
    return f"{given!r} cannot be the name of an Identity Center user."


def no_such_person(user: str) -> str:
    return f"Identity Center has no user {user}: it was deleted, or the name of the session is another one."


def cannot_see_center(region: str, said: str) -> str:
    return (
        f"The bot sees no IAM Identity Center in {region}, so it could not tell when this is done: it lives"
        " in one Region of the management account, or of the account that administers it. Disable the user"
        f" there by hand, or contain it by a control policy (R13). {said}"
    ).strip()


def no_status(user: str) -> str:
    return (
        f"AWS does not show whether {user} is enabled, so the bot could not tell when this is done. Disable"
        " the user by hand, or contain it by a control policy (R13)."
    )


def disabled_already(user: str) -> str:
    return f"{user} is disabled in Identity Center: nothing is left to do here. Older sessions may live on."
