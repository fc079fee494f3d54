"""`s3incident iam-template`: the roles to deploy in each account, as CloudFormation."""

from __future__ import annotations

import json
from typing import Annotated

import typer
import yaml

from bot.remediation.cloudformation import template

#: What whoever opens the file reads first.
HEAD = """\
# The two roles of s3incident for one AWS account, made by `s3incident iam-template`.
# aws cloudformation deploy --template-file roles.yml --stack-name s3incident \\
#   --capabilities CAPABILITY_NAMED_IAM \\
#   --parameter-overrides BaseIdentityArn=... ExternalId=... ReadableObjects=arn:aws:s3:::my-trail/*
"""


def iam_template_command(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of YAML.")] = False,
) -> None:
    """Print the CloudFormation template of the evidence role and the remediation role."""
    if as_json:
        typer.echo(json.dumps(template(), indent=2))
    else:
        typer.echo(text(), nl=False)


def text() -> str:
    """The template as YAML."""
    return HEAD + yaml.dump(template(), Dumper=_Plain, sort_keys=False, width=110)


class _Plain(yaml.SafeDumper):
    """Without anchors, which CloudFormation does not read."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True
