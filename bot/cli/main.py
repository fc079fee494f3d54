"""The command line: `s3incident ...`."""

import typer

app = typer.Typer(no_args_is_help=True)


def main() -> None:
    app()
