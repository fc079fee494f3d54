"""`s3incident iam-template`: valid for CloudFormation, and what the sandbox's account is made of."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import yaml
from typer.testing import CliRunner

from bot.cli.iam_template import text
from bot.cli.main import app
from bot.remediation.cloudformation import template
from bot.sandbox.scenarios.stack import TEMPLATE


def test_yaml_and_json_say_the_same() -> None:
    as_yaml = CliRunner().invoke(app, ["iam-template"])
    as_json = CliRunner().invoke(app, ["iam-template", "--json"])
    assert (as_yaml.exit_code, as_json.exit_code) == (0, 0)
    assert yaml.safe_load(as_yaml.stdout) == json.loads(as_json.stdout) == template()


def test_the_sandboxs_account_is_deployed_from_it() -> None:
    hint = f"s3incident iam-template > {TEMPLATE.name}"
    assert TEMPLATE.read_text(encoding="utf-8") == text(), f"The roles have changed: {hint}"


def test_cloudformation_would_take_it(tmp_path: Path) -> None:
    assert _lint(tmp_path, text()) == (0, "")
    code, said = _lint(tmp_path, text().replace("AWS::IAM::ManagedPolicy", "AWS::IAM::ManagedPolice", 1))
    assert (code != 0) is ("ManagedPolice" in said) is True


def _lint(folder: Path, written: str) -> tuple[int, str]:
    path = folder / "roles.yml"
    path.write_text(written, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout
