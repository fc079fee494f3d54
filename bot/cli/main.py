"""The command line: `s3incident ...`. Each command has a module of its own."""

from __future__ import annotations

import typer

from bot.cli import detections, evidence, playbook, policy
from bot.cli.demo import demo_command
from bot.cli.doctor import doctor_command
from bot.cli.iam_template import iam_template_command
from bot.cli.investigate import investigate_command
from bot.cli.keeping import db, ledger_commands
from bot.cli.manifest import manifest_command
from bot.cli.remediations import remediations_command
from bot.cli.report import report_command
from bot.cli.running import clock_command, run_command, web_command, worker_command

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Contain, document and close an S3 security incident from Slack.",
)
app.command("demo", rich_help_panel="Try it")(demo_command)
app.command("investigate", rich_help_panel="Try it")(investigate_command)
app.command("run", rich_help_panel="Run it")(run_command)
app.command("web", rich_help_panel="Run it")(web_command)
app.command("worker", rich_help_panel="Run it")(worker_command)
app.command("clock", rich_help_panel="Run it")(clock_command)
app.command("manifest", rich_help_panel="Set it up")(manifest_command)
app.command("iam-template", rich_help_panel="Set it up")(iam_template_command)
app.command("doctor", rich_help_panel="Set it up")(doctor_command)
app.command("remediations", rich_help_panel="Set it up")(remediations_command)
app.add_typer(db, name="db", rich_help_panel="Set it up")
app.command("report", rich_help_panel="Look after it")(report_command)
app.add_typer(policy.app, name="policy", rich_help_panel="Try it")
app.add_typer(playbook.app, name="playbook", rich_help_panel="Look after it")
app.add_typer(detections.app, name="detections", rich_help_panel="Look after it")
app.add_typer(evidence.app, name="evidence", rich_help_panel="Look after it")
app.add_typer(ledger_commands, name="ledger", rich_help_panel="Look after it")


def main() -> None:
    app()
