"""Further operations of the legacy executor: tables, and copies of data.

Its text is sent to the executor (`add`), which runs it in the legacy interpreter: Python 3.6
grammar, Django reached by name. All of it happens on the template, before the twins are made.
"""
# ruff: noqa: UP006, UP035

import importlib
from typing import Any, Callable, Dict

Message = Dict[str, Any]


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {
        "migrate": migrate,
        "dump": dump,
        "fill": fill,
    }


def _command(*arguments: Any, **options: Any) -> None:
    load("django.core.management").call_command(*arguments, verbosity=0, **options)


def migrate(message: Message) -> Message:
    """Bring the tables to what the code expects."""
    _make_tables()
    return {"ok": True}


def _make_tables() -> None:
    """Apps without migrations come last: they may refer to those that have some."""
    _command("migrate", interactive=False)
    _command("migrate", interactive=False, run_syncdb=True)


def dump(message: Message) -> Message:
    """Write every row of every model as a fixture; rows that a default manager hides too."""
    if not load("django.db").connection.introspection.table_names():
        with open(message["file"], "w") as file:
            file.write("[]")
        return {"ok": True}
    _command("dumpdata", use_base_manager=True, output=message["file"])
    return {"ok": True}


def fill(message: Message) -> Message:
    """Make the tables, empty them, read the fixture: rows keep their keys."""
    _make_tables()
    _command("flush", interactive=False, inhibit_post_migrate=True)
    _command("loaddata", message["file"])
    return {"ok": True}
