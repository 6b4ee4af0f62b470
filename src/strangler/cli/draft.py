"""`strangler draft`: one body as far as the rules go, for a person to finish."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from strangler.cli.configured import configured
from strangler.cli.options import JsonOption, OutOption, PathArgument, PythonOption, SettingsOption
from strangler.cli.page import page
from strangler.errors import ExitCode


def command(
    name: Annotated[
        str, typer.Argument(help="The body's dotted path: core.views.TenantMixin.get_queryset.")
    ],
    path: PathArgument = Path(),
    settings: SettingsOption = None,
    python: PythonOption = None,
    out: OutOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The draft's file; overrides/… beside strangler.toml."),
    ] = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Write a translation of one body, with what no rule knows marked in place."""
    from strangler.convert.drafting import write_draft
    from strangler.legacy import read_facts, root_of

    config = configured(path, settings=settings, python=python, out=out)
    draft = write_draft(config, root_of(config), read_facts(config), name, to)
    line = f'"{draft.name}" = "{draft.place}:{draft.function}"'
    if as_json:
        document = {
            "version": 1, "body": draft.name, "source": draft.source, "file": str(draft.file), "line": line,
            "open": [vars(each) for each in draft.opened],
        }  # fmt: skip
        print(json.dumps(document, indent=1, ensure_ascii=False))
        return ExitCode.DONE
    console = page()

    def say(text: str) -> None:
        console.print(escape(text), highlight=False, soft_wrap=True)

    say(f"{draft.name} ({draft.source}), drafted for {draft.made_for}")
    for each in draft.opened:
        say(f"  open: {each.code} {each.source}: {each.message}")
    say(f"\nwritten: {draft.file}")
    if not draft.opened:
        say("every operation has a rule; the application does not use the draft")
    else:
        say("the application does not use it: finish it, then add to strangler.toml")
    say(f"\n    [convert.bodies]\n    {line}\n")
    say("next: strangler convert, then strangler verify")
    return ExitCode.DONE
