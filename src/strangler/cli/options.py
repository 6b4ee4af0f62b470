"""Arguments and options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

PathArgument = Annotated[Path, typer.Argument(help="The folder of manage.py.")]
EndpointsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH] [ENDPOINT]...",
        help="The folder of manage.py; ids such as 'GET /api/items/' for only these.",
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", help="The generated application.")]
ReportOption = Annotated[Path | None, typer.Option("--report", help="Write the report as JSON.")]
SettingsOption = Annotated[str | None, typer.Option("--settings", help="The settings module.")]
PythonOption = Annotated[str | None, typer.Option("--python", help="The legacy interpreter.")]
TwinsOption = Annotated[
    str | None,
    typer.Option("--database", help="Where twins are made: postgresql://…, mysql://…, sqlite://."),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Another seed, other cases.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
