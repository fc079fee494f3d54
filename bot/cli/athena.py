"""`s3incident evidence athena-setup`: the table that lets Athena search a trail's files."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import logs
from bot.aws.access import AwsAccess
from bot.aws.errors import AwsError
from bot.cli.incident_name import refuse
from bot.cli.running import settings_or_exit
from bot.config import SettingsError
from bot.incidents.athena import make_table, table_of, workgroup_of

MADE = (
    "The table {table} over {location} is there. Queries run in the workgroup {workgroup} as soon as the "
    "trail's files hold more than {above:,} bytes for the days in question (S3INCIDENT_ATHENA_ABOVE)."
)
NOT_MADE = (
    "The table was not made: {error} The evidence role needs athena:StartQueryExecution, "
    "athena:GetQueryExecution, glue:CreateDatabase and glue:CreateTable for it; or run the statements that "
    "--show prints yourself."
)


def athena_setup_command(
    account: Annotated[str, typer.Argument(help="The account whose trail it is (12 digits).")],
    show: Annotated[bool, typer.Option("--show", help="Print the statements, and run nothing.")] = False,
) -> None:
    """Make the table that lets Athena search a trail's files. It copies nothing, and can be run again."""
    logs.configure("ERROR")
    settings = settings_or_exit("db")
    try:
        named = settings.account(account)
        table = table_of(settings, named)
        if show:
            typer.echo(f"{table.create_database};\n\n{table.create};")
            return
        workgroup = workgroup_of(AwsAccess(settings).reader(account), settings, named)
        make_table(workgroup, table)
    except (AwsError, OSError) as error:
        refuse(NOT_MADE.format(error=error))
    except (SettingsError, ValueError) as error:
        refuse(str(error))
    told = {"workgroup": settings.athena_workgroup, "above": settings.athena_above}
    typer.echo(MADE.format(table=table.reference, location=table.location, **told))
