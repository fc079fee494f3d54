"""Deploys the bot's roles into the account from a CloudFormation template, as its owner would.

Only what such a template uses: managed policies, roles, conditions, and the functions in `_Stack.resolved`.
Source: CloudFormation User Guide, "Intrinsic function reference", "Pseudo parameters reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.scenarios.player import Player

#: What `s3incident iam-template` prints: a test holds the two together.
TEMPLATE = Path(__file__).with_name("roles.yml")
_NOTHING = object()


def deploy(root: Player, account_id: str, parameters: Mapping[str, str]) -> None:
    """Creates every resource of the template, in its order. Raises KeyError for what it does not know."""
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    stack = _Stack(template, {"AWS::AccountId": account_id, "AWS::Partition": "aws"}, parameters)
    for name, resource in template["Resources"].items():
        if "Condition" not in resource or stack.holds(resource["Condition"]):
            _CREATE[resource["Type"]](root, stack, name, stack.resolved(resource["Properties"]))


class _Stack:
    """Parameters, conditions, and the references to what was made so far."""

    def __init__(self, template: Any, pseudo: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        self._conditions = template["Conditions"]
        self.values: dict[str, Any] = {"AWS::NoValue": _NOTHING, **pseudo}
        for name, definition in template["Parameters"].items():
            value = parameters.get(name, definition.get("Default"))
            if value is None:
                raise KeyError(f"The template needs the parameter {name}.")
            as_list = definition["Type"] == "CommaDelimitedList"
            self.values[name] = value.split(",") if as_list else value

    def holds(self, condition: str) -> bool:
        return bool(self.resolved(self._conditions[condition]))

    def resolved(self, value: Any) -> Any:
        """The value with every function carried out; what is AWS::NoValue is left out."""
        if isinstance(value, list):
            return [one for one in map(self.resolved, value) if one is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (function := _FUNCTIONS.get(next(iter(value)))):
            return function(self, next(iter(value.values())))
        return {key: self.resolved(one) for key, one in value.items()}


def _sub(stack: _Stack, text: str) -> str:
    return re.sub(r"\$\{([\w:]+)\}", lambda found: str(stack.values[found[1]]), text)


def _if(stack: _Stack, argument: list[Any]) -> Any:
    condition, then, otherwise = argument
    return stack.resolved(then if stack.holds(condition) else otherwise)


def _join(stack: _Stack, argument: list[Any]) -> str:
    return str(argument[0]).join(stack.resolved(argument[1]))


def _equals(stack: _Stack, argument: list[Any]) -> bool:
    left, right = stack.resolved(argument)
    return bool(left == right)


_FUNCTIONS: dict[str, Callable[[_Stack, Any], Any]] = {
    "Ref": lambda stack, name: stack.values[name],
    "Fn::Sub": _sub,
    "Fn::If": _if,
    "Fn::Join": _join,
    "Fn::Equals": _equals,
    "Fn::Not": lambda stack, argument: not stack.resolved(argument[0]),
}


def _policy(root: Player, stack: _Stack, name: str, properties: Mapping[str, Any]) -> None:
    document = json.dumps(properties["PolicyDocument"])
    made = root.do(
        "iam", "create_policy", PolicyName=properties["ManagedPolicyName"], PolicyDocument=document
    )
    stack.values[name] = made["Policy"]["Arn"]
    for role in properties.get("Roles", []):
        root.do("iam", "attach_role_policy", RoleName=role, PolicyArn=stack.values[name])


def _role(root: Player, stack: _Stack, name: str, properties: Mapping[str, Any]) -> None:
    root.do(
        "iam",
        "create_role",
        RoleName=properties["RoleName"],
        AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
        PermissionsBoundary=properties["PermissionsBoundary"],
    )
    stack.values[name] = properties["RoleName"]


_CREATE = {"AWS::IAM::ManagedPolicy": _policy, "AWS::IAM::Role": _role}
