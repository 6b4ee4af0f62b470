"""`strangler observe`: learn types from the legacy project's own tests."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from strangler.cli.configured import configured
from strangler.cli.options import JsonOption, PythonOption, SettingsOption
from strangler.cli.page import page
from strangler.errors import ExitCode


def command(
    tests: Annotated[
        list[str],
        typer.Argument(metavar="-- COMMAND...", help="What runs the tests: python manage.py test"),
    ],
    project: Annotated[Path, typer.Option("--project", help="The folder of manage.py.")] = Path(),
    settings: SettingsOption = None,
    python: PythonOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Run the legacy tests and note the types of what functions take and give."""
    from strangler.convert.observing import observe

    config = configured(project, settings=settings, python=python)
    seen = observe(config, tests)
    if as_json:
        print(
            json.dumps(
                {"version": 1, "file": str(seen.file), "functions": seen.functions}, indent=1
            )
        )
    else:
        console = page()
        text = f"types of {len(seen.functions)} functions and {len(seen.attributes)} classes: {seen.file}"
        console.print(escape(text), highlight=False, soft_wrap=True)
        if seen.code:
            console.print(f"the command ended with exit code {seen.code}", style="yellow")
        console.print(
            "next: strangler convert, which uses them where nothing else says what a value is"
        )
    return ExitCode.FINDINGS if seen.code else ExitCode.DONE
